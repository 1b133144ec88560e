"""A computer that boots: qemu, a disk that forgets what was not flushed, and an ear inside.

The disk is served by nbdkit, whose cache keeps what is written until the machine asks for a flush, as the memory of a
real disk does. A power cut kills both: then only that is on the disk which the machine has flushed. With qemu's own
cache the host would keep every write of a machine that was killed, flushed or not. What was flushed is in this
computer's hands, whose own disk is not waited for: it loses no power here.
"""

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

# Emulated, and beside others: a boot takes a minute.
BOOTS_WITHIN_S = 600
STEP_WITHIN_S = 300
# How long the machine's own speed is looked for before it is emulated.
HARDWARE_WITHIN_S = 20
EAR = "ear"

MACHINES = {
    "amd64": {
        "qemu": "qemu-system-x86_64",
        "board": ["-machine", "pc"],
        "plug": {},
        "kvm": ["-cpu", "host,-arch-capabilities"],
        "tcg": ["-cpu", "max"],
        "console": "ttyS0",
    },
    "arm64": {
        "qemu": "qemu-system-aarch64",
        # What is plugged in while it runs needs a place of its own on this board.
        "board": ["-machine", "virt", "-device", "pcie-root-port,id=plug,chassis=1"],
        "plug": {"bus": "plug"},
        "kvm": ["-cpu", "host"],
        "tcg": ["-cpu", "cortex-a72"],
        "console": "ttyAMA0",
    },
}


class Fault(Exception):
    """Something of the machine did not do what it should."""


def free_port():
    """Returns a port of this computer at which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def stands_still(pid):
    """Whether each thread of a process was stopped."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return all((thread / "stat").read_text().rpartition(")")[2].split()[0] == "T" for thread in threads)


def soon(look, within, pause=0.5):
    """Looks again until there is something, and returns it."""
    until = time.monotonic() + within
    while True:
        if found := look():
            return found
        if time.monotonic() > until:
            return None
        time.sleep(pause)


