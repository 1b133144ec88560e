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
        self._ip("link", "add", "switch", "type", "bridge", "mcast_snooping", "0")
        self._ip("link", "set", "switch", "up")

    def _ip(self, *arguments):
        return run("ip", "-n", self.name, *arguments)

    def computer(self, *addresses):
        """A computer with a cable into the switch, and these addresses."""
        computer = Computer(self, f"{self.name}-{len(self.computers)}")
        self.computers.append(computer)
        computer.plug_in("home", *addresses)
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

    def plug_in(self, interface, *addresses):
        """Puts a cable in, whose other end is in the switch; its IPv6 address is good at once."""
        end = f"p{next(_numbers)}"
        self.network._ip("link", "add", end, "type", "veth", "peer", "name", interface, "netns", self.name)
        # An interface stays the same when its cable is put in again.
        number = next(_numbers)
        mac = self.macs.setdefault(interface, f"02:00:00:00:{number // 256:02x}:{number % 256:02x}")
        self.ip("link", "set", interface, "address", mac)
        self.network._ip("link", "set", end, "master", "switch", "up")
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

    def hub(self, name="hub"):
        return Hub(self, Path(self.folder.name) / name)

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
    """A household at a computer, whose hub runs."""

    def __init__(self, computer, folder):
        self.computer, self.folder = computer, folder
        self.log = folder.with_suffix(".log")
        self.start()

    def start(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HUTCH_")}
        environment["HUTCH_RADIO"] = "none"
        environment["HUTCH_LOG"] = "info"
        command = [HUTCH, "serve", "--state", str(self.folder), "--port", str(PORT)]
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
