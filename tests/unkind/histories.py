#!/usr/bin/env python3
"""Histories of people on a platform that is not kind, disturbed while usher writes.

    tests/unkind/histories.py --build DIR [--histories N] [--seed S]
    tests/unkind/histories.py --build DIR --every [--step N] [--variant NAME…] [--disturbance NAME…]

Random histories: each has a world of people and a few switches of usher-sandbox. People join, move, are renamed, leave
and come back; usher syncs after each change, is killed before or after a write reached the platform, and finds replies
lost, doubled, late or wrong. In the end the platform is kind. (A listing that lags and says nothing of it is disturbed by
nothing else: nobody can tell whether a create whose reply was lost was done.) A history that fails is told with its seed
and repeats with `--histories 1 --seed S`.

Every write (--every): one history of some 120 writes on each variant of the platform, run once for every write and each
thing that can happen to it; --step N takes every N-th write of each.

After each history everybody has exactly one account with their name and their groups, whoever left has none that is
enabled and no group, the accounts that nobody declares are as they were, and the next plan is empty.
"""
import argparse
import pathlib
import random
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from sandbox import Platform  # noqa: E402
from trial import Trial, row  # noqa: E402

# What a platform may be like all the time: switches, and what the recipe says of it.
VARIANTS = {
    "no unique key": ({}, {}),
    "unique key": ({"unique": True}, {}),
    "ids that come again": ({"ids": "reused"}, {}),
    "all groups of a person at once": ({}, {"groups": "of-person"}),
    "many members at once": ({}, {"groups": "batch"}),
    "groups written as a whole": ({"group_wait_ms": 4}, {}),
    "new accounts out of sight": ({"hides_s": 2}, {"late": True}),
    "connections that close": ({"closes_after_ms": 0}, {}),
}
# What it may do for a while.
MOODS = ({}, {"create": "lost"}, {"create": "429"}, {"create": "502"}, {"create": "no-id"}, {"lag": 1}, {"lag": 3},
         {"partial": True}, {"write_reply": "429", "write_reply_every": 3},
         {"write_reply": "lost", "write_reply_every": 4})
KIND_AGAIN = {"create": "done", "lag": 0, "partial": False, "write_reply": "right"}
DISTURBANCES = ("kill before", "kill after", "lost", "delayed", "429", "500", "500 before", "doubled")
DEPARTMENTS = ("owners", "staff", "nowhere")
GROUPS = {"owners": {"owners", "staff"}, "staff": {"staff"}, "nowhere": set()}
GUARDS = "    guards: {" + ", ".join(
    f"{one}: {{percent: 100, at-least: 1000}}"
    for one in ("removals", "vanished", "enable", "keys", "update", "create", "disable")) + "}\n"


class World:
    """A platform with four accounts that nobody declares, people beside them, and usher."""

    def __init__(self, build, folder, switches, said, rows, **options):
        self.hides = switches.get("hides_s", 0)
        self.platform = Platform(build, **switches)
        self.foreign = [self.platform.seed(f"foreign{i}@y.example", f"Foreign {i}", ("staff", "owners")[:i % 3])["id"]
                        for i in range(4)]
        self.as_they_were = self.foreigners()
        self.rows, self.left = rows, {}
        self.trial = Trial(build, folder, self.platform, rows.values(), **said, **options)
        rules = self.trial.folder / "usher.yaml"
        text = rules.read_text()
        text = text.replace("people:\n", "people:\n  guards: {vanished-records: {percent: 100, at-least: 1000}}\n", 1)
        rules.write_text(text[:text.index("    guards:")] + GUARDS)
        self.told = [f"platform {switches}, recipe {said}"]

    def foreigners(self):
        members = {name: [one for one in inside if one in self.foreign]
                   for name, inside in self.platform.groups.items()}
        return [self.platform.people.get(one) for one in self.foreign], members

    def sync(self):
        self.trial.people(self.rows.values())
        process = self.trial.start("sync")
        self.platform.watch(process)
        output = process.communicate(timeout=240)[0]
        self.told.append(f"$ usher sync ({process.returncode})\n{output}")
        assert process.returncode in (0, 1, 3, 6, 8, 9, -9), f"exit {process.returncode}"

    def settle(self):
        """The platform is kind again, and usher has some runs to notice."""
        self.platform.set(**KIND_AGAIN)
        self.platform.disturb({})
        time.sleep(self.hides + 1 if self.hides else 0)
        for _ in range(4):
            self.sync()
        code, output = self.trial.usher("plan", "--pull")
        assert code == 0 and "Nothing to do" in output, f"the plan is not empty:\n{output}"

    def expect_right(self):
        assert self.foreigners() == self.as_they_were, f"{self.foreigners()} != {self.as_they_were}"
        people, groups = self.platform.people.values(), self.platform.groups
        of = {}
        for one in people:
            of.setdefault(one["mail"].lower(), []).append(one)
        for key, mail, name, department, _ in self.rows.values():
            accounts = of.get(mail, [])
            assert len(accounts) == 1, f"{key} has {accounts}"
            assert accounts[0]["enabled"] and accounts[0]["name"] == name, f"{key} wants {name}: {accounts}"
            held = {group for group, members in groups.items() if accounts[0]["id"] in members}
            assert held == GROUPS[department], f"{key} wants {GROUPS[department]} and has {held}"
        for key, mail, *_ in self.left.values():
            accounts = of.get(mail, [])
            assert len(accounts) <= 1 and not any(one["enabled"] for one in accounts), f"{key} left: {accounts}"
            held = [group for group, members in groups.items() for one in accounts if one["id"] in members]
            assert not held, f"{key} left and is in {held}"


