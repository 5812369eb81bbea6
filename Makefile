# Two commands do everything on a fresh Debian machine with Swift: `make demo` and `make test`.

PREFIX ?= /usr/local
DESTDIR ?=
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

BUILD_PACKAGES := zlib1g-dev libssl-dev libdeflate-dev libzstd-dev liblzma-dev libyaml-dev pkg-config binutils
DEMO_PACKAGES := $(BUILD_PACKAGES) golang-go skopeo umoci runc jq curl docker-registry
STATIC := .build-static
SOURCES := $(shell find Sources Bases Package.swift -type f 2>/dev/null)

DIST := dist

.PHONY: dist build demo test test-build test-deps build-deps demo-deps lint format golden bench fuzz bases install static clean

# Installs what of the packages is missing, and asks the network only then.
define need
	@missing=$$(for package in $(1); do \
		[ "$$(dpkg-query -W -f='$${db:Status-Status}' $$package 2>/dev/null)" = installed ] || echo $$package; \
	done); \
	if [ -n "$$missing" ]; then \
		sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		echo "installing: "$$missing; \
		$$sudo apt-get update -qq; \
		DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
endef

build: build-deps
	swift build -c release --product coracle

build-deps:
	$(call need,$(BUILD_PACKAGES))

demo-deps:
	$(call need,$(DEMO_PACKAGES))

test-deps: build-deps
	$(call need,$$(cat Tests/test-deps.txt))
	@$(MAKE) --no-print-directory $(JUDGES)/made || echo "the judges of bills of materials are missing: their tests are skipped"

# Programs of others that Debian does not have, in a Python environment of their own: versions and hashes are fixed.
JUDGES := .build-judges

$(JUDGES)/made: Tests/judges.txt
	rm -rf $(JUDGES)
	/usr/bin/python3 -m venv $(JUDGES)
	$(JUDGES)/bin/pip install --quiet --disable-pip-version-check --no-compile --require-hashes --no-deps \
		--only-binary :all: -r $<
	touch $@

demo: demo-deps build
	Examples/demo

# One file that runs on any Linux with /proc: no shared libraries, no ICU.
static: $(STATIC)/coracle

STATIC_FLAGS := -c release --product coracle --scratch-path $(STATIC) -Xswiftc -static-executable \
	-Xcc -Os -Xcc -ffunction-sections -Xcc -fdata-sections \
	-Xswiftc -Xfrontend -Xswiftc -internalize-at-link -Xswiftc -Xfrontend -Xswiftc -function-sections \
	-Xswiftc -use-ld=lld -Xlinker --gc-sections -Xlinker --icf=all -Xlinker -O2 \
	-Xlinker --no-eh-frame-hdr -Xlinker -T -Xlinker Static/sections.ld

# Swift's own libraries, of which a static program has a copy.
SWIFT_LIBRARIES := swiftCore swift_Concurrency swift_StringProcessing swift_RegexParser swiftSynchronization swiftGlibc \
	swiftDispatch FoundationEssentials _FoundationCollections

# The linker that is found first in COMPILER_PATH looks for libraries where these are.
$(STATIC)/coracle: $(SOURCES) Makefile $(wildcard Static/*) | build-deps
	mkdir -p $(STATIC)/linking
	swiftc -O -o $(STATIC)/linking/unretained Static/unretained.swift
	resources=$$(swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p'); \
	cd $(STATIC)/linking; \
	./unretained . $(SWIFT_LIBRARIES:%=$${resources}_static/linux/lib%.a); \
	printf '#!/bin/sh\nexec "%s/../../bin/ld.lld" -L "%s" "$$@"\n' "$$resources" "$$PWD" > ld.lld; \
	chmod +x ld.lld
	COMPILER_PATH=$(CURDIR)/$(STATIC)/linking swift build $(STATIC_FLAGS)
	strip -R .comment -R .note.stapsdt -o $@.stripped $$(swift build $(STATIC_FLAGS) --show-bin-path)/coracle
	mv $@.stripped $@

install: $(STATIC)/coracle
	install -D -m 0755 $< $(DESTDIR)$(PREFIX)/bin/coracle

# What is published: the program, an archive, Debian's package, the image of coracle, manual pages, completions, sums and
# a signature. make dist CORACLE=PROGRAM takes that program, else the static one is built.
CORACLE ?= $(STATIC)/coracle

dist: $(CORACLE)
	swift build --product CoracleDist
	CORACLE=$(CORACLE) TOOL=$$(swift build --product CoracleDist --show-bin-path)/CoracleDist Static/dist $(DIST)

# What waits for other processes holds up what waits for connections: each has a run of its own. A test that runs a
# command holds a thread until that has ended, and a process has as many threads as there are cores: several processes
# side by side use the cores while commands wait. Each suite is in one of them: the last one skips what the others take.
NETWORK_TESTS := ^(HTTP|Registry)Tests
TEST_PARTS := commands-a commands-o commands-s programs interop modules
TESTS_commands-a := --filter '^CommandTests\.[A-N]'
TESTS_commands-o := --filter '^CommandTests\.[O-R]'
TESTS_commands-s := --filter '^CommandTests\.[S-Z]'
TESTS_programs := --filter '^(Engine|Example|Packaging)Tests'
TESTS_interop := --filter '^InteropTests'
TESTS_modules := --skip '^CommandTests\.[A-Z]|^(Engine|Example|Interop|Packaging)Tests|$(NETWORK_TESTS)'

# Without a width, every test starts at once, and one that waits for anything goes on when all others have had a turn:
# servers and time limits ran out meanwhile. A few more than the cores, so that others work while some wait.
WIDTH := 6

# The static program and the tests are compiled side by side: neither keeps two cores busy all the time.
test: test-deps
	swift package resolve
	$(MAKE) -j2 static test-build
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$(WIDTH) swift test --skip-build --filter '$(NETWORK_TESTS)'
	$(MAKE) -k -j$(words $(TEST_PARTS)) $(TEST_PARTS:%=test-%)

test-%:
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$(WIDTH) CORACLE_STATIC=$(CURDIR)/$(STATIC)/coracle \
		CORACLE_TEST_PART=$* $$(swift build --show-bin-path)/coraclePackageTests.xctest \
		--testing-library swift-testing $(TESTS_$*)

# BUILD_FLAGS: more options of `swift build`.
test-build:
	swift build --build-tests $(BUILD_FLAGS)

# Feeds damaged inputs to the readers of what others wrote: make fuzz SECONDS=600 PROBES="tar json".
SECONDS := 60
PROBES :=

fuzz: build-deps
	$(call need,python3)
	Fuzz/run $(SECONDS) $(PROBES)

lint:
	.ci/words
	.ci/sums
	swift format lint --strict --recursive Package.swift Plugins Sources Static Tests

format:
	swift format --in-place --recursive Package.swift Plugins Sources Static Tests

# Rewrites the expected digests. They are a promise to users: a change belongs into the CHANGELOG.
golden: test-deps
	CORACLE_GOLDEN=update swift test --filter Golden

bench: build
	$(call need,umoci buildah pigz golang-go python3 skopeo docker-registry gcc)
	Benchmarks/run --json Benchmarks/latest.json
	Benchmarks/registry
	Benchmarks/gate
	Benchmarks/bases
	Benchmarks/needs
	Benchmarks/source
	Benchmarks/rebuild
	Benchmarks/sbom

# Renews the certificates, time zones and media types from Debian's packages.
bases:
	Bases/renew

clean:
	rm -rf .build $(STATIC)
