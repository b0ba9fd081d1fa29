# Names: exact, else the only case-insensitive match, quoted or not, else an error that suggests.

query I rowsort names
SELECT user_id FROM orders WHERE id = 1
----
user_id
6

query I rowsort names
SELECT USER_ID FROM orders WHERE id = 1
----
user_id
6

query I rowsort names
SELECT "USER_ID" FROM ORDERS WHERE "Id" = 1
----
user_id
6

query II rowsort names
SELECT User_Id AS "My Name", user_id AS Other FROM orders WHERE id = 1
----
My Name|Other
6|6

statement error 42P01
SELECT orders.user_id, o.user_id FROM orders o WHERE id = 1

query IIITI rowsort names
SELECT count(*), sum(quantity), 1, 'x', quantity + 1 FROM orders WHERE id = 1 GROUP BY quantity
----
count|sum|?column?|?column?|?column?
1|1|1|x|2

query IRI rowsort names
SELECT count(*), sum(price), max(quantity) FROM orders WHERE id = 1
----
count|sum|max
1|11.04|1

query IT rowsort names
SELECT id AS count, upper(status) FROM orders WHERE id = 1
----
count|upper
1|CANCELLED

query ITTITD rowsort names
SELECT * FROM users WHERE id = 1
----
id|name|city|referrer|level|since
1|Ann|Köln|NULL|gold|2020-02-29 00:00:00

statement error 42703 @8
SELECT usr_id FROM orders

statement error 42703 @8
SELECT statuss FROM orders

statement error 42601 @16
SELECT id FROM order

statement error 42P01 @16
SELECT id FROM ordrs

statement error 42703 @8
SELECT o.nosuch FROM orders o

statement error 42P01 @8
SELECT nosuch.id FROM orders

statement error 42883 @8
SELECT nosuchfunc(id) FROM orders

statement error 42883 @8
SELECT uper(status) FROM orders

# Over HTTP an expression without alias has Pinot's canonical text.

dialect http

query IIR rowsort names
SELECT count(*), sum(quantity), max(price) FROM orders
----
count(*)|sum(quantity)|max(price)
40|179|59.92

query III names
SELECT COUNT(*), SUM(quantity), quantity + 1 FROM orders GROUP BY quantity ORDER BY quantity LIMIT 1
----
count(*)|sum(quantity)|plus(quantity,'1')
5|5|2

query ITI rowsort names
SELECT 1, 'x', 1 + 2
----
1|x|3
1|x|3

query IT names
SELECT DISTINCTCOUNT(status), upper(status) AS u FROM orders GROUP BY status ORDER BY status LIMIT 1
----
distinctcount(status)|u
1|BAKED

query IT rowsort names
SELECT User_Id, STATUS FROM Orders WHERE id = 1
----
user_id|status
6|cancelled

query IT rowsort names
SELECT CASE WHEN paid THEN 1 ELSE 0 END, CAST(id AS STRING) FROM orders WHERE id = 2
----
case(paid,'1','0')|cast(id,'STRING')
1|2
