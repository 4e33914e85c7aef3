#!/usr/bin/env python3
"""Offboards people and readmits them as a user does, with the real program and a played platform.

    tests/offboard/run.py --build DIR
"""
import json
import pathlib
import sqlite3
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from played import RULES, main

ADA = "E1,Ada,Lovelace,ada@example.com,engineering,active"
GRACE = "E2,Grace,Hopper,grace@example.com,operations,active"
OPEN = RULES.replace("guards: {removals: 100%, disable: 100%}", "guards: {removals: 100%, enable: 100%, update: 100%}")
WHY = "under notice, CHG-4"


def settle(world):
    world.rules(OPEN)
    world.people(ADA, GRACE)
    world.run("sync")
    world.run("sync")


def world_of(world):
    with urllib.request.urlopen(f"{world.url}/__sandbox/world") as reply:
        return json.loads(reply.read())


def by_hand(world, path, body, token=None):
    """What an administrator does on the platform."""
    request = urllib.request.Request(world.url + path, method="POST", data=json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request) as reply:
        return json.loads(reply.read() or b"{}")


def has(world, mail="ada@example.com"):
    """Whether the account is enabled, and how many policies give it something."""
    held = world_of(world)
    user = next(user for user in held["users"] if user["credentials"]["identity"] == mail)
    given = [policy for policy in held["policies"] if policy["subject"] == user["id"]]
    return user["status"] == "enabled", len(given)


def offboard(world, who="E1", *more, codes=(0,)):
    world.run("offboard", who, "--yes", "--reason", WHY, *more, codes=codes)
    return next(run["run"] for run in world.ask("runs")["runs"] if run["command"] == "offboard")


def synced(world, codes=(0,)):
    return world.ask("sync", codes=codes)["plan"]["plan"]


def of(plan, person="E1"):
    return [operation["kind"] for operation in plan["operations"] if operation["person"] == person]


def notes(plan, kind="offboarded"):
    return [note for note in plan["notes"] if note["kind"] == kind]


def stays_out_until_the_source_agrees(world):
    settle(world)
    assert has(world)[0]
    told = world.run("offboard", "E1", "--dry-run", codes=(2,))
    assert "it is not given back as long as the sources have the person" in " ".join(told.split()), told
    assert world.ask("status")["offboarded"] == []  # only shown
    run = offboard(world)
    out = has(world)
    assert not out[0]
    plan = synced(world)
    assert of(plan) == [] and has(world) == out, plan["operations"]
    note = notes(plan)[0]
    assert f"was offboarded in run {run} by " in note["message"] and WHY in note["message"], note
    assert note["severity"] == "chosen" and note["person"] == "E1", note
    status = world.ask("status")["offboarded"]
    assert [(one["person"], one["run"], one["reason"], one["until"]) for one in status] == [("E1", run, WHY, None)]
    assert f"E1 was offboarded in run {run}" in " ".join(world.run("status").split())
    # What others have goes on.
    world.people(ADA, GRACE.replace("Hopper", "Murray"))
    plan = synced(world)
    assert of(plan) == [] and of(plan, "E2") == ["update"], plan["operations"]
    # The source agrees; then she is hired again.
    world.people(ADA.replace("active", "left"), GRACE)
    synced(world)
    assert world.ask("status")["offboarded"][0]["left"] is True
    world.people(ADA, GRACE)
    plan = synced(world)
    assert "enable" in of(plan) and notes(plan) == [], plan["operations"]
    assert has(world)[0] and world.ask("status")["offboarded"] == []


def set_by_hand(world, action="enable"):
    """Somebody enables, or disables, Ada's account on the platform."""
    user = next(user for user in world_of(world)["users"] if user["credentials"]["identity"] == "ada@example.com")
    admin = by_hand(world, "/users/tokens/issue", {"identity": "admin@example.com", "secret": "12345678"})
    by_hand(world, f"/users/{user['id']}/{action}", {}, admin["access_token"])


def what_is_given_by_hand_is_taken_again(world):
    settle(world)
    run = offboard(world)
    set_by_hand(world)
    assert has(world)[0]
    plan = synced(world)
    assert "disable" in of(plan) and "enable" not in of(plan), plan["operations"]
    change = next(change for change in plan["changes"] if change["person"] == "E1")
    assert f"was offboarded in run {run}" in change["because"], change
    assert not has(world)[0]


def nobody_makes_a_new_account(world):
    """For somebody who had none."""
    settle(world)
    row = "E7,Joan,Clarke,joan@example.com,engineering,active"
    world.people(ADA, GRACE, row)
    world.run("plan", "--out", "before.plan", codes=(2,))
    offboard(world, "E7")
    plan = synced(world)
    assert of(plan, "E7") == [] and [note["person"] for note in notes(plan)] == ["E7"], plan["notes"]
    done = world.start("apply", "before.plan")
    assert done.returncode == 6 and "E7, who was offboarded" in done.stderr, done
    world.run("readmit", "E7")
    assert of(synced(world), "E7")[0] == "create"


def readmit_ends_it(world):
    settle(world)
    before = has(world)
    run = offboard(world)
    synced(world)
    world.run("readmit", "E2", codes=(64,))
    assert world.ask("readmit", "ada@example.com", "--reason", "a mistake")["offboarded-in"] == run
    made = next(one for one in world.ask("runs")["runs"] if one["command"] == "readmit")
    assert made["reason"] == "a mistake" and world.ask("verify")["breaks"] == []
    plan = synced(world)
    assert "enable" in of(plan), plan["operations"]
    change = next(change for change in plan["changes"] if change["person"] == "E1")
    assert f"was offboarded in run {run}" in change["because"], change
    world.run("sync")
    assert has(world) == before
    world.run("readmit", "E1", codes=(64,))


