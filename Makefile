# Freshet. `make` lists the targets. Only Go and a C compiler are needed for build, run and test.
GO       ?= go
SIMD     := GOEXPERIMENT=simd
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  := -X main.version=$(VERSION)
FUZZTIME ?= 20s
TOOLS    := bin/tools

# Property tests draw from this seed, so that a test run repeats; plain `go test` and `make properties` take new ones.
export RAPID_SEED ?= 1

.DEFAULT_GOAL := help
.PHONY: help build run test test-simd race lint fuzz bench bench-kafka bench-compare test-bench bench-bin freshness-bin e2e crash test-kafka test-postgres test-clients random properties steady freshness clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

build: ## build bin/freshet (with SIMD kernels on amd64)
	$(SIMD) $(GO) build -ldflags "$(LDFLAGS)" -o bin/freshet ./cmd/freshet

run: build ## start the quickstart: embedded Kafka, live pizza shop, SQL on 5433 and 8099
	bin/freshet quickstart

test: ## run the tests that need nothing but Go and a C compiler
	$(GO) test ./...

test-simd: ## the packages with wide loops, and the SQL scripts, in the build that is shipped
	$(SIMD) $(GO) test ./ingest/... ./segment/... ./query/kernel ./query/exec ./query/function/agg ./test/sqllogic

race: ## the concurrent packages under the race detector
	$(GO) test -race -short ./segment/... ./ingest ./ingest/kafka ./server ./query/exec ./broker/... ./internal/sched ./internal/coldio ./internal/memory ./cluster/mem ./cluster/tables ./internal/offheap ./internal/lifecycle

lint: $(TOOLS)/staticcheck ## gofmt, vet, staticcheck, import map, sizes, four platforms
	$(GO) vet ./...
	$(TOOLS)/staticcheck ./...
	$(GO) test -count=1 ./internal/lint
	internal/lint/typecheck.sh

$(TOOLS)/staticcheck: tools/go.mod
	cd tools && $(GO) build -o ../$(TOOLS)/staticcheck honnef.co/go/tools/cmd/staticcheck

fuzz: ## every fuzz target for FUZZTIME (20s) each
	@for pkg in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$pkg | grep ^Fuzz); do \
	    echo "$$pkg $$target"; $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; done; done

e2e: build ## psql, curl and kcat against the quickstart's process
	TEST_BIN=$(CURDIR)/bin/freshet $(GO) test -tags e2e -count=1 ./test/e2e/...

KILLS ?= 200
crash: build ## kill -9 under load, KILLS times (200), every row compared with a ledger
	TEST_BIN=$(CURDIR)/bin/freshet CRASH_KILLS=$(KILLS) $(GO) test -tags crash -count=1 -timeout 60m -v ./test/crash/...

steady: ## ingestion under readers: 1,000 seals, a stuck reader, the consume gap of a big seal, allocations per row
	$(SIMD) $(GO) test -tags steady -count=1 -timeout 20m -v ./test/steady/...

DURATION ?= 2m
freshness: build freshness-bin ## from produce to the SELECT that sees it, two seals inside (DURATION=2m, KAFKA=host:port)
	bin/freshness -bin bin/freshet -duration $(DURATION) -kafka "$(KAFKA)" -v

test-kafka: build ## the end-to-end suite over a real Apache Kafka (fetches it; needs Java and Maven)
	TEST_BIN=$(CURDIR)/bin/freshet $(GO) test -tags kafka -count=1 -timeout 15m ./test/e2e/...

test-postgres: ## portable SQL scripts, random queries and the catalog against PostgreSQL 15 (installs it where root may)
	$(GO) test -tags postgres -count=1 -timeout 15m -run 'Postgres|TestScripts' ./test/sqllogic -random-queries $(PGQUERIES)
	$(GO) test -tags postgres -count=1 -timeout 10m ./test/catalog
PGQUERIES ?= 2000

test-clients: build ## drivers and tools of five languages against a process (installs them by version; needs Python, Node, Java, Maven)
	TEST_BIN=$(CURDIR)/bin/freshet $(GO) test -tags compat -count=1 -timeout 15m ./test/compat

random: ## QUERIES (10000) random SQL queries against the naive engine (SEED=n repeats a run, 0 takes a new seed)
	$(GO) test -count=1 -timeout 15m -v -run 'TestRandomOracle|TestPlanted' ./test/sqllogic -random-queries $(QUERIES) -random-seed $(SEED)
QUERIES ?= 10000
SEED    ?= 0

properties: ## property tests with CHECKS (2000) cases from a new seed
	RAPID_SEED=0 RAPID_CHECKS=$(CHECKS) $(GO) test -count=1 $$(grep -rl --include='*_test.go' 'rapid\.Check' . | xargs -n1 dirname | sort -u)
CHECKS ?= 2000

freshness-bin:
	$(SIMD) $(GO) build -o bin/freshness ./test/freshness

bench-bin:
	cd test/bench && $(SIMD) $(GO) build -o ../../bin/bench .

bench: build freshness-bin bench-bin ## all goals: lines against DuckDB, kernels, ingestion, memory, startup, load (run alone; ROWS=20000000, BENCH="lines micro -dir DIR -kafka HOST:PORT")
	bin/bench $(BENCH) -rows $(ROWS)
BENCH ?=

KAFKA_PORT ?= 19392
bench-kafka: build freshness-bin bench-bin ## the two goals that want a real Apache Kafka: ingestion and freshness (fetches it; needs Java and Maven; DURATION=2m)
	test/kafka/kafka.sh run $(KAFKA_PORT) sh -c 'bin/bench ingestion -only kafka -kafka $$KAFKA && bin/freshness -bin bin/freshet -duration $(DURATION) -kafka $$KAFKA -v'

bench-compare: bench-bin ## lines, or with BENCH=-micro kernels, of two commits in turn with statistics (A=HEAD~1 B=HEAD, . is the working tree)
	bin/bench compare $(A) $(B) -rows $(ROWS) $(BENCH)
A ?= HEAD~1
B ?= HEAD

test-bench: ## the tests of the benchmarks: plans of the lines, statistics
	cd test/bench && $(GO) test -count=1 ./...

ROWS ?= 20000000

clean: ## remove what building and testing left
	rm -rf bin
