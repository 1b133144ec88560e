"""An emulated radio, on bumble's, with what that lacks or gets wrong for Linux."""

import asyncio

from bumble import hci
from bumble.controller import Controller
from bumble.link import LocalLink


class Air(LocalLink):
    """bumble 0.0.236 takes the sender's random address as an LE packet's source; Linux connects from its public
    address, so take the address of the connection instead."""

    def send_acl_data(self, sender, destination, transport, data):
        peer = self.find_le_controller(destination)
        connection = sender.le_connections.get(destination)
        if peer and connection:
            source = connection.self_address
            asyncio.get_running_loop().call_soon(lambda: peer.on_link_acl_data(source, transport, data))


class HubController(Controller):
    """bumble 0.0.236's controller answers a scan with the advertising data twice, does not know RSSI, reports
    connections by the old event only and ignores the cancelling of a connection attempt."""

    def on_advertising_pdu(self, pdu):
        advertiser, response = None, b""
        for c in self.link.controllers:
            for s in c.advertising_sets.values():
                if s.address == pdu.advertiser_address:
                    advertiser, response = c, bytes(s.scan_response_data)
            if (
                c is not self
                and not c.advertising_sets
                and c.le_legacy_advertiser.address == pdu.advertiser_address
            ):
                advertiser, response = c, bytes(c.le_legacy_advertiser.scan_response_data)
        if advertiser is None:
            return
        rssi = advertiser.toy.s["rssi"]
        scanning = self.le_scan_enable
        if scanning:
            for scan_response, data in ((False, pdu.data), (True, response)):
                common = {
                    "address_type": pdu.advertiser_address.address_type,
                    "address": pdu.advertiser_address,
                    "data": data,
                    "rssi": rssi,
                }
                if self.le_features & hci.LeFeatureMask.LE_EXTENDED_ADVERTISING:
                    e = hci.HCI_LE_Extended_Advertising_Report_Event
                    self.send_hci_packet(
                        e(
                            [
                                e.Report(
                                    event_type=0x1B if scan_response else 0x13,
                                    primary_phy=hci.Phy.LE_1M,
                                    secondary_phy=0,
                                    advertising_sid=0xFF,
                                    tx_power=127,
                                    periodic_advertising_interval=0,
                                    direct_address_type=0,
                                    direct_address=hci.Address.ANY,
                                    **common,
                                )
                            ]
                        )
                    )
                else:
                    e = hci.HCI_LE_Advertising_Report_Event
                    self.send_hci_packet(
                        e(
                            [
                                e.Report(
                                    event_type=e.EventType.SCAN_RSP if scan_response else e.EventType.ADV_IND,
                                    **common,
                                )
                            ]
                        )
                    )
        self.le_scan_enable = False  # reported: leave only the connecting to the base class
        try:
            super().on_advertising_pdu(pdu)
        finally:
            self.le_scan_enable = scanning

    def send_hci_packet(self, packet):
        # With a controller that knows LL privacy, Linux waits for the enhanced event and is stuck for 4 s without it
        if isinstance(packet, hci.HCI_LE_Connection_Complete_Event):
            packet = hci.HCI_LE_Enhanced_Connection_Complete_Event(
                local_resolvable_private_address=hci.Address.ANY,
                peer_resolvable_private_address=hci.Address.ANY,
                **{
                    k: getattr(packet, k)
                    for k in (
                        "status",
                        "connection_handle",
                        "role",
                        "peer_address_type",
                        "peer_address",
                        "connection_interval",
                        "peripheral_latency",
                        "supervision_timeout",
                        "central_clock_accuracy",
                    )
                },
            )
        super().send_hci_packet(packet)

    def on_hci_le_create_connection_cancel_command(self, _command):
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        asyncio.get_running_loop().call_soon(
            self.send_hci_packet,
            hci.HCI_LE_Connection_Complete_Event(
                status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
                connection_handle=0,
                role=hci.Role.CENTRAL,
                peer_address_type=0,
                peer_address=hci.Address.ANY,
                connection_interval=0,
                peripheral_latency=0,
                supervision_timeout=0,
                central_clock_accuracy=0,
            ),
        )
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)
