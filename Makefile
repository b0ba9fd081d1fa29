# Freshet. `make` lists the targets. Only Go and a C compiler are needed for build, run and test.
GO       ?= go
SIMD     := GOEXPERIMENT=simd
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  := -X main.version=$(VERSION)
FUZZTIME ?= 20s
TOOLS    := bin/tools

.DEFAULT_GOAL := help
.PHONY: help build run test race lint fuzz bench e2e crash test-kafka test-postgres clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

build: ## build bin/freshet (with SIMD kernels on amd64)
	$(SIMD) $(GO) build -ldflags "$(LDFLAGS)" -o bin/freshet ./cmd/freshet

run: build ## start the quickstart: embedded Kafka, live pizza shop, SQL on 5433 and 8099
	bin/freshet quickstart

test: ## run the tests that need nothing but Go and a C compiler
	$(GO) test ./...

race: ## the concurrent packages under the race detector
	$(GO) test -race ./segment/... ./ingest/... ./server/... ./query/exec/... ./broker/... ./internal/...

lint: $(TOOLS)/staticcheck ## gofmt, vet, staticcheck, import map, sizes, four platforms
	$(GO) vet ./...
	$(TOOLS)/staticcheck ./...
	$(GO) test -count=1 ./internal/lint
	@for platform in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64; do \
	  echo "type-check $$platform"; \
	  GOOS=$${platform%/*} GOARCH=$${platform#*/} $(GO) run ./tools/typecheck $$platform || exit 1; done

$(TOOLS)/staticcheck: tools/go.mod
	cd tools && $(GO) build -o ../$(TOOLS)/staticcheck honnef.co/go/tools/cmd/staticcheck

fuzz: ## every fuzz target for FUZZTIME (20s) each
	@for pkg in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$pkg | grep ^Fuzz); do \
	    echo "$$pkg $$target"; $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; done; done

clean: ## remove what building and testing left
	rm -rf bin
