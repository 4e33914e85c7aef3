#!/usr/bin/env python3
"""Approves what guards hold as a user does, with the real program and a played platform.

    tests/approve/run.py --build DIR
"""
import json
import pathlib
import random
import re
import sqlite3
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from four_platforms import PLATFORMS, Work, edited
from played import RULES, main

ADA = "E1,Ada,Lovelace,ada@example.com,engineering,active"
GRACE = "E2,Grace,Hopper,grace@example.com,operations,active"
EDSGER = "E3,Edsger,Dijkstra,edsger@example.com,engineering,active"
MARIE = "E6,Marie,Curie,marie@example.com,engineering,active"
GUARDS = "guards: {removals: 100%, disable: 100%}"
REASON = "site closed, CHG-811"


def left(row):
    return row.replace(",active", ",left")


def users(world):
    """By address: name, and whether the account is enabled."""
    with urllib.request.urlopen(f"{world.url}/__sandbox/world") as reply:
        held = json.loads(reply.read())
    return {user["credentials"]["identity"]: (user["name"], user["status"])
            for user in held["users"] if not user["credentials"]["identity"].startswith("admin@")}


def settle(world, guards):
    """Three people with accounts, and nothing left to do; then the guards."""
    world.people(ADA, GRACE, EDSGER)
    world.run("sync")
    world.run("sync")
    world.rules(RULES.replace(GUARDS, guards))
    world.run("sync")


def plan_of_sync(world, codes):
    return world.ask("sync", codes=codes)["plan"]["plan"]


def done_for(plan):
    """The people for whom a plan does something."""
    return {operation["person"] for operation in plan["operations"] if not operation["held"]}


def held_for(plan):
    return {operation["person"] for operation in plan["operations"] if operation["held"]}


def approve(world, lane, *more):
    return world.ask("approve", lane, "--until", "1h", "--reason", REASON, *more)["approvals"][0]


def admits_exactly_its_operations(world):
    settle(world, "guards: {removals: 0}")
    world.people(left(ADA), left(GRACE), EDSGER)
    text = world.run("sync", codes=(4,))
    assert "usher approve iot.removals --until TIME --reason TEXT" in text, text
    assert {state for _, state in users(world).values()} == {"enabled"}
    given = approve(world, "iot.removals")
    assert given["lanes"][0] == "iot.removals" and given["reason"] == REASON and "@" in given["actor"], given
    does = " ".join(operation["does"] for operation in given["operations"])
    assert "disable ada@example.com" in does and "disable grace@example.com" in does, does
    assert "group engineers" in does, does
    # One of them is not wanted any more, and somebody else is in the lane.
    world.people(left(ADA), GRACE, left(EDSGER))
    plan = plan_of_sync(world, (4,))
    assert done_for(plan) == {"E1"} and held_for(plan) == {"E3"}, plan["operations"]
    assert [objection["wanted"] for objection in plan["objections"]] == [1], plan["objections"]
    assert {mail: state for mail, (_, state) in users(world).items()} == \
        {"ada@example.com": "disabled", "grace@example.com": "enabled", "edsger@example.com": "enabled"}
    # The approval still holds for who was not wanted then.
    world.people(left(ADA), left(GRACE), EDSGER)
    assert done_for(plan_of_sync(world, (0,))) == {"E2"}


def admits_once(world):
    settle(world, "guards: {removals: 0}")
    world.people(left(ADA), GRACE, EDSGER)
    world.run("sync", codes=(4,))
    approve(world, "iot.removals")
    assert done_for(plan_of_sync(world, (0,))) == {"E1"}
    assert "all done" in world.run("approve", "--list")
    world.people(ADA, GRACE, EDSGER)
    world.run("sync")
    world.people(left(ADA), GRACE, EDSGER)
    plan = plan_of_sync(world, (4,))
    assert held_for(plan) == {"E1"} and done_for(plan) == set(), plan["operations"]


def another_value_stays_held(world):
    settle(world, "guards: {update: 0}")
    named = ADA.replace("Lovelace", "King")
    world.people(named, GRACE, EDSGER)
    world.run("plan", codes=(4,))
    approve(world, "iot.update")
    world.people(ADA.replace("Lovelace", "Byron"), GRACE, EDSGER)
    plan = plan_of_sync(world, (4,))
    assert done_for(plan) == set() and held_for(plan) == {"E1"}
    assert users(world)["ada@example.com"][0] == "Ada Lovelace"
    world.people(named, GRACE, EDSGER)
    plan = plan_of_sync(world, (0,))
    assert done_for(plan) == {"E1"} and plan["objections"] == []
    assert users(world)["ada@example.com"][0] == "Ada King"


