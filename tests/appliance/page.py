"""A browser as far as the test needs one: it trusts the household's root alone, and calls the hub by its name."""

import hashlib
import http.client
import json
import socket
import ssl

COOKIE = "__Host-hutch"
NAME = "hutch.local"
TIMEOUT_S = 300


class Refused(Exception):
    """The hub answered, but not that it is done."""


class Page:
    """One browser of somebody. Whoever has no root trusts nobody and looks at what he is shown."""

    def __init__(self, port, root=None, name=NAME):
        self.port, self.name, self.session = port, name, None
        self.tls = ssl.create_default_context(cadata=root)
        self.root = root
        if root is None:
            self.tls.check_hostname = False
            self.tls.verify_mode = ssl.CERT_NONE

    def another(self):
        """Returns another browser, in which nobody is signed in."""
        return Page(self.port, self.root, self.name)

    def at(self, port, name):
        """Returns the same browser, which finds the hub elsewhere."""
        other = Page(port, self.root, name)
        other.session = self.session
        return other

    def answer(self, method, path, body=None, headers=None, timeout=TIMEOUT_S):
        """Asks, and returns the state and the bytes of the answer."""
        place = self.name if self.name == NAME else f"{self.name}:{self.port}"
        headers = {"Host": place, "Origin": f"https://{place}", "Sec-Fetch-Site": "same-origin"} | (headers or {})
        if self.session:
            headers["Cookie"] = f"{COOKIE}={self.session}"
        if isinstance(body, bytes):
            headers["Content-Type"] = "audio/wav"
        elif body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            plain = socket.create_connection(("127.0.0.1", self.port), timeout)
            connection.sock = self.tls.wrap_socket(plain, server_hostname=self.name)
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
            for cookie in answer.headers.get_all("Set-Cookie", []):
                if cookie.startswith(f"{COOKIE}="):
                    self.session = cookie.split(";")[0].split("=", 1)[1]
            return answer.status, text
        finally:
            connection.close()

    def ask(self, method, path, body=None, headers=None):
        """Asks for something that must be done, and returns the JSON of the answer."""
        status, text = self.answer(method, path, body, headers)
        if status // 100 != 2:
            raise Refused(f"{method} {path}: {status} {text.decode(errors='replace')}")
        return json.loads(text) if text else None

    def is_well(self):
        """Whether the hub says that it is well."""
        try:
            return self.answer("GET", "/api/v1/health", timeout=20)[0] == 200
        except OSError:
            return False
        except http.client.HTTPException:
            return False


def fingerprint(pem):
    """Returns the SHA-256 of a certificate, as the hub prints it."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()


def redirected(port):
    """Asks without TLS, and returns the state and where it leads."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/", headers={"Host": NAME})
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Location")
    finally:
        connection.close()
