// Package sqllogic runs the SQL scripts of testdata over segments of every kind, and, built with the tag postgres, over
// PostgreSQL 15. README.md describes the format of scripts.
package sqllogic
