# Pinot's functions at their edges: all letters of date patterns, every form of dateTimeConvert, gaps and overlaps of time zones, JSON paths,
# invalid patterns. 1772413445678 is 2026-03-02 01:04:05.678, a Monday.
dialect http

query TTTTTT
SELECT toDateTime(1772413445678, 'yyyy-MM-dd HH:mm:ss.SSS'), toDateTime(1772413445678, 'yy M d H m s S'), toDateTime(1772413445678, 'EEE EEEE, MMM MMMM'), toDateTime(1772413445678, 'hh K kk a'), toDateTime(1772413445678, 'DDD D'), toDateTime(1772413445678, 'xxxx-''W''ww-e')
----
2026-03-02 01:04:05.678|26 3 2 1 4 5 6|Mon Monday, Mar March|01 1 01 AM|061 61|2026-W10-1

query TTTT
SELECT toDateTime(1772413445678, 'yyyy-MM-dd''T''HH:mm:ssZ', 'Europe/Berlin'), toDateTime(1772413445678, 'HH:mm ZZ', 'Asia/Kathmandu'), toDateTime(1772413445678, 'HH:mm z', 'America/New_York'), toDateTime(1772413445678, 'G C Y')
----
2026-03-02T02:04:05+0100|06:49 +05:45|20:04 EST|AD 20 2026

query TTII
SELECT toDateTime(1774746000000, 'HH:mm', 'Europe/Berlin'), toDateTime(1774749600000, 'HH:mm', 'Europe/Berlin'), fromDateTime('2026-03-29 02:30', 'yyyy-MM-dd HH:mm', 'Europe/Berlin'), fromDateTime('2026-10-25 02:30', 'yyyy-MM-dd HH:mm', 'Europe/Berlin')
----
03:00|04:00|1774747800000|1792891800000

query TT
SELECT toDateTime(-1, 'yyyy-MM-dd HH:mm:ss.SSS'), toDateTime(0, '''it''''s'' yyyy')
----
1969-12-31 23:59:59.999|it's 1970

statement error 22023
SELECT toDateTime(0, 'yyyy-bb')

