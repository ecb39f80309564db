# `make run` wants Go and nothing else; `make test` installs what it needs on Debian, as root.
SHELL := /bin/sh
# No C compiler for the program itself: gorm's SQLite driver pulls in one that wants it, ours is pure Go.
export CGO_ENABLED ?= 0

# What the race detector's companions leave alone: the engine's own pointers (C translated to Go), and the hash that is slow by design and
# has no goroutine that shares anything with ours.
UNWATCHED := -gcflags='modernc.org/...=-d=checkptr=0' -gcflags='golang.org/x/crypto/argon2=-race=false' -gcflags='golang.org/x/crypto/blake2b=-race=false'

.PHONY: help run build test check generate lint bench bench-large soak seed-large screenshots

help: ## say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## the shop on :8080 and the rehearsal exchanger on :8090
	go run .

build: ## the program as one static file: ./mostrador
	go build -trimpath -ldflags '-s -w' -o mostrador .

test: check ## everything: generated files, format, vet, all tests on both databases and in a browser
	CGO_ENABLED=1 go test -race $(UNWATCHED) -p 2 -timeout 20m ./...
	@echo "and the search through histories at its full length, without the race detector"
	go test -count 1 -timeout 10m -run 'Histories' ./checkout

check: ## what `make test` looks at before the tests
	@.ci/prepare
	@.ci/generated
	@unformatted=$$(git ls-files -co --exclude-standard -- '*.go' | while read -r f; do [ -f "$$f" ] && echo "$$f"; done | xargs gofmt -l); \
	  if [ -n "$$unformatted" ]; then echo "Not formatted (run gofmt -w):" >&2; echo "$$unformatted" >&2; exit 1; fi
	go vet ./...

generate: ## pages from templ, styles and scripts from npm; commit what changes
	go tool templ generate -path views
	@[ -d node_modules ] || npm ci --no-audit --no-fund
	npm run --silent build

lint: ## staticcheck and gofumpt, which are slower than `make check`
	go tool -modfile=tools/go.mod staticcheck ./...
	@go tool -modfile=tools/go.mod gofumpt -l $$(git ls-files -- '*.go' ':!:*_templ.go')

bench: ## the measures of the documentation, printed
	go test -run '^$$' -bench . -benchmem -p 1 ./...

soak: ## random histories and crashes, HISTORIES=100000 CRASHES=200
	MOSTRADOR_TEST_HISTORIES=$(or $(HISTORIES),100000) MOSTRADOR_TEST_CRASHES=$(or $(CRASHES),200) go test -count 1 -p 1 -timeout 0 -v -run 'Histor|Crash|Kill' ./checkout/... ./jobs/... ./e2e/...

seed-large: ## a database of ORDERS=1000000 orders in build/large.db, to try the desk on; PG=postgres://… for PostgreSQL
	@mkdir -p build
	MOSTRADOR_TEST_SEED_ORDERS=$(or $(ORDERS),1000000) MOSTRADOR_TEST_SEED_URL=$(or $(PG),sqlite:$(CURDIR)/build/large.db) go test -count 1 -timeout 0 -v -run SeedLarge ./models/...

bench-large: ## ask a database of make seed-large for every list, search, filter and file of the desk; PG=postgres://… for PostgreSQL
	MOSTRADOR_TEST_LARGE_URL=$(or $(PG),sqlite:$(CURDIR)/build/large.db) go test -count 1 -timeout 0 -v -run LargeDesk ./app

screenshots: ## every state of every page in three languages, into screenshots/ (not committed)
	@mkdir -p screenshots/gallery
	go test -count 1 ./views/shop -run Gallery -gallery $(CURDIR)/screenshots/gallery
	node views/shop/gallery.mjs screenshots/gallery --shots
