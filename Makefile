# k8stutor: `make run` opens the tutor, `make test` proves it. See CONTRIBUTING.md.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c

# One setting for everything, so that the build cache is shared: the first
# compilation of Kubernetes takes minutes.
export CGO_ENABLED := 0

VERSION    ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
KUBERNETES := $(shell go list -m -f '{{.Version}}' k8s.io/kubernetes)
MINOR      := $(shell cut -d. -f2 <<<'$(KUBERNETES)')

# Built from modules, Kubernetes does not know its version; clients need one.
KUBE_LDFLAGS := $(foreach pkg,k8s.io/component-base/version k8s.io/client-go/pkg/version,\
	-X $(pkg).gitVersion=$(KUBERNETES) -X $(pkg).gitMajor=1 -X $(pkg).gitMinor=$(MINOR) \
	-X $(pkg).gitCommit=modules -X $(pkg).gitTreeState=clean -X $(pkg).buildDate=1970-01-01T00:00:00Z)

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Packages without Kubernetes' server code: quick to build, and run with -race.
LIGHT := . ./cli/... ./cluster/... ./content/... ./lessons/... ./tui/...
HEAVY := ./sandbox/... ./cmd/...

.PHONY: run build test test-node fmt vet lint unit race fuzz bench grading conformance conformance-quick pictures clean

run: build
	@./bin/k8stutor $(ARGS)

build: bin/k8stutor bin/k8stutor-sandbox

SOURCES := $(shell find . -name '*.go' -not -name '*_test.go' -not -path './.git/*') $(shell find content -type f) go.mod go.sum

bin/k8stutor: $(SOURCES)
	@echo 'building the tutor ...'
	@go build -ldflags '-s -w -X main.version=$(VERSION)' -o $@ .

bin/k8stutor-sandbox: $(SOURCES)
	@[[ -e $@ ]] || echo 'building the sandbox: the first time Kubernetes is compiled, which takes 5 to 15 minutes on two cores ...'
	@go build -ldflags '-s -w $(KUBE_LDFLAGS)' -o $@ ./cmd/k8stutor-sandbox

# Everything that must hold: formatting, vet, staticcheck, and all tests, which
# run the lessons on the real sandbox.
test: fmt vet lint build unit conformance-quick

fmt:
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); [[ -z $$unformatted ]] || { echo "gofmt would change:"; echo "$$unformatted"; exit 1; }

vet:
	go vet ./...
	cd test/conformance && go vet .

lint:
	go run $(STATICCHECK) ./...

# Everything is tested; what failed is said once more at the end, for its own lines are thousands of lines up.
unit: export K8STUTOR_SANDBOX := $(CURDIR)/bin/k8stutor-sandbox
unit: export K8STUTOR_BIN := $(CURDIR)/bin/k8stutor
unit: build
	@log=$$(mktemp) && trap 'rm -f "$$log"' EXIT; \
	go test -count=1 -p 1 -timeout 40m ./... 2>&1 | tee "$$log" || \
		{ echo 'what was said of it:'; grep -aE -A12 '^ *--- FAIL|^panic:' "$$log" | cut -c1-240 | tail -n 60; \
		echo 'what failed:'; grep -aE '^ *--- FAIL|^panic:|^FAIL[[:space:]]' "$$log" | cut -c1-240; exit 1; }

# Proves our course on a real API server, as `make unit` does too, and writes what was proved into
# docs/GRADING.md.
grading: export K8STUTOR_SANDBOX := $(CURDIR)/bin/k8stutor-sandbox
grading: build
	go test -count=1 -timeout 20m ./content -update

