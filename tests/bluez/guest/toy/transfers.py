"""Clips that come to the toy and recordings that leave it, with what can go wrong on the way."""

import asyncio
import struct
import time

from protocol import APP_ERROR, DOWNLOAD, IDLE, KEY, PRIME, REFUSED, UPLOAD, au_length


class Upload:
    def __init__(self, slot):
        self.slot, self.data, self.t0 = slot, bytearray(), time.monotonic()
        self.credit = self.granted = self.grants = self.past = 0
        self.pending = self.ended = False
        self.writes = self.responses = self.run = self.longest_run = self.overrun = self.stray = 0
        self.largest = 0
        self.result, self.seconds, self.unfilled = None, 0.0, 0

    def report(self):
        keys = (
            "slot",
            "granted",
            "grants",
            "credit",
            "writes",
            "responses",
            "longest_run",
            "largest",
            "overrun",
            "stray",
            "result",
            "seconds",
            "unfilled",
        )
        return {**{k: getattr(self, k) for k in keys}, "bytes": len(self.data)}


class Transfers:
    """The part of a toy that has the transfers."""

    def begin_upload(self, slot, key):
        if self.doing in ("download", "recording"):
            return self.violation(f"upload during a {self.doing}")
        if self.upload:
            self.violation("upload begun during an upload")
            self.end_upload("replaced")
        self.stop()
        if key != KEY or self.fault("refuse_key"):
            if key != KEY:
                self.violation(f"upload key {key.hex()}")
            else:
                self.fired("refuse_key")
            self.enter(REFUSED)
            if self.s["key_refused_ms"]:
                self.later(self.s["key_refused_ms"] / 1000, lambda: self.base == REFUSED and self.enter(IDLE))
            return
        u = self.upload = self.last_upload = Upload(slot)
        self.slots[slot] = {"data": u.data, "complete": False}
        if slot == 0:
            self.recording = self.unheard = False
        self.enter(PRIME)
        if self.check_faults(0):
            return
        if self.s["early_credit"]:
            self.grant(u)
        self.later(self.s["prime_ms"] / 1000, self.primed, u)

    def primed(self, u):
        if self.upload is u:
            self.enter(UPLOAD)
            if not u.grants:
                self.grant(u)

    def grant(self, u):
        u.pending = False
        if self.upload is not u:
            return
        sizes = [1] if self.fault("credit1") else self.s["grants"]
        size = sizes[min(u.grants, len(sizes) - 1)]
        size = min(size, self.s["capacity"] - u.granted, 0xFFFF)
        if size <= 0:
            return
        u.credit += size
        u.granted += size
        u.grants += 1
        self.notify(5, struct.pack("<HH", size, self.count(u)))

    def count(self, u):
        return len(u.data) & 0xFFFF if self.s["transferred"] == "wrap" else min(len(u.data), 0xFFFF)

    def write_send(self, value, response):
        u = self.upload
        if u is None or self.base not in (PRIME, UPLOAD):
            if self.last_upload and time.monotonic() - self.upload_end < 1:
                self.last_upload.stray += len(value)  # was under way when the upload ended
            else:
                self.violation(f"{len(value)} audio bytes outside an upload")
            return
        u.writes += 1
        u.largest = max(u.largest, len(value))
        u.run = 0 if response else u.run + 1
        u.longest_run = max(u.longest_run, u.run)
        u.responses += response
        if len(value) > 20:
            self.violation(f"{len(value)} audio bytes in one write")
        over = max(0, len(value) - u.credit)
        if over:
            u.overrun += over
            self.violation(f"{over} bytes beyond the credit")
            if self.s["overrun"] == "abort":
                self.give_up()
                return APP_ERROR
            if self.s["overrun"] == "drop":
                value = value[: u.credit]
        u.credit = max(0, u.credit - len(value))
        u.data += value
        if self.check_faults(len(u.data)):
            return
        self.top_up(u)
        return APP_ERROR if over and self.s["overrun"] == "drop" else 0

    def top_up(self, u):
        low = 0 if self.fault("credit1") else self.s["low_water"]
        if u.pending or u.credit > low or not u.grants:  # the first comes by itself
            return
        expected = au_length(u.data[:64])
        if expected and u.granted >= expected[0]:
            if u.past >= self.s["grant_past_end"]:
                return
            u.past += 1
        if u.granted >= self.s["capacity"]:
            if u.credit == 0 and (not expected or expected[0] > u.granted):
                self.event("slot is full")
                self.give_up()
            return
        u.pending = True
        delay = self.s["grant_delay_ms"] + (self.fault("slow_ms") or 0)
        if delay:
            self.later(delay / 1000, self.grant, u)
        else:
            self.grant(u)

    def check_faults(self, n):
        """Faults that strike after n bytes of a transfer; True: the transfer is over."""
        for name in ("silent_after", "disconnect_after", "give_up_after"):
            at = self.fault(name)
            if at is None or n < at or (name == "give_up_after" and not self.upload):
                continue
            self.fired(name)
            if name == "silent_after":
                self.mute = True
            elif name == "disconnect_after":
                self.mute = True  # until the link is really down
                asyncio.ensure_future(self.drop())
            else:
                self.give_up()
            return True
        return False

    def give_up(self):
        u = self.upload
        self.end_upload("gave up")
        self.notify(5, struct.pack("<HH", 0, self.count(u)))
        self.enter(IDLE)

    def finish_upload(self):
        u = self.upload
        if u is None:
            return self.violation("end of upload without an upload")
        u.unfilled = u.credit
        expected = au_length(u.data[:64])
        whole = bool(expected and len(u.data) >= expected[0])
        zero = bool(self.fault("transferred_zero"))
        if zero:
            self.fired("transferred_zero")
        failed = zero or (self.s["strict_fill"] and u.credit > 0)
        self.end_upload("refused at the end" if failed else "done")
        slot = self.slots[u.slot]
        slot["data"], slot["complete"] = bytes(u.data), whole and not failed
        count = self.count(u)
        if u.data and not failed:
            self.upload_done = self.upload_end
        self.notify(5, struct.pack("<HH", 0, 0 if failed else max(count, 1) if u.data else 0))
        self.enter(IDLE)

    def end_upload(self, result):
        u, self.upload = self.upload, None
        u.result, u.seconds = result, time.monotonic() - u.t0
        self.slots[u.slot]["data"] = bytes(u.data)
        self.upload_end = time.monotonic()
        self.event(f"upload to slot {u.slot}: {result}, {len(u.data)} bytes in {u.seconds:.2f} s")

    # --- download
    def begin_download(self):
        if self.upload or self.doing:
            return self.violation(f"download during {self.doing or 'an upload'}")
        self.start("download", self.download())

    async def download(self):
        self.enter(DOWNLOAD)
        data = self.slots[0]["data"] if self.recording else b""
        loop = asyncio.get_running_loop()
        size = min(20, self.connection.att_mtu - 3)
        at = number = 0
        due = loop.time()
        while at < len(data):
            for _ in range(self.s["notify_per_event"]):
                chunk = data[at : at + size]
                if not chunk:
                    break
                at += len(chunk)
                number += 1
                every = self.fault("drop_every")
                if every and number % every == 0:
                    self.fired("drop_every")
                else:
                    self.notify(3, chunk)
                if self.check_faults(at):
                    if self.mute:
                        await (
                            asyncio.Event().wait()
                        )  # stays in state 7 until the link ends or a command stops it
                    return
            step = self.s["notify_ms"] / 1000 + (self.fault("slow_ms") or 0) / 1000
            due = max(due + step, loop.time() - 4 * step)  # catch up after a stall, but not by a flood
            await asyncio.sleep(max(0, due - loop.time()))
        self.unheard = False
        self.enter(IDLE)
