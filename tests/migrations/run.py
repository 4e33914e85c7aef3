#!/usr/bin/env python3
"""Moves everybody between any two of the four platforms, in all twelve directions.

    tests/migrations/run.py --build DIR [FROM-TO…]

For each direction: the migration ends with 0 or 3 and says who is missing and why; what it reports is what the new
platform holds; nobody is there twice; the id map has everybody who is there; who was disabled is disabled there too,
or the report says why not; a second migration writes nothing. Then the same again, killed by SIGKILL in the middle:
what goes on from there ends with the same people. Last from a dump instead of the platform.
"""
import argparse
import collections
import csv
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

PLATFORMS = ["mainflux", "gr4vy", "kestra", "sigfox"]
USERS = 24
ADMIN = "admin@example.com"
SIGFOX_SELF = "5f3c1a2b4d5e6f708192a3b4"
SIGFOX_GROUP = "5f0c1a2b4d5e6f7081920001"
PROFILES = {f"5f0c1a2b4d5e6f70819200a{i}": name for i, name in enumerate(["guest", "engineering", "operations"])}
CREATE = {"mainflux": "/users", "gr4vy": "/users", "kestra": "/api/v1/users", "sigfox": "/api-users/"}
LABEL = {"mainflux": lambda user: user["credentials"]["identity"],
         "gr4vy": lambda user: user.get("email_address") or user.get("email_adress"),
         "kestra": lambda user: user["email"],
         "sigfox": lambda user: user["name"]}


class Failed(Exception):
    pass


def check(so, what):
    if not so:
        raise Failed(what)


def sigfox_world():
    """API users of one group who are called by their mails, as people who come from elsewhere are."""
    users = [{"id": f"{i:024x}", "name": f"person{i}@plantly.example", "timezone": "Europe/Paris", "groupId": SIGFOX_GROUP,
              "profileIds": list(PROFILES)[:1 + i % 3]} for i in range(1, USERS + 1)]
    own = {"id": SIGFOX_SELF, "name": "usher", "timezone": "UTC", "groupId": SIGFOX_GROUP, "profileIds": list(PROFILES)[:1]}
    return {"groups": [{"id": SIGFOX_GROUP, "name": "field"}], "users": [own, *users],
            "profiles": [{"id": key, "name": name, "groupId": SIGFOX_GROUP} for key, name in PROFILES.items()]}


class Sandbox:
    def __init__(self, build, folder):
        ports = folder / "ports"
        words = [build / "usher-sandbox", "--users", str(USERS), "--port-file", ports]
        for name in PLATFORMS:
            words += ["--platform", name]
        (folder / "world.json").write_text(json.dumps({"sigfox": sigfox_world()}))
        words += ["--load", folder / "world.json"]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while not ports.exists():
            check(self.process.poll() is None and time.monotonic() < until, "the sandbox did not start")
            time.sleep(0.02)
        self.urls = {name: f"http://127.0.0.1:{port}" for name, port in
                     (line.split("=") for line in ports.read_text().split())}

    def ask(self, platform, what, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.urls[platform]}/__sandbox/{what}", data=data,
                                         method=method or ("GET" if body is None else "POST"))
        with urllib.request.urlopen(request) as reply:
            text = reply.read()
        return json.loads(text) if text else None

    def reset(self, platform):
        self.ask(platform, "faults", [])
        self.ask(platform, "reset", {})

    def leave_few(self, platform):
        """The world as it began, but for most people: those who are left are there before a migration."""
        self.reset(platform)
        for label in sorted(self.users(platform))[:-3]:
            for user in self.users(platform)[label]:
                self.ask(platform, "change", {"delete": user["id"]})

    def users(self, platform):
        """Label in small letters -> users, without the one usher works as."""
        found = collections.defaultdict(list)
        for user in self.ask(platform, "world")["users"]:
            label = LABEL[platform](user)
            if label != ADMIN and user["id"] != SIGFOX_SELF:
                found[label.lower()].append(user)
        return found

    def creates(self, platform):
        return self.ask(platform, "requests").get(f"POST {CREATE[platform]}", 0)

    def writes(self, platform):
        return len(json.dumps(self.ask(platform, "journal")))