def an_account_is_given_whole_or_not_at_all(world):
    settle(world, "guards: {create: 0}")
    world.people(ADA, GRACE, EDSGER, MARIE)
    world.run("plan", codes=(4,))
    approve(world, "iot.create")
    world.people(ADA, GRACE, EDSGER, MARIE.replace("Marie", "Maria"))
    plan = plan_of_sync(world, (4,))
    assert done_for(plan) == set() and held_for(plan) == {"E6"}, plan["operations"]
    assert "marie@example.com" not in users(world)
    world.people(ADA, GRACE, EDSGER, MARIE)
    assert done_for(plan_of_sync(world, (0,))) == {"E6"}
    assert "marie@example.com" in users(world)
    world.run("sync")


def says_under_whose_approval(world):
    settle(world, "guards: {removals: 0}")
    world.people(left(ADA), GRACE, EDSGER)
    world.run("plan", codes=(4,))
    given = approve(world, "iot.removals")
    told = f"approval {given['approval']} by {given['actor']} until {given['until']}: {REASON}"
    text = " ".join(world.run("sync").split())
    assert f"under {told}" in text, text
    run = next(one["run"] for one in world.ask("runs")["runs"] if one["command"] == "sync")
    operations = world.ask("show", str(run))["operations"]
    assert operations and all(operation["approvals"] == [told] for operation in operations), operations
    assert f"under {told}" in world.run("show", str(run))
    changes = [one for one in world.ask("history", "E1")["changes"] if one["by"] == "usher"]
    assert [one["approvals"] for one in changes if one["act"] == "disable"] == [[told]], changes
    assert [one["approvals"] for one in changes if one["act"] == "create"] == [[]], changes
    assert f"under {told}" in world.run("history", "E1", "--all")
    # The record of runs has it, and covers it.
    made = next(one for one in world.ask("runs")["runs"] if one["command"] == "approve")
    assert made["reason"] == REASON and world.ask("verify")["breaks"] == []
    summary = world.ask("show", str(made["run"]))["summary"]
    assert summary["approval"] == given["approval"] and summary["operations"] == len(given["operations"]), summary


def ends_by_itself_and_by_revocation(world):
    settle(world, "guards: {removals: 0}")
    world.people(left(ADA), GRACE, EDSGER)
    world.run("plan", codes=(4,))
    first = approve(world, "iot.removals")["approval"]
    world.run("plan", "--pull", "--out", "approved.plan", codes=(2,))
    revoked = world.ask("approve", "--revoke", str(first))["approvals"]
    assert revoked[0]["revoked-at"], revoked
    # Neither a new plan nor one that was made before.
    done = world.start("apply", "approved.plan")
    assert done.returncode == 6 and f"approval {first} by" in done.stderr, done
    assert held_for(plan_of_sync(world, (4,))) == {"E1"}
    world.run("approve", "--revoke", str(first), codes=(64,))
    world.run("approve", "--revoke", "99", codes=(64,))
    second = approve(world, "iot.removals")["approval"]
    with sqlite3.connect(world.folder / "usher.db") as state:
        state.execute("update approval set until = '2026-01-01T00:00:00Z' where id = ?", (second,))
    assert held_for(plan_of_sync(world, (4,))) == {"E1"}
    listed = world.run("approve", "--list")
    assert "revoked" in listed and "expired 2026-01-01" in listed, listed
    assert [one["approval"] for one in world.ask("approve", "--list")["approvals"]] == [second, first]
    assert users(world)["ada@example.com"][1] == "enabled"


def one_approval_for_lanes_with_one_cause(world):
    settle(world, "guards: {removals: 0, disable: 0}")
    world.rules(RULES.replace(GUARDS, "guards: {removals: 0, disable: 0}")
                .replace("people:\n", "people:\n  guards: {vanished-records: 0}\n"))
    world.people(GRACE, EDSGER)
    plan = world.ask("plan", codes=(4,))["plan"]
    assert [objection["lane"] for objection in plan["objections"]] == ["people.vanished-records"], plan["objections"]
    assert sorted(plan["objections"][0]["also"]) == ["iot.disable", "iot.removals"]
    approve(world, "people.vanished-records")
    assert done_for(plan_of_sync(world, (0,))) == {"E1"}
    assert users(world)["ada@example.com"][1] == "disabled"


