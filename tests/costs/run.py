#!/usr/bin/env python3
"""Counts the requests of pulls and changes on every platform that usher knows, holds the estimate of each plan against
them, and checks that docs/costs.md says the same.

    tests/costs/run.py --build DIR            fails where an estimate is off by more than a tenth, or the table differs
    tests/costs/run.py --build DIR --write    writes the table into the page
"""
import argparse
import json
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
from played import Programs  # noqa: E402

PAGE = ROOT / "docs" / "costs.md"
BEGIN, END = "<!-- measured -->\n\n", "\n\n<!-- end of what is measured -->"
PLATFORMS = {
    "mainflux": "identity: admin@example.com\n    secret: sandbox-secret",
    "gr4vy": "email: admin@example.com\n    password: sandbox-secret\n    rate: 10000",
    "kestra": "username: admin@example.com\n    password: sandbox-secret",
    "sigfox": "login: 5f3c1a2b4d5e6f708192a3b4\n    password: sandbox-secret\n    rate: 10000\n"
              "    group: 5f0c1a2b4d5e6f7081920001\n    profile: 5f0c1a2b4d5e6f70819200a1",
}
RULES = {
    "mainflux": """
    set: {credentials.identity: person.mail, name: person.name}
    groups:
      - {group: engineers, when: person.team == "a", actions: [m_read]}
      - {group: operators, when: person.team == "b", actions: [m_read]}""",
    "gr4vy": """
    set: {email_address: person.mail, name: person.name}
    without-update: recreate
    leavers: {disable: now, without-disable: delete}""",
    "kestra": """
    set: {email: person.mail, firstName: person.name, lastName: person.mail}
    groups:
      - {tenant: main}
      - {group: flow-authors, when: person.team == "a"}
      - {group: flow-reviewers, when: person.team == "b"}
    leavers: {disable: now, without-disable: lock}
    credentials: {first: {file: first-secrets}}""",
    "sigfox": """
    set: {name: person.mail, timezone: person.zone}
    groups:
      - {profile: "DEVICE MANAGER [R]"}
      - {profile: "DEVICE MANAGER [W]", when: person.team == "b"}
    leavers: {disable: now, without-disable: lock}""",
}
KEYS = {"mainflux": "credentials.identity", "gr4vy": "email_address", "kestra": "email", "sigfox": "name"}
PEOPLE = 120
CHANGED = 20  # of them change in each step

UNDONE = "an undo of leavers"  # held against its estimate; not in the table
STEPS = ("a new account", "a profile that changes", "a move from one group to another", "a leaver", "a return")


class World(Programs):
    """One platform as the sandbox plays it, and the people of a file."""

    def __init__(self, build, folder, platform):
        world = json.loads((ROOT / "examples/quickstart/world.json").read_text())[platform]
        if platform == "mainflux":
            world = {"groups": world["groups"]}
        else:
            world["users"] = []
        (folder / "world.json").write_text(json.dumps({platform: world}))
        super().__init__(build, folder, [platform], "--empty", "--load", folder / "world.json",
                         "--admin-secret", "sandbox-secret")
        self.platform = platform
        url = self.urls[platform] + ("/v2" if platform == "sigfox" else "")
        (folder / "usher.yaml").write_text(f"""version: 1
state: usher.db
platforms:
  hr: {{connector: csv, path: people.csv}}
  there:
    connector: {platform}
    url: {url}
    {PLATFORMS[platform]}
people:
  from: hr
  key: record.id
  attributes: {{mail: record.mail, name: record.name, team: record.team, zone: record.zone}}
  active: record.status == "active"
accounts:
  there:
    match: [{{account: {KEYS[platform]}, person: person.mail}}]{RULES[platform]}
    guards: {{removals: 100%, disable: 100%, delete: 100%, create: 100%, enable: 100%, update: 100%}}
""")
        self.rows = {f"P{n:03}": {"mail": f"p{n}@example.com", "name": f"Name {n}", "team": "a", "zone": "Europe/Paris",
                                  "status": "active"} for n in range(PEOPLE)}

    def write_people(self):
        lines = ["id,mail,name,team,zone,status"]
        lines += [",".join((key, *row.values())) for key, row in self.rows.items()]
        (self.folder / "people.csv").write_text("\n".join(lines) + "\n")

    def requests(self, *words, codes=(0,)):
        """How many requests the command sent; logins apart."""
        done = self.start(*words, "-vv", "--log-format", "json")
        assert done.returncode in codes, (words, done.returncode, done.stdout[:500], done.stderr[-500:])
        steps = [json.loads(line).get("op") for line in done.stderr.splitlines() if line.startswith("{")]
        return steps.count("request") - steps.count("login")

    def change(self, **values):
        for row in list(self.rows.values())[:CHANGED]:
            row.update(values)

    def step(self):
        """The estimate of the plan for the people as they are now, what it took, and how many accounts it was about;
        nothing where nothing is planned."""
        self.write_people()
        self.run("pull")
        plan = self.ask("plan", "--offline", codes=(0, 2, 3))["plan"]
        if not plan["operations"]:
            return None
        took = self.requests("apply", plan["digest"], "--yes", codes=(0, 3))
        return plan["costs"]["there"]["requests"], took, len({one["change"] for one in plan["operations"]})


    def undo(self):
        """The same of an undo of the last run."""
        run = str(next(one["run"] for one in self.ask("runs")["runs"] if one["command"] == "apply"))
        self.run("pull")
        plan = self.ask("undo", run, "--dry-run", "--offline", codes=(0, 2, 3))["plan"]
        if not plan["operations"]:
            return None
        took = self.requests("undo", run, "--yes", "--offline", codes=(0, 3))
        return plan["costs"]["there"]["requests"], took, len({one["change"] for one in plan["operations"]})


