"""How a hub is found and reached in a home network, seen by clients that know nothing of Hutch.

Each test has a network of its own. Needs root, ip, openssl, certutil, Chromium, dbus-daemon, and Avahi in the folder
that HUTCH_AVAHI names.
"""

import os
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

import address_list
from network import PORT, Network, end_look, run, soon

NAME = "hutch.local"
AVAHI = os.environ["HUTCH_AVAHI"]
MOVES_WITHIN_S = 5
# On a machine that does nothing else, the bar of `make bench`; in a test, beside others, longer.
BAR_S = 2.0
STARTS_WITHIN_S = 5
USE_S = 120
N_DEVICES = 20
# Without what only a debug build needs.
MEMORY_BAR_MB = 20
IDLE_S = int(os.environ.get("HUTCH_IDLE_SECONDS", "60"))


class Case(unittest.TestCase):
    def setUp(self):
        self.network = Network()
        self.addCleanup(self.network.close)

    def resolves(self, client, name, addresses, within=MOVES_WITHIN_S):
        """Waits until a fresh device finds exactly these addresses under a name."""
        seen = {}

        def finds():
            seen.update(client.look("resolve", name, 1))
            return set(seen["addresses"]) and set(seen["addresses"]) <= set(addresses)

        self.assertTrue(soon(finds, within), f"{seen}, not {addresses}")

    def opens(self, client, hub, host, address):
        status = client.look("open", host, address, PORT, hub.root())
        self.assertEqual(status, {"status": 200}, hub.text())


