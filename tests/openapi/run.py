#!/usr/bin/env python3
"""Holds a running hub against the OpenAPI document that it prints, with Schemathesis.

Every route is asked by a guardian, by a relative, by a child's screen, by nobody, and on a hub that
was not set up yet. Routes that end the session of whoever asks, or count wrong tries, are asked by a guardian on
a hub of their own, with what they need to succeed; all others share one. A failure is an answer
that the document does not describe, an error of the server, something invalid that was accepted,
or something private that was shown to nobody.

Usage: run.py [--long]; HUTCH_BIN names the program. What it prints last is a table of which route
was asked how, with the states of the answers.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hub import NEW_PASSWORD, SPEECH, Hub, document, totp

HERE = Path(__file__).parent
SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"
SEED = 1

# What may follow a wrong name or password is not in the document's power: a valid body is often
# refused. Everything else that Schemathesis knows holds.
LEFT_OUT = "positive_data_acceptance"

# So often a value is the one that is known, rather than one that was made up.
OFTEN, NEARLY_ALWAYS = 0.7, 0.95


def household(hub):
    """What the routes need that share a hub: conversations with messages, and open invitations."""
    children = [child["id"] for child in hub.ask("GET", "/api/v1/children")["children"]]
    items = []
    for child in children:
        for _ in range(3):
            items += hub.ask("POST", f"/api/v1/children/{child}/messages", SPEECH)["items"]
        # For later: so many that not all are sent now at once.
        for hours in range(1, 4):
            send_at = int(time.time()) + hours * 3_600
            path = f"/api/v1/children/{child}/messages?send_at={send_at}"
            items += hub.ask("POST", path, SPEECH)["items"]
    invitations = [hub.invite() for _ in range(2)]
    relatives = [hub.invite_relative()["relative"]["id"] for _ in range(4)]
    screens = [hub.add_screen()["screen"]["id"] for _ in range(2)]
    return {
        "path.account": relatives + screens,
        "body.account": relatives,
        "body.grants": [hub.grants()],
        "body.child": children,
        "body.name": ["Lea"],
        "body.animal": ["cat"],
        "body.color": ["sky"],
        "path.child": children,
        "path.toy": [toy["id"] for toy in hub.ask("GET", "/api/v1/toys")["toys"]],
        "path.item": [item["id"] for item in items],
        "path.delivery": [item["delivery"]["id"] for item in items],
        "path.invite": [invitation for invitation, _ in invitations],
    }


def own(hub):
    """What a relative or a child's screen needs: what is theirs."""
    child = hub.child()
    items = hub.ask("GET", f"/api/v1/children/{child}/items")["items"]
    deliveries = [item["delivery"]["id"] for item in items if item["delivery"]]
    return {
        "path.child": [child],
        "path.item": [item["id"] for item in items],
        "path.delivery": deliveries,
    }


def password(hub):
    """What signs in, and what a password may become."""
    return {
        "body.name": [hub.name],
        "body.password": [hub.password],
        "body.new_password": [NEW_PASSWORD],
    }


def another_session(hub):
    """A browser of the same guardian that can be signed out."""
    own = hub.session
    hub.session = None
    hub.sign_in()
    hub.session, _ = own, hub.session
    sessions = hub.ask("GET", "/api/v1/sessions")["sessions"]
    return {"path.session": [session["id"] for session in sessions if not session["current"]]}


def authenticator(hub):
    """A secret for two-step sign-in, and what the authenticator shows."""
    secret = hub.ask("POST", "/api/v1/me/totp/new")["secret"]
    return password(hub) | {"body.secret": [secret], "body.code": [totp(secret)]}


def two_steps(hub):
    """An account with two-step sign-in."""
    return password(hub) | {"body.totp": hub.switch_totp_on()}


def recovery(hub):
    """A recovery key that was made just now."""
    return password(hub) | {"body.recovery_key": [hub.recovery_key()]}


def recovery_part(hub):
    """The part of the recovery key that is asked for."""
    letters = hub.recovery_key().removeprefix("AGE-SECRET-KEY-1")
    part = hub.ask("GET", "/api/v1/me")["recovery_key_part"]
    first = part["first"] - 1
    return {"body.part": [letters[first : first + part["n"]]]}


