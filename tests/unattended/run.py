#!/usr/bin/env python3
"""What runs that nobody watches leave for those who come later: the mail, the report, the check of a monitoring system. With
the real programs.

    tests/unattended/run.py --build DIR
"""
import json
import os
import pathlib
import sqlite3
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
from played import PEOPLE, RULES, main  # noqa: E402

HELD = RULES.replace("guards: {removals: 100%, disable: 100%}", "guards: {removals: 0}")
AT_LENGTH = "iot: guard removals: 3 of 3 linked accounts"


def begin_to_hold(world, more=""):
    """Everybody has what the rules say; then all leave, which a guard holds."""
    world.run("sync")
    world.rules(HELD, more)
    world.people(*[row.replace(",active", ",left") for row in PEOPLE])


def told_by(world, *words, codes=(4,)):
    done = world.start("sync", "--quiet", *words)
    assert done.returncode in codes, done
    return done.stdout


def runs_of(world):
    with sqlite3.connect(world.folder / "usher.db") as database:
        return database.execute("select count(*) from run").fetchone()[0]


def a_report_that_cannot_be_written_ends_a_command_before_it_begins(world):
    (world.folder / "folder.html").mkdir()
    for words in (["sync"], ["sync", "--quiet"], ["plan"]):
        for name, why in (("none/usher.html", "No such file or directory"), ("folder.html", "it is not a regular file")):
            done = world.start(*words, "--report", name)
            assert done.returncode == 1 and f"The report '{name}'" in done.stderr and why in done.stderr, (words, name, done)
            assert "Nothing was done" in done.stderr and "in a folder that is there" in done.stderr, done.stderr
    for words in (["plan", "--out", "none/a.plan"], ["migrate", "--from", "hr", "--to", "iot", "--yes", "--id-map", "none/ids.csv"]):
        done = world.start(*words)
        assert done.returncode == 1 and "Nothing was done" in done.stderr, (words, done)
    assert not (world.folder / "usher.db").exists(), "a platform was read"
    world.run("sync", "--report", "usher.html")
    assert [name for name in os.listdir(world.folder) if name.startswith("usher.html")] == ["usher.html"]


def a_report_that_fails_later_costs_nothing_else(world):
    """Its folder goes away while the run works: the first request to the platform takes it."""
    notified = world.folder / "notified"
    begin_to_hold(world, f"notify: [{{on: [held, failed], command: 'cat >> {notified}; echo >> {notified}'}}]\n")
    rules = (world.folder / "usher.yaml").read_text()
    (world.folder / "reports").mkdir()
    (world.folder / "usher.yaml").write_text(rules.replace("${env:SECRET}", "${cmd:rm -rf reports; echo 12345678}"))
    done = world.start("sync", "--quiet", "--report", "reports/usher.md")
    assert done.returncode == 4 and AT_LENGTH in done.stdout, done
    assert "The report 'reports/usher.md' cannot be written: No such file" in done.stderr, done.stderr
    assert "ends with 4 lane-held, 1 failed" in done.stderr, done.stderr
    assert [json.loads(line)["event"] for line in notified.read_text().splitlines() if line] == ["held"]
    assert "for the 2nd run" in told_by(world) and AT_LENGTH not in told_by(world), "it was told at length"
    (world.folder / "reports").mkdir()
    done = world.start("plan", "--pull", "--output", "json", "--report", "reports/usher.md")
    told = json.loads(done.stdout)
    assert done.returncode == 4 and told["conditions"] == ["lane-held", "failed", "changes-pending"], (done.stderr, told["conditions"])


def only_what_was_printed_as_text_counts_as_told(world):
    begin_to_hold(world)
    assert world.ask("sync", codes=(4,))["apply"]["held-in-a-row"]["runs"] == 1
    with open("/dev/full", "w") as full:
        done = subprocess.run([world.build / "usher", "sync", "--quiet"], cwd=world.folder, stdout=full, stderr=subprocess.PIPE,
                              text=True, env=world.environment)
        assert done.returncode == 4 and "could not be written" in done.stderr, done
    first = told_by(world)
    assert first.startswith("Held by a guard for the 3rd run, since 20") and AT_LENGTH in first, first
    again = told_by(world)
    assert again.startswith("Held by a guard for the 4th run, since 20") and AT_LENGTH not in again, again
    world.people(*PEOPLE)
    world.run("sync")
    begin_to_hold(world)
    assert AT_LENGTH in told_by(world), "it is news once more"


