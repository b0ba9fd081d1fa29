# Arithmetic of every numeric type, and the functions of mathematics.
portable

onlyif freshet
statement ok
SET integer_division = on

query III
SELECT id, -i, +i FROM types WHERE id IN (0, 1, 2, 6, 8, 9, 11, 14, 5) ORDER BY id
----
0|0|0
1|-1|1
2|1|-1
5|NULL|NULL
6|-7|7
8|-100|100
9|-42|42
11|-12|12
14|-99|99

query IIII
SELECT id, i + 1, i - 1, i * 2 FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 11) ORDER BY id
----
0|1|-1|0
1|2|0|2
2|0|-2|-2
5|NULL|NULL|NULL
6|8|6|14
7|-6|-8|-14
9|43|41|84
11|13|11|24

query IRR
SELECT id, i + 0.5, i * 1.5 FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9) ORDER BY id
----
0|0.5|0
1|1.5|1.5
2|-0.5|-1.5
5|NULL|NULL
6|7.5|10.5
7|-6.5|-10.5
9|42.5|63

query II
SELECT id, abs(i) FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 11) ORDER BY id
----
0|0
1|1
2|1
5|NULL
6|7
7|7
9|42
11|12

query II
SELECT id, i / 2 FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 14) ORDER BY id
----
0|0
1|0
2|0
5|NULL
6|3
7|-3
9|21
14|49

query I
SELECT id FROM types WHERE i + i = i * 2 AND id NOT IN (3, 4) ORDER BY id
----
0
1
2
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
SELECT id FROM types WHERE i - i = 0 AND id NOT IN (3, 4) ORDER BY id
----
0
1
2
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

query III
SELECT id, -l, +l FROM types WHERE id IN (0, 1, 2, 6, 8, 9, 11, 14, 5) ORDER BY id
----
0|0|0
1|-1|1
2|1|-1
5|NULL|NULL
6|-7|7
8|-10000000000|10000000000
9|-42|42
11|12|-12
14|-99|99

query IIII
SELECT id, l + 1, l - 1, l * 2 FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 11) ORDER BY id
----
0|1|-1|0
1|2|0|2
2|0|-2|-2
5|NULL|NULL|NULL
6|8|6|14
7|-6|-8|-14
9|43|41|84
11|-11|-13|-24

query IRR
SELECT id, l + 0.5, l * 1.5 FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9) ORDER BY id
----
0|0.5|0
1|1.5|1.5
2|-0.5|-1.5
5|NULL|NULL
6|7.5|10.5
7|-6.5|-10.5
9|42.5|63

query II
SELECT id, abs(l) FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 11) ORDER BY id
----
0|0
1|1
2|1
5|NULL
6|7
7|7
9|42
11|12

query II
SELECT id, l / 2 FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 14) ORDER BY id
----
0|0
1|0
2|0
5|NULL
6|3
7|-3
9|21
14|49

query I
SELECT id FROM types WHERE l + l = l * 2 AND id NOT IN (3, 4) ORDER BY id
----
0
1
2
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
SELECT id FROM types WHERE l - l = 0 AND id NOT IN (3, 4) ORDER BY id
----
0
1
2
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

query IRR
SELECT id, -f, +f FROM types WHERE id IN (0, 1, 2, 6, 8, 9, 11, 14, 5) ORDER BY id
----
0|0|0
1|-1|1
2|1|-1
5|NULL|NULL
6|-0.5|0.5
8|-0.1|0.1
9|-1.25|1.25
11|-1e-10|1e-10
14|-1.6777216e+07|1.6777216e+07

query IRRR
SELECT id, f + 1, f - 1, f * 2 FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 11) ORDER BY id
----
0|1|-1|0
1|2|0|2
2|0|-2|-2
5|NULL|NULL|NULL
6|1.5|-0.5|1
7|0.5|-1.5|-1
9|2.25|0.25|2.5
11|1.0000000001|-0.9999999999|2.000000026702864e-10

query IRR
SELECT id, f + 0.5, f * 1.5 FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9) ORDER BY id
----
0|0.5|0
1|1.5|1.5
2|-0.5|-1.5
5|NULL|NULL
6|1|0.75
7|0|-0.75
9|1.75|1.875

query IR
SELECT id, abs(f) FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 11) ORDER BY id
----
0|0
1|1
2|1
5|NULL
6|0.5
7|0.5
9|1.25
11|1e-10

