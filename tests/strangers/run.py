#!/usr/bin/env python3
"""Reconciles platforms that no recipe of ours is for, by recipes written from docs/recipes.md.

    tests/strangers/run.py --build DIR [NAME…]

Each folder here holds such a platform: NAME.yaml, its recipe; rules.yaml, the options and rules of a configuration;
api.py, the platform itself, in memory. They are as different as real ones are. For each: the recipe has no mistakes,
the read-only checks pass; a plan, an apply and a second plan, which must be empty; then people move, leave, come and
come back, each time with an empty plan after the apply; the checks that write pass too. In the end the platform
holds what was declared, and the state no secret.
"""
import argparse
import importlib.util
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HERE = pathlib.Path(__file__).resolve().parent
SECRET = "s3cr3t-of-the-platform-91"


class Failed(Exception):
    pass


class Call:
    """A request: method, path, query (names to texts), headers (lower case), body (JSON, a form's names, or None)."""

    def __init__(self, method, target, headers, raw):
        url = urllib.parse.urlsplit(target)
        self.method = method
        self.path = urllib.parse.unquote(url.path)
        self.query = dict(urllib.parse.parse_qsl(url.query))
        self.headers = headers
        self.type = headers.get("content-type", "")
        self.body = None
        if raw and "json" in self.type:
            self.body = json.loads(raw)
        elif raw:
            self.body = dict(urllib.parse.parse_qsl(raw.decode(), keep_blank_values=True))
        self.host = "http://" + headers.get("host", "")

    def match(self, pattern):
        """The parts of "METHOD /path/{}" when this is such a request."""
        method, _, path = pattern.partition(" ")
        found = re.fullmatch(re.escape(path).replace(r"\{\}", "([^/]+)"), self.path)
        self.parts = list(found.groups()) if found and method == self.method else None
        return self.parts is not None


def serve(api):
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            call = Call(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, raw)
            with lock:
                status, body, headers = (*api.answer(call), {})[:3]
            data = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers, "Content-Length": len(data)}.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def first_people():
    return [{"key": f"E{i:03}", "mail": f"p{i:03}@x.example", "first": f"First{i}", "last": f"Last{i}",
             "department": ("core", "edge")[i % 2], "status": "active"} for i in range(1, 28)]