class Found(Case):
    def test_by_name_and_as_a_service_without_a_global_address(self):
        computer = self.network.computer("192.168.1.2/24", "fd00::2/64", "203.0.113.2/24", "2001:db8::2/64")
        phone = self.network.computer("192.168.1.9/24", "fd00::9/64", "2001:db8::9/64", "203.0.113.9/24")
        began = time.monotonic()
        hub = computer.hub()
        own = own_addresses(computer, "192.168.1.2", "fd00::2")

        self.resolves(phone, NAME, own, STARTS_WITHIN_S)
        self.assertLess(time.monotonic() - began, STARTS_WITHIN_S + 1, hub.text())

        found = phone.look("services", 2, 10)["found"]
        self.assertEqual(set(found), {"Hutch._https._tcp.local.", "Hutch._hutch._tcp.local."}, hub.text())
        for service in found.values():
            self.assertEqual((service["host"], service["port"]), (NAME, PORT))
            self.assertEqual(service["text"], {"fingerprint": hub.fingerprint()})
            self.assertTrue(set(service["addresses"]) <= own, service)
        for address in ["192.168.1.2", "fd00::2"]:
            self.opens(phone, hub, NAME, address)
            self.opens(phone, hub, address, address)
        names, addresses = hub.leaf_names("names"), hub.leaf_names("addresses")
        self.assertIn("DNS:hutch.local", names)
        for address in ["192.168.1.2", "FD00:0:0:0:0:0:0:2"]:
            self.assertIn(f"IP Address:{address}", addresses)
        for address in ["203.0.113.2", "2001:DB8"]:
            self.assertNotIn(address, names + addresses)
        for address in ["203.0.113.2", "2001:db8::2"]:
            answer = phone.look("open", NAME, address, PORT, hub.root())
            self.assertIn("error", answer, "an address that the internet knows is closed")

    def test_in_two_networks_at_once_by_the_address_that_each_can_reach(self):
        self.network.switch("upstairs")
        computer = self.network.computer("192.168.1.2/24")
        computer.plug_in("second", "10.0.0.2/24", switch="upstairs")
        below = self.network.computer("192.168.1.9/24")
        above = self.network.computer("10.0.0.9/24", switch="upstairs")
        hub = computer.hub()

        for phone, address, interface in [(below, "192.168.1.2", "home"), (above, "10.0.0.2", "second")]:
            self.resolves(phone, NAME, own_addresses(computer, address, interface=interface), STARTS_WITHIN_S)
            found = phone.look("services", 2, 10)["found"]
            self.assertEqual(len(found), 2, hub.text())
            self.opens(phone, hub, NAME, address)
            self.opens(phone, hub, address, address)

        computer.unplug("second")
        computer.plug_in("second", "10.0.0.3/24", switch="upstairs")
        self.resolves(above, NAME, own_addresses(computer, "10.0.0.3", interface="second"))
        self.opens(above, hub, "10.0.0.3", "10.0.0.3")
        self.opens(below, hub, "192.168.1.2", "192.168.1.2")

    def test_with_the_fingerprint_of_another_root_as_soon_as_there_is_one(self):
        computer, phone = self.network.computer("192.168.1.2/24"), self.network.computer("192.168.1.9/24")
        hub = computer.hub()
        self.resolves(phone, NAME, own_addresses(computer, "192.168.1.2"), STARTS_WITHIN_S)
        before = hub.fingerprint()

        self.assertIn("There is another root", hub.asks("trust", "new-root", "--yes"))

        self.assertNotEqual(hub.fingerprint(), before)
        told = {}

        def is_told():
            told.update(phone.look("services", 2, 10)["found"])
            return {one["text"].get("fingerprint") for one in told.values()} == {hub.fingerprint()}

        self.assertTrue(soon(is_told, MOVES_WITHIN_S), f"{told}, not {hub.fingerprint()}")
        self.opens(phone, hub, NAME, "192.168.1.2")

    def test_by_a_vpn_that_the_family_lets_in_and_is_in_no_certificate(self):
        computer = self.network.computer("192.168.1.2/24", "100.64.0.2/10")
        phone = self.network.computer("192.168.1.9/24", "100.64.0.9/10")
        hub = computer.hub(also_from=["100.64.0.0/10"])
        self.resolves(phone, NAME, own_addresses(computer, "192.168.1.2", "100.64.0.2"), STARTS_WITHIN_S)

        self.opens(phone, hub, NAME, "100.64.0.2")
        self.assertEqual(phone.look("answer", "100.64.0.2", "100.64.0.2", PORT), {"status": 200}, hub.text())
        self.assertNotIn("100.64.0.2", hub.leaf_names("addresses"))
        self.assertIn(f"https://100.64.0.2:{PORT}", hub.places())

    def test_no_more_once_it_has_said_good_bye(self):
        computer, phone = self.network.computer("192.168.1.2/24"), self.network.computer("192.168.1.9/24")
        hub = computer.hub()
        watching = phone.begin_look("watch", 2, 30)
        self.assertEqual(watching.stdout.readline(), "there\n", hub.text())

        began = time.monotonic()
        hub.stop()

        gone = end_look(watching)["gone"]
        self.assertEqual(gone, ["Hutch._https._tcp.local.", "Hutch._hutch._tcp.local."])
        self.assertLess(time.monotonic() - began, 10, "at once, and not when their time is over")

    def test_a_second_hub_has_another_name_and_keeps_it(self):
        first, second = (self.network.computer(f"192.168.1.{n}/24") for n in (2, 3))
        phone = self.network.computer("192.168.1.9/24")
        hub = first.hub()
        self.resolves(phone, NAME, own_addresses(first, "192.168.1.2"), STARTS_WITHIN_S)
        other = second.hub()

        self.resolves(phone, "hutch-2.local", own_addresses(second, "192.168.1.3"), 10)
        found = phone.look("services", 4, 15)["found"]
        self.assertEqual({service["host"] for service in found.values()}, {NAME, "hutch-2.local"}, found)
        fingerprints = {service["text"]["fingerprint"] for service in found.values()}
        self.assertEqual(fingerprints, {hub.fingerprint(), other.fingerprint()})
        self.opens(phone, hub, NAME, "192.168.1.2")
        self.assertTrue(soon(lambda: other.places()[:1] == [f"https://hutch-2.local:{PORT}"], 5), other.text())
        self.opens(phone, other, "hutch-2.local", "192.168.1.3")

        # Whoever starts first shall not swap the two.
        hub.stop()
        other.stop()
        other.start()
        self.resolves(phone, "hutch-2.local", own_addresses(second, "192.168.1.3"), STARTS_WITHIN_S)
        self.assertEqual(phone.look("resolve", NAME, 1)["addresses"], [])
        hub.start()
        self.resolves(phone, NAME, own_addresses(first, "192.168.1.2"), STARTS_WITHIN_S)