class Machine:
    """One computer with its disk. Between two starts the disk stays."""

    name = "hutch.local"

    def __init__(self, kind, folder, image, kernel, initrd, packages):
        self.kind, self.folder = MACHINES[kind], Path(folder)
        self.kernel, self.initrd, self.packages = kernel, initrd, packages
        self.disk = self.folder / "disk.img"
        subprocess.run(["cp", "--sparse=always", "--reflink=auto", image, self.disk], check=True)
        self.console = self.folder / "console.log"
        self.page, self.plain = free_port(), free_port()
        self.accel = None
        self.qemu = self.nbdkit = self.ear = self.qmp = None
        self.n, self.heard, self.n_sticks = 0, b"", 0

    def start(self):
        """Switches it on, and returns how long it took until the ear listened."""
        if self.accel is None:
            self.accel = "kvm" if self.boots_by_hardware() else "tcg"
        began = time.monotonic()
        self.power(self.accel)
        self.hello(BOOTS_WITHIN_S)
        return time.monotonic() - began

    def boots_by_hardware(self):
        """Whether the machine's kernel says a word with KVM, which not every computer lets one use."""
        if not os.access("/dev/kvm", os.R_OK | os.W_OK):
            return False
        self.console.write_bytes(b"")
        try:
            self.power("kvm")
            said = soon(lambda: self.qemu.poll() is not None or self.console.stat().st_size, HARDWARE_WITHIN_S)
            return bool(said) and self.qemu.poll() is None
        except (OSError, Fault):
            return False
        finally:
            self.cut()

    def power(self, accel):
        """Starts disk and computer."""
        nbd, ear, qmp = (self.folder / name for name in ("nbd.sock", "ear.sock", "qmp.sock"))
        for path in (nbd, ear, qmp):
            path.unlink(missing_ok=True)
        log = open(self.folder / "qemu.log", "ab")  # noqa: SIM115
        self.nbdkit = subprocess.Popen(
            ["eatmydata", "nbdkit", "--foreground", "--exit-with-parent", "--unix", nbd]
            + ["--filter=cache", "file", self.disk, "cache=writeback"],
            env=os.environ | {"TMPDIR": str(self.folder)},
            stderr=log,
        )
        if not soon(nbd.exists, 30, 0.05):
            raise Fault("nbdkit does not start")
        kind = self.kind
        command = [kind["qemu"], *kind["board"], "-accel", "tcg,thread=multi" if accel == "tcg" else "kvm"]
        command += [*kind[accel], "-smp", "2", "-m", "1024", "-nodefaults", "-no-user-config", "-display", "none"]
        command += ["-kernel", self.kernel, "-initrd", self.initrd]
        command += ["-append", f"console={kind['console']} root=/dev/vda rw mitigations=off"]
        command += ["-chardev", f"file,id=console,path={self.console},append=on", "-serial", "chardev:console"]
        command += ["-drive", f"if=none,id=disk,format=raw,file=nbd:unix:{nbd}"]
        command += ["-device", "virtio-blk-pci,drive=disk"]
        command += ["-drive", f"if=none,id=packages,format=raw,readonly=on,file={self.packages}"]
        command += ["-device", "virtio-blk-pci,drive=packages"]
        command += ["-device", "virtio-rng-pci", "-device", "virtio-serial-pci"]
        command += ["-chardev", f"socket,id=ear,path={ear},server=on,wait=on"]
        command += ["-device", f"virtserialport,chardev=ear,name={EAR}"]
        command += ["-qmp", f"unix:{qmp},server=on,wait=off"]
        # No way out of this network, and two ways in.
        ways = f"hostfwd=tcp:127.0.0.1:{self.page}-:443,hostfwd=tcp:127.0.0.1:{self.plain}-:80"
        command += ["-netdev", f"user,id=lan,restrict=on,{ways}", "-device", "virtio-net-pci,netdev=lan,romfile="]
        self.qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        self.ear = self.connected(ear)
        self.heard = b""
        self.qmp = None

    def connected(self, path):
        """Returns a connection to a socket of qemu's."""
        connection = socket.socket(socket.AF_UNIX)

        def is_there():
            if self.qemu.poll() is not None:
                raise Fault(f"qemu ended: see {self.folder / 'qemu.log'}")
            try:
                connection.connect(str(path))
            except OSError:
                return False
            return True

        if not soon(is_there, 30, 0.05):
            raise Fault("qemu does not start")
        return connection

    def line(self, within):
        """Returns what the ear says next."""
        until = time.monotonic() + within
        while b"\n" not in self.heard:
            self.ear.settimeout(max(0.01, until - time.monotonic()))
            try:
                piece = self.ear.recv(65_536)
            except TimeoutError:
                raise Fault(f"the machine says nothing for {within} s: see {self.console}") from None
            if not piece:
                raise Fault("the machine is off")
            self.heard += piece
        line, self.heard = self.heard.split(b"\n", 1)
        return json.loads(line)

    def hello(self, within):
        """Waits until it has booted."""
        while "boot" not in self.line(within):
            pass

    def run(self, command, within=STEP_WITHIN_S):
        """Runs a command of the shell in it, and returns its code and what it says."""
        self.n += 1
        asked = {"n": self.n, "run": command, "within": within}
        self.ear.sendall(json.dumps(asked).encode() + b"\n")
        while (said := self.line(within + 60)).get("n") != self.n:
            pass
        return said["code"], said["said"]

    def sh(self, command, within=STEP_WITHIN_S):
        """Runs a command that must succeed, and returns what it says."""
        code, said = self.run(command, within)
        if code != 0:
            raise Fault(f"{command}: ended with {code}\n{said}")
        return said

    def until(self, command, within=STEP_WITHIN_S):
        """Waits until a command succeeds, and returns what it says then."""
        last = None

        def succeeds():
            nonlocal last
            last = self.run(command)
            return last[0] == 0

        if not soon(succeeds, within, 1):
            raise Fault(f"{command}: still {last[0]} after {within} s\n{last[1]}")
        return last[1]

    def reboot(self):
        """Has it start anew, in order."""
        self.n += 1
        asked = {"n": self.n, "run": "systemctl reboot", "within": 60}
        self.ear.sendall(json.dumps(asked).encode() + b"\n")
        self.hello(BOOTS_WITHIN_S)

    def cut(self):
        """Takes its power away."""
        for process in (self.qemu, self.nbdkit):
            if process and process.poll() is None:
                process.kill()
                process.wait()
        for connection in (self.ear, self.qmp):
            if connection:
                connection.close()
        self.ear = self.qmp = None

    def still(self, to):
        """Copies what a power cut at this moment would leave on the disk, and has it go on."""
        frozen = (self.qemu, self.nbdkit)
        for process in frozen:
            process.send_signal(signal.SIGSTOP)
        try:
            for process in frozen:
                if not soon(lambda pid=process.pid: stands_still(pid), 30, 0.005):
                    raise Fault("it does not stand still")
            subprocess.run(["cp", "--sparse=always", self.disk, to], check=True)
        finally:
            for process in reversed(frozen):
                process.send_signal(signal.SIGCONT)

    def monitor(self, command, **arguments):
        """Asks qemu itself for something."""
        if self.qmp is None:
            self.qmp = self.connected(self.folder / "qmp.sock").makefile("rwb")
            self.qmp.readline()
            self.monitor("qmp_capabilities")
        self.qmp.write(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        self.qmp.flush()
        while True:
            said = json.loads(self.qmp.readline())
            if "error" in said:
                raise Fault(f"{command}: {said['error']['desc']}")
            if "return" in said:
                return said["return"]

    def plug_in(self, image):
        """Plugs a stick in, and returns what it is called until it is pulled."""
        self.n_sticks += 1
        name = f"stick{self.n_sticks}"
        file = {"driver": "file", "filename": str(image)}
        self.monitor("blockdev-add", driver="raw", **{"node-name": name, "file": file})
        self.monitor("device_add", driver="virtio-blk-pci", id=f"{name}-plug", drive=name, **self.kind["plug"])
        return name

    def pull(self, name):
        """Pulls a stick."""
        self.monitor("device_del", id=f"{name}-plug")

        def is_out():
            try:
                self.monitor("blockdev-del", **{"node-name": name})
            except Fault:
                return False
            return True

        if not soon(is_out, 60):
            raise Fault("the stick stays in")
