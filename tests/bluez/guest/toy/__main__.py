"""Emulated CloudPets toys, and the radio between them and the guest's hci0, which is emulated too.

Usage: python toy [--toy JSON]... [--control PATH] [--ready FILE]

  --toy JSON      one toy, repeat for more; its keys are those of settings.py, for instance
                  '{"address": "C0:FF:EE:00:00:02", "config": "", "rssi": -85}'
  --control PATH  a Unix socket that takes requests and gives answers, an object of JSON a line;
                  "toy" in a request names one by its place or its address
  --ready FILE    is written when every toy advertises
"""

import argparse
import asyncio
import json
from pathlib import Path

from bumble import hci
from bumble.controller import Controller
from bumble.device import Device, DeviceConfiguration
from bumble.host import Host

from adapters import Adapters
from air import Air
from link import log
from toy import Toy


async def serve(toys, adapters, reader, writer):
    def pick(m):
        which = m.pop("toy", 0)
        return toys[which] if isinstance(which, int) else next(t for t in toys if t.s["address"] == which)

    try:
        while line := await reader.readline():
            try:
                m = json.loads(line)
                whose = adapters if m["do"] == "adapter" else pick(m)
                answer = {"ok": True, **await whose.do(m)}
            except Exception as e:
                answer = {"ok": False, "error": f"{type(e).__name__}: {e}"}
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main():
    p = argparse.ArgumentParser()
    p.add_argument("--toy", action="append", type=json.loads)
    p.add_argument("--control")
    p.add_argument("--ready")
    a = p.parse_args()
    toys = [Toy(s) for s in a.toy or [{}]]
    air = Air()
    adapters = Adapters(air, toys)
    await adapters.plug(0)
    for i, toy in enumerate(toys):
        c = DeviceConfiguration()
        c.name, c.address = toy.s["name"], hci.Address(toy.s["address"])
        host = Host()
        address = hci.Address(f"00:AA:01:01:00:{i:02X}/P")
        host.controller = Controller(f"toy{i}", link=air, public_address=address)
        host.controller.toy = toy
        device = Device(config=c, host=host)
        toy.attach(device)
        await device.power_on()
        toy.radio_task = asyncio.ensure_future(toy.radio())
    while not all(t.advertising for t in toys):
        await asyncio.sleep(0.01)
    if a.control:
        await asyncio.start_unix_server(lambda r, w: serve(toys, adapters, r, w), a.control, limit=1 << 20)
    log("advertising", *(t.s["address"] for t in toys))
    if a.ready:
        Path(a.ready).write_text("ready\n")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
