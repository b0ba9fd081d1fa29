#!/usr/bin/env bash
# Compiles every package for the four platforms without linking: what differs between them is in files of ours. The C
# parser is replaced by a stand-in, since there is no C compiler for foreign platforms here.
set -euo pipefail
cd "$(dirname "$0")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
real=$(go list -m -f '{{.Dir}}' github.com/pganalyze/pg_query_go/v6)
mkdir -p "$scratch/pg_query/parser"
cp "$real"/go.mod "$real"/[a-z]*.go "$scratch/pg_query/"
rm -f "$scratch"/pg_query/*_test.go
chmod -R u+w "$scratch/pg_query"
sed -i.orig "/^\/\/go:build/d; /^\/\/ +build/d" "$scratch"/pg_query/*.go
cp internal/lint/testdata/pgquery_nocgo.go.txt "$scratch/pg_query/parser/parser.go"
cp go.mod "$scratch/go.mod"
cp go.sum "$scratch/go.sum"
go mod edit -modfile="$scratch/go.mod" -replace "github.com/pganalyze/pg_query_go/v6=$scratch/pg_query" 2>/dev/null ||
  printf '\nreplace github.com/pganalyze/pg_query_go/v6 => %s/pg_query\n' "$scratch" >>"$scratch/go.mod"
for platform in ${*:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64}; do
  echo "type-check $platform"
  GOOS=${platform%/*} GOARCH=${platform#*/} CGO_ENABLED=0 go build -modfile="$scratch/go.mod" ./...
done
