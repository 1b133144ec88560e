"""A home network of its own: computers in namespaces, joined by a switch, which nothing leaves."""

import itertools
import json
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

HUTCH = os.environ["HUTCH_BIN"]
LOOK = Path(__file__).with_name("look.py")
ADDRESS_LIST = Path(__file__).with_name("address_list.py")
PYTHON = os.environ["HUTCH_LAN_PYTHON"]
PORT = 8443

_numbers = itertools.count()


def run(*command, **options):
    """Runs a command that must succeed, and returns what it prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


class Network:
    """The switch, and what is plugged into it."""

    def __init__(self):
        self.name = f"hutch-{os.getpid()}-{next(_numbers)}"
        self.computers = []
        run("ip", "netns", "add", self.name)
        self.switch("switch")

    def _ip(self, *arguments):
        return run("ip", "-n", self.name, *arguments)

    def switch(self, name):
        """One more switch: what is plugged into it sees nothing of the others."""
        self._ip("link", "add", name, "type", "bridge", "mcast_snooping", "0")
        self._ip("link", "set", name, "up")

    def computer(self, *addresses, switch="switch"):
        """A computer with a cable into a switch, and these addresses."""
        computer = Computer(self, f"{self.name}-{len(self.computers)}")
        self.computers.append(computer)
        computer.plug_in("home", *addresses, switch=switch)
        return computer

    def close(self):
        for computer in self.computers:
            computer.close()
        run("ip", "netns", "delete", self.name)

    def __enter__(self):
        return self

    def __exit__(self, *_of_exception):
        self.close()


class Computer:
    """A namespace."""

    def __init__(self, network, name):
        self.network, self.name = network, name
        self.programs, self.macs = [], {}
        self.folder = tempfile.TemporaryDirectory(prefix="hutch-lan-")
        run("ip", "netns", "add", name)
        self.ip("link", "set", "lo", "up")

    def ip(self, *arguments):
        return run("ip", "-n", self.name, *arguments)

    def plug_in(self, interface, *addresses, switch="switch"):
        """Puts a cable in, whose other end is in a switch; its IPv6 address is good at once."""
        end = f"p{next(_numbers)}"
        self.network._ip("link", "add", end, "type", "veth", "peer", "name", interface, "netns", self.name)
        # An interface stays the same when its cable is put in again.
        number = next(_numbers)
        mac = self.macs.setdefault(interface, f"02:00:00:00:{number // 256:02x}:{number % 256:02x}")
        self.ip("link", "set", interface, "address", mac)
        self.network._ip("link", "set", end, "master", switch, "up")
        setting = f"/proc/sys/net/ipv6/conf/{interface}/accept_dad"
        run("ip", "netns", "exec", self.name, "sh", "-c", f"echo 0 >{setting}")
        for address in addresses:
            self.ip("address", "add", address, "dev", interface)
        self.ip("link", "set", interface, "up")
        return end

    def unplug(self, interface):
        self.ip("link", "delete", interface)

    def start(self, *command, **options):
        """Starts a program, which ends with the computer."""
        program = subprocess.Popen(["ip", "netns", "exec", self.name, *command], text=True, **options)
        self.programs.append(program)
        return program

    def begin_look(self, *arguments):
        """Begins to look at the network from here; [`end_look`] returns what was seen."""
        command = [PYTHON, str(LOOK), *map(str, arguments)]
        return self.start(*command, stdout=subprocess.PIPE)

    def look(self, *arguments):
        return end_look(self.begin_look(*arguments))

    def browses(self, url, address, root=None):
        """The text of a page in Chromium, with a root installed or without; nothing where it shows a warning.

        The hub's name is found at that address.
        """
        home = Path(tempfile.mkdtemp(dir=self.folder.name))
        store = home / ".pki/nssdb"
        store.mkdir(parents=True)
        run("certutil", "-d", f"sql:{store}", "-N", "--empty-password")
        if root:
            run("certutil", "-d", f"sql:{store}", "-A", "-t", "C,,", "-n", "Hutch", "-i", str(root))
        chromium = [
            *[os.environ.get("HUTCH_CHROMIUM", "/usr/bin/chromium"), "--headless", "--no-sandbox", "--disable-gpu"],
            *["--disable-background-networking", "--no-first-run", f"--host-resolver-rules=MAP hutch.local {address}"],
            # Its own clock runs as fast as there is nothing to wait for.
            *["--virtual-time-budget=20000", "--dump-dom", url],
        ]
        program = self.start(
            *chromium, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "HOME": str(home)}
        )
        return program.communicate(timeout=120)[0]

    def hub(self, **options):
        return Hub(self, Path(self.folder.name) / "hub", **options)

    def close(self):
        for program in self.programs:
            if program.poll() is None:
                program.kill()
            program.wait()
            if program.stdout:
                program.stdout.close()
        run("ip", "netns", "delete", self.name)
        self.folder.cleanup()


def end_look(program):
    *_told, last = program.communicate(timeout=180)[0].splitlines()
    return json.loads(last)


class Hub:
    """A household at a computer, whose hub runs; with `is_kept_at_home`, by a kernel that knows what is not home."""

    def __init__(self, computer, folder, also_from=(), is_kept_at_home=False):
        self.computer, self.folder = computer, folder
        self.log = folder.with_suffix(".log")
        self.settings = folder.with_suffix(".toml")
        self.settings.write_text(f"also_from = {json.dumps(list(also_from))}\n", encoding="utf-8")
        self.inside = [PYTHON, str(ADDRESS_LIST)] if is_kept_at_home else []
        self.start()

    def command(self, *arguments):
        return [HUTCH, *arguments, "--config", str(self.settings), "--state", str(self.folder)]

    def environment(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HUTCH_")}
        return environment | {"HUTCH_RADIO": "none", "HUTCH_LOG": "info"}

    def asks(self, *arguments):
        """What a command says of this hub at its own computer, whatever it thinks of it."""
        command = ["ip", "netns", "exec", self.computer.name, *self.command(*arguments)]
        done = subprocess.run(command, capture_output=True, text=True, env=self.environment(), check=False)
        return done.stdout + done.stderr

    def start(self):
        environment = self.environment()
        command = [*self.inside, *self.command("serve", "--port", str(PORT))]
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = self.computer.start(*command, env=environment, stdout=log, stderr=log)

    def stop(self):
        self.process.terminate()
        if self.process.wait(timeout=60) != 0:
            raise AssertionError(self.text())

    def text(self):
        return self.log.read_text("utf-8")

    def places(self):
        """Where the hub says that its page is: what it logged last."""
        found = re.findall(r"places=(\S+(?: https://\S+)*)", re.sub(r"\x1b\[[0-9;]*m", "", self.text()))
        return found[-1].strip('"').split() if found else []

    def root(self):
        return self.folder / "tls-root.pem"

    def leaf_names(self, kind):
        """What a leaf is for, by openssl."""
        leaf = str(self.folder / f"tls-{kind}.pem")
        return run("openssl", "x509", "-in", leaf, "-noout", "-ext", "subjectAltName")

    def memory_bytes(self):
        """What the hub has in memory now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("utf-8")
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024

    def fingerprint(self):
        """The SHA-256 of the root, by openssl."""
        text = run("openssl", "x509", "-in", str(self.root()), "-noout", "-fingerprint", "-sha256")
        return text.strip().split("=")[1].replace(":", "").lower()


def soon(what, seconds):
    """Returns what this returns once it is true, and the last of it when the time is over."""
    until = time.monotonic() + seconds
    while True:
        found = what()
        if found or until < time.monotonic():
            return found
        time.sleep(0.05)