def rate_of(platform):
    """The requests a second that the recipe takes where the configuration says nothing else."""
    text = (ROOT / "connectors/recipes" / f"{platform}.yaml").read_text()
    budget = text[text.index("\nbudget:"):].split("\n\n")[0]
    return budget[budget.index("rate:") + 5:].split(",")[0].strip() if "rate:" in budget else ""


def measure(build, platform):
    with tempfile.TemporaryDirectory() as folder:
        world = World(build, pathlib.Path(folder), platform)
        try:
            costs = {STEPS[0]: world.step()}
            world.run("pull")
            pull = world.requests("pull", "there")
            # One attribute a platform can change: the name, or of Sigfox the time zone.
            world.change(name="Another", zone="Europe/Berlin")
            costs[STEPS[1]] = world.step()
            world.change(team="b")
            costs[STEPS[2]] = world.step()
            world.change(status="left")
            costs[STEPS[3]] = world.step()
            costs[UNDONE] = world.undo()
            world.step()
            world.change(status="active")
            costs[STEPS[4]] = world.step()
            return pull, costs
        finally:
            world.end()


def table(found):
    def shown(cost):
        return "–" if cost is None else f"{cost[1] / cost[2]:.1f}".removesuffix(".0")

    lines = ["| | " + " | ".join(found) + " |", "|---|" + "---:|" * len(found),
             f"| a pull of {PEOPLE} accounts | " + " | ".join(str(pull) for pull, _ in found.values()) + " |"]
    for step in STEPS:
        lines.append(f"| {step} | " + " | ".join(shown(costs[step]) for _, costs in found.values()) + " |")
    lines.append("| requests a second, unless `rate` says otherwise | " +
                 " | ".join(rate_of(platform) or "no limit" for platform in found) + " |")
    return "\n".join(lines)


def page(found):
    """What docs/costs.md is with this table: everything outside the marks stays as it is."""
    text = PAGE.read_text()
    assert text.count(BEGIN) == text.count(END) == 1 and f"each of {CHANGED} accounts" in text, "docs/costs.md has no place for it"
    return text[:text.index(BEGIN) + len(BEGIN)] + table(found) + text[text.index(END):]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--build", type=pathlib.Path, required=True)
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()
    found = {platform: measure(given.build.resolve(), platform) for platform in PLATFORMS}
    wrong = []
    for platform, (pull, costs) in found.items():
        for step, cost in costs.items():
            if cost is None:
                print(f"{platform:<9} {step}: nothing to do")
                continue
            estimate, took, accounts = cost
            off = abs(estimate - took) > took / 10
            print(f"{'WRONG ' if off else ''}{platform:<9} {step}: {took} requests for {accounts} accounts, "
                  f"estimated {estimate}")
            if off:
                wrong.append(f"{platform}, {step}: the plan says {estimate}, it took {took}")
    assert any(cost for _, costs in found.values() for cost in costs.values()), "nothing was measured"
    text = page(found)
    if given.write:
        PAGE.write_text(text)
    elif PAGE.read_text() != text:
        wrong.append("docs/costs.md says something else: tests/costs/run.py --build DIR --write")
    print("\n".join(wrong) if wrong else "all estimates are within a tenth")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
