#!/usr/bin/env python3
"""The package in a Debian that boots: what a family gets, seen from the other end of the cable and from root's place.

    booted.py MACHINE FOLDER

MACHINE is amd64 or arm64. FOLDER has the machine's parts: root.img, kernel, initrd and packages.img; what the run
leaves (the console, the journal) is put there, too. HUTCH_CUTS says how often the power goes; 10 unless set.
HUTCH_STILLS says at how many moments more its disk is looked at by a hub of this computer; none unless set, as that
takes a program that runs here: FOLDER's keyed. Its last line counts.
"""

import contextlib
import http.client
import json
import os
import random
import re
import shlex
import ssl
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

from machine import STEP_WITHIN_S, Fault, Machine, soon
from page import Page, Refused, fingerprint, redirected
from readme import Reader, commands
from stills import stills

PASSWORD = "kettle-harbor-violin-acorn-drizzle"
SPEECH = (Path(__file__).parent.parent / "data/vectors/upload/speech_en.wav").read_bytes()
quoted = shlex.quote
CUTS = int(os.environ.get("HUTCH_CUTS", "10"))
STILLS = int(os.environ.get("HUTCH_STILLS", "0"))
# A hub that starts brings its database up to date and makes keys, on an emulated computer.
WELL_WITHIN_S = 300
STRANGER, HOME = "203.0.113", "192.168.77"
# What a machine in a test does not have: a radio, a time service, a backup yet, and whoever finds its name.
NOT_HERE = {"bluetooth", "bluez", "clock", "backup", "name"}

# Asks for TLS from another network, and prints how many bytes came.
KNOCK = """
import socket, ssl, sys
try:
    with socket.create_connection((sys.argv[1], 443), 20) as plain:
        plain.settimeout(20)
        client = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        tls = context.wrap_bio(*client, server_hostname="hutch.local")
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        plain.sendall(client[1].read())
        print("connected", len(plain.recv(4096)))
except OSError as error:
    print("refused", type(error).__name__, 0)
"""

# Sends where no home network is, and says what the kernel answered.
SEND = """
import errno, socket, sys
to = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    to.sendto(b"x", (sys.argv[1], 9))
    print("sent")
except OSError as error:
    print(errno.errorcode[error.errno])
"""


# Takes the last two steps of the schema back, as a hub of before them would have left it.
OLDER = """
import sqlite3
database = sqlite3.connect("/var/lib/hutch/hutch.db", isolation_level=None)
assert database.execute("pragma user_version").fetchone() == (11,)
database.executescript('''
    begin;
    drop table meter;
    drop table silence;
    alter table toy drop column wanted_volume;
    pragma user_version = 9;
    commit;
''')
database.close()
"""


class Claims:
    """What is true of the machine, and what is not."""

    def __init__(self):
        self.passed = self.failed = 0

    @contextlib.contextmanager
    def claim(self, sentence):
        """One sentence, and what shows it."""
        began = time.monotonic()
        try:
            yield
        except Exception as fault:
            self.failed += 1
            print(f"FAIL  {sentence}", flush=True)
            said = str(fault) if isinstance(fault, (AssertionError, Fault, Refused)) else traceback.format_exc()
            print("".join(f"      {line}\n" for line in said.splitlines()), end="", flush=True)
        else:
            self.passed += 1
            print(f"ok    {sentence} ({time.monotonic() - began:.0f} s)", flush=True)


def same(one, other, what=""):
    """Both are the same, or it says which they are."""
    if one != other:
        raise Fault(f"{what}: {one!r}, not {other!r}")