class Moved(Case):
    def test_with_the_addresses_of_the_computer(self):
        computer, phone = self.network.computer(), self.network.computer("192.168.1.9/24", "10.0.0.9/24")
        computer.unplug("home")
        hub = computer.hub()
        self.assertTrue(soon(hub.places, 60), "it starts without a network")
        self.assertEqual(hub.places()[0], f"https://localhost:{PORT}")

        computer.plug_in("home", "192.168.1.2/24")
        self.resolves(phone, NAME, own_addresses(computer, "192.168.1.2"))
        self.opens(phone, hub, "192.168.1.2", "192.168.1.2")

        computer.ip("address", "delete", "192.168.1.2/24", "dev", "home")
        computer.ip("address", "add", "10.0.0.2/24", "dev", "home")
        self.resolves(phone, NAME, own_addresses(computer, "10.0.0.2"))
        self.opens(phone, hub, "10.0.0.2", "10.0.0.2")
        self.assertEqual(phone.look("answer", "10.0.0.2", "10.0.0.2", PORT), {"status": 200})
        # Somebody else may have it by now.
        self.assertEqual(phone.look("answer", "192.168.1.2", "10.0.0.2", PORT), {"status": 421}, hub.text())
        self.assertNotIn("192.168.1.2", hub.leaf_names("addresses"))

        computer.unplug("home")
        self.assertTrue(soon(lambda: hub.places()[0] == f"https://localhost:{PORT}", MOVES_WITHIN_S), hub.text())
        computer.plug_in("home", "10.0.0.2/24")
        self.resolves(phone, NAME, own_addresses(computer, "10.0.0.2"))
        self.opens(phone, hub, "10.0.0.2", "10.0.0.2")

    def test_to_a_network_that_has_nothing_but_what_interfaces_give_themselves(self):
        computer, phone = self.network.computer(), self.network.computer()
        hub = computer.hub()

        self.resolves(phone, NAME, own_addresses(computer), STARTS_WITHIN_S)

        address = phone.look("resolve", NAME, 5)["addresses"][0]
        self.opens(phone, hub, NAME, f"{address.split('%')[0]}%home")

    def test_from_a_cable_to_the_wireless_in_the_same_network(self):
        computer, phone = self.network.computer("192.168.1.2/24"), self.network.computer("192.168.1.9/24")
        computer.plug_in("wireless", "192.168.1.3/24")
        hub = computer.hub()
        self.resolves(phone, NAME, own_addresses(computer, "192.168.1.2"), STARTS_WITHIN_S)
        time.sleep(2)
        self.assertEqual(phone.look("resolve", "hutch-2.local", 1)["addresses"], [], "it is no second hub")
        self.opens(phone, hub, NAME, "192.168.1.2")
        self.opens(phone, hub, "192.168.1.3", "192.168.1.3")

        computer.unplug("home")

        self.resolves(phone, NAME, own_addresses(computer, "192.168.1.3", interface="wireless"))
        self.assertEqual(hub.places()[0], f"https://{NAME}:{PORT}", "the name is still its own")


class BesideAvahi(Case):
    def avahi(self, computer):
        """Starts a system bus and Avahi for one computer; returns what its programs need to find them."""
        folder = Path(computer.folder.name)
        bus = folder / "bus"
        settings = folder / "bus.conf"
        settings.write_text(
            '<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"'
            ' "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd"><busconfig>'
            f"<listen>unix:path={bus}</listen><auth>EXTERNAL</auth><policy context=\"default\">"
            '<allow send_destination="*"/><allow own="*"/><allow receive_sender="*"/></policy></busconfig>',
            encoding="utf-8",
        )
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        computer.start("dbus-daemon", "--nofork", f"--config-file={settings}", **quiet)
        self.assertTrue(soon(bus.exists, 10))
        # Where it notes its process, each has a folder of its own; and it wants a user of its name.
        for of_system, user in [("passwd", "avahi:x:65000:65000::/:/bin/false"), ("group", "avahi:x:65000:")]:
            (folder / of_system).write_text(Path("/etc", of_system).read_text("utf-8") + user + "\n", encoding="utf-8")
        inside = (
            f"mount --bind {folder}/passwd /etc/passwd && mount --bind {folder}/group /etc/group &&"
            " mkdir -p /run/avahi-daemon && mount -t tmpfs tmpfs /run/avahi-daemon &&"
            f" exec avahi-daemon --no-drop-root --no-chroot --no-rlimits --file={AVAHI}/etc/avahi/avahi-daemon.conf"
        )
        libraries = ":".join(map(str, Path(AVAHI, "usr/lib").glob("*-linux-gnu*")))
        programs = f"{AVAHI}/usr/sbin:{AVAHI}/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        environment = {
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={bus}",
            "PATH": programs,
            "LD_LIBRARY_PATH": libraries,
        }
        program = computer.start("unshare", "--mount", "sh", "-c", inside, env=environment, **quiet)
        return environment, program

    def test_every_fresh_device_finds_the_hub(self):
        computer, phone = self.network.computer("192.168.1.2/24"), self.network.computer("192.168.1.9/24")
        _, avahi = self.avahi(computer)
        laptop = self.network.computer("192.168.1.10/24")
        environment, _ = self.avahi(laptop)
        hub = computer.hub()
        self.resolves(phone, NAME, own_addresses(computer, "192.168.1.2"), STARTS_WITHIN_S)

        found = [phone.look("resolve", NAME, 5)["addresses"] for _ in range(20)]
        self.assertTrue(all(found), found)
        self.assertIsNone(avahi.poll(), "it was there all the time")

        for kind in ["_https._tcp", "_hutch._tcp"]:
            seen = soon(lambda kind=kind: avahi_sees(laptop, environment, kind), 20)
            self.assertIn(f";{NAME};192.168.1.2;{PORT};", seen, hub.text())
            self.assertIn(f'"fingerprint={hub.fingerprint()}"', seen)

        other = self.network.computer("192.168.1.3/24")
        other.hub()
        renamed = soon(lambda: ";hutch-2.local;" in avahi_sees(laptop, environment, "_hutch._tcp"), 20)
        self.assertTrue(renamed, avahi_sees(laptop, environment, "_hutch._tcp"))


