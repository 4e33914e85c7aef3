#!/usr/bin/env python3
"""Random histories on a platform that is not kind.

    tests/unkind/histories.py --build DIR [--histories N] [--seed S]

Each history has a world of people and a few switches of platform_played.py. People join, move, are renamed, leave and
come back; usher syncs after each change, is killed before or after a write reached the platform, and finds replies lost.
In the end the platform is kind. (A listing that lags and says nothing of it is disturbed by nothing else: nobody can tell whether a
create whose reply was lost was done.) Then everybody has exactly one account with their name and their groups, whoever left
has none that is enabled and no group, the accounts that nobody declares are as they were, and the next plan is empty.
A history that fails is told with its seed and repeats with `--histories 1 --seed S`.
"""
import argparse
import copy
import pathlib
import random
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from platform_played import Disturbed  # noqa: E402
from trial import Trial, row  # noqa: E402

# What a platform may be like all the time, and what it may do for a while.
KINDS = ({}, {"reuse": True}, {"edges": "of-person"}, {"wait": 0.004}, {"hides": 2})
MOODS = ({}, {"create": "lost"}, {"create": "429"}, {"create": "502"}, {"create": "no-id"}, {"lag": 1}, {"lag": 3},
         {"partial": True})
KIND_AGAIN = {"create": "", "lag": 0, "partial": False}
DEPARTMENTS = ("owners", "staff", "nowhere")
GROUPS = {"owners": {"owners", "staff"}, "staff": {"staff"}, "nowhere": set()}
GUARDS = "    guards: {" + ", ".join(
    f"{one}: {{percent: 100, at-least: 1000}}"
    for one in ("removals", "vanished", "enable", "keys", "update", "create", "disable")) + "}\n"


class History:
    def __init__(self, build, folder, seed):
        self.chance = random.Random(seed)
        kind = dict(self.chance.choice(KINDS))
        self.platform = Disturbed(**kind)
        self.foreign = [self.platform.seed(f"foreign{i}@y.example", f"Foreign {i}",
                                           self.chance.sample(("staff", "owners"), i % 3)) for i in range(4)]
        self.as_they_were = self.foreigners()
        self.rows = {f"E{i}": self.person(f"E{i}") for i in range(self.chance.randint(1, 8))}
        self.left = {}
        self.trial = Trial(build, folder, self.platform, self.rows.values())
        rules = self.trial.folder / "usher.yaml"
        text = rules.read_text()
        text = text.replace("people:\n", "people:\n  guards: {vanished-records: {percent: 100, at-least: 1000}}\n", 1)
        rules.write_text(text[:text.index("    guards:")] + GUARDS)
        self.told = [f"kind {kind}"]

    def foreigners(self):
        members = {name: [one for one in inside if one in {who["id"] for who in self.foreign}]
                   for name, inside in self.platform.groups.items()}
        return copy.deepcopy(self.foreign), members

    def person(self, key):
        return row(key, self.chance.choice(DEPARTMENTS), f"Name {key} {self.chance.randint(0, 9)}")

    def change(self):
        what = self.chance.random()
        if what < 0.3:
            key = f"E{len(self.rows) + len(self.left)}"
            self.rows[key] = self.person(key)
        elif what < 0.6:
            key = self.chance.choice(sorted(self.rows))
            self.rows[key] = self.person(key)
        elif what < 0.8 and len(self.rows) > 1:  # an empty source proves nothing
            key = self.chance.choice(sorted(self.rows))
            self.left[key] = self.rows.pop(key)
        elif self.left:
            key = self.chance.choice(sorted(self.left))
            self.rows[key] = self.left.pop(key)

    def sync(self):
        self.trial.people(self.rows.values())
        process = self.platform.victim = self.trial.start("sync")
        output = process.communicate(timeout=240)[0]
        self.told.append(f"$ usher sync ({process.returncode})\n{output}")
        assert process.returncode in (0, 1, 3, 6, 8, 9, -9), f"exit {process.returncode}"

    def run(self):
        for _ in range(self.chance.randint(2, 7)):
            for _ in range(self.chance.randint(0, 4)):
                self.change()
            mood = self.chance.choice(MOODS)
            vars(self.platform).update({**KIND_AGAIN, **mood})
            first = self.platform.writes_seen
            self.platform.disturbances = {
                first + self.chance.randint(1, 12): self.chance.choice(("lost", "kill before", "kill after"))
                for _ in range(self.chance.randint(0, 3) if "lag" not in mood else 0)}
            self.told.append(f"-- {mood} {self.platform.disturbances} people {list(self.rows.values())}")
            self.sync()
        vars(self.platform).update(KIND_AGAIN)
        self.platform.disturbances = {}
        time.sleep(self.platform.hides + 1 if self.platform.hides else 0)
        for _ in range(4):
            self.sync()
        code, output = self.trial.usher("plan", "--pull")
        assert code == 0 and "Nothing to do" in output, f"the plan is not empty:\n{output}"
        self.expect_right()

    def expect_right(self):
        assert self.foreigners() == self.as_they_were, f"{self.foreigners()} != {self.as_they_were}"
        for key, mail, name, department, _ in self.rows.values():
            accounts = self.platform.of(mail)
            assert len(accounts) == 1, f"{key} has {accounts}"
            assert accounts[0]["enabled"] and accounts[0]["name"] == name, f"{key} wants {name}: {accounts}"
            held = {group for group, members in self.platform.groups.items() if accounts[0]["id"] in members}
            assert held == GROUPS[department], f"{key} wants {GROUPS[department]} and has {held}"
        for key, mail, *_ in self.left.values():
            accounts = self.platform.of(mail)
            assert len(accounts) <= 1 and not any(one["enabled"] for one in accounts), f"{key} left: {accounts}"
            held = [group for group, members in self.platform.groups.items() for one in accounts if one["id"] in members]
            assert not held, f"{key} left and is in {held}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--build", required=True, type=pathlib.Path)
    arguments.add_argument("--histories", type=int, default=12)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    failed = 0
    for seed in range(given.seed, given.seed + given.histories):
        with tempfile.TemporaryDirectory() as folder:
            history = History(given.build.resolve(), folder, seed)
            try:
                history.run()
            except (AssertionError, subprocess.TimeoutExpired) as wrong:
                failed += 1
                print(f"FAILED  seed {seed}: {wrong}\n" + "\n".join(history.told), flush=True)
            finally:
                history.trial.server.shutdown()
                history.trial.server.server_close()
    print(f"{given.histories - failed} histories as they should be, {failed} not")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