def invitation(hub):
    """An invitation, and who would accept it."""
    _, token = hub.invite()
    return {"body.token": [token], "body.name": ["Sam"], "body.password": [NEW_PASSWORD]}


def founding(hub):
    """The set-up code of a new hub, and who would be its first guardian."""
    return password(hub) | {"body.code": [hub.code], "body.time_zone": ["Europe/Berlin"]}


# Routes with a hub of their own, and what they need.
ALONE = {
    "GET /open": password,
    "POST /api/v1/setup": founding,
    "POST /api/v1/sessions": password,
    "POST /api/v1/sessions/revoke-others": another_session,
    "POST /api/v1/sessions/{session}/revoke": another_session,
    "POST /api/v1/sign-out": password,
    "POST /api/v1/me/confirm": password,
    "POST /api/v1/me/password": password,
    "POST /api/v1/me/totp": authenticator,
    "POST /api/v1/me/totp/off": two_steps,
    "POST /api/v1/me/recovery-key/check": recovery_part,
    "POST /api/v1/keys/change": password,
    "POST /api/v1/recover": recovery,
    "POST /api/v1/invites/look": invitation,
    "POST /api/v1/invites/accept": invitation,
    "POST /api/v1/items/{item}/erase": household,
    "POST /api/v1/children/{child}/erase": household,
    "POST /api/v1/relatives/{account}/erase": household,
}


