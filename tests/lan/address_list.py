"""A group of processes that the kernel keeps from an address, as it does for a service with IPAddressDeny=.

systemd does the same: a program that the kernel runs for each packet of a control group (bpf(2)).
Run by itself, it starts a command in such a group: address_list.py COMMAND...
"""

import contextlib
import ctypes
import os
import platform
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

# Nobody's (RFC 5737); it is what a hub asks for.
KEPT_FROM = bytes([192, 0, 2, 1])

# The numbers of bpf(2) and of what it is asked (linux/bpf.h).
SYSCALL = {"x86_64": 321, "aarch64": 280}
PROG_LOAD, PROG_ATTACH = 5, 8
CGROUP_SKB, INET_EGRESS = 8, 1
SKB_LOAD_BYTES = 26
TO_ADDRESS = 16


def _instruction(operation, to=0, of=0, offset=0, value=0):
    return struct.pack("<BBhi", operation, to | of << 4, offset, value)


def _program():
    """Lets a packet pass whose receiver is another; an IPv4 header has the receiver at its byte 16."""
    return b"".join(
        [
            _instruction(0xB7, to=2, value=TO_ADDRESS),
            _instruction(0xBF, to=3, of=10),
            _instruction(0x07, to=3, value=-4),
            _instruction(0xB7, to=4, value=4),
            _instruction(0x85, value=SKB_LOAD_BYTES),
            _instruction(0x61, to=1, of=10, offset=-4),
            _instruction(0xB7, to=0, value=1),
            _instruction(0xB4, to=2, value=int.from_bytes(KEPT_FROM, "little")),
            _instruction(0x5D, to=1, of=2, offset=1),
            _instruction(0xB7, to=0, value=0),
            _instruction(0x95),
        ]
    )


def _bpf(command, attributes):
    kernel = ctypes.CDLL(None, use_errno=True)
    given = ctypes.create_string_buffer(attributes, len(attributes))
    answer = kernel.syscall(SYSCALL[platform.machine()], command, given, len(attributes))
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer


def _load():
    program, licence = _program(), b"GPL"
    held = [ctypes.create_string_buffer(one, len(one)) for one in (program, licence + b"\0")]
    addresses = [ctypes.addressof(one) for one in held]
    head = struct.pack("<IIQQ", CGROUP_SKB, len(program) // 8, *addresses)
    return _bpf(PROG_LOAD, head + bytes(44) + struct.pack("<I", INET_EGRESS))


@contextlib.contextmanager
def group():
    """A control group whose processes are kept from the address."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "cgroup2", "none", folder], check=True)
        own = Path(folder, f"hutch-{os.getpid()}")
        try:
            own.mkdir()
            at = os.open(own, os.O_RDONLY)
            _bpf(PROG_ATTACH, struct.pack("<IIII", at, _load(), INET_EGRESS, 0))
            os.close(at)
            yield own
        finally:
            with contextlib.suppress(OSError):
                own.rmdir()
            subprocess.run(["umount", "--lazy", folder], check=False)


def main():
    with group() as own:
        command = f'echo $$ >"{own}/cgroup.procs" && exec "$@"'
        return subprocess.run(["sh", "-c", command, "sh", *sys.argv[1:]], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
