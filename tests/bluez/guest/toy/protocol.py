"""The words of the toy's protocol, and as much of its clips as a toy has to understand."""

import re
import struct

KEY = bytes(range(16))
SERVICE = "aaddf75d-a95a-0000-0000-3ca499b74009"
NAMES = {1: "command", 2: "send", 3: "receive", 4: "state", 5: "request", 6: "config", 7: "led", 8: "volume"}
IDLE, RECORDING, UPLOAD, UNPLAYED, PLAYBACK, DOWNLOAD, PRIME, REFUSED = 1, 2, 3, 4, 5, 7, 9, 15
RECORD_PAW, PLAY_PAW = 18, 19
CONFIG_SHAPE = re.compile(rb"\d{4}_\d{2}_\d{2}_\d{2}_\d{2}")
APP_ERROR = 0x80  # ATT application error


def au_length(data):
    """(bytes the header promises, seconds) of an AU clip, or None. Slot 0 gets its header twice."""
    start = 32 if data[:2] == data[32:34] == b"AU" and data[:32] == data[32:64] else 0
    if len(data) < 32 or data[:2] != b"AU":
        return None
    rate, rate10, channels, f0, f1, w0, w1 = struct.unpack_from("<7H", data, 2)
    if (rate, rate10, channels, struct.unpack_from("<H", data, 26)[0]) != (16000, 1600, 1, 16):
        return None
    return start + 32 + 2 * (w0 | w1 << 16), (f0 | f1 << 16) * 0.02


def ms_seconds(data):
    """Length of a recording in seconds."""
    if len(data) < 32 or data[:2] != b"MS":
        return 0.0
    size, samples = {4: (22, 43), 5: (28, 44), 6: (32, 42)}.get(
        struct.unpack_from("<H", data, 4)[0], (22, 43)
    )
    return (len(data) - 32) // size * samples / 8000


def silence(seconds):
    n = max(1, round(seconds * 8000 / 43))
    return (
        b"MS"
        + struct.pack("<12H", 8000, 4, 1, n & 0xFFFF, n >> 16, n * 11 & 0xFFFF, n * 11 >> 16, 0, 0, 0, 0, 0)
        + struct.pack("<3H", 16, 0xFFFF, 0xFFFF)
        + bytes(22 * n)
    )