def avahi_sees(computer, environment, kind):
    look = ["avahi-browse", "--parsable", "--resolve", "--terminate", kind]
    inside = ["ip", "netns", "exec", computer.name, "env", f"PATH={environment['PATH']}", *look]
    done = subprocess.run(inside, capture_output=True, text=True, env=environment, check=False)
    return "\n".join(line for line in done.stdout.splitlines() if line.startswith("="))


class InABrowser(Case):
    def test_by_name_and_by_address_without_a_warning_once_the_root_is_installed(self):
        computer, phone = self.network.computer("192.168.1.2/24"), self.network.computer("192.168.1.9/24")
        hub = computer.hub()
        self.resolves(phone, NAME, own_addresses(computer, "192.168.1.2"), STARTS_WITHIN_S)

        for host in [NAME, "192.168.1.2"]:
            page = phone.browses(f"https://{host}:{PORT}/#/trust", "192.168.1.2", hub.root())
            # Which the page knows by a worker, and those are for secure contexts alone.
            self.assertIn("This device trusts Hutch.", page)
            stranger = phone.browses(f"https://{host}:{PORT}/#/trust", "192.168.1.2")
            self.assertNotIn("trust-state", stranger)


class KeptAtHome(Case):
    def test_by_the_kernel_where_it_has_the_list_and_says_so(self):
        try:
            with address_list.group():
                pass
        except (OSError, subprocess.CalledProcessError) as error:
            self.skipTest(f"this kernel lets nobody add such a list: {error}")
        computer, phone = self.network.computer("192.168.1.2/24"), self.network.computer("192.168.1.9/24")
        hub = computer.hub(is_kept_at_home=True)
        self.resolves(phone, NAME, own_addresses(computer, "192.168.1.2"), STARTS_WITHIN_S)
        self.opens(phone, hub, NAME, "192.168.1.2")

        told = hub.asks("doctor")

        self.assertIn("good  the kernel itself stops whatever the hub would send out of the home network", told)
        self.assertNotIn("the kernel would let pass", hub.text() + told)
        # And what a phone is shown stands in the same report.
        self.assertIn(f"https://192.168.1.2:{PORT}", told)
        self.assertIn("The same for a phone's camera:", told)
        self.assertIn("devices find it as hutch.local", told)


class Quiet(Case):
    def test_nothing_leaves_the_hub_in_two_minutes_of_use_but_answers(self):
        computer = self.network.computer("192.168.1.2/24", "fd00::2/64", "2001:db8::2/64")
        phone = self.network.computer("192.168.1.9/24", "fd00::9/64", "2001:db8::9/64")
        # There is a way out, which nothing may take.
        computer.ip("route", "add", "default", "via", "192.168.1.9")
        computer.ip("route", "add", "default", "via", "fd00::9")
        watching = phone.begin_look("capture", "home", computer.macs["home"], USE_S)
        self.assertEqual(watching.stdout.readline(), "there\n")

        hub = computer.hub()
        self.resolves(phone, NAME, own_addresses(computer, "192.168.1.2", "fd00::2"), STARTS_WITHIN_S)
        code = (hub.folder / "run/setup-code").read_text("utf-8").strip()
        using = phone.begin_look("use", NAME, "192.168.1.2", PORT, hub.root(), code, USE_S - 20)
        while watching.poll() is None:
            self.opens(phone, hub, NAME, "192.168.1.2")
            self.opens(phone, hub, NAME, "fd00::2")
            phone.look("services", 2, 5)
            time.sleep(2)

        self.assertIn("the kernel would let pass what leaves the home network", hub.text(), "it was asked")
        used = end_look(using)
        self.assertGreater(used["sent"], 5, f"a family used it: {used}")
        self.assertGreater(used["told"], used["sent"], f"and was told of it: {used}")
        seen = end_look(watching)
        allowed = {
            "ARP",
            "IGMP",
            "ICMPv6",
            "UDP from 5353 to 224.0.0.251 5353",
            "UDP from 5353 to ff02::fb 5353",
            f"TCP from {PORT} to 192.168.1.9 any",
            f"TCP from {PORT} to fd00::9 any",
        }
        self.assertEqual(set(seen) - allowed, set())
        self.assertTrue(allowed <= set(seen) | {"ARP", "ICMPv6"}, "all of it was used")


