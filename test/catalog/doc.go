// Package catalog compares the catalog that clients see with PostgreSQL's: the same tables are made in PostgreSQL 15 and in
// Freshet, and psql's \d commands, SQLAlchemy's inspector and pgjdbc's DatabaseMetaData have to print the same of both, but
// for the differences that docs/sql/catalog.md states. Tests run with -tags postgres (make test-postgres).
package catalog
