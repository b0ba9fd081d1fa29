# Comparisons within and across types; NaN equals itself and is above all numbers.
portable

query I
SELECT id FROM types WHERE i = l ORDER BY id
----
0
1
2
6
7
9
10
14
15
16
17

query I
SELECT id FROM types WHERE i < l ORDER BY id
----
3
8

query I
SELECT id FROM types WHERE i >= l ORDER BY id
----
0
1
2
4
6
7
9
10
11
14
15
16
17

query I
SELECT id FROM types WHERE i = f ORDER BY id
----
0
1
2

query I
SELECT id FROM types WHERE i >= f ORDER BY id
----
0
1
2
4
6
8
9
10
11
12
17

query I
SELECT id FROM types WHERE i = d ORDER BY id
----
0
1
2

query I
SELECT id FROM types WHERE i >= d ORDER BY id
----
0
1
2
4
6
8
9
10
11
12
17

query I
SELECT id FROM types WHERE i = n ORDER BY id
----
0
1
2
15
16

query I
SELECT id FROM types WHERE i < n ORDER BY id
----
3
7
14

query I
SELECT id FROM types WHERE i >= n ORDER BY id
----
0
1
2
4
6
8
9
10
11
12
15
16
17

query I
SELECT id FROM types WHERE l = f ORDER BY id
----
0
1
2

query I
SELECT id FROM types WHERE l >= f ORDER BY id
----
0
1
2
4
6
8
9
10
17

query I
SELECT id FROM types WHERE l = d ORDER BY id
----
0
1
2

query I
SELECT id FROM types WHERE l >= d ORDER BY id
----
0
1
2
4
6
8
9
10
13
17

query I
SELECT id FROM types WHERE l = n ORDER BY id
----
0
1
2
15
16

query I
SELECT id FROM types WHERE l < n ORDER BY id
----
3
7
11
14

query I
SELECT id FROM types WHERE l >= n ORDER BY id
----
0
1
2
4
6
8
9
10
15
16
17

query I
SELECT id FROM types WHERE f < d ORDER BY id
----
3
9
10
14

query I
SELECT id FROM types WHERE d = n ORDER BY id
----
0
1
2
6
7
8
12
14

query I
SELECT id FROM types WHERE d < n ORDER BY id
----
4
11
17

query I
SELECT id FROM types WHERE i = 0 ORDER BY id
----
0

query I
SELECT id FROM types WHERE i <> 0 ORDER BY id
----
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
14
15
16
17

query I
SELECT id FROM types WHERE i < 0 ORDER BY id
----
2
4
7

query I
SELECT id FROM types WHERE i <= 0 ORDER BY id
----
0
2
4
7

query I
SELECT id FROM types WHERE i > 0 ORDER BY id
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
17

query I
SELECT id FROM types WHERE i >= 0 ORDER BY id
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
17

query I
SELECT id FROM types WHERE i = 7 ORDER BY id
----
6

query I
SELECT id FROM types WHERE i < 7 ORDER BY id
----
0
1
2
4
7
12
15
16
17

query I
SELECT id FROM types WHERE i > 7 ORDER BY id
----
3
8
9
10
11
14

query I
SELECT id FROM types WHERE i >= 7 ORDER BY id
----
3
6
8
9
10
11
14

query I
SELECT id FROM types WHERE i = -1 ORDER BY id
----
2

query I
SELECT id FROM types WHERE i <> -1 ORDER BY id
----
0
1
3
4
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
17

query I
SELECT id FROM types WHERE i < -1 ORDER BY id
----
4
7

query I
SELECT id FROM types WHERE i <= -1 ORDER BY id
----
2
4
7

query I
SELECT id FROM types WHERE i > -1 ORDER BY id
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
17

query I
SELECT id FROM types WHERE i >= -1 ORDER BY id
----
0
1
2
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
17

query I
SELECT id FROM types WHERE i = 2147483647 ORDER BY id
----
3

query I
SELECT id FROM types WHERE i < 2147483647 ORDER BY id
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
14
15
16
17

query I
SELECT id FROM types WHERE i > 2147483647 ORDER BY id
----

query I
SELECT id FROM types WHERE i >= 2147483647 ORDER BY id
----
3

