"""In the machine: does what the test outside asks for, one command a line, over a port of its own.

It is part of the test's Debian and not of the package.
"""

import json
import os
import subprocess

PORT = "/dev/virtio-ports/ear"


def lines(port):
    """Yields what comes in, line by line."""
    rest = b""
    while piece := os.read(port, 65_536):
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole


def answer(port, said):
    """Writes all of an answer: the port takes what it has room for."""
    text = json.dumps(said).encode() + b"\n"
    while text:
        text = text[os.write(port, text) :]


def done(asked):
    """Runs a command of the shell and returns what came of it."""
    try:
        run = subprocess.run(
            ["/bin/sh", "-c", asked["run"]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=asked["within"],
            check=False,
        )
        return {"code": run.returncode, "said": run.stdout.decode(errors="replace")}
    except subprocess.TimeoutExpired as over:
        return {"code": 124, "said": (over.stdout or b"").decode(errors="replace")}


def main():
    port = os.open(PORT, os.O_RDWR)
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as boot:
        answer(port, {"boot": boot.read().strip()})
    for line in lines(port):
        asked = json.loads(line)
        answer(port, {"n": asked["n"]} | done(asked))


if __name__ == "__main__":
    main()
