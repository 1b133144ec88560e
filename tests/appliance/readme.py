"""What the README has somebody type on the hub's computer, typed there as it stands."""

import re
import shlex
from pathlib import Path

from machine import Fault

TEXT = (Path(__file__).parent.parent.parent / "README.md").read_text()
# What is left out in the README, as nobody can know it before.
LEFT_OUT = "hutch-….age"
# Typed where Hutch is built, which is another test's.
WHERE_BUILT = {"sudo apt install git make"}
# Until a program asks, what is typed is for nobody.
ASKS_WITHIN_S = 15


def commands(about):
    """Returns what is typed as root in the one block of the README that has this in it."""
    blocks = [block for block in re.findall(r"^```\w*\n(.*?)^```", TEXT, re.M | re.S) if about in block]
    if len(blocks) != 1:
        raise Fault(f"{len(blocks)} blocks of the README have {about!r}")
    return [line for line in blocks[0].splitlines() if line.startswith("sudo ") and line not in WHERE_BUILT]


def all_commands():
    """Returns whatever is typed as root anywhere in a block of the README."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", TEXT, re.M | re.S)
    return {line for block in blocks for line in block.splitlines() if line.startswith("sudo ")} - WHERE_BUILT


class Reader:
    """Somebody who does what the README says, and keeps what was typed."""

    def __init__(self, machine):
        self.machine, self.typed = machine, set()

    def types(self, line, name=None, answer=None, within=600):
        """Types a line at home; what it leaves out is a name, and what it asks for is answered at a terminal."""
        self.typed.add(line)
        if name:
            line = line.replace(LEFT_OUT, name)
        if answer:
            line = f"(sleep {ASKS_WITHIN_S}; echo {shlex.quote(answer)}) | script -qec {shlex.quote(line)} /dev/null"
        return self.machine.run(f"cd /root && {line}", within)

    def does(self, line, name=None, answer=None):
        """Types a line that must succeed, and returns what is said."""
        code, said = self.types(line, name, answer)
        if code != 0:
            raise Fault(f"{line}: ended with {code}\n{said}")
        return said

    def nothing_left(self):
        """Whether all of it was typed."""
        if left := all_commands() - self.typed:
            raise Fault(f"nobody has typed {sorted(left)}")