query I
SELECT id FROM types WHERE i = -2147483648 ORDER BY id
----
4

query I
SELECT id FROM types WHERE i <> -2147483648 ORDER BY id
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
17

query I
SELECT id FROM types WHERE i < -2147483648 ORDER BY id
----

query I
SELECT id FROM types WHERE i <= -2147483648 ORDER BY id
----
4

query I
SELECT id FROM types WHERE i > -2147483648 ORDER BY id
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
17

query I
SELECT id FROM types WHERE i >= -2147483648 ORDER BY id
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
14
15
16
17

query I
SELECT id FROM types WHERE i = 1.5 ORDER BY id
----

query I
SELECT id FROM types WHERE i < 1.5 ORDER BY id
----
0
1
2
4
7

query I
SELECT id FROM types WHERE i > 1.5 ORDER BY id
----
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
17

query I
SELECT id FROM types WHERE i >= 1.5 ORDER BY id
----
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
17

query I
SELECT id FROM types WHERE i = 42.0 ORDER BY id
----
9
10

query I
SELECT id FROM types WHERE i <> 42.0 ORDER BY id
----
0
1
2
3
4
6
7
8
11
12
14
15
16
17

query I
SELECT id FROM types WHERE i < 42.0 ORDER BY id
----
0
1
2
4
6
7
11
12
15
16
17

query I
SELECT id FROM types WHERE i <= 42.0 ORDER BY id
----
0
1
2
4
6
7
9
10
11
12
15
16
17

query I
SELECT id FROM types WHERE i > 42.0 ORDER BY id
----
3
8
14

query I
SELECT id FROM types WHERE i >= 42.0 ORDER BY id
----
3
8
9
10
14

query I
SELECT id FROM types WHERE i = 1e9 ORDER BY id
----

query I
SELECT id FROM types WHERE i < 1e9 ORDER BY id
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
14
15
16
17

query I
SELECT id FROM types WHERE i > 1e9 ORDER BY id
----
3

query I
SELECT id FROM types WHERE i >= 1e9 ORDER BY id
----
3

query I
SELECT id FROM types WHERE i = 9999999999 ORDER BY id
----

query I
SELECT id FROM types WHERE i <> 9999999999 ORDER BY id
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
14
15
16
17

query I
SELECT id FROM types WHERE i < 9999999999 ORDER BY id
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
14
15
16
17

query I
SELECT id FROM types WHERE i <= 9999999999 ORDER BY id
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
14
15
16
17

query I
SELECT id FROM types WHERE i > 9999999999 ORDER BY id
----

query I
SELECT id FROM types WHERE i >= 9999999999 ORDER BY id
----

query I
SELECT id FROM types WHERE i IS DISTINCT FROM 0 ORDER BY id
----
1
2
3
4
5
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

query I
SELECT id FROM types WHERE i IS NOT DISTINCT FROM 0 ORDER BY id
----
0

query I
SELECT id FROM types WHERE 0 < i ORDER BY id
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
17

query I
SELECT id FROM types WHERE NOT (i = 0) ORDER BY id
----
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
14
15
16
17

query IBB
SELECT id, i = 0, i > 0 FROM types ORDER BY id
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
13|NULL|NULL
14|f|t
15|f|t
16|f|t
17|f|t

query I
SELECT id FROM types WHERE l = 0 ORDER BY id
----
0

query I
SELECT id FROM types WHERE l <> 0 ORDER BY id
----
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
13
14
15
16
17

query I
SELECT id FROM types WHERE l < 0 ORDER BY id
----
2
4
7
11

query I
SELECT id FROM types WHERE l <= 0 ORDER BY id
----
0
2
4
7
11

query I
SELECT id FROM types WHERE l > 0 ORDER BY id
----
1
3
6
8
9
10
13
14
15
16
17

query I
SELECT id FROM types WHERE l >= 0 ORDER BY id
----
0
1
3
6
8
9
10
13
14
15
16
17

query I
SELECT id FROM types WHERE l = -7 ORDER BY id
----
7

query I
SELECT id FROM types WHERE l < -7 ORDER BY id
----
4
11

query I
SELECT id FROM types WHERE l > -7 ORDER BY id
----
0
1
2
3
6
8
9
10
13
14
15
16
17