def a_plan_for_one_person_approves_no_other(world):
    settle(world, "guards: {removals: 0}")
    world.people(left(ADA), left(GRACE), EDSGER)
    digest = world.ask("plan", "--only", "E2", codes=(4,))["plan"]["digest"]
    world.run("plan", codes=(4,))
    approve(world, "iot.removals", "--plan", digest)
    plan = plan_of_sync(world, (4,))
    assert done_for(plan) == {"E2"} and held_for(plan) == {"E1"}


def refuses_what_nobody_can_approve(world):
    settle(world, "guards: {removals: 0}")
    world.people(left(ADA), GRACE, EDSGER)
    digest = world.ask("plan", codes=(4,))["plan"]["digest"]
    until = ("--until", "1h", "--reason", REASON)
    for words in (["iot.removals"], ["iot.removals", "--until", "1h"], ["iot.removals", "--reason", REASON],
                  ["iot.removals", "--until", "2001-01-01", "--reason", REASON], ["iot.create", *until],
                  ["iot", *until], ["iot.removals", "iot.update", *until], ["iot.create", "--plan", digest, *until], [],
                  ["--list", "iot.removals"], ["--list", "--revoke"]):
        world.run("approve", *words, codes=(64,))
    assert "--revoke takes their numbers" in world.start("approve", "--revoke").stderr
    assert world.ask("approve", "--list")["approvals"] == []


def verify_covers_what_was_given(world):
    settle(world, "guards: {removals: 0}")
    world.people(left(ADA), left(GRACE), EDSGER)
    world.run("sync", codes=(4,))
    approve(world, "iot.removals")
    run = world.ask("runs")["runs"][0]["run"]
    assert world.ask("verify")["breaks"] == []
    backup = world.folder / "as-given.db"
    world.run("state", "backup", backup)
    for change, why in (("update approval set actor = 'else@host'", "who gave it"),
                        ("update approval set reason = 'none'", "its reason"),
                        ("update approval set plan = 'ff'", "its plan"),
                        ("update approval set given_at = '2026-01-01T00:00:00Z'", "when it was given"),
                        ("update approved_operation set does = 'nothing'", "what it admits"),
                        ("update approval set until = '2099-01-01T00:00:00Z'", "its end"),
                        ("update approval set lanes = lanes || ' iot.updates'", "its lanes"),
                        ("insert into approved_operation select approval, 'ff', does, null from approved_operation limit 1",
                         "what it admits"),
                        ("delete from approved_operation", "what it admits")):
        changed = world.folder / "changed.db"
        changed.unlink(missing_ok=True)
        with sqlite3.connect(backup) as source, sqlite3.connect(changed) as copy:
            source.backup(copy)
            copy.execute(change)
        copy.close()
        breaks = world.ask("verify", "--state", changed, codes=(1,))["breaks"]
        assert breaks == [{"run": run, "why": f"approval 1: {why} is not what was recorded when it was given"}], breaks
    for summary in ("", "[]", "7", '{"approval": "x", "admits": 3}', '{"revoked": ["x"]}'):
        changed.unlink()
        with sqlite3.connect(backup) as source, sqlite3.connect(changed) as copy:
            source.backup(copy)
            copy.execute("update run set summary = ? where id = ?", (summary, run))
        copy.close()
        why = [one["why"] for one in world.ask("verify", "--state", changed, codes=(1,))["breaks"] if one["run"] == run]
        assert "its summary is not one of `usher approve`" in why, (summary, why)
    world.run("approve", "--revoke", "1")
    with sqlite3.connect(world.folder / "usher.db") as state:
        state.execute("update approval set revoked_at = null")
        state.execute("insert into approval select 2, lanes, plan, given_at, until, actor, reason, null from approval")
    state.close()
    told = world.run("verify", codes=(1,))
    assert "approval 1: it was revoked, and is not any more" in told and "\napproval 2: no run gave it.\n" in told, told


def an_approval_of_an_undo_says_what_carries_it_out(world):
    settle(world, "guards: {removals: 100%, disable: 100%}")
    world.people(ADA, GRACE, EDSGER, MARIE)
    run = world.ask("sync")["apply"]["run"]
    world.rules(RULES.replace(GUARDS, "guards: {removals: 0}"))
    world.run("undo", run, "--yes", codes=(4,))
    told = world.run("approve", "iot.removals", "--until", "1h", "--reason", REASON)
    assert f"`usher undo {run}` carries them out; a sync does not." in told and "next sync" not in told, told
    world.run("undo", run, "--yes", codes=(0, 3))
    assert users(world)["marie@example.com"][1] == "disabled"