query IR
SELECT id, f / 2 FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 14) ORDER BY id
----
0|0
1|0.5
2|-0.5
5|NULL
6|0.25
7|-0.25
9|0.625
14|8.388608e+06

query I
SELECT id FROM types WHERE f - f = 0 AND id NOT IN (3, 4) ORDER BY id
----
0
1
2
6
7
8
9
10
11
12
14

query IRR
SELECT id, -d, +d FROM types WHERE id IN (0, 1, 2, 6, 8, 9, 11, 14, 5) ORDER BY id
----
0|0|0
1|-1|1
2|1|-1
5|NULL|NULL
6|-0.5|0.5
8|-0.1|0.1
9|-3.141592653589793|3.141592653589793
11|-1e-300|1e-300
14|-9.007199254740992e+15|9.007199254740992e+15

query IRRR
SELECT id, d + 1, d - 1, d * 2 FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 11) ORDER BY id
----
0|1|-1|0
1|2|0|2
2|0|-2|-2
5|NULL|NULL|NULL
6|1.5|-0.5|1
7|0.5|-1.5|-1
9|4.141592653589793|2.141592653589793|6.283185307179586
11|1|-1|2e-300

query IRR
SELECT id, d + 0.5, d * 1.5 FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9) ORDER BY id
----
0|0.5|0
1|1.5|1.5
2|-0.5|-1.5
5|NULL|NULL
6|1|0.75
7|0|-0.75
9|3.641592653589793|4.71238898038469

query IR
SELECT id, abs(d) FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 11) ORDER BY id
----
0|0
1|1
2|1
5|NULL
6|0.5
7|0.5
9|3.141592653589793
11|1e-300

query IR
SELECT id, d / 2 FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 14) ORDER BY id
----
0|0
1|0.5
2|-0.5
5|NULL
6|0.25
7|-0.25
9|1.5707963267948966
14|4.503599627370496e+15

query I
SELECT id FROM types WHERE d - d = 0 AND id NOT IN (3, 4) ORDER BY id
----
0
1
2
6
7
8
9
10
11
12
13
14

query INN
SELECT id, -n, +n FROM types WHERE id IN (0, 1, 2, 6, 8, 9, 11, 14, 5) ORDER BY id
----
0|0|0
1|-1|1
2|1|-1
5|NULL|NULL
6|-0.5|0.5
8|-0.1|0.1
9|-2.718281828459045|2.718281828459045
11|-0.000000000000000000001|0.000000000000000000001
14|-9007199254740993|9007199254740993

query INNN
SELECT id, n + 1, n - 1, n * 2 FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 11) ORDER BY id
----
0|1|-1|0
1|2|0|2
2|0|-2|-2
5|NULL|NULL|NULL
6|1.5|-0.5|1
7|0.5|-1.5|-1
9|3.718281828459045|1.718281828459045|5.43656365691809
11|1.000000000000000000001|-0.999999999999999999999|0.000000000000000000002

query INN
SELECT id, n + 0.5, n * 1.5 FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9) ORDER BY id
----
0|0.5|0
1|1.5|1.5
2|-0.5|-1.5
5|NULL|NULL
6|1|0.75
7|0|-0.75
9|3.218281828459045|4.0774227426885675

query IN
SELECT id, abs(n) FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 11) ORDER BY id
----
0|0
1|1
2|1
5|NULL
6|0.5
7|0.5
9|2.718281828459045
11|0.000000000000000000001

query IN
SELECT id, n / 2 FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 14) ORDER BY id
----
0|0
1|0.5
2|-0.5
5|NULL
6|0.25
7|-0.25
9|1.3591409142295225
14|4503599627370496.5

query I
SELECT id FROM types WHERE n + n = n * 2 AND id NOT IN (3, 4) ORDER BY id
----
0
1
2
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
SELECT id FROM types WHERE n - n = 0 AND id NOT IN (3, 4) ORDER BY id
----
0
1
2
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

query IIII
SELECT id, i + l, i - l, i * l FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 11) ORDER BY id
----
0|0|0|0
1|2|0|1
2|-2|0|1
5|NULL|NULL|NULL
6|14|0|49
7|-14|0|49
9|84|0|1764
11|0|24|-144

query IRRR
SELECT id, i + f, i - f, i * f FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 11) ORDER BY id
----
0|0|0|0
1|2|0|1
2|-2|0|1
5|NULL|NULL|NULL
6|7.5|6.5|3.5
7|-7.5|-6.5|3.5
9|43.25|40.75|52.5
11|12.0000000001|11.9999999999|1.2000000160217184e-09