query I
SELECT id FROM types WHERE l >= -7 ORDER BY id
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
13
14
15
16
17

query I
SELECT id FROM types WHERE l = 9223372036854775807 ORDER BY id
----
3

query I
SELECT id FROM types WHERE l <> 9223372036854775807 ORDER BY id
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
13
14
15
16
17

query I
SELECT id FROM types WHERE l < 9223372036854775807 ORDER BY id
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
13
14
15
16
17

query I
SELECT id FROM types WHERE l <= 9223372036854775807 ORDER BY id
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
13
14
15
16
17

query I
SELECT id FROM types WHERE l > 9223372036854775807 ORDER BY id
----

query I
SELECT id FROM types WHERE l >= 9223372036854775807 ORDER BY id
----
3

query I
SELECT id FROM types WHERE l = -9223372036854775808 ORDER BY id
----
4

query I
SELECT id FROM types WHERE l < -9223372036854775808 ORDER BY id
----

query I
SELECT id FROM types WHERE l > -9223372036854775808 ORDER BY id
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
13
14
15
16
17

query I
SELECT id FROM types WHERE l >= -9223372036854775808 ORDER BY id
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
13
14
15
16
17

query I
SELECT id FROM types WHERE l = 10000000000 ORDER BY id
----
8

query I
SELECT id FROM types WHERE l <> 10000000000 ORDER BY id
----
0
1
2
3
4
6
7
9
10
11
13
14
15
16
17

query I
SELECT id FROM types WHERE l < 10000000000 ORDER BY id
----
0
1
2
4
6
7
9
10
11
13
14
15
16
17

query I
SELECT id FROM types WHERE l <= 10000000000 ORDER BY id
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
13
14
15
16
17

query I
SELECT id FROM types WHERE l > 10000000000 ORDER BY id
----
3

query I
SELECT id FROM types WHERE l >= 10000000000 ORDER BY id
----
3
8

query I
SELECT id FROM types WHERE l = 0.5 ORDER BY id
----

query I
SELECT id FROM types WHERE l < 0.5 ORDER BY id
----
0
2
4
7
11

query I
SELECT id FROM types WHERE l > 0.5 ORDER BY id
----
1
3
6
8
9
10
13
14
15
16
17

query I
SELECT id FROM types WHERE l >= 0.5 ORDER BY id
----
1
3
6
8
9
10
13
14
15
16
17

query I
SELECT id FROM types WHERE l = 1e18 ORDER BY id
----

query I
SELECT id FROM types WHERE l <> 1e18 ORDER BY id
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
13
14
15
16
17

query I
SELECT id FROM types WHERE l < 1e18 ORDER BY id
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
13
14
15
16
17

query I
SELECT id FROM types WHERE l <= 1e18 ORDER BY id
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
13
14
15
16
17

query I
SELECT id FROM types WHERE l > 1e18 ORDER BY id
----
3

query I
SELECT id FROM types WHERE l >= 1e18 ORDER BY id
----
3

query I
SELECT id FROM types WHERE l IS DISTINCT FROM 0 ORDER BY id
----
1
2
3
4
5
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

query I
SELECT id FROM types WHERE l IS NOT DISTINCT FROM 0 ORDER BY id
----
0

query I
SELECT id FROM types WHERE 0 < l ORDER BY id
----
1
3
6
8
9
10
13
14
15
16
17

query I
SELECT id FROM types WHERE NOT (l = 0) ORDER BY id
----
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
13
14
15
16
17

query IBB
SELECT id, l = 0, l > 0 FROM types ORDER BY id
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
11|f|f
12|NULL|NULL
13|f|t
14|f|t
15|f|t
16|f|t
17|f|t

query I
SELECT id FROM types WHERE d = 0 ORDER BY id
----
0

query I
SELECT id FROM types WHERE d <> 0 ORDER BY id
----
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

query I
SELECT id FROM types WHERE d < 0 ORDER BY id
----
2
4
7
13
17

query I
SELECT id FROM types WHERE d <= 0 ORDER BY id
----
0
2
4
7
13
17

query I
SELECT id FROM types WHERE d = 0.5 ORDER BY id
----
6

query I
SELECT id FROM types WHERE d < 0.5 ORDER BY id
----
0
2
4
7
8
11
13
17

