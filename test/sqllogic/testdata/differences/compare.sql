# Statements whose answers differ from PostgreSQL's: docs/sql/differences.md says why.
portable

# NaN does not equal itself and is above nothing, as in IEEE and Pinot.

onlyif postgres
query I
SELECT id FROM types WHERE i < f ORDER BY id
----
3
7
14
15
16

onlyif freshet
query I
SELECT id FROM types WHERE i < f ORDER BY id
----
3
7
14
16

onlyif postgres
query I
SELECT id FROM types WHERE i < d ORDER BY id
----
3
7
14
15
16

onlyif freshet
query I
SELECT id FROM types WHERE i < d ORDER BY id
----
3
7
14
16

onlyif postgres
query I
SELECT id FROM types WHERE l < f ORDER BY id
----
3
7
11
14
15
16

onlyif freshet
query I
SELECT id FROM types WHERE l < f ORDER BY id
----
3
7
11
14
16

onlyif postgres
query I
SELECT id FROM types WHERE l < d ORDER BY id
----
3
7
11
14
15
16

onlyif freshet
query I
SELECT id FROM types WHERE l < d ORDER BY id
----
3
7
11
14
16

onlyif postgres
query I
SELECT id FROM types WHERE f = d ORDER BY id
----
0
1
2
6
7
12
15
16
17

onlyif freshet
query I
SELECT id FROM types WHERE f = d ORDER BY id
----
0
1
2
6
7
12
16
17

onlyif postgres
query I
SELECT id FROM types WHERE f >= d ORDER BY id
----
0
1
2
4
6
7
8
11
12
15
16
17

onlyif freshet
query I
SELECT id FROM types WHERE f >= d ORDER BY id
----
0
1
2
4
6
7
8
11
12
16
17

onlyif postgres
query I
SELECT id FROM types WHERE d >= n ORDER BY id
----
0
1
2
3
6
7
8
9
10
12
14
15
16

onlyif freshet
query I
SELECT id FROM types WHERE d >= n ORDER BY id
----
0
1
2
3
6
7
8
9
10
12
14
16

onlyif postgres
query I
SELECT id FROM types WHERE d > 0 ORDER BY id
----
1
3
6
8
9
10
11
12
14
15
16

onlyif freshet
query I
SELECT id FROM types WHERE d > 0 ORDER BY id
----
1
3
6
8
9
10
11
12
14
16

onlyif postgres
query I
SELECT id FROM types WHERE d >= 0 ORDER BY id
----
0
1
3
6
8
9
10
11
12
14
15
16

onlyif freshet
query I
SELECT id FROM types WHERE d >= 0 ORDER BY id
----
0
1
3
6
8
9
10
11
12
14
16

onlyif postgres
query I
SELECT id FROM types WHERE d > 0.5 ORDER BY id
----
1
3
9
10
12
14
15
16

onlyif freshet
query I
SELECT id FROM types WHERE d > 0.5 ORDER BY id
----
1
3
9
10
12
14
16

onlyif postgres
query I
SELECT id FROM types WHERE d >= 0.5 ORDER BY id
----
1
3
6
9
10
12
14
15
16

onlyif freshet
query I
SELECT id FROM types WHERE d >= 0.5 ORDER BY id
----
1
3
6
9
10
12
14
16

onlyif postgres
query I
SELECT id FROM types WHERE d > 0.1 ORDER BY id
----
1
3
6
9
10
12
14
15
16

onlyif freshet
query I
SELECT id FROM types WHERE d > 0.1 ORDER BY id
----
1
3
6
9
10
12
14
16

onlyif postgres
query I
SELECT id FROM types WHERE d >= 0.1 ORDER BY id
----
1
3
6
8
9
10
12
14
15
16

onlyif freshet
query I
SELECT id FROM types WHERE d >= 0.1 ORDER BY id
----
1
3
6
8
9
10
12
14
16

onlyif postgres
query I
SELECT id FROM types WHERE d > 1e300 ORDER BY id
----
3
15
16

onlyif freshet
query I
SELECT id FROM types WHERE d > 1e300 ORDER BY id
----
3
16

