"""A toy: what it does by itself, what a hub makes it do, and what a test asks of it."""

import asyncio
import base64
import json
import struct
import sys
import time

from link import Link, log
from protocol import (
    CONFIG_SHAPE,
    IDLE,
    PLAY_PAW,
    PLAYBACK,
    RECORD_PAW,
    RECORDING,
    au_length,
    ms_seconds,
    silence,
)
from settings import FAULTS, SETTINGS
from transfers import Transfers


class Toy(Link, Transfers):
    def __init__(self, settings):
        self.initial = {**SETTINGS, **settings}
        if unknown := set(self.initial) - set(SETTINGS):
            sys.exit(f"unknown settings {sorted(unknown)}")
        self.device = self.connection = None
        self.advertising = False
        self.radio_event = asyncio.Event()
        self.adv_version, self.adv_done = 0, -1  # what should be and what is advertised
        self.timers = set()
        self.clear()

    def clear(self):
        self.s = json.loads(json.dumps(self.initial))
        self.faults = {}
        self.config = self.s["config"].encode()
        self.volume = bytes([0, 128])
        self.led = b""
        self.game = False
        self.slots = {n: {"data": b"", "complete": False} for n in range(5)}
        self.recording = False  # slot 0 holds a recording
        self.unheard = False  # ... made without a hub and not fetched yet
        self.base = self.shown = IDLE
        self.activity = None  # task: playback, recording or download
        self.doing = ""
        self.upload = self.last_upload = None
        self.upload_end = self.upload_done = -1e9  # however it ended, and well
        self.mute = False
        self.awake = True
        self.touched = time.monotonic()
        self.writes, self.states, self.violations, self.subscribed, self.events = [], [], [], [], []
        self.lost = 0  # notifications nobody had subscribed to

    # --- small helpers
    def later(self, seconds, f, *a):
        def run():
            self.timers.discard(h)
            f(*a)

        h = asyncio.get_running_loop().call_later(seconds, run)
        self.timers.add(h)

    def violation(self, what):
        log(self.s["address"], "VIOLATION", what)
        self.violations.append({"t": time.monotonic(), "what": what})

    def event(self, what):
        log(self.s["address"], what)
        self.events.append({"t": time.monotonic(), "what": what})

    def fault(self, name):
        return self.faults[name]["value"] if name in self.faults else None

    def fired(self, name):
        """A fault has had its effect once."""
        f = self.faults.get(name)
        if f and f["times"] is not None:
            f["times"] -= 1
            if f["times"] <= 0:
                del self.faults[name]
        self.event(f"fault {name}")

    def speak(self):
        """End of silent_after: whatever was going on is over."""
        self.mute = False
        if self.upload:
            self.end_upload("silent")
        if self.doing == "download":
            self.stop()
        self.base = self.shown = IDLE

    # --- state
    def state_value(self):
        return bytes([self.shown]) + bytes.fromhex(self.s["state_extra"])

    def show(self, state):
        unknown = self.fault("unknown_state")
        if unknown is not None:
            self.fired("unknown_state")
            self.states.append({"t": time.monotonic(), "state": unknown})
            self.notify(4, bytes([unknown]))
        self.shown = state
        self.states.append({"t": time.monotonic(), "state": state})
        self.notify(4, self.state_value())

    def enter(self, state):
        self.base = state
        self.show(state)

    def stop(self):
        """Stop a playback, recording or download; the caller decides on the state."""
        if self.activity:
            self.activity.cancel()
        self.activity, self.doing = None, ""

    def start(self, doing, coroutine):
        self.stop()

        async def run():
            try:
                await coroutine
            finally:
                if self.activity is task:
                    self.activity, self.doing = None, ""
                    self.touched = time.monotonic()

        self.doing = doing
        task = self.activity = asyncio.ensure_future(run())

    # --- writes
    def write_config(self, value, _):
        if not CONFIG_SHAPE.fullmatch(value):
            self.violation(f"config identifier {value!r}")
        self.config = value[:16]

    def write_led(self, value, _):
        if len(value) != 5 or value[0] > 2 or value[3:] != b"\x64\x00":
            self.violation(f"led {value.hex()}")
        self.led = value

    def write_volume(self, value, _):
        if len(value) != 2 or value[0] != 0:
            return self.violation(f"volume {value.hex()}")
        self.volume = value

    def write_command(self, value, _):
        op, rest = value[:1], value[1:]
        quiet = time.monotonic() - self.upload_done
        if op in (b"\x00", b"\x02", b"\x08", b"\x0c") and quiet < self.s["quiet_ms"] / 1000:
            self.violation(f"command {value.hex()} {quiet * 1000:.0f} ms after an upload")
        if op == b"\x00" and len(rest) == 17 and rest[0] <= 4:
            self.begin_upload(rest[0], rest[1:])
        elif op == b"\x01" and not rest:
            self.finish_upload()
        elif op == b"\x02" and not rest:
            self.begin_download()
        elif op == b"\x08" and len(rest) == 2 and rest[0] == 1 and rest[1] <= 5:
            if rest[1]:
                self.play(rest[1] - 1)
            elif self.doing in ("playback", "loop", "recording"):
                self.stop_playing()
        elif value == b"\x08\x02":
            self.violation("microphone started by a command")  # and yet it does what it is told
            self.record(None, None)
        elif op == b"\x0b" and rest in (b"\x00", b"\x01"):
            self.game = rest == b"\x01"
        elif op == b"\x0c" and len(rest) == 4:
            self.loop(*struct.unpack("<HH", rest))
        else:
            self.violation(f"command {value.hex()}")

    # --- playing and recording
    def stop_playing(self):
        self.stop()
        self.enter(IDLE)

    def play(self, slot):
        """Play a slot; False: nothing to play."""
        if self.upload or self.doing in ("download", "recording"):
            self.violation(f"playback during {self.doing or 'an upload'}")
            return False
        data = self.slots[slot]["data"]
        clip = au_length(data)
        seconds = clip[1] if clip else ms_seconds(data)
        if not seconds:
            self.event(f"slot {slot} holds nothing to play")
            return False
        self.start("playback", self.playing(seconds))
        return True

    async def playing(self, seconds):
        self.enter(PLAYBACK)
        await asyncio.sleep(seconds * self.s["time_scale"])
        self.enter(IDLE)

    def loop(self, loops, ms):
        if (loops, ms) == (1, 1):
            if self.doing == "loop":
                self.stop_playing()
            elif self.s["stop_loop_blip"] and not self.doing and not self.upload:
                self.enter(PLAYBACK)
                self.enter(IDLE)
            return
        if self.upload or self.doing in ("download", "recording"):
            return self.violation(f"loop during {self.doing or 'an upload'}")
        if not au_length(self.slots[1]["data"]) or loops == 0:
            return self.event("nothing to loop")
        self.start("loop", self.playing(loops * ms / 1000))

    def record(self, seconds, path):
        """seconds None: until stopped, or the longest possible."""
        if self.upload or self.doing == "download":
            return False
        path = path or self.s["record_file"]
        data = None
        if path:
            with open(path, "rb") as f:
                data = f.read()
        self.start("recording", self.record_for(seconds, data))
        return True

    async def record_for(self, seconds, data):
        t0 = time.monotonic()
        self.enter(RECORDING)
        try:
            most = self.s["record_max_s"]
            await asyncio.sleep(min(most if seconds is None else seconds, most) * self.s["time_scale"])
        finally:  # also when stopped: what was heard so far stays
            length = (time.monotonic() - t0) / (self.s["time_scale"] or 1)
            self.slots[0] = {"data": silence(length) if data is None else data, "complete": True}
            self.recording = True
            self.unheard = self.connection is None
        self.enter(IDLE)

    def press(self, paw, seconds=None, file=None):
        self.wake()
        if self.game:
            self.show(PLAY_PAW if paw == "play" else RECORD_PAW)
            if self.s["press_ms"]:
                self.later(
                    self.s["press_ms"] / 1000,
                    lambda: self.shown in (PLAY_PAW, RECORD_PAW) and self.show(self.base),
                )
            return True
        if self.upload or self.doing in ("download", "recording"):
            return False
        return self.play(1) if paw == "play" else self.record(2 if seconds is None else seconds, file)

    # --- control
    def report(self):
        c = self.connection
        return {
            "address": self.s["address"],
            "awake": self.awake,
            "advertising": self.advertising,
            "connected": c is not None,
            "peer": str(c.peer_address) if c else None,
            "mtu": c.att_mtu if c else None,
            "state": self.shown,
            "base_state": self.base,
            "doing": "upload" if self.upload else self.doing,
            "game_mode": self.game,
            "led": self.led.hex(),
            "volume": self.volume.hex(),
            "config": self.config.decode("latin-1"),
            "subscribed": self.subscribed,
            "mute": self.mute,
            "recording": len(self.slots[0]["data"]) if self.recording else None,
            "unheard": self.unheard,
            "slots": {n: {"bytes": len(v["data"]), "complete": v["complete"]} for n, v in self.slots.items()},
            "upload": self.last_upload.report() if self.last_upload else None,
            "lost": self.lost,
            "violations": self.violations,
            "faults": self.faults,
            "events": self.events[-50:],
        }

    def slot_report(self, n):
        slot = self.slots[n]
        data = bytes(slot["data"])
        clip = au_length(data)
        end = min(clip[0], len(data)) if clip else len(data)
        return {
            "data": base64.b64encode(data).decode(),
            "bytes": len(data),
            "complete": slot["complete"],
            "clip_bytes": end,
            "padding": len(data) - end,
            "padding_ok": not data[end:].strip(b"\x80"),
        }

    async def do(self, m):
        what = m.pop("do")
        if what == "state":
            return self.report()
        if what == "states":
            return {"states": self.states[m.get("since", 0) :]}
        if what == "slot":
            return self.slot_report(m["n"])
        if what == "writes":
            to = m.get("to")
            found = [w for w in self.writes[m.get("since", 0) :] if to in (None, w["to"])]
            return {"writes": found, "next": len(self.writes)}
        if what == "press":
            if m["paw"] not in ("play", "record"):
                raise ValueError("paw is play or record")
            return {"did": bool(self.press(m["paw"], m.get("seconds"), m.get("file")))}
        if what == "set":
            if unknown := set(m) - set(SETTINGS):
                raise ValueError(f"unknown settings {sorted(unknown)}")
            if fixed := {"address", "mtu", "missing"} & set(m):
                raise ValueError(f"{sorted(fixed)} can be set only when the toy starts")
            self.s.update(m)
            if "config" in m:
                self.config = m["config"].encode()
            if "oad" in m:
                await self.rebuild()
            self.readvertise()
            return {"settings": self.s}
        if what == "fault":
            times = m.pop("times", None)
            if m.pop("clear", False):
                rebuild = "missing" in self.faults
                self.faults = {}
                if self.mute:
                    self.speak()
                if rebuild:
                    await self.rebuild()
            if unknown := set(m) - set(FAULTS):
                raise ValueError(f"unknown faults {sorted(unknown)}; known: {FAULTS}")
            for name, value in m.items():
                if value is None or value is False:
                    self.faults.pop(name, None)
                else:
                    self.faults[name] = {"value": value, "times": times}
            if "missing" in m:
                await self.rebuild()
            return {"faults": self.faults}
        if what == "sleep":
            await self.sleep()
        elif what == "wake":
            self.wake()
        elif what == "disconnect":  # "reason": 8 looks like a toy out of range
            await self.drop(m.get("reason", 0x13))
        elif what == "reset":
            await self.reset()
        elif what == "wait":
            return await self.wait(m)
        else:
            raise ValueError(f"cannot do {what}")
        return {}

    async def rebuild(self):
        await self.drop()
        await asyncio.sleep(0.1)
        self.build()

    async def wait(self, m):
        """{"do": "wait", "timeout": 5, "state": 1, "connected": true, ...}: until the report has these values."""
        limit = time.monotonic() + m.pop("timeout", 5)
        m.pop("toy", None)
        while True:
            r = self.report()
            if all(r.get(k) == v for k, v in m.items()):
                return r
            if time.monotonic() > limit:
                raise TimeoutError(f"not reached: { {k: r.get(k) for k in m} }")
            await asyncio.sleep(0.01)
