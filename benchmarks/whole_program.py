#!/usr/bin/env python3
"""Measures the program as a whole: whole_program.py BUILD ACCOUNTS prints {"accounts", "steps": {step: figures}}.

First a CSV of so many people is loaded, and loaded again unchanged. Then a sandbox invents so many users, of whom seven
in eight are enabled; a CSV of these is the source of the plans and applies that follow. Each command is a process of
its own, measured from outside.
"""
import csv
import json
import sys
import tempfile
from pathlib import Path

from people_file import write_people
from processes import Mainflux, SECRET, measured

PEOPLE = """version: 1
state: usher.db
platforms:
  hr: {connector: csv, path: people.csv, key: id}
people:
  from: hr
  key: record.id
  attributes: {mail: record.mail, name: record.name, department: record.department}
"""
ACCOUNTS = """version: 1
state: usher.db
platforms:
  hr: {{connector: csv, path: people.csv}}
  iot: {{connector: mainflux, url: "http://127.0.0.1:{port}", identity: admin@example.com, secret: "${{file:secret}}"}}
people:
  from: hr
  key: record.id
  attributes: {{mail: record.mail, name: record.name}}
accounts:
  iot:
    match: [{{account: credentials.identity, person: person.mail}}]
    set: {{credentials.identity: person.mail, name: person.name}}
"""
CHANGED_EVERY = 100
CONNECTIONS = 8  # as many as the recipe of Mainflux allows


class Steps:
    """Runs usher in one folder and keeps the figures of the steps that have a name."""

    def __init__(self, build, folder, steps):
        self.usher, self.folder, self.steps = f"{build}/usher", folder, steps

    def run(self, *words, codes=(0,)):
        return measured([self.usher, *words], self.folder, codes)

    def step(self, step, *words, codes=(0,), count=0, of=""):
        """With count and of, the step has also a figure such as pages_per_second."""
        figures = self.steps[step] = self.run(*words, codes=codes)
        if count:
            figures[f"{of}_per_second"] = count / figures["seconds"]
        return figures


def state_megabytes(folder):
    return (folder / "usher.db").stat().st_size / 1e6


def load(build, folder, people, steps):
    """First load of a CSV, and the same again."""
    (folder / "usher.yaml").write_text(PEOPLE)
    write_people(folder / "people.csv", people)
    usher = Steps(build, folder, steps)
    first = usher.step("first load of a CSV", "pull", "hr", count=people, of="people")
    first["state_megabytes"] = state_megabytes(folder)
    usher.step("load of the same CSV again", "pull", "hr", count=people, of="people")


def write_enabled_people(path, sandbox):
    """A person for each user of the sandbox that is enabled; answers how many these are."""
    people = 0
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "mail", "name"])
        for user in sandbox.enabled_users():
            writer.writerow([user["id"], user["credentials"]["identity"], user["name"]])
            people += 1
    return people


def change_people(folder):
    """Another name for one person in a hundred; answers how many these are."""
    changed = 0
    with open(folder / "people.csv", encoding="utf-8") as before, \
            open(folder / "changed.csv", "w", encoding="utf-8") as after:
        for number, line in enumerate(before):
            if number % CHANGED_EVERY == 1:
                line = line.rstrip("\n") + " II\n"
                changed += 1
            after.write(line)
    (folder / "changed.csv").replace(folder / "people.csv")
    return changed


def configure(folder, sandbox, more=""):
    (folder / "secret").touch(0o600)
    (folder / "secret").write_text(SECRET)
    (folder / "usher.yaml").write_text(ACCOUNTS.format(port=sandbox.port) + more)


def pulls(usher, sandbox, steps):
    """Pulls beside curl, which reads the same and throws it away."""
    pages = max(1, sandbox.accounts // 100)
    curl = sandbox.curl_seconds()
    steps["curl"] = {"seconds": curl, "pages_per_second": pages / curl}
    for step in ("first pull", "pull again, nothing changed"):
        figures = usher.step(step, "pull", "iot", count=pages, of="pages")
        figures["part_of_curl"] = curl / figures["seconds"]


def plans(usher, sandbox, people):
    """Plans of so many people who all have accounts: the first, one without a change, one that evaluates all anew."""
    usher.run("pull", "hr")
    usher.step("first plan, everybody matched", "plan", "--offline", codes=(0, 2))
    usher.step("apply of the first plan", "apply", "--yes", "--offline")
    usher.run("plan", "--pull")
    nothing = usher.step("plan, nothing changed", "plan", "--offline")
    nothing["state_megabytes"] = state_megabytes(usher.folder)
    configure(usher.folder, sandbox, "    who: size(person.key) > 0\n")
    anew = usher.step("plan, everybody evaluated anew", "plan", "--offline")
    evaluated = anew["seconds"] - nothing["seconds"]
    if evaluated > 0:
        anew["people_per_second"] = people / evaluated


def changes(usher, sandbox, steps):
    """One person in a hundred has another name: plan and apply, the apply beside wrk."""
    changed = change_people(usher.folder)
    usher.run("pull", "hr")
    usher.step("plan, 1 % of the people changed", "plan", "--offline", "--out", "changed", codes=(2,))
    wrk = sandbox.wrk_requests_per_second(usher.folder, CONNECTIONS)
    steps["wrk"] = {"requests_per_second": wrk}
    # Each account is read and changed.
    applied = usher.step("apply, 1 % of the people changed", "apply", "changed", "--yes",
                         count=2 * changed, of="requests")
    applied["part_of_wrk"] = applied["requests_per_second"] / wrk


def matched_people(build, folder, accounts, steps):
    """Pulls, plans and an apply where everybody has an account."""
    with Mainflux(build, folder, accounts) as sandbox:
        people = write_enabled_people(folder / "people.csv", sandbox)
        configure(folder, sandbox)
        usher = Steps(build, folder, steps)
        pulls(usher, sandbox, steps)
        plans(usher, sandbox, people)
        changes(usher, sandbox, steps)


def create_everybody(build, folder, steps):
    """Plans an account for everybody on a platform that has none."""
    with Mainflux(build, folder, 1) as sandbox:
        configure(folder, sandbox)
        usher = Steps(build, folder, steps)
        usher.run("pull")
        usher.step("plan that creates everybody", "plan", "--offline", "--out", "first", codes=(2,))


def main():
    build, accounts = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    steps = {}
    with tempfile.TemporaryDirectory(prefix="usher-load-") as name:
        load(build, Path(name), accounts, steps)
    with tempfile.TemporaryDirectory(prefix="usher-whole-") as name:
        matched, empty = Path(name) / "matched", Path(name) / "empty"
        matched.mkdir()
        empty.mkdir()
        matched_people(build, matched, accounts, steps)
        (matched / "people.csv").rename(empty / "people.csv")
        create_everybody(build, empty, steps)
    json.dump({"accounts": accounts, "steps": steps}, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