class Trial:
    def __init__(self, name, build, folder):
        self.name, self.build, self.folder = name, build, folder
        spec = importlib.util.spec_from_file_location(f"api_{name}", HERE / name / "api.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.people = first_people()
        self.api = module.Api(SECRET)
        # Two are missing, one has another name, one another department, and there is one whom nobody declared.
        for i, person in enumerate(self.people[2:]):
            self.api.seed(person["mail"], "Other" if i == 0 else person["first"], person["last"],
                          "edge" if i == 1 else person["department"], active=i != 2)
        self.api.seed("orphan@x.example", "Or", "Phan", "core", active=True)

    def write(self):
        rows = [",".join(self.people[0])] + [",".join(one.values()) for one in self.people]
        (self.folder / "people.csv").write_text("\n".join(rows) + "\n")

    def usher(self, expected, *words):
        done = subprocess.run([self.build / "usher", words[0], "--no-progress", *words[1:]], cwd=self.folder,
                              capture_output=True, text=True, timeout=120,
                              env={"PATH": "/usr/bin:/bin", "STRANGER_SECRET": SECRET})
        output = f"$ usher {' '.join(words)}\n{done.stdout}{done.stderr}(exit {done.returncode})\n"
        with open(self.folder / "output.txt", "a") as file:
            file.write(output)
        if done.returncode != expected:
            raise Failed(f"ended with {done.returncode}, not {expected}:\n{output}")
        return done.stdout

    def apply(self, plan):
        """Carries the plan out, and holds what it said that it costs against the requests that were sent. Logins come on
        top, and what was sent in a session that had ended; nobody knows that a platform gives fewer items a page than it
        is asked for."""
        done = subprocess.run([self.build / "usher", "apply", plan["digest"], "--yes", "-vv", "--log-format", "json"],
                              cwd=self.folder, capture_output=True, text=True, timeout=120,
                              env={"PATH": "/usr/bin:/bin", "STRANGER_SECRET": SECRET})
        if done.returncode != 0:
            raise Failed(f"apply ended with {done.returncode}: {done.stdout}{done.stderr[-2000:]}")
        steps = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
        calls = [step["call"] for step in steps if step.get("op") == "request" and step.get("status") != 401]
        sent = len(calls) - sum(step.get("op") == "login" for step in steps)
        for cost in plan.get("costs", {}).values():
            if abs(cost["requests"] - sent) > max(sent / 10, 4):
                raise Failed(f"the plan says {cost['requests']} requests, {sent} were sent: {calls}")

    def converge(self, what, changes=True):
        self.write()
        try:
            told = json.loads(self.usher(2 if changes else 0, "plan", "--pull", "--output", "json"))
            self.apply(told["plan"])
            self.usher(0, "plan", "--pull")
        except Failed as failed:
            raise Failed(f"{what}: {failed}") from None
        wanted = {one["mail"]: one for one in self.people}
        held = self.api.held()
        for mail, one in wanted.items():
            active = one["status"] == "active"
            account = held.get(mail)
            if account is None:
                if active:
                    raise Failed(f"{what}: {mail} has no account")
                continue
            if account["active"] != active:
                raise Failed(f"{what}: {mail} is {'not ' if active else ''}active")
            if active and (account["first"], account["department"]) != (one["first"], one["department"]):
                raise Failed(f"{what}: {mail} is {account}, wanted {one}")
        if "orphan@x.example" not in held or not held["orphan@x.example"]["active"]:
            raise Failed(f"{what}: the account that nobody declared was touched")
        if not held[self.api.own]["active"]:
            raise Failed(f"{what}: our own account was touched")

    def run(self, url):
        rules = (HERE / self.name / "rules.yaml").read_text().replace("@URL@", url)
        (self.folder / "usher.yaml").write_text(rules)
        (self.folder / f"{self.name}.yaml").write_text((HERE / self.name / f"{self.name}.yaml").read_text())
        self.write()
        self.usher(0, "connector", "lint", f"{self.name}.yaml")
        self.usher(0, "validate")
        self.usher(0, "connector", "test", "there")
        self.converge("at first")
        self.people[4]["first"] = "Renamed"
        self.people[5]["department"] = "core" if self.people[5]["department"] == "edge" else "edge"
        self.people[6]["status"] = "left"
        self.people.append({"key": "E900", "mail": "new@x.example", "first": "New", "last": "Comer",
                            "department": "core", "status": "active"})
        self.converge("after changes")
        self.people[6]["status"] = "active"
        self.converge("after a return")
        for person in self.people:
            person["department"] = "core" if person["department"] == "edge" else "edge"
        self.converge("after a reorganisation")
        # Half of all people join each group: more than there are requests at once.
        if max(getattr(self.api, "batches", [9])) <= 8:
            raise Failed(f"so many changes went in one request: {self.api.batches}")
        self.usher(0, "connector", "test", "there", "--write", *self.api.trial)
        self.converge("after the trial", changes=False)
        for file in self.folder.glob("usher.db*"):
            held = file.read_bytes()
            for secret in [SECRET, *self.api.secrets]:
                if secret.encode() in held:
                    raise Failed(f"a secret lies in {file.name}")
        if self.api.refused:
            raise Failed(f"the platform could not make sense of: {self.api.refused}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--build", type=pathlib.Path, default=HERE.parent.parent / "build/dev")
    arguments.add_argument("--keep", type=pathlib.Path, help="work in this folder and leave everything there")
    arguments.add_argument("names", nargs="*")
    given = arguments.parse_args()
    names = given.names or sorted(path.parent.name for path in HERE.glob("*/api.py"))
    bad = 0
    for name in names:
        with tempfile.TemporaryDirectory() as scratch:
            folder = given.keep / name if given.keep else pathlib.Path(scratch)
            folder.mkdir(parents=True, exist_ok=True)
            for old in folder.iterdir():
                old.unlink()
            trial = Trial(name, given.build.resolve(), folder)
            server = serve(trial.api)
            try:
                trial.run(f"http://127.0.0.1:{server.server_address[1]}")
                print(f"{name}: ok")
            except Failed as failed:
                bad += 1
                print(f"{name}: FAILED {failed}")
            finally:
                server.shutdown()
    print(f"{len(names) - bad} passed, {bad} failed")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
