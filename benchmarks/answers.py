#!/usr/bin/env python3
"""Measures the commands that answer questions: answers.py BUILD ACCOUNTS [FOLDER].

Prints {"accounts", "steps": {step: figures}}. The state is what a year of nightly syncs leaves (usher-year); nothing
answers on the network. Each command is a process of its own, measured from outside, with its whole output written to a
file; the best of three. With FOLDER the state stays there, and one that is there already is used.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from processes import measured

CONFIG = """version: 1
state: usher.db
keep: {history: 800d, runs: 800d}
platforms:
  hr: {connector: csv, path: people.csv}
  iot: {connector: mainflux, url: "http://127.0.0.1:9", identity: admin@example.com, secret: "${env:SECRET}"}
people:
  from: hr
  key: record.employee_id
  attributes: {mail: record.email, name: record.name, department: record.department}
  active: record.status == "active"
accounts:
  iot:
    match: [{account: credentials.identity, person: person.mail}]
    set: {credentials.identity: person.mail, name: person.name}
    other-groups: keep
    groups:
GROUPS
    leavers: {disable: now, delete: never}
"""
GROUP = '      - {{group: dept-{0:03}, when: person.department == "dept-{0:03}", actions: [m_read]}}'


def best_of_three(usher, words, folder):
    """Figures of the fastest run, and the highest peak of memory; what it prints goes into a file."""
    with open(folder / "told", "wb") as told:
        runs = [measured([usher, *words], folder, told=told) for _ in range(3)]
    return {"seconds": min(run["seconds"] for run in runs), "megabytes": max(run["megabytes"] for run in runs)}


def asked(usher, folder, *words):
    done = subprocess.run([usher, *map(str, words), "--output", "json"], cwd=folder, capture_output=True, check=True)
    return json.loads(done.stdout)


def somebody_who_moved(usher, folder):
    """A person whom a sync took out of a group, and that group."""
    for run in reversed(asked(usher, folder, "runs", "--last", 600)["runs"]):
        if not run["given"]:
            continue
        for operation in asked(usher, folder, "show", run["run"])["operations"]:
            if operation["kind"] == "remove-membership":
                return operation["person"], operation["label"], operation["membership"]["name"]
    sys.exit("no sync took anybody out of a group")


def questions(person, mail, group):
    return {
        "history of somebody by key": ["history", person],
        "history of somebody by e-mail": ["history", mail],
        "history of a group": ["history", group],
        "who-removed": ["who-removed", person, group],
        "as-of: somebody": ["as-of", "2026-03-01", person],
        "as-of: members of a group": ["as-of", "2026-03-01", "members", group],
        "as-of: all accounts": ["as-of", "2026-03-01", "accounts"],
        "as-of: all accounts as CSV": ["as-of", "2026-03-01", "accounts", "--csv"],
        "runs": ["runs"],
        "runs of the whole year": ["runs", "--last", 2000],
        "diff of two runs": ["diff", 300, 303],
        "diff of a quarter": ["diff", "2026-01-01", "2026-04-01"],
        "explain": ["explain", person],
        "orphans": ["orphans"],
        "links": ["links"],
        "links as CSV": ["links", "--csv"],
        "verify": ["verify"],
    }


def main():
    build, accounts = Path(sys.argv[1]).resolve(), sys.argv[2]
    usher = f"{build}/usher"
    os.environ["SECRET"] = "12345678"
    with tempfile.TemporaryDirectory(prefix="usher-answers-") as name:
        folder = Path(sys.argv[3] if len(sys.argv) > 3 else name)
        folder.mkdir(exist_ok=True)
        (folder / "usher.yaml").write_text(CONFIG.replace("GROUPS", "\n".join(GROUP.format(n) for n in range(20))))
        if not (folder / "usher.db").exists():
            subprocess.run([f"{build}/benchmarks/usher-year", folder / "usher.db", accounts],
                           stdout=subprocess.DEVNULL, check=True)
            subprocess.run([usher, "plan", "--offline"], cwd=folder, stdout=subprocess.DEVNULL)
        steps = {f"a year of syncs: {what}": best_of_three(usher, words, folder)
                 for what, words in questions(*somebody_who_moved(usher, folder)).items()}
        steps["a year of syncs: state"] = {"state_megabytes": (folder / "usher.db").stat().st_size / 1e6}
    json.dump({"accounts": int(accounts), "steps": steps}, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
