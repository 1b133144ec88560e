"""What a device in the home network sees: run inside the network, it prints what it found as JSON."""

import http.client
import io
import json
import math
import socket
import ssl
import struct
import sys
import time
import wave

from zeroconf import AddressResolver, IPVersion, ServiceBrowser, ServiceListener, Zeroconf

SERVICES = ["_https._tcp.local.", "_hutch._tcp.local."]
PATIENCE_S = 10
ETH_P_ALL = 3


def resolve(name, seconds):
    """How a fresh device finds a name: its addresses, and when. Says on a line of its own when it begins."""
    print("there", flush=True)
    zeroconf = Zeroconf(ip_version=IPVersion.All)
    found = AddressResolver(f"{name}.")
    found.request(zeroconf, float(seconds) * 1000)
    at = time.monotonic()
    zeroconf.close()
    addresses = found.parsed_scoped_addresses(IPVersion.All)
    # One answer may hold one kind of address alone; which is not what is asked here.
    return {"addresses": sorted(addresses), "at": at}


class Listener(ServiceListener):
    """Notes what comes and goes."""

    def __init__(self):
        self.found = {}
        self.gone = []

    def add_service(self, zeroconf, kind, name):
        info = zeroconf.get_service_info(kind, name, 3000)
        if info:
            self.found[name] = {
                "kind": kind,
                "host": info.server.rstrip("."),
                "port": info.port,
                "addresses": sorted(info.parsed_scoped_addresses(IPVersion.All)),
                "text": {key.decode(): (value or b"").decode() for key, value in info.properties.items()},
            }

    def update_service(self, zeroconf, kind, name):
        self.add_service(zeroconf, kind, name)

    def remove_service(self, _zeroconf, _kind, name):
        self.found.pop(name, None)
        self.gone.append(name)


def services(n_expected, seconds):
    """The services of hubs, as soon as there are this many."""
    return _watch(seconds, lambda listener: int(n_expected) <= len(listener.found))


def watch(n_gone, seconds):
    """The services of hubs once that many have said good-bye. Says on a line of its own when it has begun."""
    return _watch(seconds, lambda listener: int(n_gone) <= len(listener.gone), is_told=True)


def _watch(seconds, is_enough, is_told=False):
    listener = Listener()
    zeroconf = Zeroconf(ip_version=IPVersion.All)
    browser = ServiceBrowser(zeroconf, SERVICES, listener)
    until = time.monotonic() + float(seconds)
    while time.monotonic() < until and not is_enough(listener):
        if is_told and len(listener.found) == len(SERVICES):
            print("there", flush=True)
            is_told = False
        time.sleep(0.05)
    browser.cancel()
    zeroconf.close()
    return {"found": listener.found, "gone": sorted(listener.gone)}


def open_page(host, address, port, root):
    """The status of the page at an address, called by this name; whoever is not trusted gets nothing."""
    context = ssl.create_default_context(cafile=root)
    try:
        with socket.create_connection((address, int(port)), PATIENCE_S) as plain:
            with context.wrap_socket(plain, server_hostname=host) as encrypted:
                called = f"[{host}]" if ":" in host else host
                encrypted.sendall(f"GET / HTTP/1.1\r\nhost: {called}:{port}\r\nconnection: close\r\n\r\n".encode())
                return {"status": int(encrypted.recv(64).split(b" ")[1])}
    except (OSError, IndexError) as error:
        return {"error": str(error)}