def the_reason_outlives_what_was_taken_again(world):
    """Somebody gave it back by hand, a sync took it, and then the person is readmitted."""
    settle(world)
    run = offboard(world)
    set_by_hand(world)
    assert "disable" in of(synced(world))

    def reason():
        plan = world.ask("plan", "--pull", codes=(2,))["plan"]
        return next(change["because"] for change in plan["changes"] if change["person"] == "E1")

    world.run("readmit", "E1")
    assert reason() == f"was offboarded in run {run}", reason()
    synced(world)
    assert has(world)[0]
    # What is given counts from then on: this is a change by hand like any other.
    world.run("pull")
    set_by_hand(world, "disable")
    assert reason() == "was changed on iot since it was last as wanted", reason()


def until_a_time_whatever_the_source_says(world):
    settle(world)
    world.run("offboard", "E1", "--yes", "--until", "2001-01-01", codes=(64,))
    offboard(world, "E1", "--until", "7d")
    world.people(ADA.replace("active", "left"), GRACE)
    synced(world)
    world.people(ADA, GRACE)
    plan = synced(world)
    assert of(plan) == [] and len(notes(plan)) == 1, plan["operations"]
    with sqlite3.connect(world.folder / "usher.db") as state:
        state.execute("update offboarded set until = '2026-01-01T00:00:00Z'")
    assert world.ask("status")["offboarded"] == []
    assert "enable" in of(synced(world))


def takes_what_only_takes(world):
    settle(world)
    user = next(user for user in world_of(world)["users"] if user["credentials"]["identity"] == "grace@example.com")
    for who in (user["id"], "Grace@Example.com", "E2"):
        offboard(world, who)
        assert [one["person"] for one in world.ask("status")["offboarded"]] == ["E2"]
        assert not has(world, "grace@example.com")[0]
        world.run("readmit", who)
        synced(world)
        assert has(world, "grace@example.com")[0]
    world.run("offboard", "nobody@example.com", "--yes", codes=(64,))


def another_key_does_not_let_in(world):
    settle(world)
    offboard(world)
    world.people(ADA.replace("E1", "E901"), GRACE)
    world.run("plan", codes=(0, 2, 3))
    world.run("relink", "E1", "E901")
    plan = synced(world)
    assert of(plan, "E901") == [] and [note["person"] for note in notes(plan)] == ["E901"], plan["notes"]
    assert [one["person"] for one in world.ask("status")["offboarded"]] == ["E901"]
    assert not has(world)[0]


def another_key_by_match_does_not_let_in(world):
    settle(world)
    world.rules(OPEN.replace("people:\n", "people:\n  rekey: by-match\n"))
    synced(world)
    offboard(world)
    world.people(ADA.replace("E1", "E901"), GRACE)
    for _ in range(2):
        plan = synced(world, codes=(0, 3))
        assert [kind for kind in of(plan, "E901") if kind in ("enable", "add-membership", "create")] == [], plan
        assert not has(world)[0]
    assert [one["person"] for one in world.ask("status")["offboarded"]] == ["E901"]


def what_the_rules_do_not_reach_any_more_is_told(world):
    """An account on a platform that was taken out of the rules stays; nobody may believe that it is gone."""
    settle(world)
    world.second_platform(OPEN)
    world.run("sync", codes=(0, 3))
    rules = (world.folder / "usher.yaml").read_text()
    (world.folder / "usher.yaml").write_text(rules[:rules.index("  lab:\n")])
    said = "lab is no longer in the rules"
    told = world.run("offboard", "E1", "--yes", codes=(3,))
    assert said in " ".join(told.split()), told


def an_undo_gives_nothing(world):
    settle(world)
    run = offboard(world)
    world.run("undo", str(run), "--yes", codes=(0, 3))
    assert not has(world)[0]
    world.run("readmit", "E1")
    world.run("undo", str(run), "--yes", codes=(0, 3))
    assert has(world)[0]


def it_ends_as_other_commands_where_nobody_answers(world):
    """And while something is still to be taken, `explain` says that the person is kept out."""
    settle(world)
    world.faults({"path": "/users/tokens/issue", "count": 99, "status": 401})
    world.run("offboard", "E1", "--yes", codes=(77,))
    one = world.ask("explain", "E1")["accounts"][0]
    assert "was offboarded in run" in one["excluded"] and "usher readmit E1" in one["excluded"], one
    assert not any(group["given"] for group in one["rules"]["groups"]), one["rules"]["groups"]
    world.faults()
    world.end()
    world.run("offboard", "E2", "--yes", codes=(69,))


TESTS = [stays_out_until_the_source_agrees, what_is_given_by_hand_is_taken_again, nobody_makes_a_new_account,
         readmit_ends_it, the_reason_outlives_what_was_taken_again, until_a_time_whatever_the_source_says,
         takes_what_only_takes, another_key_does_not_let_in, another_key_by_match_does_not_let_in,
         what_the_rules_do_not_reach_any_more_is_told, an_undo_gives_nothing,
         it_ends_as_other_commands_where_nobody_answers]

if __name__ == "__main__":
    main(__doc__, TESTS)