# Proves the course, or LESSON of it, on any real cluster: where Pods really run, serve and crash.
# CONTEXT is the kubeconfig's current one unless it is named. It takes namespaces of its own, which
# are gone when it ends; see docs/SANDBOX.md for what differs there.
LESSON  ?=
CONTEXT ?= $(if $(KUBECONFIG),$(shell sed -n 's/^current-context: *"\{0,1\}\([^"]*\)"\{0,1\}$$/\1/p' '$(KUBECONFIG)'))
test-node: export K8STUTOR_SANDBOX := $(CURDIR)/bin/k8stutor-sandbox
test-node: export KUBECONFIG := $(KUBECONFIG)
test-node: build
	@[[ -n '$(KUBECONFIG)' && -n '$(CONTEXT)' ]] || { echo 'usage: make test-node KUBECONFIG=FILE [CONTEXT=NAME] [LESSON=ID]' >&2; exit 2; }
	@bin/k8stutor --yes --lang en --cluster '$(CONTEXT)' course test $(ARGS) content/kubernetes $(LESSON)

# Kubernetes' own end-to-end suite on a sandbox of its own, or with ARGS='-kubeconfig FILE' on
# another cluster: all 462 specs of conformance take about an hour on two cores. The quick part
# runs in `make test`. The suite is compiled once, which takes minutes.
conformance: export K8STUTOR_SANDBOX := $(CURDIR)/bin/k8stutor-sandbox
conformance: build
	cd test/conformance && go run . $(ARGS)

conformance-quick: export K8STUTOR_SANDBOX := $(CURDIR)/bin/k8stutor-sandbox
conformance-quick: build
	cd test/conformance && go run . -quick

race: export CGO_ENABLED := 1
race: build
	K8STUTOR_SANDBOX=$(CURDIR)/bin/k8stutor-sandbox K8STUTOR_BIN=$(CURDIR)/bin/k8stutor go test -race -count=1 -p 1 $(LIGHT)

# Random course files for the loader and for `course check`, random objects for the functions of expressions and for
# the diagnosis, a minute each; before that 100,000 random keys, clicks, sizes and messages for the tutor. What it finds is written to testdata/fuzz, whose
# inputs every `go test` runs.
FUZZTIME ?= 60s
fuzz:
	@echo 'TestARandomWalk, 100,000 steps'
	@K8STUTOR_WALK=100000 go test -count=1 -run TestARandomWalk -timeout 20m ./tui
	@for package in ./tui/terminal/vt ./lessons ./lessons/coursecheck; do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$target for $(FUZZTIME)"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x -timeout 10m $$package; \
		done; \
	done

# What a learner waits for, and what it costs. See docs/PERFORMANCE.md. Each
# iteration is one sample; no figure makes it fail.
bench: export K8STUTOR_SANDBOX := $(CURDIR)/bin/k8stutor-sandbox
bench: export K8STUTOR_BIN := $(CURDIR)/bin/k8stutor
bench: build
	@go test -run '^$$' -bench BinarySize -benchtime 1x ./internal/e2e
	@go test -run '^$$' -bench FirstFrame -benchtime 30x ./internal/e2e
	@go test -run '^$$' -bench TutorIdle -benchtime 1x ./internal/e2e
	@go test -run '^$$' -bench KeyToPaint -benchtime 500x ./tui
	@go test -run '^$$' -bench Paint ./tui/paint
	@go test -run '^$$' -bench Sandbox -benchtime 5x -timeout 30m ./internal/e2e
	@go test -run '^$$' -bench Choose -benchtime 20x ./cluster
	@go test -run '^$$' -bench Verdict -benchtime 200x -timeout 30m ./internal/e2e
	@go test -run '^$$' -bench LessonPage ./tui/markdown
	@go test -run '^$$' -bench Terminal -benchtime 10x -timeout 30m ./internal/e2e
	@go test -run '^$$' -bench 'Scale|BenchmarkIdle' -benchtime 1x -timeout 30m ./internal/e2e
	@go test -run '^$$' -bench Exec -benchtime 20x -timeout 30m ./internal/e2e
	@go test -run '^$$' -bench Requests -benchtime 3x -timeout 30m ./internal/e2e
	@go test -run '^$$' -bench ForeignPods -benchtime 5x -timeout 30m ./internal/e2e

pictures: export K8STUTOR_SANDBOX := $(CURDIR)/bin/k8stutor-sandbox
pictures: export K8STUTOR_BIN := $(CURDIR)/bin/k8stutor
pictures: build
	go test -count=1 ./internal/pictures -pictures $(CURDIR)/docs/pictures

clean:
	rm -rf bin
