"""A hub to be tested, started for one run and gone afterwards."""

import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

BINARY = os.environ.get("HUTCH_BIN", "target/debug/hutch")
COOKIE = "__Host-hutch"
SPEECH = (Path(__file__).parent.parent / "data/vectors/upload/speech_en.wav").read_bytes()
NEW_PASSWORD = "kettle-harbor-violin-acorn-drizzle"
TIMEOUT_S = 30


def document():
    """Returns the OpenAPI document that the program prints."""
    return json.loads(subprocess.check_output([BINARY, "openapi"]))


class Hub:
    """A running hub, and the browser of somebody who may be signed in."""

    def __init__(self, command):
        self.folder = tempfile.TemporaryDirectory(prefix="hutch-openapi-")
        self.output = Path(self.folder.name) / "output"
        self.session = None
        self.name = self.password = self.code = None
        arguments = [BINARY, command, "--port", "0"]
        if command == "serve":
            arguments += ["--state", str(Path(self.folder.name) / "state"), "--listen", "127.0.0.1"]
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            self.origin = self._said(r"(https://[^/\s]+)")
        except BaseException:
            self.stop()
            raise

    @classmethod
    def demo(cls):
        """Starts a demo and signs its parent in."""
        hub = cls("demo")
        try:
            hub.name = hub._said(r"Name:\s+(.+)\n")
            hub.password = hub._said(r"Password:\s+(\S+)\n")
            hub.sign_in()
        except BaseException:
            hub.stop()
            raise
        return hub

    @classmethod
    def of_relative(cls):
        """Starts a demo in which this browser is a relative's, for whom there is something to hear."""
        hub = cls.demo()
        try:
            relative = hub.invite_relative()
            hub.share_something(relative["relative"]["id"])
            hub.accept(relative, {"name": "Gisela", "password": NEW_PASSWORD})
        except BaseException:
            hub.stop()
            raise
        return hub

    @classmethod
    def of_screen(cls):
        """Starts a demo in which this browser is a child's screen."""
        hub = cls.demo()
        try:
            screen = hub.add_screen()
            hub.ask("POST", f"/api/v1/children/{hub.child()}/messages", SPEECH)
            hub.accept(screen, {})
        except BaseException:
            hub.stop()
            raise
        return hub

    @classmethod
    def new(cls):
        """Starts a hub that nobody has set up."""
        hub = cls("serve")
        hub.name, hub.password = "Robin", NEW_PASSWORD
        try:
            hub.code = hub._written("state/run/setup-code")
        except BaseException:
            hub.stop()
            raise
        return hub

    def _said(self, pattern):
        """Returns what the hub says about itself: a demo prints it, the hub proper has it in its log."""
        return self._soon(lambda: re.search(pattern, self.output.read_text("utf-8")))[1].strip()

    def _written(self, name):
        """Returns what the hub writes into a file."""
        path = Path(self.folder.name) / name
        return self._soon(lambda: path.exists() and path.read_text("utf-8").strip())

    def _soon(self, look):
        until = time.monotonic() + TIMEOUT_S
        while time.monotonic() < until and self.process.poll() is None:
            if found := look():
                return found
            time.sleep(0.05)
        raise RuntimeError(f"the hub did not start:\n{self.output.read_text('utf-8')}")

    def stop(self):
        """Stops the hub and removes what it kept."""
        self.process.terminate()
        self.process.wait(TIMEOUT_S)
        self.folder.cleanup()

    def ask(self, method, path, body=None):
        """Asks as the page does, which must succeed, and returns the JSON of the answer."""
        headers = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        if self.session:
            headers["Cookie"] = f"{COOKIE}={self.session}"
        if isinstance(body, bytes):
            headers["Content-Type"] = "audio/wav"
        elif body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        # Its certificate is known to nobody else, as with every hub on its first day.
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        place = self.origin.removeprefix("https://")
        connection = http.client.HTTPSConnection(place, context=context, timeout=TIMEOUT_S)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status // 100 != 2:
                raise RuntimeError(f"{method} {path}: {answer.status} {text.decode()}")
            for cookie in answer.headers.get_all("Set-Cookie", []):
                if cookie.startswith(f"{COOKIE}="):
                    self.session = cookie.split(";")[0].split("=", 1)[1]
            return json.loads(text) if text else None
        finally:
            connection.close()

    def sign_in(self):
        """Signs in, which gives this browser another session."""
        self.ask("POST", "/api/v1/sessions", {"name": self.name, "password": self.password})

    def confirm(self):
        """Gives the password once more."""
        self.ask("POST", "/api/v1/me/confirm", {"password": self.password})

    def invite(self):
        """Invites somebody and returns the invitation and the secret of its link."""
        self.confirm()
        made = self.ask("POST", "/api/v1/invites")
        return made["id"], made["link"].split("#invite=")[1]

    def child(self):
        """Returns the first child."""
        return self.ask("GET", "/api/v1/children")["children"][0]["id"]

    def grants(self):
        """Returns what a relative is given who may write to the first child."""
        return [{"child": self.child(), "relation": "grandmother", "needs_approval": True, "daily_limit": 50}]

    def invite_relative(self):
        """Invites a relative for the first child and returns who it is, with the link."""
        return self.ask("POST", "/api/v1/relatives", {"name": "Grandma", "grants": self.grants()})

    def add_screen(self):
        """Adds a screen of the first child and returns which it is, with the link."""
        return self.ask("POST", "/api/v1/screens", {"name": "Tablet", "child": self.child()})

    def share_something(self, relative):
        """Lets a relative hear a message."""
        sent = self.ask("POST", f"/api/v1/children/{self.child()}/messages", SPEECH)["items"]
        self.ask("POST", f"/api/v1/items/{sent[0]['id']}/share", {"account": relative})

    def accept(self, invited, credentials):
        """Accepts an invitation in this browser, in the place of whoever was signed in."""
        self.session = None
        token = invited["invite"]["link"].split("#invite=")[1]
        self.ask("POST", "/api/v1/invites/accept", {"token": token} | credentials)

    def switch_totp_on(self):
        """Switches two-step sign-in on and returns the recovery codes."""
        secret = self.ask("POST", "/api/v1/me/totp/new")["secret"]
        asked = {"password": self.password, "secret": secret, "code": totp(secret)}
        return self.ask("POST", "/api/v1/me/totp", asked)["recovery_codes"]

    def recovery_key(self):
        """Draws another recovery key and returns it."""
        self.confirm()
        return self.ask("POST", "/api/v1/me/recovery-key")["recovery_key"]

    def errors(self):
        """Returns what went wrong inside, by the hub's log. What a client broke is not the hub's fault."""
        lines = self.output.read_text("utf-8", "replace").splitlines()
        return [line for line in lines if " ERROR hutch" in line or "panicked" in line]


def totp(secret):
    """Returns what an authenticator shows now (RFC 6238)."""
    key = base64.b32decode(secret.replace(" ", "") + "=" * (-len(secret.replace(" ", "")) % 8))
    digest = hmac.new(key, int(time.time() // 30).to_bytes(8, "big"), hashlib.sha1).digest()
    at = digest[-1] & 15
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFF_FFFF
    return f"{number % 1_000_000:06}"