def nothing_is_held_any_more(world):
    settle(world, "guards: {removals: 0}")
    world.people(left(ADA), GRACE, EDSGER)
    digest = world.ask("plan", codes=(4,))["plan"]["digest"]
    approve(world, "iot.removals")
    assert done_for(plan_of_sync(world, (0,))) == {"E1"}
    # The plan that held it is carried out, also where a later one is about somebody else only.
    world.run("plan", "--only", "E2", codes=(0, 2))
    until = ("--until", "1h", "--reason", REASON)
    refused = world.start("approve", "iot.removals", *until)
    assert refused.returncode == 64 and "Nothing is held in the lane 'iot.removals' any more" in refused.stderr, refused
    assert len(world.ask("approve", "--list")["approvals"]) == 1
    # Whoever means the old plan says so.
    approve(world, "iot.removals", "--plan", digest)


def what(operation):
    """What an operation does to whom, as a person would compare two of them."""
    known = {name: operation.get(name) for name in ("platform", "kind", "account", "person", "after", "active", "gives")}
    whom = {path: value for path, value in operation.get("before", {}).items() if path not in operation.get("after", {})}
    edge = {name: value for name, value in operation.get("membership", {}).items() if name != "held-details"}
    return json.dumps([known, whom, edge], sort_keys=True)


def admits_exactly_its_operations_at_random(work):
    """Guards hold everything. Of what two plans have in common an approval of the first admits what it holds in the
    approved lanes, and nothing else: not another person, not another value, and a missing one voids nothing."""
    work.open_guards()
    work.settle()
    closed = re.sub(r"guards: \{enable: .*\}", "guards: {create: 0, update: 0, enable: 0, memberships: 0, removals: 0}", work.text)
    assert closed.count("removals: 0") == len(PLATFORMS)
    work.configure(closed)
    seen = {"done": 0, "held": 0, "gone": 0}
    for turn in range(5):
        chance = random.Random(turn)
        one = edited(work.rows, chance)
        work.write(one)
        first = work.ask("plan", "--pull", codes=(2, 3, 4))["plan"]
        lanes = sorted({lane for operation in first["operations"] for lane in operation.get("held-by", [])})
        approved = set(chance.sample(lanes, chance.randint(1, len(lanes))))
        other = edited(one, chance)
        work.write(other)
        before = work.ask("plan", "--pull", codes=(2, 3, 4))["plan"]["operations"]
        admitted = {}  # in which lanes
        for lane in sorted(approved):
            words = ("approve", lane, "--plan", first["digest"], "--until", "1h", "--reason", REASON)
            lanes = work.ask(*words)["approvals"][0]["lanes"]  # with those that have the same cause
            for operation in first["operations"]:
                if lane in operation.get("held-by", []):
                    admitted.setdefault(what(operation), set()).update(lanes)

        def expected(operation):
            return set(operation["held-by"]) <= admitted.get(what(operation), set())

        whole = {}  # an account is given whole, or not at all
        for operation in before:
            whole.setdefault(operation["change"], []).append(operation)
        done, held = set(), set()
        for operations in whole.values():
            gives = any(operation["kind"] in ("create", "enable", "unlock") for operation in operations)
            all_of_it = all(expected(operation) for operation in operations if operation["held"])
            for operation in operations:
                free = not operation["held"] or (expected(operation) and (all_of_it or not gives))
                (done if free else held).add(what(operation))
        after = work.ask("sync", codes=(0, 2, 3, 4))["plan"]["plan"]["operations"]
        now = {what(operation) for operation in after if not operation["held"]}
        assert now == done, (turn, approved, sorted(now - done)[:3], sorted(done - now)[:3])
        assert {what(operation) for operation in after if operation["held"]} == held, (turn, approved)
        seen = {"done": seen["done"] + len(done), "held": seen["held"] + len(held),
                "gone": seen["gone"] + len(set(admitted) - done - held)}
        work.configure(work.text)
        work.write(work.rows)
        work.settle()
        work.configure(closed)
    assert seen["done"] > 50 and seen["held"] > 50 and seen["gone"] > 3, seen


admits_exactly_its_operations_at_random.make = lambda build, folder: Work(build, folder, 60)


TESTS = [verify_covers_what_was_given, an_approval_of_an_undo_says_what_carries_it_out,
         admits_exactly_its_operations, admits_exactly_its_operations_at_random, admits_once, another_value_stays_held,
         an_account_is_given_whole_or_not_at_all, says_under_whose_approval, ends_by_itself_and_by_revocation,
         one_approval_for_lanes_with_one_cause, a_plan_for_one_person_approves_no_other,
         refuses_what_nobody_can_approve, nothing_is_held_any_more]

if __name__ == "__main__":
    main(__doc__, TESTS)
