#!/usr/bin/env python3
"""Keeps a state for long as a user does, with the real program, a played platform and a clock that is moved.

    tests/state/run.py --build DIR
"""
import datetime
import json
import pathlib
import sqlite3
import struct
import subprocess
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from played import PEOPLE, RULES, Played, main  # noqa: E402

START = datetime.datetime(2026, 1, 1, 6, tzinfo=datetime.timezone.utc)
ADA = "E1,Ada,Lovelace,ada@example.com,{},active"


def rows_of(file, question):
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as state:
        found = state.execute(question).fetchall()
    state.close()
    return found


def accounts(world):
    """Whom the platform has accounts of, in their order."""
    with urllib.request.urlopen(f"{world.url}/__sandbox/world") as reply:
        return [user["credentials"]["identity"] for user in json.loads(reply.read())["users"]]


def a_backup_while_a_sync_runs_holds_no_half_of_it(world):
    """As long as a real sync writes to a slow platform, the state is copied again and again."""
    world.run("sync")
    world.rules(RULES.replace("removals: 100%,", "removals: 100%, create: 100%,"))
    before = set(rows_of(world.folder / "usher.db", "select distinct run from journal"))
    world.people(*PEOPLE, *(f"P{n},First,Last,p{n}@example.com,engineering,active" for n in range(60)))
    world.faults({"method": "POST", "path": "/users", "every": 1, "delay_ms": 300})
    copies = []
    sync = subprocess.Popen([world.build / "usher", "sync"], cwd=world.folder, env=world.environment,
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while sync.poll() is None:
        copies.append(world.folder / f"copy{len(copies)}.db")
        world.run("state", "backup", copies[-1])
    assert sync.returncode == 0, sync.returncode
    whole = dict(rows_of(world.folder / "usher.db", "select run, count(*) from journal group by run"))
    (run,) = [run for run in whole if (run,) not in before]
    seen = set()
    for copy in copies:
        assert copy.stat().st_mode & 0o777 == 0o600, copy
        assert world.ask("state", "check", "--state", copy)["faults"] == [], copy
        assert world.ask("verify", "--state", copy)["breaks"] == [], copy
        held = dict(rows_of(copy, "select run, count(*) from journal group by run"))
        # Every operation of a run, or none; and what is done stands with the link that it made.
        assert all(whole[one] == count for one, count in held.items()), (copy, held, whole)
        made = set(rows_of(copy, "select person, account from journal where kind = 'create' and state = 'done'"))
        assert made == set(rows_of(copy, "select person, account from link")), copy
        seen.add((run in held, len(made)))
    assert len([made for applying, made in seen if applying]) > 2, "hardly any copy was made while the sync wrote"
    # A copy is a state to go on from: what was done after it is found, and nobody is made twice.
    middle = next(copy for copy in copies if 0 < rows_of(copy, f"select count(*) from journal where run = {run} and "
                                                               "state = 'done'")[0][0] < whole[run])
    made = accounts(world)
    for rest in world.folder.glob("usher.db*"):
        rest.unlink()
    middle.rename(world.folder / "usher.db")
    world.faults()
    world.run("sync", codes=(0, 3))
    assert accounts(world) == made and len(world.ask("links")["links"]) == 63, world.ask("links")
    assert world.ask("sync")["plan"]["plan"]["operations"] == []


class Aging(Played):
    """The clock of every program is moved."""

    def __init__(self, build, folder):
        self.clock = folder / "clock"
        self.clock.write_bytes(struct.pack("q", 0))
        self.set_day(0)
        super().__init__(build, folder, LD_PRELOAD=str(build / "tests/libshifted_clock.so"), SHIFTED_CLOCK=str(self.clock), TZ="UTC")

    def set_day(self, day):
        real = datetime.datetime.now(datetime.timezone.utc)
        with open(self.clock, "r+b") as out:
            out.write(struct.pack("q", int((START + datetime.timedelta(days=day) - real).total_seconds())))


def at(day):
    return (START + datetime.timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ")


def what_is_kept_is_whole_and_the_rest_is_forgotten(world):
    """`keep` of ten days, over forty of them: Ada moves to and fro every day. The last 30 pulls and the last 100 runs are
    kept however old they are."""
    days, kept = 40, 10
    text = world.configuration().replace("state: usher.db\n", f"state: usher.db\nkeep: {{history: {kept}d, runs: {kept}d}}\n")
    (world.folder / "usher.yaml").write_text(text)
    runs = {}
    for day in range(days):
        world.set_day(day)
        world.people(ADA.format("engineering" if day % 2 == 0 else "operations"), *PEOPLE[1:])
        runs[day] = world.ask("sync")["apply"]["run"]
        world.set_day(day + 0.5)
        world.run("pull")
    state = world.folder / "usher.db"
    pulls = rows_of(state, "select generation from pulls where platform = 'iot' order by generation")
    assert 30 <= len(pulls) <= 32 and pulls[-1][0] == 2 * days, pulls
    left = [run for (run,) in rows_of(state, "select id from run order by id")]
    assert 100 <= len(left) <= 104 and left == list(range(left[0], left[-1] + 1)) and left[0] > runs[5], left
    # Nothing that is kept has a gap: who was where on each day, and every change with what it was before.
    for day in range(days - kept, days):
        members = [one["person"] for one in world.ask("as-of", at(day + 0.75), "members", "engineers")["accounts"]]
        assert sorted(members) == (["E1", "E4"] if day % 2 == 0 else ["E4"]), (day, members)
    world.run("as-of", at(2.75), "members", "engineers", codes=(1,))
    moves = [(one["act"], one["what"], one["run"]) for one in world.ask("history", "E1")["changes"]
             if one["by"] == "usher" and one["what"].startswith("group ")]
    expected = [(act, f"group {group}", runs[day]) for day in range(days) if runs[day] >= left[0]
                for act, group in (("add-membership", "engineers" if day % 2 == 0 else "operators"),
                                   ("remove-membership", "operators" if day % 2 == 0 else "engineers"))]
    assert sorted(moves) == sorted(expected), (moves, expected)
    removals = world.ask("who-removed", "E1", "engineers")["removals"]
    assert {one["run"] for one in removals if one["by"] == "usher"} == {run for day, run in runs.items()
                                                                          if day % 2 == 1 and run >= left[0]}, removals
    # The record of runs ends where it was cut, and is whole from there on.
    told = world.ask("verify")
    assert told["breaks"] == [] and told["runs"] == len(left), told
    world.run("show", str(left[0]))
    assert world.ask("state", "check")["faults"] == []
    shrunk = world.ask("state", "vacuum")
    assert shrunk["after"] <= shrunk["before"] and world.ask("verify")["breaks"] == [], shrunk
    # What nobody forgets: who has which account; and the next sync finds nothing to do.
    assert sorted(one["person"] for one in world.ask("links")["links"]) == ["E1", "E2", "E4"]
    assert world.ask("sync")["plan"]["plan"]["operations"] == []


what_is_kept_is_whole_and_the_rest_is_forgotten.make = Aging

TESTS = [a_backup_while_a_sync_runs_holds_no_half_of_it, what_is_kept_is_whole_and_the_rest_is_forgotten]

if __name__ == "__main__":
    main(__doc__, TESTS)