query IRRR
SELECT id, i + d, i - d, i * d FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 11) ORDER BY id
----
0|0|0|0
1|2|0|1
2|-2|0|1
5|NULL|NULL|NULL
6|7.5|6.5|3.5
7|-7.5|-6.5|3.5
9|45.1415926535898|38.8584073464102|131.94689145077132
11|12|12|1.2e-299

query INNN
SELECT id, i + n, i - n, i * n FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 11) ORDER BY id
----
0|0|0|0
1|2|0|1
2|-2|0|1
5|NULL|NULL|NULL
6|7.5|6.5|3.5
7|-7.5|-6.5|3.5
9|44.718281828459045|39.281718171540955|114.16783679527989
11|12.000000000000000000001|11.999999999999999999999|0.000000000000000000012

query IRRR
SELECT id, l + f, l - f, l * f FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 11) ORDER BY id
----
0|0|0|0
1|2|0|1
2|-2|0|1
5|NULL|NULL|NULL
6|7.5|6.5|3.5
7|-7.5|-6.5|3.5
9|43.25|40.75|52.5
11|-11.9999999999|-12.0000000001|-1.2000000160217184e-09

query IRRR
SELECT id, l + d, l - d, l * d FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 11) ORDER BY id
----
0|0|0|0
1|2|0|1
2|-2|0|1
5|NULL|NULL|NULL
6|7.5|6.5|3.5
7|-7.5|-6.5|3.5
9|45.1415926535898|38.8584073464102|131.94689145077132
11|-12|-12|-1.2e-299

query INNN
SELECT id, l + n, l - n, l * n FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 11) ORDER BY id
----
0|0|0|0
1|2|0|1
2|-2|0|1
5|NULL|NULL|NULL
6|7.5|6.5|3.5
7|-7.5|-6.5|3.5
9|44.718281828459045|39.281718171540955|114.16783679527989
11|-11.999999999999999999999|-12.000000000000000000001|-0.000000000000000000012

query IRRR
SELECT id, f + d, f - d, f * d FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 11) ORDER BY id
----
0|0|0|0
1|2|0|1
2|-2|0|1
5|NULL|NULL|NULL
6|1|0|0.25
7|-1|0|0.25
9|4.391592653589793|-1.8915926535897931|3.9269908169872414
11|1.000000013351432e-10|1.000000013351432e-10|1.00000001335143e-310

query III
SELECT id, i % 2, i / 2 FROM types WHERE i IS NOT NULL ORDER BY id
----
0|0|0
1|1|0
2|-1|0
3|1|1073741823
4|0|-1073741824
6|1|3
7|-1|-3
8|0|50
9|0|21
10|0|21
11|0|6
12|1|1
14|1|49
15|0|2
16|1|2
17|0|3

query III
SELECT id, i % 3, i / 3 FROM types WHERE i IS NOT NULL ORDER BY id
----
0|0|0
1|1|0
2|-1|0
3|1|715827882
4|-2|-715827882
6|1|2
7|-1|-2
8|1|33
9|0|14
10|0|14
11|0|4
12|0|1
14|0|33
15|1|1
16|2|1
17|0|2

query III
SELECT id, i % -3, i / -3 FROM types WHERE i IS NOT NULL ORDER BY id
----
0|0|0
1|1|0
2|-1|0
3|1|-715827882
4|-2|715827882
6|1|-2
7|-1|2
8|1|-33
9|0|-14
10|0|-14
11|0|-4
12|0|-1
14|0|-33
15|1|-1
16|2|-1
17|0|-2

query III
SELECT id, i % 7, i / 7 FROM types WHERE i IS NOT NULL ORDER BY id
----
0|0|0
1|1|0
2|-1|0
3|1|306783378
4|-2|-306783378
6|0|1
7|0|-1
8|2|14
9|0|6
10|0|6
11|5|1
12|3|0
14|1|14
15|4|0
16|5|0
17|6|0

query III
SELECT id, i % 10, i / 10 FROM types WHERE i IS NOT NULL ORDER BY id
----
0|0|0
1|1|0
2|-1|0
3|7|214748364
4|-8|-214748364
6|7|0
7|-7|0
8|0|10
9|2|4
10|2|4
11|2|1
12|3|0
14|9|9
15|4|0
16|5|0
17|6|0

