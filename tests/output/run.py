#!/usr/bin/env python3
"""What people read of usher: reports on standard output, pipes that are closed early, widths, and what the sandbox says of
wrong options. With the real programs.

    tests/output/run.py --build DIR
"""
import argparse
import csv
import io
import os
import pathlib
import pty
import socket
import subprocess
import sys
import unicodedata

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from played import PEOPLE, RULES, run_tests  # noqa: E402

MANY = tuple(f"E{i},First{i},Last{i},p{i}@example.com,engineering,active" for i in range(400))


def reports_go_to_standard_output(world):
    html = world.run("plan", "--output", "html", codes=(2,))
    assert html.startswith("<!doctype html>") and "default-src 'none'" in html, html[:200]
    markdown = world.run("plan", "--output", "markdown", codes=(2,))
    assert markdown.startswith("## usher: 3 changes\n") and "Nothing was written." in markdown, markdown
    rows = list(csv.DictReader(io.StringIO(world.run("plan", "--output", "csv", codes=(2,)))))
    assert {row["person"] for row in rows} == {"E1", "E2", "E4"} and {row["act"] for row in rows} == {"create"}, rows
    assert {row["label"] for row in rows} >= {"'+alan@example.com"}, "a spreadsheet would run a cell"
    digest = world.ask("plan", codes=(2,))["plan"]["digest"]
    assert world.run("show", digest[:12], "--output", "markdown") == markdown
    assert world.run("show", digest[:12], "--output", "csv").count("\n") == len(rows) + 1
    done = world.run("sync", "--output", "markdown")
    assert "carried it out: 6 done." in done and "Nothing was written" not in done, done
    run = world.ask("runs")["runs"][0]["run"] if "runs" in world.ask("runs") else 4
    refused = world.start("show", str(run), "--output", "html")
    assert refused.returncode == 64 and "shown as text or json" in refused.stderr, refused.stderr
    assert world.start("status", "--output", "html").returncode == 64


def a_reader_that_leaves_is_no_error(world):
    world.people(*MANY)
    for words in (("plan", "--all"), ("connector", "list"), ("help", "plan"), ("plan", "--output", "html")):
        command = subprocess.Popen([world.build / "usher", *words], cwd=world.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env={"SECRET": "12345678", "PATH": "/usr/bin:/bin"})
        command.stdout.close()
        told = command.stderr.read().decode()
        assert command.wait() in (0, 2) and told == "", (words, command.returncode, told)
    with open("/dev/full", "w") as full:
        done = subprocess.run([world.build / "usher", "help", "plan"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and "could not be written" in done.stderr, done


def width(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line if not unicodedata.combining(c))


def help_and_text_fit_eighty_columns(world):
    world.run("sync")
    commands = [line.split()[0] for line in world.run("help").split("Commands:\n")[1].split("\n\n")[0].splitlines()
                if line.startswith("  ") and not line.startswith("   ")]
    assert len(commands) > 30, commands
    for command in commands:
        for line in world.run("help", command).splitlines():
            assert width(line) <= 80, (command, line)
    world.rules(RULES.replace("guards: {removals: 100%, disable: 100%}", "guards: {removals: 0}"))
    world.people(*[row.replace(",active", ",left") for row in PEOPLE])
    for words in (("plan", "--pull"), ("impact", "--new", "usher.yaml"), ("sync", "--quiet")):
        for line in world.start(*words).stdout.splitlines():
            assert width(line) <= 80, (words, line)


def the_question_has_the_totals(world):
    leader, follower = pty.openpty()
    command = subprocess.Popen([world.build / "usher", "apply", "--pull"], cwd=world.folder, stdin=follower,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                               env={"SECRET": "12345678", "PATH": "/usr/bin:/bin", "TERM": "dumb"})
    os.write(leader, b"no\n")
    told = command.stderr.read()
    assert command.wait() == 2, told
    assert "Apply 3 changes: 3 create, 3 add-membership on iot? Only 'yes' does:" in told, told
    os.close(leader)
    os.close(follower)


def the_sandbox_refuses_what_it_cannot_do(world):
    def sandbox(*words):
        return subprocess.run([world.build / "usher-sandbox", *words], capture_output=True, text=True, timeout=60)

    done = sandbox("--users=-5")
    assert done.returncode == 64 and "--users takes a number from 0" in done.stderr, done
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = sandbox("--port", str(port))
    assert done.returncode == 1 and str(port) in done.stderr and "in use" in done.stderr, done
    port = world.url.rsplit(":", 1)[1]
    done = sandbox("--port", port)
    assert done.returncode == 1 and port in done.stderr and "in use" in done.stderr, done


TESTS = [reports_go_to_standard_output, a_reader_that_leaves_is_no_error, help_and_text_fit_eighty_columns,
         the_question_has_the_totals, the_sandbox_refuses_what_it_cannot_do]

if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--build", required=True)
    run_tests(options.parse_args().build, TESTS)