query I
SELECT id FROM types WHERE d = 0.1 ORDER BY id
----
8

query I
SELECT id FROM types WHERE d <> 0.1 ORDER BY id
----
0
1
2
3
4
6
7
9
10
11
12
13
14
15
16
17

query I
SELECT id FROM types WHERE d < 0.1 ORDER BY id
----
0
2
4
7
11
13
17

query I
SELECT id FROM types WHERE d <= 0.1 ORDER BY id
----
0
2
4
7
8
11
13
17

query I
SELECT id FROM types WHERE d = 1e300 ORDER BY id
----

query I
SELECT id FROM types WHERE d < 1e300 ORDER BY id
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

query I
SELECT id FROM types WHERE d = -2.5 ORDER BY id
----
13

query I
SELECT id FROM types WHERE d <> -2.5 ORDER BY id
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
14
15
16
17

query I
SELECT id FROM types WHERE d < -2.5 ORDER BY id
----
4
17

query I
SELECT id FROM types WHERE d <= -2.5 ORDER BY id
----
4
13
17

query I
SELECT id FROM types WHERE d = 3 ORDER BY id
----

query I
SELECT id FROM types WHERE d < 3 ORDER BY id
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
13
17

query I
SELECT id FROM types WHERE d <= 9007199254740993 ORDER BY id
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

query I
SELECT id FROM types WHERE d IS DISTINCT FROM 0 ORDER BY id
----
1
2
3
4
5
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

query I
SELECT id FROM types WHERE d IS NOT DISTINCT FROM 0 ORDER BY id
----
0

query I
SELECT id FROM types WHERE NOT (d = 0) ORDER BY id
----
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

query I
SELECT id FROM types WHERE n = 0 ORDER BY id
----
0

query I
SELECT id FROM types WHERE n <> 0 ORDER BY id
----
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
14
15
16
17

query I
SELECT id FROM types WHERE n < 0 ORDER BY id
----
2
4
7
17

query I
SELECT id FROM types WHERE n <= 0 ORDER BY id
----
0
2
4
7
17

query I
SELECT id FROM types WHERE n > 0 ORDER BY id
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

query I
SELECT id FROM types WHERE n >= 0 ORDER BY id
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

query I
SELECT id FROM types WHERE n = 0.5 ORDER BY id
----
6

query I
SELECT id FROM types WHERE n < 0.5 ORDER BY id
----
0
2
4
7
8
11
17

query I
SELECT id FROM types WHERE n > 0.5 ORDER BY id
----
1
3
9
10
12
14
15
16

query I
SELECT id FROM types WHERE n >= 0.5 ORDER BY id
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

query I
SELECT id FROM types WHERE n = 0.1 ORDER BY id
----
8

query I
SELECT id FROM types WHERE n <> 0.1 ORDER BY id
----
0
1
2
3
4
6
7
9
10
11
12
14
15
16
17

query I
SELECT id FROM types WHERE n < 0.1 ORDER BY id
----
0
2
4
7
11
17

query I
SELECT id FROM types WHERE n <= 0.1 ORDER BY id
----
0
2
4
7
8
11
17

query I
SELECT id FROM types WHERE n > 0.1 ORDER BY id
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

query I
SELECT id FROM types WHERE n >= 0.1 ORDER BY id
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

query I
SELECT id FROM types WHERE n = 2.5 ORDER BY id
----
12

query I
SELECT id FROM types WHERE n < 2.5 ORDER BY id
----
0
1
2
4
6
7
8
11
17

query I
SELECT id FROM types WHERE n > 2.5 ORDER BY id
----
3
9
10
14
15
16

query I
SELECT id FROM types WHERE n >= 2.5 ORDER BY id
----
3
9
10
12
14
15
16

query I
SELECT id FROM types WHERE n = 2.50 ORDER BY id
----
12

query I
SELECT id FROM types WHERE n <> 2.50 ORDER BY id
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
14
15
16
17

query I
SELECT id FROM types WHERE n < 2.50 ORDER BY id
----
0
1
2
4
6
7
8
11
17

query I
SELECT id FROM types WHERE n <= 2.50 ORDER BY id
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
17

query I
SELECT id FROM types WHERE n > 2.50 ORDER BY id
----
3
9
10
14
15
16