class Chance:
    """A random history."""

    def __init__(self, build, folder, seed):
        self.chance = random.Random(seed)
        variant = self.chance.choice(sorted(VARIANTS))
        rows = {f"E{i}": self.person(f"E{i}") for i in range(self.chance.randint(1, 8))}
        # A request that is sent twice makes two accounts where no key is unique, whatever the client does.
        self.kinds = ("lost", "429", "500", "kill before", "kill after") + (("doubled",) if variant == "unique key" else ())
        self.world = World(build, folder, *VARIANTS[variant], rows)

    def person(self, key):
        return row(key, self.chance.choice(DEPARTMENTS), f"Name {key} {self.chance.randint(0, 9)}")

    def change(self):
        rows, left = self.world.rows, self.world.left
        what = self.chance.random()
        if what < 0.3:
            key = f"E{len(rows) + len(left)}"
            rows[key] = self.person(key)
        elif what < 0.6:
            key = self.chance.choice(sorted(rows))
            rows[key] = self.person(key)
        elif what < 0.8 and len(rows) > 1:  # an empty source proves nothing
            key = self.chance.choice(sorted(rows))
            left[key] = rows.pop(key)
        elif left:
            key = self.chance.choice(sorted(left))
            rows[key] = left.pop(key)

    def run(self):
        world = self.world
        for _ in range(self.chance.randint(2, 7)):
            for _ in range(self.chance.randint(0, 4)):
                self.change()
            mood = self.chance.choice(MOODS)
            world.platform.set(**{**KIND_AGAIN, **mood})
            disturbances = {self.chance.randint(1, 12): self.chance.choice(self.kinds)
                            for _ in range(self.chance.randint(0, 3) if "lag" not in mood else 0)}
            world.platform.disturb(disturbances)
            world.told.append(f"-- {mood} {disturbances} people {list(world.rows.values())}")
            world.sync()
        world.settle()
        world.expect_right()


class Fixed:
    """The same 36 people, in three syncs: they come; some move, are renamed, leave, join; some of these come back."""

    def __init__(self, build, folder, variant):
        self.world = World(build, folder, *VARIANTS[variant],
                           {f"E{i}": self.person(i, DEPARTMENTS[i % 3]) for i in range(24)},
                           concurrency=1, total_timeout="1s")

    @staticmethod
    def person(i, department, name=""):
        return row(f"E{i}", department, name or f"Name E{i}")

    def second(self):
        rows, left = self.world.rows, self.world.left
        for i in range(0, 8):
            rows[f"E{i}"] = self.person(i, DEPARTMENTS[(i + 1) % 3])
        for i in range(8, 14):
            rows[f"E{i}"] = self.person(i, DEPARTMENTS[i % 3], f"Renamed E{i}")
        for i in range(14, 20):
            left[f"E{i}"] = rows.pop(f"E{i}")
        for i in range(24, 30):
            rows[f"E{i}"] = self.person(i, DEPARTMENTS[i % 3])

    def third(self):
        rows, left = self.world.rows, self.world.left
        for i in range(14, 18):
            rows[f"E{i}"] = self.person(i, DEPARTMENTS[(i + 1) % 3], f"Back E{i}")
            del left[f"E{i}"]
        for i in range(20, 26):
            left[f"E{i}"] = rows.pop(f"E{i}")
        for i in range(30, 36):
            rows[f"E{i}"] = self.person(i, "staff")

    def run(self, disturbances):
        """Returns how many writes there were before the end."""
        world = self.world
        world.told.append(f"-- {disturbances}")
        world.platform.disturb(disturbances)
        for change in (lambda: None, self.second, self.third):
            change()
            world.sync()
        writes = sum(1 for method, _ in world.platform.log if method != "GET")
        world.settle()
        world.expect_right()
        return writes


def told(name, make, run):
    """Runs one history in a folder of its own; what it returned, or None after saying what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        history = make(folder)
        try:
            return run(history)
        except (AssertionError, subprocess.TimeoutExpired) as wrong:
            print(f"FAILED  {name}: {wrong}\n" + "\n".join(history.world.told), flush=True)
            return None
        finally:
            history.world.platform.stop()


def every(build, variants, disturbances, step):
    done = failed = 0
    for variant in variants:
        def fixed(folder, variant=variant):
            return Fixed(build, folder, variant)

        writes = told(f"{variant}, undisturbed", fixed, lambda history: history.run({}))
        if writes is None:
            failed += 1
            continue
        print(f"{variant}: {writes} writes", flush=True)
        for offset, what in enumerate(disturbances):
            if what == "doubled" and variant != "unique key":
                continue  # two accounts, whatever the client does
            for i in range(1 + offset % step, writes + 1, step):
                done += 1
                failed += told(f"{variant}, write {i} {what}", fixed,
                               lambda history, i=i, what=what: history.run({i: what})) is None
    print(f"{done} histories, {failed} not as they should be")
    return failed


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--build", required=True, type=pathlib.Path)
    arguments.add_argument("--histories", type=int, default=12)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--every", action="store_true")
    arguments.add_argument("--step", type=int, default=1)
    arguments.add_argument("--variant", nargs="*", choices=sorted(VARIANTS), default=list(VARIANTS))
    arguments.add_argument("--disturbance", nargs="*", choices=DISTURBANCES, default=DISTURBANCES)
    given = arguments.parse_args()
    build = given.build.resolve()
    if given.every:
        return 1 if every(build, given.variant, given.disturbance, given.step) else 0
    failed = 0
    for seed in range(given.seed, given.seed + given.histories):
        failed += told(f"seed {seed}", lambda folder, seed=seed: Chance(build, folder, seed),
                       lambda history: history.run() or True) is None
    print(f"{given.histories - failed} histories as they should be, {failed} not")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
