"""The people API of usher-sandbox, started for a test and changed while it runs.

    with Platform(build, groups=("staff",), lag=1, create="lost") as platform:
        platform.set(create="done")

Keyword arguments are switches of the sandbox without their prefix, `_` for `-`; `usher-sandbox --switches` lists them.
The platform has no unique key unless it is told so.
"""
import http.client
import json
import pathlib
import subprocess
import tempfile
import time
import urllib.parse

WRITES = ["POST", "PUT", "PATCH", "DELETE"]


def value(given):
    if isinstance(given, bool):
        return "true" if given else "false"
    return ",".join(given) if isinstance(given, (tuple, list)) else str(given)


def switches(given):
    return {"unkind." + name.replace("_", "-"): value(one) for name, one in given.items()}


class Platform:
    def __init__(self, build, groups=("staff", "owners"), load=(), **given):
        moved = switches({"unique": False, "groups": groups, **given})
        with tempfile.TemporaryDirectory() as folder:
            ports, world = pathlib.Path(folder) / "ports", pathlib.Path(folder) / "world.json"
            world.write_text(json.dumps(load))
            self.process = subprocess.Popen(
                [build / "usher-sandbox", "--platform", "unkind", "--load", world, "--port-file", ports,
                 *(f"--set={name}={one}" for name, one in moved.items())], stdout=subprocess.DEVNULL)
            while not ports.exists():
                assert self.process.poll() is None, "usher-sandbox ended"
                time.sleep(0.002)
            self.port = int(ports.read_text().split("=")[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.forget()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.kill()
        self.process.wait()

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request(method, path, None if body is None else json.dumps(body))
        try:
            reply = connection.getresponse()
            text = reply.read()
        except ConnectionError as lost:
            raise AssertionError(f"usher-sandbox: {method} {path}: {lost}, ended with {self.process.poll()}") from lost
        connection.close()
        assert reply.status < 300, (path, body, reply.status, text)
        return json.loads(text) if text else None

    def ask(self, what):
        return self.call("GET", "/__sandbox/" + what)

    def tell(self, what, body):
        self.call("POST", "/__sandbox/" + what, body)

    # What the platform holds.

    @property
    def people(self):
        return {one["id"]: one for one in self.ask("world")["people"]}

    @property
    def groups(self):
        return self.ask("world")["groups"]

    @property
    def made(self):
        """How many accounts there ever were."""
        return self.ask("world")["made"]

    @property
    def passwords(self):
        return self.ask("secrets")

    def of(self, mail):
        return [one for one in self.people.values() if one["mail"].lower() == mail.lower()]

    def id_of(self, mail):
        """Of the only account with that address: which id somebody gets depends on who is made first."""
        one, = self.of(mail)
        return one["id"]

    # What others do to it.

    def set(self, **moved):
        self.tell("switches", switches(moved))

    def seed(self, mail, name="", groups=(), **more):
        self.tell("change", {"insert": {"mail": mail, "name": name, "groups": list(groups), **more}})
        return self.of(mail)[-1]

    def edit(self, key, **values):
        self.tell("change", {"edit": key, "values": values})

    def remove(self, key):
        self.tell("change", {"delete": key})

    def join(self, key, group):
        self.tell("change", {"join": key, "group": group})

    def leave(self, key, group):
        self.tell("change", {"leave": key, "group": group})

    def settle(self):
        """Listings and searches show everybody from now on."""
        self.tell("change", {"settle": True})

    # What was asked of it.

    @property
    def log(self):
        """Method and path of each request, searches and pages left out."""
        return [(method, urllib.parse.unquote(target)) for method, target in self.ask("calls")
                if method != "GET" or "?" not in target]

    def forget(self):
        self.tell("calls", {})

    def count(self, method, path=""):
        return sum(1 for one, where in self.log if one == method and where.startswith(path))

    # What is done to single writes.

    def disturb(self, disturbances):
        """Writes by number, counted from now on: a fault, see `disturbance`."""
        self.tell("faults", [{"method": WRITES, "nth": number, **disturbance(what)}
                             for number, what in disturbances.items()])

    def watch(self, victim):
        """Kills the process once a disturbance holds a write for that, and waits for its end."""
        while victim.poll() is None:
            if self.ask("held?wait_ms=20")["held"]:
                victim.kill()
                victim.wait()
        self.tell("release", {"cut": True})


def disturbance(what):
    return {
        "lost": {"cut": True, "after": True},
        "kill before": {"hold": True, "cut": True},
        "kill after": {"hold": True, "after": True},
        "429": {"status": 429, "after": True},
        "500": {"status": 500, "after": True},
        "500 before": {"status": 500},
        "doubled": {"twice": True},
        "delayed": {"late_ms": 1500},
    }[what]
