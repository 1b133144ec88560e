"""The toy's side of the radio: advertising, the connection, and what GATT carries."""

import asyncio
import time

from bumble import att, hci
from bumble.core import UUID
from bumble.gatt import Characteristic, Service

from protocol import DOWNLOAD, IDLE, NAMES, PRIME, REFUSED, SERVICE, UNPLAYED, UPLOAD


def log(*a):
    print(f"{time.monotonic():.3f}", *a, flush=True)


class Link:
    """The part of a toy that has the link."""

    def build(self):
        """(Re)build the GATT database."""
        server = self.server = self.device.gatt_server
        server.attributes.clear()
        server.attributes_by_handle.clear()
        self.device.add_default_services()
        P = Characteristic.Properties
        properties = {
            1: P.WRITE,
            2: P.WRITE | P.WRITE_WITHOUT_RESPONSE,
            3: P.NOTIFY,
            4: P.READ | P.NOTIFY,
            5: P.NOTIFY,
            6: P.READ | P.WRITE,
            7: P.WRITE,
            8: P.READ | P.WRITE,
        }
        missing = self.fault("missing") or self.s["missing"]
        self.chars, oad = {}, {}
        for n, p in properties.items():
            c = Characteristic(
                UUID(f"aaddf75d-a95a-0000-{n:04}-3ca499b74009"),
                p,
                Characteristic.READABLE | Characteristic.WRITEABLE,
                b"",
            )
            c.on("subscription", lambda _, on, __, n=n: self.on_subscription(n, on))
            self.chars[n] = c
        if 0 not in missing:
            self.device.add_service(
                Service(UUID(SERVICE), [c for n, c in self.chars.items() if n not in missing])
            )
        if self.s["oad"]:
            for n, p in ((1, P.WRITE | P.NOTIFY), (2, P.WRITE_WITHOUT_RESPONSE | P.NOTIFY)):
                oad[n] = Characteristic(
                    UUID(f"f000ffc{n}-0451-4000-b000-000000000000"), p, Characteristic.WRITEABLE, b""
                )
            self.device.add_service(Service(UUID("f000ffc0-0451-4000-b000-000000000000"), list(oad.values())))
        self.handles = {c.handle: n for n, c in self.chars.items() if c in server.attributes}
        self.oad_handles = {c.handle for c in oad.values()}
        server.max_mtu = self.s["mtu"]

    def attach(self, device):
        self.device = device
        self.build()
        self.gatt_pdu = self.server.on_gatt_pdu
        self.server.on_gatt_pdu = self.on_pdu
        device.on("connection", self.on_connection)

    def on_pdu(self, bearer, pdu):
        if self.mute:
            return
        slow = self.fault("slow_ms")
        if slow:
            asyncio.get_running_loop().call_later(slow / 1000, self.handle, bearer, pdu)
        else:
            self.handle(bearer, pdu)

    def handle(self, bearer, pdu):
        if self.mute or bearer is not self.connection:
            return
        if not isinstance(pdu, (att.ATT_Write_Request, att.ATT_Write_Command, att.ATT_Read_Request)):
            return self.gatt_pdu(bearer, pdu)
        n = self.handles.get(pdu.attribute_handle)
        if isinstance(pdu, att.ATT_Read_Request):
            values = {4: self.state_value, 6: lambda: self.config, 8: lambda: self.volume}
            if n in values:
                self.chars[n].value = values[n]()
            elif n is not None:  # bumble itself would answer with nothing
                return self.refuse(bearer, pdu, att.ATT_READ_NOT_PERMITTED_ERROR)
            return self.gatt_pdu(bearer, pdu)
        response = isinstance(pdu, att.ATT_Write_Request)
        if pdu.attribute_handle in self.oad_handles:
            self.violation(f"write to the firmware update service: {pdu.attribute_value.hex()}")
        if n is None:
            return self.gatt_pdu(bearer, pdu)
        self.touched = time.monotonic()
        value = bytes(pdu.attribute_value)
        entry = {"t": self.touched, "to": NAMES[n], "response": response, "len": len(value)}
        if n != 2:
            entry["hex"] = value.hex()
        self.writes.append(entry)
        allowed = (
            Characteristic.Properties.WRITE if response else Characteristic.Properties.WRITE_WITHOUT_RESPONSE
        )
        error = 0
        if not self.chars[n].properties & allowed:
            self.violation(f"{NAMES[n]} does not take a write {'with' if response else 'without'} response")
            error = att.ATT_WRITE_NOT_PERMITTED_ERROR
        else:
            error = getattr(self, "write_" + NAMES[n])(value, response) or 0
        if response and not self.mute and bearer is self.connection:
            if error:
                self.refuse(bearer, pdu, error)
            else:
                self.server.send_response(bearer, att.ATT_Write_Response())

    def refuse(self, bearer, pdu, error):
        self.server.send_response(
            bearer,
            att.ATT_Error_Response(
                request_opcode_in_error=pdu.op_code,
                attribute_handle_in_error=pdu.attribute_handle,
                error_code=error,
            ),
        )

    def notify(self, n, value):
        if self.connection is None or self.mute:
            return
        c = self.chars[n]
        cccd = self.server.subscribers.get(self.connection, {}).get(c.handle)
        if n not in self.handles.values() or not cccd or not cccd[0] & 1:
            self.lost += 1
            return
        self.server.send_gatt_pdu(
            self.connection,
            bytes(
                att.ATT_Handle_Value_Notification(
                    attribute_handle=c.handle, attribute_value=value[: self.connection.att_mtu - 3]
                )
            ),
        )

    def on_subscription(self, n, on):
        self.subscribed.append(("+" if on else "-") + NAMES[n])
        if n == 4 and on and self.base == UNPLAYED and self.s["announce"] in ("notify", "both"):
            self.show(UNPLAYED)

    # --- link
    def on_connection(self, connection):
        self.connection, self.advertising, self.mute = connection, False, False
        self.subscribed = []
        self.touched = time.monotonic()
        self.event(f"connected to {connection.peer_address}")
        connection.on("disconnection", self.on_disconnection)
        if self.unheard and self.base == IDLE and self.s["announce"] != "notify":
            self.base = self.shown = UNPLAYED
        elif self.unheard and self.base == IDLE:
            self.base = UNPLAYED
        if self.fault("drop_on_connect") is not None:
            delay = self.fault("drop_on_connect")
            self.fired("drop_on_connect")
            self.later(delay / 1000, lambda: asyncio.ensure_future(self.drop()))

    def on_disconnection(self, reason):
        self.event(f"disconnected, reason {reason}")
        self.connection, self.mute = None, False
        self.touched = time.monotonic()
        if self.upload:
            self.end_upload("link lost")
        if self.doing == "download":
            self.stop()
        if self.base in (UNPLAYED, UPLOAD, PRIME, REFUSED, DOWNLOAD):
            self.base = self.shown = IDLE
        self.radio_event.set()

    async def drop(self, reason=hci.HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR):
        if self.connection:
            try:
                await self.connection.disconnect(reason)
            except Exception as e:  # the hub may have been faster
                log("disconnect:", e)

    async def radio(self):
        """Keep advertising as it should be: on while awake and not connected."""
        while True:
            self.radio_event.clear()
            want, version = self.awake and self.connection is None, self.adv_version
            try:
                if want and (not self.advertising or self.adv_done != version):
                    name = b"\x09" + self.s["name"].encode()
                    config = b"\xff\xff\xff" + self.config if self.config else b""
                    first, second = (name, config) if self.s["name_in_adv"] else (config, name)
                    pack = lambda x: bytes([len(x)]) + x if x else b""
                    await self.device.start_advertising(
                        advertising_data=b"\x02\x01\x06" + pack(first),
                        scan_response_data=pack(second),
                        advertising_interval_min=self.s["adv_ms"],
                        advertising_interval_max=self.s["adv_ms"],
                    )
                    self.adv_done = version
                    self.advertising = self.connection is None
                elif not want and self.advertising:
                    self.advertising = False
                    await self.device.stop_advertising()
            except Exception as e:
                log("advertising:", repr(e))
                await self.forget_advertising()
            try:
                await asyncio.wait_for(self.radio_event.wait(), 0.5)
            except TimeoutError:
                pass
            left_alone = time.monotonic() - self.touched
            if (
                self.awake
                and self.s["sleep_after"]
                and not self.doing
                and not self.upload
                and left_alone > self.s["sleep_after"]
            ):
                await self.sleep()

    def readvertise(self):
        """The advertised data may have changed."""
        self.adv_version += 1
        self.advertising = False
        self.radio_event.set()

    async def forget_advertising(self):
        """A connection made just while advertising was switched on leaves bumble with a set that is no longer on."""
        d = self.device
        self.advertising, d.legacy_advertiser, d.legacy_advertising_set = False, None, None
        d.extended_advertising_sets.clear()
        for command in (
            hci.HCI_LE_Set_Extended_Advertising_Enable_Command(
                enable=0, advertising_handles=[], durations=[], max_extended_advertising_events=[]
            ),
            hci.HCI_LE_Clear_Advertising_Sets_Command(),
        ):
            try:
                await d.send_sync_command(command)
            except Exception as e:
                log("advertising, cleaning up:", repr(e))

    async def sleep(self):
        self.event("falls asleep")
        self.awake = False
        self.stop()
        await self.drop()
        self.radio_event.set()

    def wake(self):
        self.touched = time.monotonic()
        if not self.awake:
            self.event("wakes up")
            self.awake, self.base, self.shown = True, IDLE, IDLE
            self.radio_event.set()

    async def reset(self):
        """As started: also drops the link."""
        self.stop()
        await asyncio.sleep(0)  # let a cancelled recording store what it has, before that is cleared
        for h in self.timers:
            h.cancel()
        self.timers.clear()
        await self.drop()
        for _ in range(100):
            if self.connection is None:
                break
            await asyncio.sleep(0.02)
        self.clear()
        self.build()
        self.readvertise()