query I
SELECT id FROM types WHERE n >= 2.50 ORDER BY id
----
3
9
10
12
14
15
16

query I
SELECT id FROM types WHERE n = 99999999999999999999999999999999999999 ORDER BY id
----
3

query I
SELECT id FROM types WHERE n < 99999999999999999999999999999999999999 ORDER BY id
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
14
15
16
17

query I
SELECT id FROM types WHERE n > 99999999999999999999999999999999999999 ORDER BY id
----

query I
SELECT id FROM types WHERE n >= 99999999999999999999999999999999999999 ORDER BY id
----
3

query I
SELECT id FROM types WHERE n = 9007199254740993 ORDER BY id
----
14

query I
SELECT id FROM types WHERE n <> 9007199254740993 ORDER BY id
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
15
16
17

query I
SELECT id FROM types WHERE n < 9007199254740993 ORDER BY id
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
15
16
17

query I
SELECT id FROM types WHERE n <= 9007199254740993 ORDER BY id
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
14
15
16
17

query I
SELECT id FROM types WHERE n > 9007199254740993 ORDER BY id
----
3

query I
SELECT id FROM types WHERE n >= 9007199254740993 ORDER BY id
----
3
14

query I
SELECT id FROM types WHERE n = -0.1 ORDER BY id
----
17

query I
SELECT id FROM types WHERE n < -0.1 ORDER BY id
----
2
4
7

query I
SELECT id FROM types WHERE n > -0.1 ORDER BY id
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

query I
SELECT id FROM types WHERE n >= -0.1 ORDER BY id
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
17

query I
SELECT id FROM types WHERE n IS DISTINCT FROM 0 ORDER BY id
----
1
2
3
4
5
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

query I
SELECT id FROM types WHERE n IS NOT DISTINCT FROM 0 ORDER BY id
----
0

query I
SELECT id FROM types WHERE 0 < n ORDER BY id
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

query I
SELECT id FROM types WHERE NOT (n = 0) ORDER BY id
----
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
14
15
16
17

query IBB
SELECT id, n = 0, n > 0 FROM types ORDER BY id
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
13|NULL|NULL
14|f|t
15|f|t
16|f|t
17|f|f

query I
SELECT id FROM types WHERE s = 'a' ORDER BY id
----
1

query I
SELECT id FROM types WHERE s <> 'a' ORDER BY id
----
0
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

query I
SELECT id FROM types WHERE s < 'a' ORDER BY id
----
0
2
4
6
11
12
13
16

query I
SELECT id FROM types WHERE s <= 'a' ORDER BY id
----
0
1
2
4
6
11
12
13
16

query I
SELECT id FROM types WHERE s > 'a' ORDER BY id
----
3
7
8
9
10
14
15
17

query I
SELECT id FROM types WHERE s >= 'a' ORDER BY id
----
1
3
7
8
9
10
14
15
17

query I
SELECT id FROM types WHERE s = 'A' ORDER BY id
----
2

query I
SELECT id FROM types WHERE s < 'A' ORDER BY id
----
0
6
11
12
13
16

query I
SELECT id FROM types WHERE s > 'A' ORDER BY id
----
1
3
4
7
8
9
10
14
15
17

query I
SELECT id FROM types WHERE s >= 'A' ORDER BY id
----
1
2
3
4
7
8
9
10
14
15
17

query I
SELECT id FROM types WHERE s = '' ORDER BY id
----
0

query I
SELECT id FROM types WHERE s <> '' ORDER BY id
----
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

query I
SELECT id FROM types WHERE s < '' ORDER BY id
----

query I
SELECT id FROM types WHERE s <= '' ORDER BY id
----
0

query I
SELECT id FROM types WHERE s > '' ORDER BY id
----
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

query I
SELECT id FROM types WHERE s >= '' ORDER BY id
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

query I
SELECT id FROM types WHERE s = 'zebra' ORDER BY id
----
3

query I
SELECT id FROM types WHERE s < 'zebra' ORDER BY id
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
13
14
15
16
17

query I
SELECT id FROM types WHERE s > 'zebra' ORDER BY id
----
9
10

query I
SELECT id FROM types WHERE s >= 'zebra' ORDER BY id
----
3
9
10