def own_addresses(computer, *addresses, interface="home"):
    """These addresses, and those that the interface gives itself."""
    own = run("ip", "-n", computer.name, "-brief", "-6", "address", "show", "dev", interface, "scope", "link").split()
    local = {address.split("/")[0] for address in own if address.startswith("fe80:")}
    return set(addresses) | {f"{one}%{n}" for one in local for n in range(1, 100)} | local


def figures():
    """Takes the figures of the table, and says whether they hold their bars."""
    holds = [found_after_start(), found_each_time(), memory_when_idle()]
    return all(holds)


def found_each_time():
    """How many devices that never asked before find the hub, where an Avahi runs on its computer."""
    beside = BesideAvahi("test_every_fresh_device_finds_the_hub")
    beside.setUp()
    try:
        computer, phone = beside.network.computer("192.168.1.2/24"), beside.network.computer("192.168.1.9/24")
        _, avahi = beside.avahi(computer)
        computer.hub()
        soon(lambda: phone.look("resolve", NAME, 1)["addresses"], STARTS_WITHIN_S)
        found = [bool(phone.look("resolve", NAME, 5)["addresses"]) for _ in range(N_DEVICES)]
        is_there = avahi.poll() is None
    finally:
        beside.doCleanups()
    print(f"hutch.local, found by fresh devices beside Avahi: {sum(found)} of {N_DEVICES} (bar: all)")
    return all(found) and is_there


def memory_when_idle():
    """What a hub takes that is in a home network and can be found there, but that nobody uses."""
    with Network() as network:
        hub = network.computer("192.168.1.2/24", "fd00::2/64").hub()
        network.computer("192.168.1.9/24", "fd00::9/64")
        time.sleep(IDLE_S)
        mb = hub.memory_bytes() / 1e6
    print(f"memory of the idle hub, found by name, after {IDLE_S} s: {mb:.1f} MB (bar: {MEMORY_BAR_MB} MB)")
    return mb <= MEMORY_BAR_MB


def found_after_start():
    """How long after its start a hub is found."""
    starts = []
    for _ in range(9):
        with Network() as network:
            computer, phone = network.computer("192.168.1.2/24", "fd00::2/64"), network.computer("192.168.1.9/24")
            finding = phone.begin_look("resolve", NAME, 20)
            finding.stdout.readline()
            began = time.monotonic()
            computer.hub()
            found = end_look(finding)
            starts.append(found["at"] - began if found["addresses"] else float("inf"))
    starts.sort()
    print(f"hutch.local, from the start of the hub to a device that finds it: median {starts[4]:.2f} s,", end=" ")
    print(f"longest {starts[-1]:.2f} s (bar: {BAR_S:.1f} s)")
    return starts[-1] <= BAR_S


def suites():
    """The tests in as many parts as can run beside each other: most of them wait."""
    found = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__])
    return [test for suite in found for test in suite]


def main():
    chosen = sys.argv[1:]
    if chosen == ["--figures"]:
        return 0 if figures() else 1
    tests = [test for test in suites() if not chosen or any(name in test.id() for name in chosen)]
    results = []

    def take():
        while tests:
            test = tests.pop()
            result = unittest.TestResult()
            test.run(result)
            failed = result.failures + result.errors
            outcome = "FAILED" if failed else "ok"
            for _, reason in result.skipped:
                outcome = f"not run: {reason}"
            print(f"test {test.id().removeprefix('__main__.')} ... {outcome}", flush=True)
            results.append((test, failed, bool(result.skipped)))

    # The longest begins first, beside all the others.
    tests.sort(key=lambda test: "two_minutes" in test.id())
    workers = [threading.Thread(target=take) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for test, failed, _ in results:
        for _, text in failed:
            print(f"\n{test.id()}\n{text}")
    n_failed = sum(bool(failed) for _, failed, _ in results)
    n_skipped = sum(is_skipped for _, _, is_skipped in results)
    not_run = f", {n_skipped} not run" if n_skipped else ""
    print(f"test result: {len(results) - n_failed - n_skipped} of {len(results)} passed{not_run}")
    return 1 if n_failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
