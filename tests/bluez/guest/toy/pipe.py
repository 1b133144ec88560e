"""A toy without air, in simulated time: an object of JSON a line in, one out.

{"do": "connect"}, {"do": "subscribe", "to": 4}, {"do": "read", "from": 4}, {"do": "write", "to": 1,
"hex": "02", "response": true}, {"do": "send", "hex": "4155"}: what goes over the air otherwise; the
numbers are those of the characteristics. {"do": "pass", "seconds": 1} lets time go by, {"do": "next", "seconds": 1} until the toy
notifies something, {"do": "left"} has what it notified and nobody asked for. Everything else is what
the toy's socket takes.
"""

import asyncio
import json
import selectors
import sys
import time

now = 0.0
time.monotonic = lambda: now  # the event loop's clock, too


class Jump(selectors.SelectSelector):
    """Nothing is waited for: time jumps to when the next thing happens."""

    def select(self, timeout=None):
        global now
        now += timeout or 0
        return super().select(0)


from bumble import att  # noqa: E402
from bumble.device import Device  # noqa: E402

from toy import Toy  # noqa: E402


class Connection:
    handle, peer_address = 1, "simulated"

    def __init__(self, mtu):
        self.att_mtu, self.listeners = mtu, {}

    def on(self, event, listener):
        self.listeners[event] = listener

    async def disconnect(self, reason):
        self.listeners["disconnection"](reason)


class Pipe:
    def __init__(self):
        self.toy = Toy({})
        self.toy.attach(Device(name="toy"))
        self.toy.server.send_gatt_pdu = self.take
        self.said, self.responses, self.heard = [], [], asyncio.Event()

    def take(self, _, pdu):
        pdu = att.ATT_PDU.from_bytes(bytes(pdu))
        if isinstance(pdu, att.ATT_Handle_Value_Notification):
            n = self.toy.handles[pdu.attribute_handle]
            self.said.append([n, bytes(pdu.attribute_value).hex(), now])
            self.heard.set()
        else:
            self.responses.append(pdu)

    async def request(self, pdu):
        """The toy's response."""
        self.responses.clear()
        self.toy.on_pdu(self.toy.connection, pdu)
        for _ in range(5):  # bumble takes some turns for what it answers itself
            await asyncio.sleep(0)
        return self.responses.pop() if self.responses else None

    def handle(self, n):
        return self.toy.chars[n].handle

    async def do(self, m):
        what = m["do"]
        if what == "connect":
            if not self.toy.awake:
                raise ConnectionError("asleep")
            self.toy.on_connection(Connection(self.toy.s["mtu"]))
        elif what == "read":
            r = await self.request(att.ATT_Read_Request(attribute_handle=self.handle(m["from"])))
            good = isinstance(r, att.ATT_Read_Response)
            return {"hex": bytes(r.attribute_value).hex() if good else None}
        elif what == "subscribe":
            handle = self.handle(m["to"]) + 1  # the descriptor comes right after its characteristic
            r = await self.request(att.ATT_Write_Request(attribute_handle=handle, attribute_value=b"\x01\x00"))
            if not isinstance(r, att.ATT_Write_Response):
                raise ValueError(f"cannot subscribe: {r}")
        elif what == "write":
            kind = att.ATT_Write_Request if m["response"] else att.ATT_Write_Command
            value = bytes.fromhex(m["hex"])
            await self.request(kind(attribute_handle=self.handle(m["to"]), attribute_value=value))
        elif what == "send":
            value = bytes.fromhex(m["hex"])
            for at in range(0, len(value), 20):
                chunk = value[at : at + 20]
                pdu = att.ATT_Write_Command(attribute_handle=self.handle(2), attribute_value=chunk)
                self.toy.on_pdu(self.toy.connection, pdu)
        elif what == "pass":
            await asyncio.sleep(m["seconds"])
        elif what == "next":
            self.heard.clear()
            try:
                if not self.said:
                    await asyncio.wait_for(self.heard.wait(), m["seconds"])
            except TimeoutError:
                pass
            return {"said": self.said.pop(0) if self.said else None}
        elif what == "left":
            said, self.said = self.said, []
            return {"said": said}
        else:
            return await self.toy.do(m)
        return {}


async def main():
    answers, sys.stdout = sys.stdout, sys.stderr  # the toy's log
    pipe = Pipe()
    for line in sys.stdin:
        try:
            answer = {"ok": True, **await pipe.do(json.loads(line))}
        except Exception as e:
            answer = {"ok": False, "error": f"{type(e).__name__}: {e}"}
        print(json.dumps({**answer, "now": now}), file=answers, flush=True)


if __name__ == "__main__":
    loop = asyncio.SelectorEventLoop(Jump())
    loop.run_until_complete(main())
