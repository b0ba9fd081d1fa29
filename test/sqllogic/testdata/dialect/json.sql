# JSON: extraction, paths, defaults.

query IT
SELECT id, jsonExtractScalar(j, '$.a', 'STRING', '-') FROM types WHERE j IS NOT NULL AND id NOT IN (3, 4) ORDER BY id
----
0|-
1|1
2|-1
6|{"b":[{"c":"deep"}]}
7|-
8|-
9|-
10|1
11|1
12|-
13|-
14|[]
15|1.50
16|1e2
17|-

query I rowsort
SELECT jsonExtractScalar(j, '$.a', 'INT') FROM types WHERE id = 1
----
1

query T rowsort
SELECT jsonExtractScalar(j, '$.a.b[0].c', 'STRING') FROM types WHERE id = 6
----
deep

query i rowsort
SELECT jsonExtractScalar(j, '$.b', 'INT_ARRAY') FROM types WHERE id = 2
----
{1,2,3}

query i rowsort
SELECT jsonExtractScalar(j, '$.b[*]', 'LONG_ARRAY') FROM types WHERE id = 2
----
{1,2,3}

query R rowsort
SELECT jsonExtractScalar(j, '$.b[1]', 'DOUBLE') FROM types WHERE id = 2
----
2

query T rowsort
SELECT jsonExtractScalar(j, '$[1]', 'STRING') FROM types WHERE id = 3
----
two

query I rowsort
SELECT jsonExtractScalar(j, '$.nosuch', 'INT', 7) FROM types WHERE id = 1
----
7

query I
SELECT jsonExtractScalar(j, '$.nosuch', 'INT') FROM types WHERE id = 1
----
NULL

statement error 22P02
SELECT jsonExtractScalar(s, '$.a', 'INT') FROM types WHERE id = 2

statement error 22023 @8
SELECT jsonExtractScalar(j, '$.[', 'INT') FROM types WHERE id = 1

statement error 22023 @8
SELECT jsonExtractScalar(j, '$.a', 'NOSUCH') FROM types WHERE id = 1

query TN rowsort
SELECT jsonExtractScalar('{"n":12345678901234567890}', '$.n', 'STRING'), jsonExtractScalar('{"n":1.50}', '$.n', 'BIG_DECIMAL')
----
12345678901234567890|1.5

query TIR rowsort
SELECT jsonPathString('{"a":"b"}', '$.a'), jsonPathLong('{"a":5}', '$.a'), jsonPathDouble('{"a":1.5}', '$.a')
----
b|5|1.5

query tT rowsort
SELECT jsonPathArray('{"a":[1,2]}', '$.a[*]'), jsonPathString('{}', '$.x', 'dflt')
----
{1,2}|dflt

query T rowsort
SELECT jsonFormat(j) FROM types WHERE id = 2
----
{"a":-1,"b":[1,2,3]}

query T rowsort
SELECT toJsonMapStr('{"a":1}')
----
{"a":1}

query t rowsort
SELECT jsonExtractKey('{"a":{"b":1}}', '$.*')
----
{$['a']}

query BBB rowsort
SELECT isJson('{"a":1}'), isJson('{a'), isJson('1')
----
t|f|t

query I
SELECT id FROM types WHERE jsonExtractScalar(j, '$.a', 'STRING', '') = '1' ORDER BY id
----
1
10
11

query TI
SELECT jsonExtractScalar(j, '$.a', 'STRING', 'none') AS a, count(*) FROM types WHERE id NOT IN (3, 4, 12, 13, 17) GROUP BY a ORDER BY a
----
-1|1
1|3
1.50|1
1e2|1
[]|1
none|4
{"b":[{"c":"deep"}]}|1
NULL|1

query TJT
SELECT '{"a":1}'::json ->> 'a', '{"a":{"b":2}}'::json -> 'a', '{"a":[1,2]}'::json #>> '{a,1}'
----
1|{"b":2}|2

query IT
SELECT id, j ->> 'a' FROM types WHERE id IN (1, 2, 5, 7, 8) ORDER BY id
----
1|1
2|-1
5|NULL
7|NULL
8|NULL

statement error 22P02 @13
SELECT CAST('{a' AS JSON)

query J
SELECT j FROM types WHERE id IN (0, 1) ORDER BY id
----
{}
{"a":1}

query II rowsort
SELECT count(j), count(DISTINCT j) FROM types
----
17|16
