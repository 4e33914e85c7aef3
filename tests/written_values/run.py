#!/usr/bin/env python3
"""Attributes that no pull shows, which are compared with what usher wrote last, with the real program against Kestra read
without details.

    tests/written_values/run.py --build DIR
"""
import base64
import json
import pathlib
import sqlite3
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from played import Programs, main  # noqa: E402

CONFIGURATION = """version: 1
state: usher.db
platforms:
  hr: {connector: csv, path: people.csv}
  flows: {connector: kestra, url: "@URL@", username: admin@example.com, password: "${env:SECRET}", details: summary}
people:
  from: hr
  key: record.id
  attributes: {mail: record.mail, first: record.first, last: record.last, demo: record.demo}
accounts:
  flows:
    match: [{account: email, person: person.mail}]
    set: {email: person.mail, firstName: person.first, lastName: person.last, restricted: person.demo == "yes"}
    leavers: {without-disable: lock}
"""
EVE = {"id": "U3", "email": "eve@example.com", "firstName": "Evelyn", "lastName": "D", "tenants": ["main"], "groups": []}


class Flows(Programs):
    """Ada's account is made by usher, Eve has one already."""

    def __init__(self, build, folder):
        (folder / "world.json").write_text(json.dumps({"kestra": {"groups": [], "users": [EVE]}}))
        super().__init__(build, folder, ["kestra"], "--empty", "--load", folder / "world.json", SECRET="12345678")
        (folder / "usher.yaml").write_text(CONFIGURATION.replace("@URL@", self.urls["kestra"]))
        self.ada("Ada", "Lovelace")
        self.run("sync")

    def ada(self, first, last, demo="no", mail="ada@example.com"):
        (self.folder / "people.csv").write_text("id,mail,first,last,demo\n"
                                                f"E1,{mail},{first},{last},{demo}\nE3,eve@example.com,Eve,Dijkstra,no\n")

    def users(self):
        with urllib.request.urlopen(self.urls["kestra"] + "/__sandbox/world") as reply:
            return json.loads(reply.read())["users"]

    def held(self, mail="ada@example.com"):
        (user,) = [user for user in self.users() if user["email"] == mail]
        return user["firstName"], user["lastName"], user.get("restricted", False)

    def by_hand(self, method, path, body):
        """What an administrator does on the platform."""
        request = urllib.request.Request(self.urls["kestra"] + path, method=method, data=json.dumps(body).encode(), headers={
            "Authorization": "Basic " + base64.b64encode(b"admin@example.com:12345678").decode(), "Content-Type": "application/json"})
        urllib.request.urlopen(request).read()

    def faults(self, *rules):
        request = urllib.request.Request(f"{self.urls['kestra']}/__sandbox/faults", method="POST", data=json.dumps(rules).encode())
        urllib.request.urlopen(request).read()

    def rests(self):
        assert self.ask("plan", "--pull")["plan"]["operations"] == []


def a_changed_value_is_sent_once(world):
    world.rests()
    world.ada("Augusta", "King", "yes")
    world.run("sync")
    assert world.held() == ("Augusta", "King", True), world.held()
    world.rests()
    told = [(one["what"], one["before"], one["now"]) for one in world.ask("history", "E1")["changes"] if one["by"] == "usher"]
    assert ("firstName", "Ada", "Augusta") in told, told
    assert world.held("eve@example.com")[0] == "Evelyn", "nobody knows what she had"


def an_undo_puts_it_back(world):
    world.ada("Augusta", "King", "yes")
    run = world.ask("sync")["apply"]["run"]
    told = " ".join(world.run("undo", run, "--yes").split())
    assert world.held() == ("Ada", "Lovelace", False), world.held()
    assert "the next sync does it again: the rules still want firstName, lastName, restricted" in told, told
    world.run("sync")
    assert world.held() == ("Augusta", "King", True), world.held()
    world.rests()


def an_undo_is_held_off(world):
    world.ada("Augusta", "King", "yes")
    run = world.ask("sync")["apply"]["run"]
    world.run("undo", run, "--yes", "--hold-until", "2d")
    told = world.run("sync")
    assert world.held() == ("Ada", "Lovelace", False) and "held-off" in told, told


def what_nobody_can_see_did_not_change_on_the_platform(world):
    world.run("pull")
    (user,) = [user for user in world.users() if user["email"] == "ada@example.com"]
    world.by_hand("PATCH", f"/api/v1/users/{user['id']}/superadmin", {"superAdmin": True})
    world.run("pull")
    world.ada("Ada", "King")
    (change,) = world.ask("plan", codes=(2,))["plan"]["changes"]
    assert change["because"] == "its record in hr changed", change


def a_value_that_may_have_been_written_is_not_known(world):
    world.ada("Ada", "King")
    world.faults({"method": "PATCH", "path": "/api/v1/users/*", "nth": 1, "count": 99, "status": 500, "after": True})
    world.run("sync", codes=(1, 3))
    world.faults()
    assert world.held()[1] == "King", "the fault did not come after the write"
    world.ada("Ada", "Lovelace")
    run = world.ask("sync")["apply"]["run"]
    assert world.held()[1] == "Lovelace", world.held()
    world.rests()
    told = world.run("undo", run, "--yes", codes=(3,))
    assert "nobody knows what it was before" in " ".join(told.split()), told
    assert world.held()[1] == "Lovelace", ("what nobody knows is not emptied", world.held())


def a_saved_plan_writes_over_nothing_newer(world):
    world.ada("Ada", "King")
    world.run("plan", "--out", "old.plan", codes=(2,))
    world.ada("Ada", "Byron")
    world.run("sync")
    world.run("apply", "old.plan", "--yes", codes=(6,))
    assert world.held()[1] == "Byron", world.held()


def what_the_journal_has_forgotten_is_sent_again(world):
    """As after the time that `keep` names: of an account that usher made, all such values are sent once they change."""
    with sqlite3.connect(world.folder / "usher.db") as state:
        state.execute("delete from journal")
    state.close()
    world.rests()
    world.ada("Ada", "King")
    world.run("sync")
    assert world.held() == ("Ada", "King", False), world.held()
    world.rests()


if __name__ == "__main__":
    main(__doc__, [a_changed_value_is_sent_once, an_undo_puts_it_back, an_undo_is_held_off,
                   what_nobody_can_see_did_not_change_on_the_platform, a_value_that_may_have_been_written_is_not_known,
                   a_saved_plan_writes_over_nothing_newer, what_the_journal_has_forgotten_is_sent_again], Flows)