query I
SELECT id FROM types WHERE s = 'ÄÖÜ ß €' ORDER BY id
----
9
10

query I
SELECT id FROM types WHERE s <> 'ÄÖÜ ß €' ORDER BY id
----
0
1
2
3
4
6
7
8
11
12
13
14
15
16
17

query I
SELECT id FROM types WHERE s < 'ÄÖÜ ß €' ORDER BY id
----
0
1
2
3
4
6
7
8
11
12
13
14
15
16
17

query I
SELECT id FROM types WHERE s <= 'ÄÖÜ ß €' ORDER BY id
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

query I
SELECT id FROM types WHERE s > 'ÄÖÜ ß €' ORDER BY id
----

query I
SELECT id FROM types WHERE s >= 'ÄÖÜ ß €' ORDER BY id
----
9
10

query I
SELECT id FROM types WHERE s = '12' ORDER BY id
----
12

query I
SELECT id FROM types WHERE s < '12' ORDER BY id
----
0
11

query I
SELECT id FROM types WHERE s > '12' ORDER BY id
----
1
2
3
4
6
7
8
9
10
13
14
15
16
17

query I
SELECT id FROM types WHERE s >= '12' ORDER BY id
----
1
2
3
4
6
7
8
9
10
12
13
14
15
16
17

query I
SELECT id FROM types WHERE s = 'a_b' ORDER BY id
----
7

query I
SELECT id FROM types WHERE s <> 'a_b' ORDER BY id
----
0
1
2
3
4
6
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

query I
SELECT id FROM types WHERE s < 'a_b' ORDER BY id
----
0
1
2
4
6
11
12
13
16

query I
SELECT id FROM types WHERE s <= 'a_b' ORDER BY id
----
0
1
2
4
6
7
11
12
13
16

query I
SELECT id FROM types WHERE s > 'a_b' ORDER BY id
----
3
8
9
10
14
15
17

query I
SELECT id FROM types WHERE s >= 'a_b' ORDER BY id
----
3
7
8
9
10
14
15
17

query I
SELECT id FROM types WHERE s IS DISTINCT FROM 'a' ORDER BY id
----
0
2
3
4
5
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

query I
SELECT id FROM types WHERE s IS NOT DISTINCT FROM 'a' ORDER BY id
----
1

query I
SELECT id FROM types WHERE 'a' < s ORDER BY id
----
3
7
8
9
10
14
15
17

query I
SELECT id FROM types WHERE NOT (s = 'a') ORDER BY id
----
0
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

query IBB
SELECT id, s = 'a', s > 'a' FROM types ORDER BY id
----
0|f|f
1|t|f
2|f|f
3|f|t
4|f|f
5|NULL|NULL
6|f|f
7|f|t
8|f|t
9|f|t
10|f|t
11|f|f
12|f|f
13|f|f
14|f|t
15|f|t
16|f|f
17|f|t

query I
SELECT id FROM types WHERE b = true ORDER BY id
----
1
3
6
8
9
10
12
14
17

query I
SELECT id FROM types WHERE b <> true ORDER BY id
----
0
2
4
7
11
15
16

query I
SELECT id FROM types WHERE b = false ORDER BY id
----
0
2
4
7
11
15
16

query I
SELECT id FROM types WHERE b <> false ORDER BY id
----
1
3
6
8
9
10
12
14
17

query I
SELECT id FROM types WHERE b IS DISTINCT FROM true ORDER BY id
----
0
2
4
5
7
11
13
15
16

query I
SELECT id FROM types WHERE b IS NOT DISTINCT FROM true ORDER BY id
----
1
3
6
8
9
10
12
14
17

query I
SELECT id FROM types WHERE true < b ORDER BY id
----

query I
SELECT id FROM types WHERE NOT (b = true) ORDER BY id
----
0
2
4
7
11
15
16

query IBB
SELECT id, b = true, b > true FROM types ORDER BY id
----
0|f|f
1|t|f
2|f|f
3|t|f
4|f|f
5|NULL|NULL
6|t|f
7|f|f
8|t|f
9|t|f
10|t|f
11|f|f
12|t|f
13|NULL|NULL
14|t|f
15|f|f
16|f|f
17|t|f

query I
SELECT id FROM types WHERE t = '1970-01-01 00:00:00' ORDER BY id
----
0

