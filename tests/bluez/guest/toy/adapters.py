"""The guest's adapters: plugged in, pulled out, and not as they should be."""

import asyncio
import errno

from bumble import hci
from bumble.transport import open_transport

from air import HubController


class Adapter(HubController):
    """hci0, or another one."""

    deaf = False  # takes no command, and hears nobody
    toys = ()

    def on_hci_reset_command(self, command):
        asyncio.ensure_future(self.hang_up())
        return super().on_hci_reset_command(command)

    async def hang_up(self):
        for connection in list(self.le_connections.values()):
            for toy in self.toys:
                if toy.connection and toy.device.random_address == connection.peer_address:
                    await toy.drop(hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

    def on_hci_command_packet(self, command):
        if not self.deaf:
            super().on_hci_command_packet(command)

    def on_advertising_pdu(self, pdu):
        if not self.deaf:
            super().on_advertising_pdu(pdu)


class Host:
    """The kernel as an adapter sees it. While the adapter is off it takes nothing from it and says ENXIO, for which a
    stream would be closed, and the adapter with it; from one of hardware that is merely lost."""

    def __init__(self, sink):
        self.file = sink.transport.get_extra_info("pipe")

    def on_packet(self, packet):
        try:
            self.file.write(packet)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise


class Adapters:
    def __init__(self, air, toys):
        self.air, self.toys, self.there = air, toys, {}

    async def plug(self, n):
        transport = await open_transport("vhci")
        adapter = Adapter(
            f"hub{n}",
            host_source=transport.source,
            host_sink=Host(transport.sink),
            link=self.air,
            public_address=hci.Address(f"00:AA:01:00:00:{n:02X}/P"),
        )
        adapter.toys = self.toys
        self.there[n] = adapter, transport

    async def unplug(self, n):
        adapter, transport = self.there.pop(n)
        await adapter.hang_up()
        self.air.remove_controller(adapter)
        await transport.close()

    async def do(self, m):
        """{"do": "adapter", "n": 0, "plugged": true, "deaf": false}: whatever of it is to change."""
        n = m.get("n", 0)
        if "plugged" in m and m["plugged"] != (n in self.there):
            await (self.plug(n) if m["plugged"] else self.unplug(n))
        if n in self.there:
            self.there[n][0].deaf = m.get("deaf", self.there[n][0].deaf)
        return {"adapters": sorted(self.there)}