def a_report_says_what_was_held(world):
    begin_to_hold(world)
    done = world.run("sync", "--output", "markdown", "--report", "usher.html", codes=(4,))
    assert "carried nothing out: a guard held 6 operations." in done and "nothing was to be done" not in done, done
    assert "carried nothing out: a guard held 6 operations." in (world.folder / "usher.html").read_text()
    run = str(max(one["run"] for one in world.ask("runs", "--each")["runs"] if one["command"] == "apply"))
    assert world.run("show", run, "--output", "markdown") == done
    world.people(*[row.replace(",active", ",left") for row in PEOPLE], "E9,Mary,Shaw,mary@example.com,operations,active")
    assert " done, 6 held." in world.run("sync", "--output", "markdown", codes=(4,))


def a_check_judges_the_last_apply_and_the_last_pull(world):
    begin_to_hold(world)
    world.run("sync", codes=(4,))

    def check(code, told):
        done = world.start("status", "--check")
        assert done.returncode == code and told in done.stdout, done

    check(1, "(apply) ended as lane-held")
    world.run("pull")
    check(1, "(apply) ended as lane-held")
    world.run("unlink", "E4", "--on", "iot")
    check(1, "(apply) ended as lane-held")
    world.people(*PEOPLE)
    world.run("sync")
    check(0, "USHER OK")
    world.faults({"method": "GET", "every": 1, "status": 500})
    world.run("pull", codes=(8,))
    check(2, "(pull) ended as source-incomplete")
    world.faults()
    world.run("plan", "--offline", codes=(8,))
    check(2, "(pull) ended as source-incomplete")
    world.run("pull")
    check(2, "(plan) ended as source-incomplete")
    world.run("plan")
    check(0, "USHER OK")


def standard_input_that_is_gone_stops_a_run(world):
    """As a file that is gone does: another command has read it, what should write it failed, or it is closed."""
    world.rules()
    text = (world.folder / "usher.yaml").read_text()
    assert "path: people.csv" in text, text
    (world.folder / "usher.yaml").write_text(text.replace("path: people.csv", "path: '-'"))
    environment = {**world.environment, "PATH": f"{world.build}:/usr/bin:/bin"}

    def shell(line):
        return subprocess.run(["sh", "-c", line], cwd=world.folder, capture_output=True, text=True, env=environment, timeout=60)

    first = shell("usher sync < people.csv")
    assert first.returncode == 0, first
    for line in ("cat people.csv | (usher plan; usher sync)", "false | usher sync", "usher sync < /dev/null", "usher sync <&-",
                 "usher plan < /dev/null", "usher apply --pull --yes < /dev/null", "usher sync --quiet < /dev/null"):
        done = shell(line)
        assert done.returncode == 69, (line, done)
        said = " ".join(done.stderr.split())
        assert "hr could not be read" in said and "standard input: it was empty: pipe the people into each command" in said, (line, done)
        assert "--offline plans from them" in said, (line, done)
    done = shell("(usher plan; usher sync) < people.csv")
    assert done.returncode == 0, ("a file can be read again", done)
    text = (world.folder / "usher.yaml").read_text()
    for connector in ("csv", "json", "yaml"):
        (world.folder / "usher.yaml").write_text(
            text.replace("connector: csv, path: '-'", f"connector: {connector}, path: '-', key: employee_id, empty: allowed"))
        done = shell("usher pull hr < /dev/null")
        assert done.returncode == 0 and "complete" in done.stdout, (connector, done)
    second = "  contractors: {connector: csv, path: '-', key: id}\n"
    (world.folder / "usher.yaml").write_text(
        text.replace("platforms:\n", "platforms:\n" + second).replace("  from: hr\n", "  from: [contractors, hr]\n"))
    done = world.start("validate")
    assert done.returncode == 78 and "'contractors' and 'hr' both read standard input" in " ".join(done.stdout.split()), done


TESTS = [standard_input_that_is_gone_stops_a_run, a_report_that_cannot_be_written_ends_a_command_before_it_begins,
         a_report_that_fails_later_costs_nothing_else,
         only_what_was_printed_as_text_counts_as_told, a_report_says_what_was_held,
         a_check_judges_the_last_apply_and_the_last_pull]

if __name__ == "__main__":
    main(__doc__, TESTS)