query III
SELECT id, l % 2, l / 2 FROM types WHERE l IS NOT NULL ORDER BY id
----
0|0|0
1|1|0
2|-1|0
3|1|4611686018427387903
4|0|-4611686018427387904
6|1|3
7|-1|-3
8|0|5000000000
9|0|21
10|0|21
11|0|-6
13|1|2
14|1|49
15|0|2
16|1|2
17|0|3

query III
SELECT id, l % 3, l / 3 FROM types WHERE l IS NOT NULL ORDER BY id
----
0|0|0
1|1|0
2|-1|0
3|1|3074457345618258602
4|-2|-3074457345618258602
6|1|2
7|-1|-2
8|1|3333333333
9|0|14
10|0|14
11|0|-4
13|2|1
14|0|33
15|1|1
16|2|1
17|0|2

query III
SELECT id, l % -3, l / -3 FROM types WHERE l IS NOT NULL ORDER BY id
----
0|0|0
1|1|0
2|-1|0
3|1|-3074457345618258602
4|-2|3074457345618258602
6|1|-2
7|-1|2
8|1|-3333333333
9|0|-14
10|0|-14
11|0|4
13|2|-1
14|0|-33
15|1|-1
16|2|-1
17|0|-2

query III
SELECT id, l % 7, l / 7 FROM types WHERE l IS NOT NULL ORDER BY id
----
0|0|0
1|1|0
2|-1|0
3|0|1317624576693539401
4|-1|-1317624576693539401
6|0|1
7|0|-1
8|4|1428571428
9|0|6
10|0|6
11|-5|-1
13|5|0
14|1|14
15|4|0
16|5|0
17|6|0

query III
SELECT id, l % 10, l / 10 FROM types WHERE l IS NOT NULL ORDER BY id
----
0|0|0
1|1|0
2|-1|0
3|7|922337203685477580
4|-8|-922337203685477580
6|7|0
7|-7|0
8|0|1000000000
9|2|4
10|2|4
11|-2|-1
13|5|0
14|9|9
15|4|0
16|5|0
17|6|0

query I rowsort
SELECT 1 + 2 * 3
----
7

query I rowsort
SELECT (1 + 2) * 3
----
9

query I rowsort
SELECT 10 - 4 - 3
----
3

query I rowsort
SELECT 2 * 3 % 4
----
2

query I rowsort
SELECT -2 * -3
----
6

query I rowsort
SELECT - 5
----
-5

query I rowsort
SELECT + 5
----
5

query I rowsort
SELECT - (- 5)
----
5

query I rowsort
SELECT 7 / 2
----
3

query I rowsort
SELECT -7 / 2
----
-3

query I rowsort
SELECT 7 % 3
----
1

query I rowsort
SELECT -7 % 3
----
-1

query I rowsort
SELECT 7 % -3
----
1

query R rowsort
SELECT 7.0 / 2
----
3.5

query R rowsort
SELECT 1.5 + 1.5
----
3

query R rowsort
SELECT 0.1 + 0.2
----
0.3

query R rowsort
SELECT 1e3 + 1
----
1001

query R rowsort
SELECT 1e-3 * 2
----
0.002

query I rowsort
SELECT 2147483647 + 0
----
2147483647

query I rowsort
SELECT 9223372036854775807 - 1
----
9223372036854775806

query I rowsort
SELECT -9223372036854775807 - 1
----
-9223372036854775808

query I rowsort
SELECT 2147483648 * 2
----
4294967296

query R rowsort
SELECT 1.10 * 1.10
----
1.21

query R rowsort
SELECT 123456789.123456789 * 2
----
2.4691357824691358e+08

query N rowsort
SELECT 99999999999999999999 + 1
----
100000000000000000000

query N rowsort
SELECT -99999999999999999999 - 1
----
-100000000000000000000

query R rowsort
SELECT 0.1 * 0.1 * 0.1
----
0.001

query R rowsort
SELECT 10.5 % 3
----
1.5

query B rowsort
SELECT 100 / 3.0 > 33.33
----
t

query I rowsort
SELECT 5 - -3
----
8

query I rowsort
SELECT 1 - 1
----
0

query I rowsort
SELECT 0 * -1
----
0

query R rowsort
SELECT 3 + 4.0
----
7

query I rowsort
SELECT CAST(1 AS bigint) + 1
----
2

query R rowsort
SELECT CAST(0.1 AS double precision) + CAST(0.2 AS double precision)
----
0.30000000000000004