def answer(called, address, port):
    """The status of the page at an address, called by anything, by whoever clicks through every warning."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        connection = http.client.HTTPSConnection(address, int(port), context=context, timeout=PATIENCE_S)
        connection.request("GET", "/", headers={"Host": f"{called}:{port}"})
        return {"status": connection.getresponse().status}
    except (OSError, http.client.HTTPException) as error:
        return {"error": str(error)}


def use(host, address, port, root, code, seconds):
    """Sets a hub up and uses it for a while, as a parent and a child at its screen do: how much was said, and told."""
    family, screen = (Family(host, address, int(port), root) for _ in range(2))
    family.ask("POST", "/api/v1/setup", {"code": code, "name": "Robin", "password": "kettle-harbor-violin-acorn"})
    child = family.ask("POST", "/api/v1/children", {"name": "Mia", "animal": "bear", "color": "plum"})["id"]
    invited = family.ask("POST", "/api/v1/screens", {"name": "Tablet", "child": child})
    token = invited["invite"]["link"].split("#invite=")[1]
    screen.ask("POST", "/api/v1/invites/accept", {"token": token})
    events = family.events()
    until, n_sent = time.monotonic() + float(seconds), 0
    while time.monotonic() < until:
        screen.ask("POST", f"/api/v1/children/{child}/recordings", sound())
        n_sent += 1
        items = family.ask("GET", f"/api/v1/children/{child}/items")["items"]
        family.ask("GET", f"/api/v1/items/{items[0]['id']}/sound")
        for path in ["/", "/api/v1/activity", "/api/v1/care"]:
            family.ask("GET", path)
        time.sleep(4)
    return {"sent": n_sent, "told": n_told(events)}


def n_told(events):
    """How many events came by now."""
    told = b""
    try:
        while piece := events.read1(1 << 16):
            told += piece
    except TimeoutError:
        pass
    return told.count(b"event: ")


class Family:
    """Somebody's browser, which trusts the hub's root."""

    def __init__(self, host, address, port, root):
        self.origin, self.address, self.cookie = f"https://{host}:{port}", (address, port), ""
        self.host, self.context = host, ssl.create_default_context(cafile=root)

    def _sent(self, method, path, body=None, kind="application/json", patience_s=PATIENCE_S):
        connection = http.client.HTTPSConnection(self.host, self.address[1])
        plain = socket.create_connection(self.address, patience_s)
        connection.sock = self.context.wrap_socket(plain, server_hostname=self.host)
        headers = {"Origin": self.origin, "Cookie": self.cookie} | ({"Content-Type": kind} if body else {})
        connection.request(method, path, body, headers)
        return connection.getresponse()

    def ask(self, method, path, body=None):
        is_sound = isinstance(body, bytes)
        answer = self._sent(method, path, body if is_sound else body and json.dumps(body), "audio/wav" if is_sound else
                            "application/json")
        whole = answer.read()
        if answer.status // 100 != 2:
            raise RuntimeError(f"{method} {path}: {answer.status} {whole[:200]}")
        if given := answer.headers["Set-Cookie"]:
            self.cookie = given.split(";")[0]
        return json.loads(whole) if answer.headers.get_content_type() == "application/json" else whole

    def events(self):
        return self._sent("GET", "/api/v1/events", patience_s=1)


def sound():
    """Two seconds of a voice that wavers, as a WAV of 16 kHz."""
    samples = [int(9_000 * math.sin(n / 9 + 3 * math.sin(n / 900))) for n in range(32_000)]
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return written.getvalue()


def capture(interface, mac, seconds):
    """Every packet that a computer sends, but for those that belong to any computer: what it is, and whereto."""
    own = bytes.fromhex(mac.replace(":", ""))
    packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    packets.bind((interface, 0))
    packets.settimeout(0.2)
    print("there", flush=True)
    until, seen = time.monotonic() + float(seconds), {}
    while time.monotonic() < until:
        try:
            packet = packets.recv(65536)
        except TimeoutError:
            continue
        if packet[6:12] == own:
            what = _described(packet[12:])
            seen[what] = seen.get(what, 0) + 1
    return seen


def _described(packet):
    kind = struct.unpack("!H", packet[:2])[0]
    if kind == 0x0806:
        return "ARP"
    if kind == 0x0800:
        protocol, begins = packet[2 + 9], 2 + (packet[2] & 15) * 4
        to = socket.inet_ntop(socket.AF_INET, packet[18:22])
    elif kind == 0x86DD:
        protocol, begins = packet[2 + 6], 2 + 40
        to = socket.inet_ntop(socket.AF_INET6, packet[26:42])
        if protocol == 0:
            # A hop-by-hop header, which multicast listener reports have.
            protocol, begins = packet[begins], begins + 8 + packet[begins + 1] * 8
    else:
        return f"ethernet type {kind:04x}"
    if protocol in (socket.IPPROTO_UDP, socket.IPPROTO_TCP):
        ports = struct.unpack("!HH", packet[begins : begins + 4])
        name = "UDP" if protocol == socket.IPPROTO_UDP else "TCP"
        return f"{name} from {ports[0]} to {to} {ports[1] if ports[1] == 5353 else 'any'}"
    return {1: "ICMP", 2: "IGMP", 58: "ICMPv6"}.get(protocol, f"IP protocol {protocol}")


if __name__ == "__main__":
    asked, *arguments = sys.argv[1:]
    looks = {
        "resolve": resolve,
        "services": services,
        "watch": watch,
        "open": open_page,
        "answer": answer,
        "use": use,
        "capture": capture,
    }
    print(json.dumps(looks[asked](*arguments)))