onlyif postgres
query I
SELECT id FROM types WHERE d >= 1e300 ORDER BY id
----
3
15
16

onlyif freshet
query I
SELECT id FROM types WHERE d >= 1e300 ORDER BY id
----
3
16

onlyif postgres
query I
SELECT id FROM types WHERE d > -2.5 ORDER BY id
----
0
1
2
3
6
7
8
9
10
11
12
14
15
16

onlyif freshet
query I
SELECT id FROM types WHERE d > -2.5 ORDER BY id
----
0
1
2
3
6
7
8
9
10
11
12
14
16

onlyif postgres
query I
SELECT id FROM types WHERE d >= -2.5 ORDER BY id
----
0
1
2
3
6
7
8
9
10
11
12
13
14
15
16

onlyif freshet
query I
SELECT id FROM types WHERE d >= -2.5 ORDER BY id
----
0
1
2
3
6
7
8
9
10
11
12
13
14
16

onlyif postgres
query I
SELECT id FROM types WHERE d > 3 ORDER BY id
----
3
9
10
14
15
16

onlyif freshet
query I
SELECT id FROM types WHERE d > 3 ORDER BY id
----
3
9
10
14
16

onlyif postgres
query I
SELECT id FROM types WHERE d >= 3 ORDER BY id
----
3
9
10
14
15
16

onlyif freshet
query I
SELECT id FROM types WHERE d >= 3 ORDER BY id
----
3
9
10
14
16

# A DOUBLE is compared with a constant exactly; PostgreSQL rounds the constant first.

onlyif postgres
query I
SELECT id FROM types WHERE d = 9007199254740993 ORDER BY id
----
14

onlyif freshet
query I
SELECT id FROM types WHERE d = 9007199254740993 ORDER BY id
----

onlyif postgres
query I
SELECT id FROM types WHERE d <> 9007199254740993 ORDER BY id
----
0
1
2
3
4
6
7
8
9
10
11
12
13
15
16
17

onlyif freshet
query I
SELECT id FROM types WHERE d <> 9007199254740993 ORDER BY id
----
0
1
2
3
4
6
7
8
9
10
11
12
13
14
15
16
17

onlyif postgres
query I
SELECT id FROM types WHERE d < 9007199254740993 ORDER BY id
----
0
1
2
4
6
7
8
9
10
11
12
13
17

onlyif freshet
query I
SELECT id FROM types WHERE d < 9007199254740993 ORDER BY id
----
0
1
2
4
6
7
8
9
10
11
12
13
14
17

onlyif postgres
query I
SELECT id FROM types WHERE d > 9007199254740993 ORDER BY id
----
3
15
16

onlyif freshet
query I
SELECT id FROM types WHERE d > 9007199254740993 ORDER BY id
----
3
16

onlyif postgres
query I
SELECT id FROM types WHERE d >= 9007199254740993 ORDER BY id
----
3
14
15
16

onlyif freshet
query I
SELECT id FROM types WHERE d >= 9007199254740993 ORDER BY id
----
3
16

# NaN does not equal itself and is above nothing, as in IEEE and Pinot.

onlyif postgres
query I
SELECT id FROM types WHERE 0 < d ORDER BY id
----
1
3
6
8
9
10
11
12
14
15
16

onlyif freshet
query I
SELECT id FROM types WHERE 0 < d ORDER BY id
----
1
3
6
8
9
10
11
12
14
16

onlyif postgres
query IBB
SELECT id, d = 0, d > 0 FROM types ORDER BY id
----
0|t|f
1|f|t
2|f|f
3|f|t
4|f|f
5|NULL|NULL
6|f|t
7|f|f
8|f|t
9|f|t
10|f|t
11|f|t
12|f|t
13|f|f
14|f|t
15|f|t
16|f|t
17|f|f

onlyif freshet
query IBB
SELECT id, d = 0, d > 0 FROM types ORDER BY id
----
0|t|f
1|f|t
2|f|f
3|f|t
4|f|f
5|NULL|NULL
6|f|t
7|f|f
8|f|t
9|f|t
10|f|t
11|f|t
12|f|t
13|f|f
14|f|t
15|f|f
16|f|t
17|f|f
