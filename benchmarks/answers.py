#!/usr/bin/env python3
"""Measures the commands that answer questions: answers.py BUILD ACCOUNTS prints one JSON object of figures.

The state is what a year of nightly syncs leaves (usher-year); nothing answers on the network. Each command is a process of
its own, measured from outside, with its whole output written to a file; the best of three.
"""
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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


def measure(build, folder, words, codes=(0,), times=3):
    """Seconds and peak megabytes of the best of so many runs."""
    best, megabytes = None, 0
    for _ in range(times):
        with open(folder / "told", "wb") as told:
            began = time.monotonic()
            process = subprocess.Popen([f"{build}/usher", *map(str, words)], cwd=folder, stdout=told)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - began
        if os.waitstatus_to_exitcode(status) not in codes:
            sys.exit(f"usher {' '.join(map(str, words))} ended with {os.waitstatus_to_exitcode(status)}")
        best = seconds if best is None else min(best, seconds)
        megabytes = max(megabytes, usage.ru_maxrss / 1024)
    lines = (folder / "told").read_bytes().count(b"\n")
    print(f"usher {' '.join(map(str, words))}: {best:.2f} s, {megabytes:.0f} MB, {lines} lines", file=sys.stderr, flush=True)
    return best, megabytes


def asked(build, folder, *words):
    done = subprocess.run([f"{build}/usher", *map(str, words), "--output", "json"], cwd=folder, capture_output=True, check=True)
    return json.loads(done.stdout)


def somebody_who_moved(build, folder):
    """A person whom a sync took out of a group, and that group."""
    run = [one["run"] for one in asked(build, folder, "runs", "--last", 600)["runs"] if one["given"]][-1]
    operation = next(one for one in asked(build, folder, "show", run)["operations"] if one["kind"] == "remove-membership")
    return operation["person"], operation["label"], operation["membership"]["name"]


def main():
    build, accounts = Path(sys.argv[1]).resolve(), sys.argv[2]
    keep = sys.argv[3] if len(sys.argv) > 3 else None
    os.environ["SECRET"] = "12345678"
    with tempfile.TemporaryDirectory(prefix="usher-answers-") as name:
        folder = Path(keep or name)
        folder.mkdir(exist_ok=True)
        (folder / "usher.yaml").write_text(CONFIG.replace("GROUPS", "\n".join(GROUP.format(n) for n in range(20))))
        if not (folder / "usher.db").exists():
            subprocess.run([f"{build}/benchmarks/usher-year", folder / "usher.db", accounts], check=True)
            subprocess.run([f"{build}/usher", "plan", "--offline"], cwd=folder, stdout=subprocess.DEVNULL)
        person, mail, group = somebody_who_moved(build, folder)
        questions = {
            "history_of_somebody": ["history", person],
            "history_by_mail": ["history", mail],
            "history_of_a_group": ["history", group],
            "who_removed": ["who-removed", person, group],
            "as_of_somebody": ["as-of", "2026-03-01", person],
            "as_of_members": ["as-of", "2026-03-01", "members", group],
            "as_of_accounts": ["as-of", "2026-03-01", "accounts"],
            "as_of_accounts_csv": ["as-of", "2026-03-01", "accounts", "--csv"],
            "runs": ["runs"],
            "runs_of_the_year": ["runs", "--last", 2000],
            "diff_of_runs": ["diff", 300, 303],
            "diff_of_a_quarter": ["diff", "2026-01-01", "2026-04-01"],
            "explain": ["explain", person],
            "orphans": ["orphans"],
            "links": ["links"],
            "links_csv": ["links", "--csv"],
            "verify": ["verify"],
        }
        figures = {"year_state_megabytes": (folder / "usher.db").stat().st_size / 1e6}
        for what, words in questions.items():
            figures[f"{what}_seconds"], figures[f"{what}_megabytes"] = measure(build, folder, words)
    json.dump(figures, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
