"""Power cuts by the hundred: what was on the disk at many moments, each taken up by a hub of this computer.

To boot a machine again takes a minute where it is emulated, so few of its power cuts are such. The others are stills:
the machine and its disk are frozen between two instructions, what was flushed to the disk is copied, and both go on
without noticing. The copy is what a cut at that moment would have left. Its file system is brought to order by its
journal, as the kernel does at the next boot, the hub's folder is taken out of it, and a hub is started with that.
"""

import concurrent.futures
import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

from machine import Fault, free_port

ENDS_WITHIN_S = 60
# What is found at random moments of this: for how long it is looked at, at most.
LOOKS_S = {"recording": 8, "backup": 8, "restore": 40, "migration": 6}


class Still:
    """The disk of a machine at one moment, and a hub that takes up what is on it, on this computer alone."""

    name = "localhost"

    def __init__(self, machine, folder, program):
        self.folder = Path(folder)
        self.program = program
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.image = self.folder / "disk.img"
        machine.still(self.image)
        self.page = free_port()
        self.process = None

    def __enter__(self):
        replayed = subprocess.run(["e2fsck", "-p", "-E", "journal_only", self.image], capture_output=True, text=True)
        if replayed.returncode not in (0, 1):
            raise Fault(f"its file system: {replayed.stdout}{replayed.stderr}")
        self.state = self.take_out("/var/lib/hutch")
        self.schema = schema_of(self.state)
        (self.folder / "hutch.toml").touch()
        # No bus of this computer: its radio is not the hub's.
        env = os.environ | {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent"}
        with open(self.folder / "hub.log", "wb") as log:
            self.process = subprocess.Popen(
                [self.program, "serve", "--config", self.folder / "hutch.toml", "--state", self.state]
                + ["--run", self.folder / "run", "--listen", "127.0.0.1", "--port", str(self.page)],
                env=env,
                stdout=log,
                stderr=log,
            )
        return self

    def __exit__(self, kind, error, trace):
        self.process.terminate()
        try:
            self.process.wait(ENDS_WITHIN_S)
        finally:
            self.process.kill()
            self.process.wait()
        # What went wrong is kept to be looked at.
        if error is None:
            shutil.rmtree(self.folder)

    def take_out(self, path):
        """Returns a copy of a folder of the disk."""
        copy = self.folder / "out" / path.strip("/").replace("/", "-")
        copy.mkdir(parents=True)
        asked = ["debugfs", "-R", f"rdump {path} {copy}", self.image]
        subprocess.run(asked, check=True, capture_output=True)
        there = copy / Path(path).name
        if not there.is_dir():
            raise Fault(f"there is no {path} on the disk")
        for place in [there, *there.rglob("*")]:
            os.chown(place, os.getuid(), os.getgid(), follow_symlinks=False)
        return there

    def run(self, command, within=None):
        """What the hub of this computer said, whatever is asked; as a machine does."""
        return 1, (self.folder / "hub.log").read_text(errors="replace")

    def verified(self, key):
        """Opens each backup that has its final name, and returns how many there are."""
        backups = sorted(self.take_out("/root/backups").glob("hutch-*Z.age"))
        file = self.folder / "key"
        file.touch(mode=0o600)
        file.write_text(key)
        for backup in backups:
            asked = [self.program, "backup", "verify", "--state", self.state, "--key-file", file, backup]
            said = subprocess.run(asked, capture_output=True, text=True)
            if said.returncode != 0:
                raise Fault(f"{backup.name} does not open: {said.stderr}")
        return len(backups)


def schema_of(state):
    """Returns which schema a database has, and leaves it as it is."""
    with tempfile.TemporaryDirectory() as aside:
        for file in state.glob("hutch.db*"):
            shutil.copy(file, aside)
        with contextlib.closing(sqlite3.connect(Path(aside) / "hutch.db")) as database:
            return database.execute("pragma user_version").fetchone()[0]


def moments(chance, work, longest):
    """Yields at random moments while a thread works; once at least."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        began = time.monotonic()
        while True:
            time.sleep(chance.uniform(0.05, 1.5))
            yield
            if working.done() or longest < time.monotonic() - began:
                break
        working.result()


def stills(machine, family, claims, program, n, work_of, words):
    """Has the machine do this and that, and looks at its disk at random moments of it.

    work_of says what goes on by its kind, words what that is called.
    """
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    print(f"      {n} stills, seed {seed}", flush=True)
    done = 0
    while done < n:
        for kind in LOOKS_S:
            for _ in moments(chance, work_of(kind, time.monotonic() + LOOKS_S[kind]), LOOKS_S[kind]):
                if done == n:
                    continue
                done += 1
                what = f"still {done}, {words(kind)}: a hub takes up the disk as it was, with everything acknowledged"
                with claims.claim(what):
                    looked_at(machine, family, program, kind)
            family.look()
            family.come_back()


def looked_at(machine, family, program, kind):
    """One still, from the disk to what the household hears."""
    known = dict(family.recordings)
    with Still(machine, machine.folder / "still", program) as still:
        at = family.elsewhere(still, dict(known))
        at.look()
        at.come_back()
        at.is_whole()
        at.record()
        n_backups = still.verified(family.recovery_key) if kind == "backup" else 0
    more = {"backup": f", {n_backups} backups open", "migration": f", schema {still.schema}"}.get(kind, "")
    print(f"      {len(known)} recordings had been acknowledged{more}", flush=True)
