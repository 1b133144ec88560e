# Everything a machine needs is installed by the target that needs it, so that each works on a
# fresh Debian or Raspberry Pi OS, and twice in a row. The work itself is in .ci/.

.PHONY: run test test-bluez check test-long test-appliance test-arm64 bench deb fmt

run:        ## build Hutch and start the demo
	@.ci/start

test:       ## the short tier: every test, in its short form
	@.ci/test

test-bluez: ## the Bluetooth suite alone, against a real bluetoothd in a guest
	@.ci/test-bluez

check:      ## format, lints, documentation, dependencies, layers: seconds when warm
	@.ci/check

test-long:  ## hours: fuzzing, thousands of kills; leaves a summary in tests/results/
	@.ci/test-long

test-appliance: ## the package in a fresh Debian, and in one that boots: updates, sticks, power cuts
	@MACHINE=$(MACHINE) .ci/test-appliance

test-arm64: ## the package for a Raspberry Pi, run by qemu on another machine
	@.ci/test-arm64

deb:        ## the package for this machine; for a Raspberry Pi: make deb MACHINE=arm64
	@.ci/deb $(MACHINE)

bench:      ## the figures of the README, measured on this machine
	@.ci/bench

fmt:        ## put the source into its one format
	@cargo fmt --all