class Run:
    """One run of Schemathesis: who asks, which routes, on which hub."""

    def __init__(self, who, labels, hub, known=None, *, stays_signed_in=False, phases=None):
        self.who, self.labels, self.known = who, labels, known
        self.start, self.stays_signed_in, self.phases = hub, stays_signed_in, phases
        self.states = defaultdict(set)
        self.output, self.faults = "", []

    def settings(self, hub, known):
        """Returns the settings of Schemathesis, as TOML."""
        lines = [
            f"hooks = {quoted(HERE / 'hooks.py')}",
            "tls-verify = false",
            "request-timeout = 30",
            "continue-on-failure = true",
            # The stream of events never ends by itself, and a second event may take its time.
            "max-stream-events = 1",
            # Which routes were reached says the table.
            "warnings = false",
            f"seed = {SEED}",
            "[generation]",
            'database = "none"',
            "[headers]",
            f"Origin = {quoted(hub.origin)}",
            'Sec-Fetch-Site = "same-origin"',
        ]
        if self.who != "nobody" and hub.session:
            lines += ["[auth.openapi.cookie]", f"api_key = {quoted(hub.session)}"]
        # Lists and objects are of use in examples only.
        known = {name: values for name, values in known.items() if isinstance(values[0], str)}
        if known:
            often = OFTEN if self.stays_signed_in else NEARLY_ALWAYS
            lines.append("[dictionaries]")
            lines += [f"{quoted(name)} = {{ values = {json.dumps(values)} }}" for name, values in known.items()]
            lines.append("[parameters]")
            lines += [f"{quoted(name)} = {{ dictionary = {quoted(name)}, probability = {often} }}" for name in known]
        return "\n".join(lines) + "\n"

    def go(self, schema, phases, n_examples):
        """Starts a hub and tests it; what is found stands in this object afterwards."""
        hub = None
        try:
            hub = self.start()
            known = self.known(hub) if self.known else {}
            folder = Path(hub.folder.name)
            (folder / "settings.toml").write_text(self.settings(hub, known), "utf-8")
            (folder / "openapi.json").write_text(json.dumps(self.with_example(schema, known)), "utf-8")
            answers = folder / "answers"
            answers.touch()
            command = [SCHEMATHESIS, "--config-file", folder / "settings.toml", "run"]
            command += ["--phases", self.phases or phases, "--max-examples", str(n_examples)]
            command += ["--url", hub.origin, "--no-color", "--checks", "all", "--exclude-checks", LEFT_OUT]
            command += [option for label in self.labels for option in ("--include-name", label)]
            done = subprocess.run(
                [*command, folder / "openapi.json"],
                cwd=folder,
                env=os.environ | {"HUTCH_ANSWERS": str(answers)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            self.output = done.stdout
            for line in answers.read_text("utf-8").splitlines():
                label, state = line.split("\t")
                self.states[label].add(state)
            self.judge(hub, done.returncode)
        except (OSError, RuntimeError) as error:
            self.faults.append(f"it could not be run: {error}")
        finally:
            if hub:
                hub.stop()
        return self

    def with_example(self, schema, known):
        """Returns the document with a body that must succeed, of what is known; it is sent first."""
        schema = json.loads(json.dumps(schema))
        example = {name.removeprefix("body."): values[0] for name, values in known.items() if name.startswith("body.")}
        for label in self.labels if example else []:
            method, path = label.split(" ", 1)
            content = schema["paths"][path][method.lower()].get("requestBody", {}).get("content", {})
            body = content.get("application/json")
            if not body or "$ref" not in body["schema"]:
                continue
            fields = schema
            for part in body["schema"]["$ref"].split("/")[1:]:
                fields = fields[part]
            if set(fields["required"]) <= example.keys():
                body["example"] = {name: value for name, value in example.items() if name in fields["properties"]}
        return schema

    def judge(self, hub, code):
        """Notes what is wrong."""
        if code:
            self.faults.append(f"Schemathesis ended with {code}")
        self.faults += [f"{label} was not asked" for label in self.labels if label not in self.states]
        self.faults += [f"the hub's log: {line}" for line in hub.errors()]
        if hub.process.poll() is not None:
            self.faults.append(f"the hub ended with {hub.process.returncode}")
        elif self.stays_signed_in:
            try:
                hub.ask("GET", "/api/v1/me")
            except RuntimeError:
                self.faults.append("a route ended the session: it needs a hub of its own")

    def report(self):
        """Prints the summary of Schemathesis, and everything that it said if something is wrong."""
        what = self.labels[0] if len(self.labels) == 1 else f"{len(self.labels)} routes"
        print(f"\n{self.who}, {what}", flush=True)
        if self.faults:
            print(self.output)
            for fault in self.faults:
                print(f"FAULT: {fault}")
            return
        lines = self.output.splitlines()
        print("\n".join(line for line in lines if re.match(r"\s+\d+ generated|=+ .* in [\d.]+s =+", line)))


def quoted(text):
    """Returns a text as TOML has it."""
    return json.dumps(str(text))


def main():
    """Runs everything, two at a time on two cores, and returns whether all went well."""
    is_long = "--long" in sys.argv[1:]
    phases = "examples,coverage,fuzzing,stateful" if is_long else "examples,coverage,fuzzing"
    n_examples = 200 if is_long else 6
    schema = document()
    labels = [f"{method.upper()} {path}" for path, methods in schema["paths"].items() for method in methods]
    missing = [label for label in ALONE if label not in labels]
    shared = [label for label in labels if label not in ALONE]
    runs = [
        Run("a guardian", shared, Hub.demo, household, stays_signed_in=True),
        Run("a relative", shared, Hub.of_relative, own, stays_signed_in=True),
        Run("a child's screen", shared, Hub.of_screen, own, stays_signed_in=True),
        Run("nobody", labels, Hub.demo),
        # Whatever is asked there, hardly anything is answered: the short form makes short work of it.
        Run("on a new hub", labels, Hub.new, phases=phases if is_long else "fuzzing"),
    ]
    for label, known in ALONE.items():
        start = Hub.new if known is founding else Hub.demo
        runs.append(Run("a guardian", [label], start, known))

    started = time.monotonic()
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        done = [pool.submit(run.go, schema, phases, n_examples) for run in runs]
        for run in done:
            run.result().report()

    print("\nWhich route was asked by whom, and the states of the answers:")
    for label in labels:
        asked = [f"{run.who} {' '.join(sorted(run.states[label]))}" for run in runs if label in run.labels]
        print(f"  {label}: {'; '.join(asked)}")
    reached = {
        label for run in runs for label, states in run.states.items() if any(state[0] in "23" for state in states)
    }
    never = [label for label in labels if label not in reached]
    print(f"never answered with success: {', '.join(never) or 'none'}")
    faults = [fault for run in runs for fault in run.faults] + [f"{label} is gone" for label in missing]
    print(f"{len(labels)} routes, {len(runs)} runs, {len(faults)} faults, {time.monotonic() - started:.0f} s")
    return not faults


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