class Direction:
    def __init__(self, build, folder, sandbox, old, new):
        self.build, self.folder, self.sandbox, self.old, self.new = build, folder, sandbox, old, new
        self.runs = 0

    def words(self, state, *more):
        return [self.build / "usher", "migrate", "--no-progress", "--from", self.old, "--to", self.new, "--yes",
                "--state", state, *more]

    def migrate(self, state, *more):
        self.runs += 1
        ids = self.folder / f"ids-{self.runs}.csv"
        done = subprocess.run([*self.words(state, *more), "--output", "json", "--id-map", ids], cwd=self.folder,
                              capture_output=True, text=True, timeout=120)
        check(done.returncode in (0, 3), f"ended with {done.returncode}: {done.stdout}{done.stderr}")
        report = json.loads(done.stdout)
        check(report["parity"]["clean"] or done.returncode == 3, "the exit code is not what the report says")
        for one in report["lost"] + report["parity"]["missing"]:
            check(one["why"], f"no reason is given: {one}")
        with open(ids, newline="") as file:
            return report, list(csv.DictReader(file))

    def compare(self, report, pairs):
        """What is reported is what is there. How the people of the old platform are known on the new."""
        parity = report["parity"]
        before, after = self.sandbox.users(self.old), self.sandbox.users(self.new)
        check(parity["people"] == sum(map(len, before.values())) + 1, f"{parity['people']} people")
        check(parity["people"] == parity["created"] + parity["matched"] + parity["inactive"] + parity["left-out"]
              + len(parity["missing"]), "the numbers of the parity do not add up")
        doubles = [label for label, users in after.items() if len(users) > 1 and self.new != "sigfox"]
        check(not doubles, f"there twice: {doubles}")
        check(len(pairs) == parity["created"] + parity["matched"], "somebody is not in the id map")
        check(len({pair["old id"] for pair in pairs}) == len({pair["new id"] for pair in pairs}) == len(pairs),
              "the id map names somebody twice")
        old = {user["id"]: user for users in before.values() for user in users}
        new = {user["id"]: user for users in after.values() for user in users}
        for pair in pairs:
            check(pair["old id"] in old and pair["new id"] in new, f"nobody has such an id: {pair}")
            check(LABEL[self.new](new[pair["new id"]]) == pair["key"], f"is known otherwise: {pair}")
        self.compare_disabled(report, pairs, old, new)
        return sorted(pair["key"] for pair in pairs)

    def compare_disabled(self, report, pairs, old, new):
        where = {pair["old id"]: new[pair["new id"]] for pair in pairs if pair["how"].startswith("created")}
        disabled = [user for user in old.values() if user.get("status") == "disabled"]
        if self.old == "mainflux":
            check(disabled, "nobody is disabled: nothing is tried")
        moved = [where[user["id"]] for user in disabled if user["id"] in where]
        if self.new == "gr4vy" and disabled:
            check(not moved, "somebody who may not log in may do so now")
            check(any(loss["what"] == "disabled accounts" and loss["accounts"] == len(disabled)
                      for loss in report["lost"]), "nothing is said of disabled accounts")
        elif self.new == "mainflux":
            check(all(user["status"] == "disabled" for user in moved), "somebody is enabled")
        elif self.new == "kestra":
            there = {pair["old id"] for pair in pairs}
            check(all(user["id"] in there for user in disabled), "who was disabled is not there")
            check(all(not user["auths"] and not user["groups"] and not user["tenants"] for user in moved),
                  f"somebody is not locked: {moved}")

        elif self.new == "sigfox":
            # What is locked is not shown: the password was renewed, and nobody was told.
            renewed = {entry["path"].split("/")[-2] for entry in self.sandbox.ask("sigfox", "journal")
                       if entry["path"].endswith("/renew-credential")}
            check({user["id"] for user in moved} <= renewed, "somebody is not locked")

    def from_dumps(self, people, *more):
        """The same people move from a file in each format."""
        for form in ("csv", "json", "yaml"):
            file = f"old.{form}"
            subprocess.run([self.build / "usher", "dump", self.old, "--out", file, "--no-progress"], cwd=self.folder,
                           capture_output=True, check=True, timeout=120)
            config = json.loads((self.folder / "usher.yaml").read_text())
            config["platforms"]["file"] = {"connector": form, "path": file, "key": "id"}
            (self.folder / f"{form}.yaml").write_text(json.dumps(config))
            self.sandbox.leave_few(self.new)
            source, self.old = self.old, "file"
            report, pairs = self.migrate(f"{form}.db", "--config", f"{form}.yaml", *more)
            self.old = source
            # usher's own account is one of the file's, and knows not that it is: it is there already.
            pairs = [pair for pair in pairs if pair["key"] != ADMIN]
            check(sorted(pair["key"] for pair in pairs) == people, f"from {file} move others")
            old = {user["id"]: user for users in self.sandbox.users(self.old).values() for user in users}
            new = {user["id"]: user for users in self.sandbox.users(self.new).values() for user in users}
            self.compare_disabled(report, pairs, old, new)

    def again(self, state, code_of, *more):
        before = self.sandbox.writes(self.new)
        report, pairs = self.migrate(state, *more)
        check(report["plan"]["plan"]["changes"] == [] and report["apply"] is None,
              f"the second migration has something to do: {report['plan']['plan']['changes'][:2]}")
        check(self.sandbox.writes(self.new) == before, "the second migration wrote something")
        check(report["parity"]["clean"] == code_of["parity"]["clean"], "the second report is another")
        return pairs

    def run(self):
        choice = ["--disabled", "lock"] if self.old == "mainflux" and self.new in ("kestra", "sigfox") else []
        self.sandbox.leave_few(self.new)
        report, pairs = self.migrate("once.db", *choice)
        people = self.compare(report, pairs)
        check(self.again("once.db", report, *choice) == pairs, "the second id map is another")
        self.kill(report["parity"]["created"], *choice)
        report, pairs = self.migrate("killed.db", *choice)
        check(self.compare(report, pairs) == people, "who was killed in the middle moved other people")
        self.again("killed.db", report, *choice)
        if self.old == "mainflux":
            self.from_dumps(people, *choice)
        return (f"{report['parity']['created']} created, {report['parity']['matched']} matched, "
                f"{report['parity']['disabled']} of them disabled, {len(report['parity']['missing'])} missing, "
                f"{len(report['lost'])} losses told")

    def kill(self, creates, *more):
        """Begins anew and kills it twice while accounts are made."""
        self.sandbox.leave_few(self.new)
        for enough in (creates // 4, creates // 2) if creates >= 8 else ():
            self.sandbox.ask(self.new, "faults", [{"method": "POST", "path": CREATE[self.new], "every": 1, "delay_ms": 30}])
            with open(self.folder / "killed.log", "wb") as log:
                process = subprocess.Popen(self.words("killed.db", *more), cwd=self.folder, stdout=log, stderr=log)
            until = time.monotonic() + 60
            while self.sandbox.creates(self.new) < enough:
                check(process.poll() is None and time.monotonic() < until,
                      "ended before it could be killed: " + (self.folder / "killed.log").read_text())
            process.kill()
            process.wait()
        self.sandbox.ask(self.new, "faults", [])


def configuration(urls):
    return {
        "version": 1, "state": "usher.db",
        "platforms": {
            "mainflux": {"connector": "mainflux", "url": urls["mainflux"], "identity": ADMIN, "secret": "12345678"},
            "gr4vy": {"connector": "gr4vy", "url": urls["gr4vy"], "email": ADMIN, "password": "12345678", "rate": 1000},
            "kestra": {"connector": "kestra", "url": urls["kestra"], "username": ADMIN, "password": "12345678"},
            "sigfox": {"connector": "sigfox", "url": urls["sigfox"] + "/v2", "login": SIGFOX_SELF,
                       "password": "12345678", "group": SIGFOX_GROUP, "profile": list(PROFILES)[0],
                       "rate": 1000}}}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("directions", nargs="*")
    options = parser.parse_args()
    wanted = options.directions or [f"{a}-{b}" for a, b in itertools.permutations(PLATFORMS, 2)]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="usher-migrations-") as name:
        root = pathlib.Path(name)
        sandbox = Sandbox(options.build.resolve(), root)
        try:
            for direction in wanted:
                old, new = direction.split("-")
                folder = root / direction
                folder.mkdir()
                (folder / "usher.yaml").write_text(json.dumps(configuration(sandbox.urls)))  # JSON is YAML
                for platform in PLATFORMS:
                    sandbox.reset(platform)
                for _, users in sorted(sandbox.users("mainflux").items())[:8]:
                    sandbox.ask("mainflux", "change", {"disable": users[0]["id"]})
                try:
                    print(f"{direction}: {Direction(options.build.resolve(), folder, sandbox, old, new).run()}")
                except Failed as error:
                    failed += 1
                    print(f"{direction}: FAILED: {error}")
        finally:
            sandbox.process.kill()
            sandbox.process.wait()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