query R rowsort
SELECT CAST(1e308 AS double precision) * 0.1
----
1.0000000000000001e+307

query B rowsort
SELECT 1 < 2
----
t

query B rowsort
SELECT 2 <= 2
----
t

query B rowsort
SELECT 3 <> 3
----
f

query B rowsort
SELECT 3 != 4
----
t

query B rowsort
SELECT 1 = 1.0
----
t

query B rowsort
SELECT 'a' < 'b'
----
t

query T rowsort
SELECT 'a' || 'b'
----
ab

query T rowsort
SELECT 'a' || 1
----
a1

query T rowsort
SELECT 1 || 'a'
----
1a

query B rowsort
SELECT 2 > 1 AND NOT 1 > 2
----
t

query I rowsort
SELECT 1 + NULL
----
NULL

query I rowsort
SELECT NULL * 5
----
NULL

query I rowsort
SELECT NULL / 0
----
NULL

query I rowsort
SELECT 1 - 2 + 3
----
2

query I rowsort
SELECT 2 * (3 + 4) * 5
----
70

query I rowsort
SELECT 8 / 4 / 2
----
1

query I rowsort
SELECT mod(17, 5)
----
2

query I rowsort
SELECT mod(-17, 5)
----
-2

query I rowsort
SELECT mod(17, -5)
----
2

query R rowsort
SELECT power(2, 10)
----
1024

query R rowsort
SELECT sqrt(16)
----
4

query I rowsort
SELECT abs(-3)
----
3

query R rowsort
SELECT abs(-3.5)
----
3.5

query I rowsort
SELECT sign(-2)
----
-1

query I rowsort
SELECT sign(0)
----
0

query R rowsort
SELECT sign(2.5)
----
1

query R rowsort
SELECT ceil(1.2)
----
2

query R rowsort
SELECT ceil(-1.2)
----
-1

query R rowsort
SELECT floor(1.8)
----
1

query R rowsort
SELECT floor(-1.8)
----
-2

query R rowsort
SELECT round(2.4)
----
2

query R rowsort
SELECT round(2.6)
----
3

query R rowsort
SELECT round(-2.6)
----
-3

query R rowsort
SELECT round(1.25, 1)
----
1.3

query R rowsort
SELECT round(1.35, 1)
----
1.4

query R rowsort
SELECT round(1234.567, -2)
----
1200

query R rowsort
SELECT trunc(1.9)
----
1

query R rowsort
SELECT trunc(-1.9)
----
-1

query R rowsort
SELECT trunc(1.987, 2)
----
1.98

query R rowsort
SELECT exp(0)
----
1

query R rowsort
SELECT ln(1)
----
0

query R rowsort
SELECT exp(1)
----
2.718281828459045

query R rowsort
SELECT ln(10)
----
2.302585092994046

query R rowsort
SELECT log10(1000)
----
3

query I rowsort
SELECT greatest(1, 2, 3)
----
3

query I rowsort
SELECT least(1, 2, 3)
----
1

query I rowsort
SELECT greatest(1, NULL, 3)
----
3

query T rowsort
SELECT least(NULL, NULL)
----
NULL

query T rowsort
SELECT greatest('a', 'b')
----
b

query R rowsort
SELECT least(1.5, 1)
----
1

query R rowsort
SELECT degrees(0)
----
0

query R rowsort
SELECT radians(180)
----
3.141592653589793

query R rowsort
SELECT sin(0)
----
0

query R rowsort
SELECT cos(0)
----
1

query R rowsort
SELECT tan(0)
----
0

query R rowsort
SELECT atan(1)
----
0.7853981633974483

query R rowsort
SELECT atan2(1, 1)
----
0.7853981633974483

query R rowsort
SELECT asin(1)
----
1.5707963267948966

query R rowsort
SELECT acos(1)
----
0

query R rowsort
SELECT pi()
----
3.141592653589793

query R rowsort
SELECT cbrt(27)
----
3.0000000000000004

query I rowsort
SELECT gcd(12, 18)
----
6

query I rowsort
SELECT lcm(4, 6)
----
12

query I rowsort
SELECT factorial(5)
----
120

query I rowsort
SELECT div(7, 2)
----
3

query I rowsort
SELECT width_bucket(5, 0, 10, 5)
----
3

query R rowsort
SELECT sinh(0)
----
0

query R rowsort
SELECT cosh(0)
----
1

query R rowsort
SELECT cot(1)
----
0.6420926159343306