statement error 22023
SELECT toDateTime(0, '''open')

statement error 22008
SELECT fromDateTime('2026-02-30', 'yyyy-MM-dd')

statement error 22007
SELECT fromDateTime('2026-01-01', 'yyyy-MM-dd HH')

statement error 22007
SELECT fromDateTime('2026-01-01x', 'yyyy-MM-dd')

statement error 22007
SELECT fromDateTime('', 'yyyy')

query IIIIII
SELECT fromDateTime('x', 'yyyy', 'UTC', 5), fromDateTime(NULL, 'yyyy'), fromDateTime('26', 'yy'), fromDateTime('01 Feb 2026 3 PM', 'dd MMM yyyy h a'), fromDateTime('2026-032', 'yyyy-DDD'), fromDateTime('2026-W05-1', 'xxxx-''W''ww-e')
----
5|NULL|1767225600000|1769958000000|1769904000000|1769385600000

query III
SELECT dateTimeConvert(1772413445678, '1:MILLISECONDS:EPOCH', '1:DAYS:EPOCH', '1:DAYS'), dateTimeConvert(20514, '1:DAYS:EPOCH', '1:MILLISECONDS:EPOCH', '1:DAYS'), dateTimeConvert(1772413445, '1:SECONDS:EPOCH', '5:MINUTES:EPOCH', '15:MINUTES')
----
20514|1772409600000|5908044

query TIT
SELECT dateTimeConvert(1772413445678, '1:MILLISECONDS:EPOCH', '1:DAYS:SIMPLE_DATE_FORMAT:yyyyMMdd', '1:DAYS'), dateTimeConvert('20260302', '1:DAYS:SIMPLE_DATE_FORMAT:yyyyMMdd', '1:MILLISECONDS:EPOCH', '1:DAYS'), dateTimeConvert('20260302', '1:DAYS:SIMPLE_DATE_FORMAT:yyyyMMdd', '1:DAYS:SIMPLE_DATE_FORMAT:yyyy-MM', '1:DAYS')
----
20260302|1772409600000|2026-03

query TTI
SELECT dateTimeConvert(1772413445678, '1:MILLISECONDS:EPOCH', '1:DAYS:SIMPLE_DATE_FORMAT:yyyy-MM-dd HH:mm tz(Europe/Berlin)', '1:HOURS'), dateTimeConvert(1772413445678, 'EPOCH|MILLISECONDS', 'SIMPLE_DATE_FORMAT|yyyyMMdd|America/New_York', 'DAYS|1'), dateTimeConvert(1772413445678, 'TIMESTAMP', 'EPOCH|HOURS|1', 'HOURS|1')
----
2026-03-02 02:00|20260301|492337

query II
SELECT dateTimeConvert(TIMESTAMP '2026-03-02 01:04:05', '1:MILLISECONDS:TIMESTAMP', '1:MILLISECONDS:TIMESTAMP', '1:HOURS'), dateTimeConvert(1772413445678, '1:MILLISECONDS:EPOCH', '1:MILLISECONDS:EPOCH', '1:DAYS', 'Europe/Berlin')
----
1772413200000|1772406000000

statement error 22023
SELECT dateTimeConvert(1, '1:MILLIS:EPOCH', '1:DAYS:EPOCH', '1:DAYS')

statement error 22023
SELECT dateTimeConvert(1, '1:MILLISECONDS:EPOCH', '1:DAYS:EPOCH', '0:DAYS')

statement error 22007
SELECT dateTimeConvert('x', '1:DAYS:SIMPLE_DATE_FORMAT:yyyyMMdd', '1:DAYS:EPOCH', '1:DAYS')

query IIII
SELECT timeConvert(172800000, 'MILLISECONDS', 'DAYS'), timeConvert(2, 'DAYS', 'HOURS'), timeConvert(-1, 'MILLISECONDS', 'SECONDS'), timeConvert(9223372036854775807, 'MILLISECONDS', 'DAYS')
----
2|48|0|106751991167

statement error 22008
SELECT timeConvert(9223372036854775807, 'DAYS', 'MILLISECONDS')

query IIIII
SELECT dateTrunc('week', 1772413445678), dateTrunc('day', 20514, 'DAYS'), dateTrunc('day', 1772413445, 'SECONDS', 'Europe/Berlin'), dateTrunc('month', 1772413445678, 'MILLISECONDS', 'UTC', 'DAYS'), dateTrunc('QUARTER', -1)
----
1772409600000|20514|1772406000|20513|-7948800000

statement error 22023
SELECT dateTrunc('fortnight', 0)

query IIIIIIIIIIII
SELECT year(1772413445678), quarter(1772413445678), month(1772413445678), week(1772413445678), dayOfYear(1772413445678), day(1772413445678), dayOfWeek(1772413445678), hour(1772413445678), minute(1772413445678), second(1772413445678), millisecond(1772413445678), yearOfWeek(1609459200000)
----
2026|1|3|10|61|2|1|1|4|5|678|2020

query IIII
SELECT hour(1772413445678, 'Asia/Kathmandu'), minute(1772413445678, 'Asia/Kathmandu'), hour(1774746000000, 'Europe/Berlin'), hour(1774742400000, 'Europe/Berlin')
----
6|49|3|1

query III
SELECT dateBin('1h', TIMESTAMP '2026-03-02 01:04:05', TIMESTAMP '2026-01-01'), dateBin('15m', TIMESTAMP '2026-03-02 01:04:05', TIMESTAMP '2026-01-01'), dateBin('1 day', TIMESTAMP '1969-12-31 23:00:00', TIMESTAMP '1970-01-01')
----
1772413200000|1772413200000|-86400000

query BBB
SELECT ago('PT0S') = now(), ago('P1D') = now() - 86400000, ago('-PT1M') = now() + 60000
----
t|t|t

query I
SELECT ago('1 hour')
----
1781521200000

statement error 0A000
SELECT ago('P1M')

query IITIii
SELECT jsonExtractScalar('{"a b":1,"c''d":2,"e.f":3}', '$[''a b'']', 'INT'), jsonExtractScalar('{"a b":1,"e.f":3}', '$["e.f"]', 'INT'), jsonExtractScalar('{"a":"\u00e4\"x"}', '$.a', 'STRING'), jsonExtractScalar('{"a":[1,2,3]}', '$.a[-1]', 'INT'), jsonExtractScalar('{"a":[1,2,3]}', '$.a[1:3]', 'INT_ARRAY'), jsonExtractScalar('{"a":[1,2,3]}', '$.a[0,2]', 'LONG_ARRAY')
----
1|3|ä"x|3|{2,3}|{1,3}

query iTiI
SELECT jsonExtractScalar('{"a":{"b":1},"c":{"b":2}}', '$..b', 'INT_ARRAY'), jsonExtractScalar('[{"x":1,"y":"p"},{"x":5,"y":"q"}]', '$[?(@.x > 1)].y', 'STRING'), jsonExtractScalar('[{"x":1},{"x":5}]', '$[?(@.x > 1 && @.x < 9 || @.x == 1)].x', 'INT_ARRAY'), jsonExtractScalar('[{"x":1},{"z":5}]', '$[?(@.z)].z', 'INT')
----
{1,2}|["q"]|{1,5}|5

query TITTJIR
SELECT jsonExtractScalar('{"a":null}', '$.a', 'STRING', 'd'), jsonExtractScalar('{"a":null}', '$.a', 'INT', 7), jsonExtractScalar('{}', '$.a', 'STRING', ''), jsonExtractScalar('{"a":{"b":[1]}}', '$.a', 'STRING'), jsonExtractScalar('{"a":{"b":[1]}}', '$.a', 'JSON'), jsonExtractScalar('{"a":"12"}', '$.a', 'LONG'), jsonExtractScalar('{"a":1.9}', '$.a', 'DOUBLE')
----
d|7|(empty)|{"b":[1]}|{"b":[1]}|12|1.9

statement error 22P02
SELECT jsonExtractScalar('{"a":"x"}', '$.a', 'INT')

statement error 22003
SELECT jsonExtractScalar('{"a":99999999999}', '$.a', 'INT')

statement error 22023
SELECT jsonExtractScalar('{"a":1}', '$.a', 'NOSUCH')

statement error 22023
SELECT jsonExtractScalar('{"a":1}', '$.a[', 'INT')

statement error 22023
SELECT jsonExtractScalar('{"a":1}', 'a b', 'INT')

statement error 22P02
SELECT jsonExtractScalar('{"a":', '$.a', 'INT')

statement error 22P02
SELECT jsonExtractScalar('{"a":', '$.a', 'INT', 3)

query TIIRttBB
SELECT jsonPathString('{"a":1}', '$.b', 'd'), jsonPathLong('{"a":1}', '$.b'), jsonPathLong('{"a":1}', '$.b', 5), jsonPathDouble('{"a":"1.5"}', '$.a'), jsonPathArray('{"a":[1,"x",null]}', '$.a[*]'), jsonPathArrayDefaultEmpty('{}', '$.a'), jsonPathExists('{"a":null}', '$.a'), jsonPathExists('{"a":1}', '$.b')
----
d|-9223372036854775808|5|1.5|{1,x,NULL}|{}|f|f

query JJJJJJ
SELECT jsonPath('{"a":[3,1,2]}', '$.a.length()'), jsonPath('{"a":[3,1,2]}', '$.a.max()'), jsonPath('{"a":[3,1,2]}', '$.a.avg()'), jsonPath('{"a":[3,1,2]}', '$.a.sum()'), jsonPath('{"b":1,"a":2}', '$.keys()'), jsonPath('[{"q":1},{"q":4}]', '$.sum($.[*].q)')
----
3|3|2|6|["b","a"]|5

query TTTTTT
SELECT regexpExtract('abc', 'x', 0, 'd'), regexpExtract('a1b2', '([a-z])([0-9])', 2), regexpReplace('a1b2', '[0-9]', '<$0>'), regexpReplace('aaa', 'a', 'b', 0, 1), regexpReplace('AaA', 'a', 'b', 0, -1, 'i'), regexpReplace('', '^', 'x')
----
d|1|a<1>b<2>|aba|bbb|x

statement error 2201B
SELECT regexpExtract('abc', '(', 0)

statement error 22023
SELECT regexpExtract('abc', 'a', 3)

query tttTTTttt
SELECT split('', ','), split('a,,b', ','), split('a,b,c', ',', 2), splitPart('a,b', ',', 5), splitPart('', ',', 0), concatWS('-', 'a', NULL, 'b'), prefixes('abc', 2), suffixes('abc', 2), uniqueNgrams('abcab', 2)
----
{}|{a,b}|{a,b\,c}|null|null|a-b|{a,ab}|{c,bc}|{ab,bc,ca}

statement error 22023
SELECT toDateTime(0, '')

# The limit on groups: a part of them with a notice, or an error.

query I
SET numGroupsLimit = 2; SELECT count(*) FROM (SELECT status, count(*) FROM orders GROUP BY status) x
----
2

statement error 53400 more than 2 groups
SET numGroupsLimit = 2; SET errorOnNumGroupsLimit = true; SELECT status, count(*) FROM orders GROUP BY status

query I
SET numGroupsLimit = 5; SET errorOnNumGroupsLimit = true; SELECT count(*) FROM (SELECT status, count(*) FROM orders GROUP BY status) x
----
5

dialect wire

statement error 53400 more than 2 groups
SET "numGroupsLimit" = 2; SET "errorOnNumGroupsLimit" = on; SELECT status, count(*) FROM orders GROUP BY status
