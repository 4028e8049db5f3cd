# SPDX-License-Identifier: Apache-2.0
# Weft's own verbs are in `weft help`; these are for building it and proving it.

SWIFT ?= swift
# An import that Package.swift does not declare is an error: the map of rooms is a rule.
FLAGS := --explicit-target-dependency-import-check error
# One binary with Swift inside, so that it starts fast and runs where no toolchain is.
RELEASE := -c release --static-swift-stdlib -Xlinker -s $(FLAGS)
# Debug information of 40 targets takes longer to link than the tests take to compile.
TEST_FLAGS := -Xswiftc -gnone $(FLAGS)
WEFT := .build/release/weft
PREFIX ?= /usr/local

# What building and running need, then what the tests compare Weft with.
PACKAGES := libmnl-dev libyaml-dev pkg-config iproute2 qemu-system-x86 xz-utils
TEST_PACKAGES := charon-systemd frr bird2 keepalived tshark tcpdump traceroute iputils-ping \
	python3-jsonschema python3-yaml graphviz libxml2-utils zsh fish
# What `make bench` sends traffic with.
BENCH_PACKAGES := iperf3
SUDO := $(shell test "$$(id -u)" = 0 || echo sudo)

.DEFAULT_GOAL := help
.PHONY: help deps test-deps build demo test bench fuzz sanitize lint format clean install

help: ## say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

deps: ## install the Debian packages that building and running need
	@$(call install_packages,$(PACKAGES))

test-deps: deps ## install also what the tests compare Weft with
	@$(call install_packages,$(TEST_PACKAGES))

build: deps ## build the weft program (release)
	$(SWIFT) build $(RELEASE) --product weft

demo: build ## run the multihomed IP VPN's tests with a live display
	$(WEFT) test Topologies/multihomed-ipvpn.yaml

test: test-deps build ## run all tests, unit and end to end; a skipped test is a failure
	$(SWIFT) build $(RELEASE) --product weft-fuzz
	$(SWIFT) build $(TEST_FLAGS) --build-tests
	WEFT=$(CURDIR)/$(WEFT) WEFT_FUZZ=$(CURDIR)/.build/release/weft-fuzz $(SWIFT) test $(TEST_FLAGS) --skip-build --no-parallel

bench: test-deps build ## print how long things take, each beside its baseline
	@$(call install_packages,$(BENCH_PACKAGES))
	$(SWIFT) build $(RELEASE) --product weft-bench
	.build/release/weft-bench $(BENCH)

# Release code with all assertions, instrumented; libFuzzer brings its own main function.
FUZZ_FLAGS := -c release --scratch-path .build-fuzz --sanitize fuzzer -Xswiftc -DLIBFUZZER \
  -Xswiftc -parse-as-library -Xswiftc -assert-config -Xswiftc Debug

fuzz: deps ## put 10 million coverage-guided inputs to the decoders (FUZZ=NAME for one, INPUTS=N for each)
	$(SWIFT) build $(FUZZ_FLAGS) $(FLAGS) --product weft-fuzz
	Tests/FuzzDriver/fuzz .build-fuzz/release/weft-fuzz "$(INPUTS)" $(FUZZ)

# The address sanitizer finds memory that is used wrongly, the thread sanitizer races.
SANITIZED := Primitives|Wire|Topology|Engine|Plan|Simulation|Verify|Control|FuzzTests.CorpusTests

sanitize: deps ## run the unit tests under the address and the thread sanitizer (for a nightly run)
	for kind in address thread; do \
	  $(SWIFT) build $(TEST_FLAGS) --sanitize $$kind --scratch-path .build-$$kind --build-tests && \
	  ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test $(TEST_FLAGS) --sanitize $$kind \
	    --scratch-path .build-$$kind --skip-build --no-parallel --filter '$(SANITIZED)' || exit 1; \
	done

lint: ## check the format
	$(SWIFT) format lint --strict -r Package.swift Sources Tests

format: ## format every source file
	$(SWIFT) format -i -r Package.swift Sources Tests

clean: ## remove what building made
	rm -rf .build .build-fuzz .build-address .build-thread

install: build ## install weft under PREFIX (/usr/local)
	install -D -m 755 $(WEFT) $(DESTDIR)$(PREFIX)/bin/weft

# Installs those of the named packages that are missing. Daemons are not started: policy-rc.d
# is asked, and the labs run their own.
define install_packages
	missing=$$(for p in $(1); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	test -z "$$missing" || { \
	  echo "installing:" $$missing; \
	  $(SUDO) apt-get update -q && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -q -y --no-install-recommends $$missing; \
	}
endef
