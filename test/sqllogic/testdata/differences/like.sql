# Statements whose answers differ from PostgreSQL's: docs/sql/differences.md says why.
portable

# A LIKE pattern that ends in its escape character is an error before it is matched.

onlyif postgres
query B rowsort
SELECT 'abc' LIKE 'abc\'
----
f

onlyif freshet
statement error 22025
SELECT 'abc' LIKE 'abc\'

# regexp_replace replaces all matches, as Pinot's regexpReplace does.

onlyif postgres
query TT rowsort
SELECT regexp_replace('foobarbaz', 'b..', 'X'), regexp_replace('foobarbaz', 'b..', 'X', 'g')
----
fooXbaz|fooXX

onlyif freshet
query TT rowsort
SELECT regexp_replace('foobarbaz', 'b..', 'X'), regexp_replace('foobarbaz', 'b..', 'X', 'g')
----
fooXX|fooXX

# Classes of characters in regular expressions are ASCII's unless written \p{Lu}.

onlyif postgres
query I
SELECT id FROM types WHERE s ~ '[[:upper:]]' ORDER BY id
----
2
4
9
10

onlyif freshet
query I
SELECT id FROM types WHERE s ~ '[[:upper:]]' ORDER BY id
----
2
4