query I
SELECT id FROM types WHERE t <> '1970-01-01 00:00:00' ORDER BY id
----
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
14
15
16
17

query I
SELECT id FROM types WHERE t < '1970-01-01 00:00:00' ORDER BY id
----
2
4
15
16

query I
SELECT id FROM types WHERE t <= '1970-01-01 00:00:00' ORDER BY id
----
0
2
4
15
16

query I
SELECT id FROM types WHERE t > '1970-01-01 00:00:00' ORDER BY id
----
1
3
6
7
8
9
10
11
12
14
17

query I
SELECT id FROM types WHERE t >= '1970-01-01 00:00:00' ORDER BY id
----
0
1
3
6
7
8
9
10
11
12
14
17

query I
SELECT id FROM types WHERE t = '2026-01-02 03:04:05.678' ORDER BY id
----
1

query I
SELECT id FROM types WHERE t <> '2026-01-02 03:04:05.678' ORDER BY id
----
0
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
14
15
16
17

query I
SELECT id FROM types WHERE t < '2026-01-02 03:04:05.678' ORDER BY id
----
0
2
4
8
9
10
15
16

query I
SELECT id FROM types WHERE t <= '2026-01-02 03:04:05.678' ORDER BY id
----
0
1
2
4
8
9
10
15
16

query I
SELECT id FROM types WHERE t > '2026-01-02 03:04:05.678' ORDER BY id
----
3
6
7
11
12
14
17

query I
SELECT id FROM types WHERE t >= '2026-01-02 03:04:05.678' ORDER BY id
----
1
3
6
7
11
12
14
17

query I
SELECT id FROM types WHERE t = '2024-02-29' ORDER BY id
----
8

query I
SELECT id FROM types WHERE t <> '2024-02-29' ORDER BY id
----
0
1
2
3
4
6
7
9
10
11
12
14
15
16
17

query I
SELECT id FROM types WHERE t < '2024-02-29' ORDER BY id
----
0
2
4
9
10
15
16

query I
SELECT id FROM types WHERE t <= '2024-02-29' ORDER BY id
----
0
2
4
8
9
10
15
16

query I
SELECT id FROM types WHERE t > '2024-02-29' ORDER BY id
----
1
3
6
7
11
12
14
17

query I
SELECT id FROM types WHERE t >= '2024-02-29' ORDER BY id
----
1
3
6
7
8
11
12
14
17

query I
SELECT id FROM types WHERE t = timestamp '2026-12-31 23:59:59' ORDER BY id
----
12

query I
SELECT id FROM types WHERE t <> timestamp '2026-12-31 23:59:59' ORDER BY id
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
14
15
16
17

query I
SELECT id FROM types WHERE t < timestamp '2026-12-31 23:59:59' ORDER BY id
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
14
15
16

query I
SELECT id FROM types WHERE t <= timestamp '2026-12-31 23:59:59' ORDER BY id
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
14
15
16

query I
SELECT id FROM types WHERE t > timestamp '2026-12-31 23:59:59' ORDER BY id
----
3
17

query I
SELECT id FROM types WHERE t >= timestamp '2026-12-31 23:59:59' ORDER BY id
----
3
12
17

query I
SELECT id FROM types WHERE t IS DISTINCT FROM '1970-01-01 00:00:00' ORDER BY id
----
1
2
3
4
5
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

query I
SELECT id FROM types WHERE t IS NOT DISTINCT FROM '1970-01-01 00:00:00' ORDER BY id
----
0

query I
SELECT id FROM types WHERE '1970-01-01 00:00:00' < t ORDER BY id
----
1
3
6
7
8
9
10
11
12
14
17

query I
SELECT id FROM types WHERE NOT (t = '1970-01-01 00:00:00') ORDER BY id
----
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
14
15
16
17

query IBB
SELECT id, t = '1970-01-01 00:00:00', t > '1970-01-01 00:00:00' FROM types ORDER BY id
----
0|t|f
1|f|t
2|f|f
3|f|t
4|f|f
5|NULL|NULL
6|f|t
7|f|t
8|f|t
9|f|t
10|f|t
11|f|t
12|f|t
13|NULL|NULL
14|f|t
15|f|f
16|f|f
17|f|t