class Family:
    """A household on the machine, and what the hub has acknowledged to it."""

    def __init__(self, machine):
        self.machine = machine
        self.parent = self.screen = self.child = self.recovery_key = self.print = None
        self.recordings = {}

    def elsewhere(self, machine, recordings):
        """The same household before another machine, with these recordings acknowledged."""
        other = Family(machine)
        other.recordings = recordings
        other.child, other.recovery_key, other.print = self.child, self.recovery_key, self.print
        other.parent, other.screen = (who.at(machine.page, machine.name) for who in (self.parent, self.screen))
        return other

    def look(self):
        """Waits for the hub, and looks at its page as somebody does who trusts nobody yet."""
        nobody = Page(self.machine.page, name=self.machine.name)
        if not soon(nobody.is_well, WELL_WITHIN_S, 1):
            said = self.machine.run("systemctl status hutch; journalctl --lines=30 --unit=hutch")[1]
            raise Fault(f"the hub is not well\n{said}")
        status, root = nobody.answer("GET", "/trust/hutch-root.crt")
        same(status, 200)
        return ssl.DER_cert_to_PEM_cert(root)

    def set_up(self, code, root):
        """The first guardian, a child, and a screen of the child's."""
        self.parent = Page(self.machine.page, root)
        asked = {"code": code, "name": "Robin", "password": PASSWORD, "time_zone": "Europe/Berlin"}
        self.recovery_key = self.parent.ask("POST", "/api/v1/setup", asked)["recovery_key"]
        child = self.parent.ask("POST", "/api/v1/children", {"name": "Lea", "animal": "bear", "color": "plum"})
        self.child = child["id"]
        self.add_screen()
        self.print = fingerprint(root)

    def add_screen(self):
        """The child's screen, bound to it by a link."""
        added = self.parent.ask("POST", "/api/v1/screens", {"name": "Tablet", "child": self.child})
        token = added["invite"]["link"].split("#invite=")[1]
        self.screen = self.parent.another()
        self.screen.ask("POST", "/api/v1/invites/accept", {"token": token})

    def record(self, sound=SPEECH):
        """The child says something to its screen; once it is acknowledged, it counts."""
        kept = self.screen.ask("POST", f"/api/v1/children/{self.child}/recordings", sound)["items"]
        for item in kept:
            self.recordings[item["id"]] = item["length_ms"]
        return kept

    def sign_in(self):
        """The parent, in a browser anew."""
        self.parent = self.parent.another()
        self.parent.ask("POST", "/api/v1/sessions", {"name": "Robin", "password": PASSWORD})

    def come_back(self):
        """After a restore everybody signs in anew, and the screen gets another link."""
        if self.parent.answer("GET", "/api/v1/me")[0] == 401:
            self.sign_in()
            self.add_screen()

    def is_whole(self, n_heard=3):
        """Everything that was acknowledged is there; some of it is heard, the latest first."""
        same(fingerprint(self.look()), self.print, "the household's root")
        names = [child["name"] for child in self.parent.ask("GET", "/api/v1/children")["children"]]
        same(names, ["Lea"], "the children")
        there, before = {}, ""
        while True:
            page = self.parent.ask("GET", f"/api/v1/children/{self.child}/items{before}")
            there |= {item["id"]: item["length_ms"] for item in page["items"]}
            if not page.get("next"):
                break
            before = f"?before={page['next']}"
        gone = {item for item, length in self.recordings.items() if there.get(item) != length}
        if gone:
            raise Fault(f"{len(gone)} of {len(self.recordings)} recordings are gone or shorter")
        for item in list(there)[:n_heard]:
            status, sound = self.parent.answer("GET", f"/api/v1/items/{item}/sound")
            if status not in (200, 206) or len(sound) < 1_000:
                raise Fault(f"{item} is not heard: {status}, {len(sound)} bytes")
        return len(there)


