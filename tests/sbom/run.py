"""Holds the list of what a package's program is made of against the program: run.py PACKAGE.

The list is CycloneDX, which has a schema. What was linked, the program itself knows: cargo-auditable leaves that in a
section of it, on another way than the list is made. Its last line counts.
"""

import json
import struct
import subprocess
import sys
import tempfile
import tomllib
import zlib
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).parents[2]
PROGRAM, LIST = "usr/bin/hutch", "usr/share/doc/hutch/hutch.cdx.json"

# What the C libraries say of themselves in a program that has them.
SAYS = {"sqlite": "{}", "opus": "libopus {}"}

failed = passed = 0


def claim(sentence: str, faults: list) -> None:
    global failed, passed
    if faults:
        failed += 1
        print(f"FAIL  {sentence}")
        for fault in faults[:20]:
            print(f"      {fault}")
    else:
        passed += 1
        print(f"ok    {sentence}")


def section(program: bytes, wanted: str) -> bytes:
    """Returns a section of a 64-bit program of the small end, whatever machine it is for."""
    assert program[:6] == b"\x7fELF\x02\x01"
    (headers,) = struct.unpack_from("<Q", program, 0x28)
    size, count, names = struct.unpack_from("<HHH", program, 0x3A)

    def header(n: int) -> tuple[int, int, int]:
        name, _, _, _, offset, length = struct.unpack_from("<IIQQQQ", program, headers + n * size)
        return name, offset, length

    _, text, _ = header(names)
    for n in range(count):
        name, offset, length = header(n)
        end = program.index(b"\0", text + name)
        if program[text + name : end].decode() == wanted:
            return program[offset : offset + length]
    sys.exit(f"hutch: the program has no section {wanted}")


def unpacked(package: str) -> tuple[bytes, str]:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg-deb", "--extract", package, folder], check=True)
        return (Path(folder) / PROGRAM).read_bytes(), (Path(folder) / LIST).read_text()


def main() -> None:
    program, text = unpacked(sys.argv[1])
    bom = json.loads(text)
    components = bom["components"]
    crates = [c for c in components if c["purl"].startswith("pkg:cargo/")]
    others = [c for c in components if c not in crates]
    subject = bom["metadata"]["component"]

    errors = JsonStrictValidator(SchemaVersion.V1_5).validate_str(text, all_errors=True) or []
    claim("the list is what CycloneDX 1.5 asks for", [str(error.data) for error in errors])

    linked = json.loads(zlib.decompress(section(program, ".dep-v0")))["packages"]
    said = {(p["name"], p["version"]): p.get("kind", "runtime") for p in linked if not p.get("root")}
    here = {(c["name"], c["version"]): c["scope"] for c in crates}
    faults = [f"not in the list: {name} {version}" for name, version in sorted(said.keys() - here.keys())]
    faults += [f"in the list alone: {name} {version}" for name, version in sorted(here.keys() - said.keys())]
    claim(f"it has what the program says itself: {len(said)} crates", faults if said else ["none"])
    # The program calls some macros a part of it; the list calls none so.
    is_linked = [crate for crate, scope in here.items() if scope == "required"]
    claim(
        f"and as linked into it only what the program calls so, too: {len(is_linked)} crates",
        [f"{name} {version}" for name, version in is_linked if said.get((name, version)) != "runtime"],
    )
    claim(
        "nothing was linked from anywhere else",
        [p["name"] for p in linked if not p.get("root") and p["source"] != "crates.io"],
    )

    locked = {
        (p["name"], p["version"]): p.get("checksum")
        for p in tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    }
    claim(
        "every crate has the hash that it was locked at",
        [
            c["purl"]
            for c in crates
            if c.get("hashes") != [{"alg": "SHA-256", "content": locked[c["name"], c["version"]]}]
        ],
    )
    claim("and a license", [c["purl"] for c in [*components, subject] if not c.get("licenses")])

    libraries = {c["name"]: c for c in others}
    wanted = {"boringssl", "dbus", "fiat-crypto", "opus", "rust-std", "sqlite"}
    claim("the libraries in C are there, and that of the compiler", sorted(wanted ^ libraries.keys()))
    claim(
        "in the versions that the program says",
        [
            f"{name} {libraries[name]['version']}"
            for name, says in SAYS.items()
            if says.format(libraries[name]["version"]).encode() not in program
        ],
    )

    nodes = {node["ref"]: node.get("dependsOn", []) for node in bom["dependencies"]}
    reached, waiting = set(), [subject["bom-ref"]]
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached.add(ref)
            waiting += nodes[ref]
    claim("everything in it is needed by something", [c["purl"] for c in components if c["bom-ref"] not in reached])
    claim("no place of a machine is in it", [place for place in ('"/', "file:", "/root/", "/home/") if place in text])

    print(f"{passed} passed, {failed} failed")
    sys.exit(failed != 0)


main()