def installed(machine, family, claims, reader):
    """One command, and a page for the home network."""
    with claims.claim("the README's command installs it, from nothing but a file, and another shows the set-up code"):
        machine.sh("mkdir -p /root/target/deb && cp /packages/hutch_1.deb /root/target/deb/hutch_0.1.0-1_any.deb")
        install, setup_code = commands("sudo hutch setup-code")
        reader.does(install)
        if machine.until("cat /run/hutch/setup-code").strip() not in reader.does(setup_code):
            raise Fault("it shows another code")
    with claims.claim("the hub runs as a service, and no unit has failed"):
        machine.until("systemctl is-active hutch.service hutch.socket hutch-backup.timer hutch-backup.path hutch-screen.path")
        same(machine.sh("systemctl list-units --failed --no-legend --plain 'hutch*' 'media-hutch*'"), "", "failed")
    root = None
    with claims.claim("its page comes at port 443, by the root whose fingerprint root sees on the computer"):
        root = family.look()
        prints = re.sub(r"[:\s]", "", machine.sh("hutch fingerprint"))
        if fingerprint(root) not in prints:
            raise Fault("the computer names another root")
        status, document = Page(machine.page, root).answer("GET", "/")
        same((status, b"<title>" in document), (200, True), "the page")
    with claims.claim("port 80 leads there"):
        status, place = redirected(machine.plain)
        same((status // 100, place.rstrip("/")), (3, "https://hutch.local"), "the way")
    with claims.claim("the screen of the computer shows the set-up code before anybody logs in"):
        since = machine.console.stat().st_size
        machine.sh(f"systemctl restart serial-getty@{machine.kind['console']}")
        shows(machine, since)
    with claims.claim("a day later it shows another one, with nobody told to look"):
        for later in ("+25 hours", "-25 hours"):
            before = machine.sh("cat /run/hutch/setup-code").strip()
            since = machine.console.stat().st_size
            machine.sh(f"date --set={quoted(later)} && hutch setup-code")
            machine.until(f"! grep -qx {before} /run/hutch/setup-code")
            shows(machine, since)
    with claims.claim("doctor finds nothing wrong but what this computer does not have"):
        said = machine.run("hutch doctor --json")[1]
        found = json.loads(said[: said.rindex("}") + 1])["findings"]
        wrong = [f"{one['about']}: {one['says']}" for one in found if one["verdict"] != "good"]
        same([one for one in wrong if one.split(":")[0] not in NOT_HERE], [], "wrong")
        if not any(one["about"] == "kernel" for one in found):
            raise Fault("it says nothing of the kernel")
    with claims.claim("systemd itself finds the running service closed to 1.0 or less"):
        machine.sh("systemd-analyze security --no-pager --threshold=10 hutch.service")
    return root


def shows(machine, since):
    """The set-up code comes on the screen, behind what was there."""
    code = machine.sh("cat /run/hutch/setup-code").strip()
    if not soon(lambda: code.encode() in machine.console.read_bytes()[since:], 120):
        raise Fault(f"it shows {machine.console.read_bytes()[since:][-400:]!r}")


def kept_home(machine, claims):
    """What the kernel lets pass: the list of the units, and not the hub's own rules."""
    with claims.claim("the kernel refuses the service whatever is not at home, and only the service"):
        machine.sh("ip link add dummy0 type dummy && ip link set dummy0 up")
        machine.sh(f"ip address add {STRANGER}.200/29 dev dummy0")
        group = "/sys/fs/cgroup$(systemctl show --value --property=ControlGroup hutch.service)/cgroup.procs"
        for place, where, wanted in [
            ("in the service", f"{STRANGER}.201", "EPERM"),
            ("in the service", "10.0.2.2", "sent"),
            ("outside", f"{STRANGER}.201", "sent"),
        ]:
            joins = f"echo $$ >{group};" if place == "in the service" else ""
            said = machine.sh(f"sh -c {quoted(f'{joins} exec python3 -c {quoted(SEND)} {where}')}").strip()
            same(said, wanted, f"{place}, to {where}")
        machine.sh("ip link delete dummy0")
    with claims.claim("a device of another network gets no answer from the page, and one of the home does"):
        for name, net in (("stranger", STRANGER), ("home", HOME)):
            machine.sh(
                f"ip netns add {name} && ip link add {name}0 type veth peer name eth0 netns {name} &&"
                f"ip address add {net}.1/24 dev {name}0 && ip link set {name}0 up &&"
                f"ip -n {name} address add {net}.7/24 dev eth0 && ip -n {name} link set eth0 up"
            )
        # The hub looks at its own addresses every few seconds.
        machine.until(f"hutch setup-code | grep -q {HOME}.1", 60)
        same(knock(machine, "stranger", STRANGER)[0], "refused", "the stranger")
        connected, n_bytes = knock(machine, "home", HOME)
        same((connected, n_bytes > 0), ("connected", True), "the device at home")
    with claims.claim("without the units' list the stranger connects, and the hub itself gives it no byte"):
        drop_in = "/run/systemd/system/hutch.socket.d/open.conf"
        lines = "'[Socket]' IPAddressDeny= IPAddressAllow="
        machine.sh(
            f"mkdir -p {drop_in.rpartition('/')[0]} && printf '%s\\n' {lines} >{drop_in} &&"
            "systemctl daemon-reload && systemctl restart hutch.socket hutch.service"
        )
        same(knock(machine, "stranger", STRANGER), ("connected", 0), "the stranger")
        machine.sh(f"rm {drop_in} && systemctl daemon-reload && systemctl restart hutch.socket hutch.service")
        same(knock(machine, "stranger", STRANGER)[0], "refused", "the stranger with the list again")
        machine.sh("ip netns delete stranger && ip netns delete home")


def knock(machine, name, net):
    """Asks for TLS from one of the networks: whether it connects, and how many bytes come."""
    said = machine.sh(f"ip netns exec {name} python3 -c {quoted(KNOCK)} {net}.1").split()
    return said[0], int(said[-1])


def at_home(machine, family, claims, root):
    """A household, and the computer started anew."""
    with claims.claim("a family sets it up, and a child's screen records"):
        family.set_up(machine.sh("cat /run/hutch/setup-code").strip(), root)
        for _ in range(3):
            family.record()
        family.is_whole()
    with claims.claim("the screen shows the code no more"):
        same(machine.run("test -e /run/hutch/issue")[0], 1, "the file")
    with claims.claim("started anew, it has the same root, household and recordings, and everybody is signed in"):
        machine.reboot()
        family.is_whole()
        family.record()
        same(machine.sh("systemctl list-units --failed --no-legend --plain 'hutch*'"), "", "failed")


def by_the_readme(machine, family, claims, reader):
    """A backup, a new card, and the household on it, as the README has it."""
    made = ""
    with claims.claim("the README's commands make a backup, list it, and open it"):
        machine.sh("mkdir -p /mnt/stick")
        create, listed, verify = commands("sudo hutch backup create")
        reader.does(create)
        made = machine.sh("basename /mnt/stick/hutch-*Z.age").strip()
        n = len(family.recordings)
        if made not in reader.does(listed) or not re.search(rf"\b{n}\b", reader.does(verify, name=made)):
            raise Fault(f"{made} with {n} recordings is not what they say")
    with claims.claim("purged by the README's command nothing of it is left; on a new one the README's restore brings all back"):
        code, said = reader.types("sudo apt purge hutch", answer="y")
        same((code, machine.run("ls -d /var/lib/hutch /etc/hutch")[0] != 0), (0, True), said)
        reader.does(commands("sudo hutch setup-code")[0])
        stop, restore, start = commands("sudo hutch backup restore")
        reader.does(stop)
        reader.does(restore, name=made, answer=family.recovery_key)
        reader.does(start)
        family.look()
        family.come_back()
        family.is_whole()
        family.record()


def sticks(machine, family, claims):
    """A stick is plugged in, and a backup appears on it; as whatever it was formatted."""
    for kind, make in [
        ("FAT", "mkfs.vfat -n HUTCH"),
        ("exFAT", "mkfs.exfat -L HUTCH"),
        ("ext4", "mkfs.ext4 -q -F -L HUTCH"),
    ]:
        image = machine.folder / "stick.img"
        image.unlink(missing_ok=True)
        with open(image, "wb") as empty:
            empty.truncate(64 << 20)
        subprocess.run([*make.split(), image], check=True, stdout=subprocess.DEVNULL)
        with claims.claim(f"a stick with {kind} that is named HUTCH is mounted, and the page has a backup made on it"):
            stick = machine.plug_in(image)
            machine.until("mountpoint -q /media/hutch && stat -c %U:%a /media/hutch | grep -qx hutch:700", 60)
            options = machine.sh("findmnt -no OPTIONS /media/hutch").strip().split(",")
            same([one for one in ("nosuid", "nodev", "noexec") if one not in options], [], "what it lacks")
            family.parent.ask("POST", "/api/v1/backups")
            machine.until("ls /media/hutch/hutch-*.age && test ! -e /run/hutch/backup-wanted", 300)
            machine.until("systemctl show --value --property=ActiveState hutch-backup.service | grep -qx inactive", 300)
            result = machine.sh("systemctl show --value --property=Result hutch-backup.service").strip()
            same(result, "success", "the backup")
        with claims.claim(f"the backup on {kind} opens with the recovery key, and has every recording"):
            machine.sh(f"umask 077; echo {family.recovery_key} >/run/key")
            said = machine.sh("hutch backup verify --key-file /run/key $(ls -t /media/hutch/hutch-*Z.age | head -n 1)")
            n = len(family.recordings)
            if not re.search(rf"\b{n}\b", said):
                raise Fault(f"it says nothing of {n} recordings: {said}")
            machine.sh("rm /run/key")
        with claims.claim(f"the stick with {kind} is pulled, and nothing fails"):
            machine.sh("sync")
            machine.pull(stick)
            machine.until("! mountpoint -q /media/hutch", 60)
            same(machine.sh("systemctl list-units --failed --no-legend --plain 'hutch*' 'media*'"), "", "failed")


def by_itself(machine, claims):
    """The nightly backup, when it is its time."""
    with claims.claim("each night a backup is due, also one that was missed"):
        shown = machine.sh("systemctl show hutch-backup.timer --property=Persistent,NextElapseUSecRealtime")
        if "Persistent=yes" not in shown or "03:" not in shown and "04:" not in shown:
            raise Fault(shown)


def version(machine):
    """Returns which version is installed."""
    return machine.sh("dpkg-query --show --showformat='${Version}' hutch").strip()


def updates(machine, family, claims, reader):
    """Other versions come and go; the household stays."""
    with claims.claim("the next version installed by apt keeps the household"):
        machine.sh("apt-get install --yes --quiet /packages/hutch_2.deb", 600)
        family.is_whole()
        same(version(machine), "0.1.0-2", "the version")
    with claims.claim("a signed release put into the folder of updates is installed by hutch-update.service"):
        machine.sh("cp /packages/hutch_3.deb* /var/lib/hutch-update/incoming/")
        machine.sh("systemctl start hutch-update.service", 900)
        same(version(machine), "0.1.0-3", "the version")
        family.is_whole()
        family.record()
        machine.sh("rm /var/lib/hutch-update/incoming/*")
    with claims.claim("a signed release that does not run is taken back by itself, and nothing is lost"):
        (update,) = commands("sudo hutch update --from")
        file = update.split()[-1]
        machine.sh(f"cp /packages/hutch_4.deb /root/{file} && cp /packages/hutch_4.deb.minisig /root/{file}.minisig")
        code, said = reader.types(update, within=900)
        if code == 0 or "0.1.0-4" not in said:
            raise Fault(f"it ended with {code}: {said}")
        same(version(machine), "0.1.0-3", "the version")
        same(machine.sh("dpkg --audit"), "", "dpkg")
        family.is_whole()
        family.record()
    with claims.claim("nothing that the README has root type is left"):
        reader.nothing_left()
    with claims.claim("a package whose signature is another's is not even looked into"):
        machine.sh("cp /packages/hutch_4.deb /run/ && cp /packages/hutch_3.deb.minisig /run/hutch_4.deb.minisig")
        code, said = machine.run("hutch update --from /run/hutch_4.deb", 300)
        same((code != 0, "no release of Hutch" in said), (True, True), said)
        machine.sh("rm /run/hutch_4.deb*")


def odd_starts(machine, family, claims):
    """What somebody may do to it by mistake."""
    with claims.claim("a second hub is refused, as root and as the hub's own user, and the first goes on"):
        for who in ("", "runuser -u hutch -- "):
            code, said = machine.run(f"timeout 60 {who}hutch serve --port 8443")
            if code in (0, 124) or "hutch" not in said:
                raise Fault(f"{who}: ended with {code}: {said}")
            print(f"      {said.strip().splitlines()[-1]}", flush=True)
        machine.sh("systemctl start hutch.service hutch.service")
        family.is_whole()
    with claims.claim("without D-Bus and without Bluetooth's service the page comes all the same"):
        machine.sh("systemctl stop bluetooth.service dbus.socket dbus.service; systemctl restart hutch.service")
        family.is_whole()
        machine.sh("systemctl start dbus.socket dbus.service")


class Cut:
    """What goes on when the power goes."""

    def __init__(self, machine, family):
        self.machine, self.family = machine, family

    def recording(self, until=float("inf")):
        """The child speaks, again and again."""
        while time.monotonic() < until:
            self.family.record()

    def backup(self):
        """A backup is made while the child speaks."""
        self.machine.sh("mkdir -p /root/backups && hutch backup create /root/backups", 600)

    def restore(self):
        """The household is brought back from a backup of just now."""
        self.machine.sh("systemctl stop hutch.socket hutch.service")
        self.machine.sh("rm -rf /root/now && mkdir /root/now && hutch backup create /root/now", 600)
        self.machine.sh(f"umask 077; echo {self.family.recovery_key} >/run/key")
        file = "$(ls /root/now/hutch-*Z.age)"
        self.machine.sh(f"hutch backup restore --replace --yes --key-file /run/key {file}", 600)
        self.machine.sh("systemctl start hutch.socket hutch.service")

    def update(self):
        """The next version is installed."""
        self.machine.sh("systemctl start hutch-update.service", 900)

    def migration(self):
        """A hub comes to a database of an older version."""
        self.machine.sh("systemctl stop hutch.socket hutch.service")
        self.machine.sh(f"runuser -u hutch -- python3 -c {quoted(OLDER)}")
        self.machine.sh("systemctl start hutch.socket hutch.service")


def power_cuts(machine, family, claims, n):
    """The power goes at some moment of this and that, and the computer is switched on again."""
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    print(f"      {n} power cuts, seed {seed}", flush=True)
    kinds = [("recording", 12), ("backup", 8), ("update", 60), ("recording", 12), ("restore", 25)]
    for i in range(n):
        kind, most_s = kinds[i % len(kinds)]
        with claims.claim(f"power cut {i + 1}, {sentence(kind)}: it boots into a hub with everything acknowledged"):
            if kind == "update":
                machine.sh(
                    "rm -rf /var/lib/hutch-update/*.deb && dpkg --force-downgrade --install /packages/hutch_2.deb &&"
                    "cp /packages/hutch_3.deb* /var/lib/hutch-update/incoming/ && sync",
                    600,
                )
                family.look()
            goes_on = Cut(machine, family)
            works = [getattr(goes_on, kind)] + [goes_on.recording] * (kind == "backup")
            threads = [threading.Thread(target=until_it_ends, args=(work,), daemon=True) for work in works]
            known = len(family.recordings)
            for thread in threads:
                thread.start()
            # On a slow computer the power could go each time before anything was acknowledged.
            if goes_on.recording in works and not soon(lambda: known < len(family.recordings), STEP_WITHIN_S):
                raise Fault("nothing is acknowledged: this would show nothing")
            time.sleep(chance.uniform(0.2, most_s))
            machine.cut()
            for thread in threads:
                thread.join(STEP_WITHIN_S)
            before = len(family.recordings)
            machine.start()
            if kind == "update":
                left = "/var/lib/hutch-update/journal.json"
                machine.until(f"! systemctl is-active hutch-update.service && test ! -e {left}", 600)
                same(version(machine) in ("0.1.0-2", "0.1.0-3"), True, "the version")
                machine.sh("rm -f /var/lib/hutch-update/incoming/*")
            same(machine.sh("dpkg --audit"), "", "dpkg")
            family.look()
            family.come_back()
            family.is_whole()
            family.record()
            print(f"      {before} recordings had been acknowledged", flush=True)


def sentence(kind):
    """What goes on, in words."""
    return {
        "recording": "while a child speaks",
        "backup": "while a backup is made",
        "update": "while a release is installed",
        "restore": "while a backup is brought back",
        "migration": "while a database of an older version is brought up to date",
    }[kind]


def looked_at_still(machine, family, claims, n):
    """The disk at many moments of what goes on."""
    if n == 0:
        return
    machine.sh("mkdir -p /root/backups && sync")

    def work_of(kind, until):
        goes_on = Cut(machine, family)

        def work():
            if kind in ("recording", "backup"):
                speaks = threading.Thread(target=until_it_ends, args=(lambda: goes_on.recording(until),), daemon=True)
                speaks.start()
                if kind == "backup":
                    goes_on.backup()
                speaks.join()
            else:
                getattr(goes_on, kind)()

        return work

    stills(machine, family, claims, machine.folder / "keyed", n, work_of, sentence)


def until_it_ends(work):
    """Works until it is done, or the power goes."""
    with contextlib.suppress(OSError, Fault, Refused, ValueError, http.client.HTTPException):
        work()


def main():
    """Switches a machine on, and says what is true of it."""
    kind, folder = sys.argv[1], Path(sys.argv[2])
    claims = Claims()
    machine = Machine(kind, folder, *(folder / part for part in ("root.img", "kernel", "initrd", "packages.img")))
    began = time.monotonic()
    try:
        took = machine.start()
        emulated = "emulated (tcg)" if machine.accel == "tcg" else "by the processor (kvm)"
        print(f"{kind}, {emulated}: boots in {took:.0f} s: {machine.sh('uname -sr').strip()}", flush=True)
        family = Family(machine)
        reader = Reader(machine)
        root = installed(machine, family, claims, reader)
        kept_home(machine, claims)
        at_home(machine, family, claims, root)
        by_the_readme(machine, family, claims, reader)
        by_itself(machine, claims)
        sticks(machine, family, claims)
        odd_starts(machine, family, claims)
        updates(machine, family, claims, reader)
        power_cuts(machine, family, claims, CUTS)
        looked_at_still(machine, family, claims, STILLS)
        (folder / "journal.log").write_text(machine.run("journalctl --no-pager")[1])
    except (Fault, Refused, OSError) as fault:
        claims.failed += 1
        print(f"FAIL  the machine can be asked at all\n      {fault}", flush=True)
    finally:
        machine.cut()
    print(f"{claims.passed} passed, {claims.failed} failed, {time.monotonic() - began:.0f} s")
    return claims.failed != 0


if __name__ == "__main__":
    sys.exit(main())
