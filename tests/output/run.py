#!/usr/bin/env python3
"""What people read of usher: reports on standard output, pipes that are closed early, widths, and what the sandbox says of
wrong options. With the real programs.

    tests/output/run.py --build DIR
"""
import csv
import errno
import fcntl
import io
import json
import os
import pathlib
import pty
import re
import socket
import sqlite3
import struct
import subprocess
import sys
import termios
import threading
import time
import unicodedata

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from four_platforms import Work  # noqa: E402
from played import PEOPLE, RULES, main  # noqa: E402

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
    runs = world.ask("runs", "--each")["runs"]
    run = str(next(run["run"] for run in runs if run["given"] == 6))
    assert world.run("show", run, "--output", "markdown") == done
    rows = list(csv.DictReader(io.StringIO(world.run("show", run, "--output", "csv"))))
    assert {row["outcome"] for row in rows} == {"done"}, rows
    world.run("show", run, "--report", "run.html")
    html = (world.folder / "run.html").read_text()
    assert f'"sentence":"Run {run} carried it out: 6 done."' in html, html[-3000:]
    pull = str(next(run["run"] for run in runs if run["command"] == "pull"))
    for words in (("--output", "html"), ("--report", "run.html")):
        refused = world.start("show", pull, *words)
        assert refused.returncode == 64 and "(pull) has no plan" in refused.stderr, refused.stderr
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
    world.people(*[row.replace(",active", ",left") for row in PEOPLE[:3]], PEOPLE[3].replace("Turing", "Turing " + "von Church " * 12),
                 *[f"E{i},Person{i},Surname-{i} de la Vega y Santamaria de los Rios,someone{i}@example.com,engineering,active"
                   for i in range(10, 20)])
    for key in ("E1", "E2"):  # held with long ids, and others that are not
        assert key in world.run("links"), key
    for words in (("plan", "--pull"), ("plan", "--all"), ("impact", "--new", "usher.yaml"), ("sync", "--quiet")):
        for line in world.start(*words).stdout.splitlines():
            assert width(line) <= 80, (words, line)


def on_a_terminal(world, *words, rows=24, columns=80, meanwhile=None, errors=subprocess.DEVNULL, **environment):
    """The exit code and what a terminal of so many rows and columns shows. meanwhile: is done while the command runs, and told it."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    shown = []

    def read():
        try:
            while piece := os.read(leader, 65536):
                shown.append(piece)
        except OSError:  # the last writer has closed it
            pass

    reader = threading.Thread(target=read)
    reader.start()
    command = subprocess.Popen([world.build / "usher", *words], cwd=world.folder, stdin=subprocess.DEVNULL, stdout=follower,
                               stderr=errors,
                               env={"SECRET": "12345678", "PATH": "/usr/bin:/bin", "TERM": "xterm", "NO_COLOR": "1", **environment})
    os.close(follower)
    try:
        if meanwhile is not None:
            meanwhile(command)
    finally:
        code = command.wait()
    reader.join()
    os.close(leader)
    return code, b"".join(shown).decode().replace("\r\n", "\n")


def lists_wrap_on_a_terminal_and_nowhere_else(world):
    world.run("sync")
    world.people(*[row.replace(",active", ",left") for row in PEOPLE[:1]], *PEOPLE[1:],
                 "E20,Ana Maria Beatriz,de la Vega y Santamaria de los Rios,a20@example.com,engineering,active")
    world.run("sync", codes=(0, 3))
    world.change(insert={"id": "o1", "name": "Nobody Whom Anybody Would Know", "status": "enabled",
                         "credentials": {"identity": "a-very-long-mailbox-name-of-nobody@sub.domain.example.com"}})
    world.run("pull")
    lists = (("links",), ("orphans",), ("runs",), ("leaving", "--days", "400"), ("history", "E1"), ("who-removed", "E1", "engineers"),
             ("as-of", "2999-01-01", "accounts"), ("diff", "1", "3"))
    for words in lists:
        piped = world.start(*words)
        assert piped.returncode == 0, (words, piped)
        for columns in (80, 50, 132):
            code, shown = on_a_terminal(world, *words, "--no-pager", columns=columns)
            assert code == 0, (words, shown)
            longest = max((line for line in shown.splitlines() if " " in line.strip()), key=width, default="")
            assert width(longest) < columns, (words, columns, longest)
            # Nothing is lost: the words of the terminal are those of the pipe, in their order.
            assert shown.split() == piped.stdout.split(), (words, shown, piped.stdout)
    rows = world.run("links").splitlines()
    assert len([row for row in rows if row.startswith("iot ")]) == len(world.ask("links")["links"]), rows
    assert max(map(width, rows)) > 80 and not any(row.startswith(" ") for row in rows), rows


def four_platforms_with_open_guards(build, folder):
    work = Work(build, folder, people=60)
    work.open_guards()
    return work


def reports_of_a_state_fit_the_terminal(world):
    """What has words to wrap; a key, an id or a date is as wide as it is."""
    world.settle()
    row = world.of("engineering")[0]
    row["last_name"] += " de la Vega y Santamaria de los Rios" * 3
    world.write(world.rows)
    world.configure(world.text.replace("removals: 100%", "removals: 0"))
    world.write([one if one is row else {**one, "status": "left"} for one in world.rows[:20]] + world.rows[20:])
    run = world.ask("sync", codes=(0, 3, 4))["apply"]["run"]
    listed = world.run("connector", "list").splitlines()
    connectors = [line.split()[0] for line in listed if line and line[0] != " "]
    assert len(connectors) > 5, listed
    everywhere = [("status",), ("doctor",), ("show", str(run)), ("show", "--all", str(run)), ("show", "1"), ("connector", "list"),
                  *[("connector", "show", name) for name in connectors]]
    answers = [("explain", row["employee_id"]), ("explain", world.rows[0]["employee_id"]), ("credentials", "list", "flows")]
    for words in everywhere:
        done = world.start(*words)
        assert done.returncode in (0, 3, 4), (words, done)
        for line in done.stdout.splitlines():
            assert width(line) <= 80 or " " not in line.strip(), (words, line)
    for words in everywhere + answers:
        piped = world.start(*words).stdout
        for columns in (80, 50) if words in answers else (80,):
            code, shown = on_a_terminal(world, *words, "--no-pager", columns=columns)
            assert code in (0, 3, 4), (words, shown)
            longest = max((line for line in shown.splitlines() if " " in line.strip()), key=width, default="")
            assert width(longest) <= columns, (words, columns, longest)
            if words in answers:
                assert shown.split() == piped.split(), (words, shown, piped)


reports_of_a_state_fit_the_terminal.make = four_platforms_with_open_guards


def what_does_not_fit_the_terminal_goes_through_a_pager(world):
    world.people(*MANY[:30])
    plan = world.run("plan", codes=(2,))
    paged = {"PAGER": "cat > paged.txt"}
    kept = world.folder / "paged.txt"
    code, shown = on_a_terminal(world, "plan", **paged)
    assert code == 2 and shown == "" and kept.read_text() == plan, (code, shown)
    for words, environment in ((("plan", "--no-pager"), paged), (("plan",), {"PAGER": ""}), (("plan",), {**paged, "TERM": "dumb"}),
                               (("plan",), {"PAGER": "no-such-program"}), (("plan",), {**paged, "USHER_PAGER": "cat"})):
        kept.unlink(missing_ok=True)
        code, shown = on_a_terminal(world, *words, **environment)
        assert code == 2 and plan in shown and not kept.exists(), (words, environment, shown)
    assert on_a_terminal(world, "plan", PAGER="true") == (2, ""), "a reader who leaves at once is no error"
    code, shown = on_a_terminal(world, "plan", rows=plan.count("\n") + 2, **paged)
    assert plan in shown and not kept.exists(), "it fits"
    assert on_a_terminal(world, "plan", "--output", "json", **paged)[1].startswith("{") and not kept.exists()
    cannot_run = world.folder / "pager"
    cannot_run.write_text("cat\n")
    code, shown = on_a_terminal(world, "plan", PAGER=str(cannot_run))
    assert code == 2 and plan in shown, (code, shown)


def a_machine_without_a_pager_says_nothing_of_it(world):
    world.people(*MANY[:30])
    plan = world.run("plan", codes=(2,))
    (world.folder / "bin").mkdir()
    with open(world.folder / "errors", "w+") as errors:
        code, shown = on_a_terminal(world, "plan", errors=errors, PATH=str(world.folder / "bin"))
        errors.seek(0)
        told = errors.read()
    assert code == 2 and plan in shown and "not found" not in told, (code, shown, told)


class Reading:
    """A pager whose reader has the whole report, and stays."""

    def __init__(self, folder):
        self.left = folder / "left"
        os.mkfifo(self.left)
        self.pager = f"cat > paged.txt; read word < {self.left}"

    def until_left(self, command):
        """Opens the pipe that the pager reads from: it is there."""
        until = time.monotonic() + 60
        while True:
            try:
                return os.open(self.left, os.O_WRONLY | os.O_NONBLOCK)
            except OSError as error:
                assert error.errno == errno.ENXIO and command.poll() is None and time.monotonic() < until, "nothing was paged"
            time.sleep(0.02)


def who_reads_a_report_keeps_nothing_locked(world):
    world.people(*MANY[:30])
    plan = world.run("plan", codes=(2,))
    reading = Reading(world.folder)
    seen = {}

    def meanwhile(command):
        reader = reading.until_left(command)
        try:
            seen["file"] = (world.folder / "usher.prom").exists()
            seen["code"] = world.start("plan").returncode
        finally:
            os.close(reader)

    code, shown = on_a_terminal(world, "plan", "--metrics-file", "usher.prom", meanwhile=meanwhile, PAGER=reading.pager)
    assert seen == {"code": 2, "file": True}, seen
    assert code == 2 and shown == "" and (world.folder / "paged.txt").read_text() == plan, (code, shown)


def what_is_said_at_the_end_stands_below_the_report(world):
    world.run("sync")
    world.rules(RULES.replace("guards: {removals: 100%, disable: 100%}", "guards: {removals: 0}"))
    world.people(*[row.replace(",active", ",left") for row in PEOPLE], *MANY[10:28])
    with open(world.folder / "both", "a") as both:
        code, _ = on_a_terminal(world, "plan", errors=both, PAGER="cat >> both; echo read >> both")
    text = (world.folder / "both").read_text()
    assert code == 4 and text.index("usher: ends with 4") > text.index("\nread\n") > text.index("engineers"), text


def the_plan_that_a_run_carries_out_waits_for_no_reader(world):
    world.people(*MANY[:30])
    code, shown = on_a_terminal(world, "apply", "--yes", PAGER="cat > paged.txt")
    assert code == 0 and "30 create" in shown, (code, shown)


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

    for words, told in ((["--users=-5"], "--users takes a number from 0"), (["--port=70000"], "--port takes a number from 0 to 65535, not"),
                        (["--port=-1"], "--port takes a number from 0"), (["--access-life=-5"], "--access-life takes a number from 1"),
                        (["--refresh-life=0"], "--refresh-life takes a number from 1"),
                        (["--port=65535", "--platform", "mainflux", "--platform", "kestra"], "--port takes a number from 0 to 65534")):
        done = sandbox(*words)
        assert done.returncode == 64 and told in done.stderr, (words, done)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = sandbox("--port", str(port))
    assert done.returncode == 1 and str(port) in done.stderr and "in use" in done.stderr, done
    port = world.url.rsplit(":", 1)[1]
    done = sandbox("--port", port)
    assert done.returncode == 1 and port in done.stderr and "in use" in done.stderr, done


def monitoring_sees_a_missing_or_damaged_state(world):
    def check(code, told):
        done = world.start("status", "--check")
        assert done.returncode == code and told in done.stdout and done.stdout.count("\n") == 1, (code, done)

    check(3, "USHER UNKNOWN - ")
    world.run("sync")
    check(0, "USHER OK - ")
    done = world.start("status", "--check", "--metrics-file", "none/usher.prom")
    assert done.returncode == 1 and "USHER WARNING - " in done.stdout and "metrics file" in done.stdout, done
    rules = world.configuration()
    (world.folder / "usher.yaml").write_text(rules.replace("  hr: {", "  lab: {connector: csv, path: lab.csv}\n  hr: {"))
    check(2, "lab was never read completely")
    world.rules()
    state = world.folder / "usher.db"
    with sqlite3.connect(state) as database:  # of a platform that is configured no more
        database.execute("update platform set name = 'old' where name = 'iot'")
    check(2, "iot was never read completely")
    (world.folder / "usher.yaml").write_text(rules.replace("accounts:\n", "akkounts:\n"))
    check(2, "USHER CRITICAL - ")
    world.rules()
    for file in world.folder.glob("usher.db-*"):
        file.unlink()
    state.write_bytes(b"no database" * 1000)
    check(2, "USHER CRITICAL - ")
    state.unlink()
    done = world.start("status", "--check", "--metrics-file", "usher.prom")
    assert done.returncode == 3 and done.stdout.startswith("USHER UNKNOWN - "), done


def what_a_sync_did_is_written_to_a_file(world):
    world.run("sync", "--quiet", "--report", "sync.csv")
    rows = list(csv.DictReader((world.folder / "sync.csv").open()))
    assert {row["outcome"] for row in rows} == {"done"} and len(rows) >= 3, rows
    world.people(*[row.replace("Lovelace", "King").replace("Hopper", "Murray") for row in PEOPLE])
    world.faults({"method": "PATCH", "nth": 1, "status": 409})
    world.run("sync", "--report", "sync.csv", codes=(3,))
    outcomes = {row["label"]: row["outcome"] for row in csv.DictReader((world.folder / "sync.csv").open())}
    assert sorted(outcome.split(":")[0] for outcome in outcomes.values()) == ["done", "failed"], outcomes
    failed = next(label for label, outcome in outcomes.items() if outcome.startswith("failed"))
    done = world.run("show", str(world.ask("runs")["runs"][0]["run"]), "--output", "markdown")
    assert "| update \\(failed: " in done and failed.split("@")[0] in done, done
    world.run("sync", codes=(0, 3))
    world.rules(RULES.replace("guards: {removals: 100%, disable: 100%}", "guards: {removals: 0}"))
    world.people(*[row.replace(",active", ",left") for row in PEOPLE])
    world.run("sync", "--report", "sync.html", codes=(4,))
    html = (world.folder / "sync.html").read_text()
    assert '"guard":"removals"' in html and "carried nothing out" in html and '[["failed",' not in html, html[-3000:]
    assert '{"run":' in html[html.index('id="runs">'):], "the charts have runs"
    world.run("impact", "--new", "usher.yaml", "--report", "impact.md")
    assert (world.folder / "impact.md").read_text().startswith("## usher: usher"), "no impact"
    assert world.start("sync", "--report", "sync.txt").returncode == 64


def what_is_carried_out_is_a_report_too(world):
    def rows(text):
        return list(csv.DictReader(io.StringIO(text)))

    refused = world.start("apply", "--yes", "--report", "apply.pdf")
    assert refused.returncode == 64 and ".html, .md or .csv" in refused.stderr, refused
    assert not (world.folder / "usher.db").exists(), "the platforms were read before the option was"

    applied = world.start("apply", "--yes", "--output", "csv", "--report", "apply.html")
    assert applied.returncode == 0 and {row["outcome"] for row in rows(applied.stdout)} == {"done"}, applied
    assert "3 changes" in applied.stderr, "what is planned stands on standard error"
    html = (world.folder / "apply.html").read_text()
    assert html.startswith("<!doctype html>") and "ada@example.com" in html, html[:300]
    run = world.ask("runs")["runs"][0]["run"]

    world.people(*[row.replace("Lovelace", "King") for row in PEOPLE])
    world.run("plan", "--out", "friday.plan", "--pull", codes=(2,))
    saved = world.run("apply", "friday.plan", "--output", "markdown", "--report", "saved.csv")
    assert saved.startswith("## usher: ") and "update" in saved, saved
    assert [row["outcome"] for row in rows((world.folder / "saved.csv").read_text())] == ["done"]
    run = world.ask("runs")["runs"][0]["run"]

    dry = rows(world.run("undo", str(run), "--dry-run", "--output", "csv", codes=(2,)))
    assert len(dry) == 1 and "King" in dry[0]["before"] and "Lovelace" in dry[0]["after"], dry
    undone = world.run("undo", str(run), "--yes", "--output", "html", "--report", "undo.md")
    assert undone.startswith("<!doctype html>") and "Lovelace" in undone
    assert "Lovelace" in (world.folder / "undo.md").read_text()
    assert world.start("undo", str(run), "--release", "--report", "undo.md").returncode == 64
    assert world.start("undo", str(run), "--release", "--output", "html").returncode == 64

    gone = rows(world.run("offboard", "E1", "--yes", "--output", "csv", "--report", "gone.html"))
    assert {row["outcome"] for row in gone} == {"done"} and any(row["act"] == "disable" for row in gone), gone
    assert "ada@example.com" in (world.folder / "gone.html").read_text()
    dry = world.run("offboard", "E2", "--dry-run", "--output", "markdown", codes=(2,))
    assert dry.startswith("## usher: "), dry

    moved = ("migrate", "--from", "hr", "--to", "iot")
    assert world.start(*moved, "--print-config", "--report", "moved.md").returncode == 64
    told = world.start(*moved, "--dry-run", "--output", "markdown", "--report", "moved.csv")
    assert told.returncode in (0, 2, 3) and told.stdout.startswith("## usher: "), told
    assert (world.folder / "moved.csv").read_text().startswith("platform,"), told


def asked(world, *words):
    """What a command that asks on a terminal said, and its code; the answer is yes."""
    leader, follower = pty.openpty()
    os.write(leader, b"yes\n")
    done = subprocess.run([world.build / "usher", *words], cwd=world.folder, stdin=follower, capture_output=True, text=True,
                          env={"SECRET": "12345678", "PATH": "/usr/bin:/bin", "TERM": "dumb"})
    os.close(leader)
    os.close(follower)
    return done


def an_undo_of_links_says_so(world):
    world.run("sync")
    world.run("unlink", "E2", "--on", "iot")
    run = str(world.ask("sync")["apply"]["run"])  # finds the account again, and there is nothing else to do
    told = world.run("undo", run, "--dry-run", codes=(0, 2))
    assert f"1 link that run {run} made ends; the rules decide anew whose the account is." in told, told
    assert "Nothing to do" not in told, told
    done = asked(world, "undo", run)
    assert done.returncode == 0 and f"End 1 link that run {run} made? Only 'yes' does:" in done.stderr, done
    assert f"1 link that run {run} made is ended" in done.stdout and "Nothing was done" not in done.stdout, done.stdout
    assert [one["person"] for one in world.ask("links")["links"] if one["person"] == "E2"] == []


def journald_gets_the_level_of_each_line(world):
    def logged(stream_of, *words):
        with open(world.folder / "journal", "w+") as journal:
            status = os.fstat(journal.fileno())
            stream = f"{status.st_dev}:{status.st_ino + stream_of}"
            code = subprocess.run([world.build / "usher", *words], cwd=world.folder, stdout=subprocess.DEVNULL, stderr=journal,
                                  env={"SECRET": "12345678", "PATH": "/usr/bin:/bin", "JOURNAL_STREAM": stream}).returncode
            journal.seek(0)
            return code, journal.read().splitlines()

    code, lines = logged(0, "sync", "-vv")
    assert code == 0 and lines and {line[:3] for line in lines} == {"<7>"}, lines
    world.end()
    code, lines = logged(0, "sync")
    assert code == 69 and [line for line in lines if line.startswith("<3>")], lines
    assert all(re.match(r"<[3-7]>", line) for line in lines), lines
    code, lines = logged(0, "plan", "--config", "none.yaml")
    assert code == 78 and lines[0].startswith("<3>usher: "), lines
    code, lines = logged(1, "plan", "--config", "none.yaml")  # the stream of another process
    assert code == 78 and lines[0].startswith("usher: "), lines


def json_is_one_object_whatever_happens(world):
    world.run("sync")
    for words in (("shwo", "-o", "json"), ("plan", "--nonsense", "--output=json"), ("-qojson", "show"), ("-o", "json"),
                  ("status", "--check", "-o", "json"), ("leaving", "--ics", "-o", "json"), ("leaving", "--csv", "-o", "json"), ("dump", "iot", "-o", "json"),
                  ("links", "--csv", "-o", "json"), ("undo", "999", "--yes", "-o", "json")):
        done = world.start(*words)
        told = json.loads(done.stdout)
        assert done.returncode == 64 and list(told)[:2] == ["report", "exit"] and told["report"] == "error", (words, done)
        assert told["exit"] == {"code": 64, "name": "usage"} and done.stderr, (words, done)
    assert json.loads(world.start("shwo", USHER_OUTPUT="json").stdout)["report"] == "error"
    for words in (("shwo",), ("plan", "-o", "text", "--nonsense"), ("plan", "--nonsense", "--", "-o", "json")):
        assert world.start(*words).stdout == "", words


def quiet_is_quiet_when_nobody_need_look(world):
    done = world.start("sync", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
    assert any(run["given"] for run in world.ask("runs")["runs"]), "it did something"


def a_damaged_plan_is_a_finding(world):
    world.run("sync")
    with sqlite3.connect(world.folder / "usher.db") as database:
        database.execute("update plan_part set content = x'00112233' where plan = (select max(plan) from plan_part)")
    told = world.ask("verify", codes=(1,))
    assert [found for found in told["breaks"] if "or is damaged" in found["why"] and found["run"] > 0], told


def a_report_that_cannot_be_written_is_refused_first(world):
    done = world.start("plan", "--report", "plan.pdf")
    assert done.returncode == 64 and ".html, .md or .csv" in done.stderr, done
    assert not (world.folder / "usher.db").exists(), "the platforms were read before the option was"
    world.run("plan", "--report", "plan.md", codes=(2,))
    assert (world.folder / "plan.md").read_text().startswith("## usher: 3 changes\n")
    assert (world.folder / "plan.md").stat().st_mode & 0o777 == 0o600


def what_a_command_lives_on_is_never_written(world):
    first = RULES.replace("groups:", "credentials: {first: {file: first.csv}}\n    groups:")
    world.rules(first, more="approvals: {required: 1, by: [ada@example.com], allowed-signers: signers.md}\n"
                            "tests: [{name: cases, records: cases.csv, expect: {iot: none}}]\n")
    file = world.folder / "usher.yaml"
    file.write_text(file.read_text().replace("path: people.csv", 'path: "${env:HERE}/people.csv"')
                    .replace("${env:SECRET}", "${file:secret}").replace("connector: mainflux,", "connector: mainflux, ca-file: ca.pem,"))
    (world.folder / "secret").write_text("12345678\n")
    (world.folder / "secret").chmod(0o600)
    (world.folder / "recipes").mkdir()
    (world.folder / "recipes/mainflux.yaml").write_text(world.run("connector", "show", "mainflux", "--recipe"))
    for name in ("ca.pem", "signers.md", "cases.csv", "new.md", "keys", "sig", "a.plan"):
        (world.folder / name).write_text("E1,E2\n")
    (world.folder / "first.csv").write_text("")
    (world.folder / "people.md").symlink_to("people.csv")
    kept = {name: name.read_bytes() for name in world.folder.rglob("*") if name.is_file()}
    for words, what in ((("dump", "iot", "--format", "yaml", "--out", "usher.yaml"), "the configuration"),
                        (("dump", "iot", "--out", "people.csv"), "what platform 'hr' reads"),
                        (("plan", "--report", "./people.csv"), "what platform 'hr' reads"),
                        (("plan", "--report", "people.md"), "what platform 'hr' reads"),
                        (("plan", "--report", "first.csv"), "the file of first secrets of iot"),
                        (("plan", "--out", "usher.db"), "the state"), (("plan", "--out", "usher.db.lock"), "a part of the state"),
                        (("plan", "--out", "usher.db-wal"), "a part of the state"),
                        (("pull", "--trace-http", "usher.yaml"), "the configuration"),
                        (("pull", "--trace-http", "people.csv"), "what platform 'hr' reads"),
                        (("plan", "--report", "a.md", "--out", "./a.md"), "what --out writes"),
                        (("sync", "--report", "a.md", "--metrics-file", "./a.md"), "what --metrics-file writes"),
                        (("pull", "--trace-http", "secret"), "a secret of platform 'iot'"),
                        (("pull", "--trace-http", "ca.pem"), "what platform 'iot' reads"),
                        (("dump", "iot", "--out", "recipes/mainflux.yaml"), "the recipe of platform 'iot'"),
                        (("dump", "iot", "--out", "mainflux.yaml"), "the recipe of platform 'iot'"),
                        (("plan", "--report", "signers.md"), "the file of allowed signers"),
                        (("test", "--junit", "cases.csv"), "what the test 'cases' reads"),
                        (("impact", "--new", "new.md", "--report", "new.md"), "what --new reads"),
                        (("relink", "--from", "keys", "--trace-http", "keys"), "what --from reads"),
                        (("approve", "1", "--signature", "sig", "--trace-http", "sig"), "what --signature reads"),
                        (("migrate", "--from", "hr", "--to", "iot", "--rules", "keys", "--id-map", "keys"), "what --rules reads"),
                        (("migrate", "--from", "hr", "--to", "iot", "--yes", "--first-secrets", "people.csv"),
                         "what platform 'hr' reads"),
                        (("apply", "a.plan", "--trace-http", "a.plan"), "what the command is given")):
        done = world.start(*words, HERE=str(world.folder))
        assert done.returncode == 64 and f"is not written, for it is {what}; give another name." in done.stderr, (words, done)
    for words, what in ((("plan", "--out"), "a plan"), (("pull", "--trace-http"), "a trace")):
        done = world.start(*words, "world.json")
        assert done.returncode == 1 and f"is not written, for what stands there is not {what}" in done.stderr, done
    (world.folder / "later.md").symlink_to("usher.db-shm")  # a link to where nothing stands yet
    assert "for it is a part of the state" in world.start("plan", "--report", "later.md").stderr
    file.write_text(file.read_text() + "unknown: key\n")
    kept[file] = file.read_bytes()
    for words in (("dump", "iot", "--out", "people.csv"), ("dump", "iot", "--out", "signers.md")):
        done = world.start(*words)
        assert done.returncode == 78 and "unknown key 'unknown'" in done.stderr and "is not replaced" in done.stderr, done
    assert kept == {name: name.read_bytes() for name in kept}
    assert not (world.folder / "usher.db").exists(), "a platform was read before the file was looked at"
    world.rules(first)
    (world.folder / "friday.plan").touch()
    for _ in range(2):  # an empty file, then a plan
        world.run("plan", "--out", "friday.plan", codes=(2,))
    world.run("apply", "friday.plan")


def what_is_held_again_is_one_line(world):
    people = [f"E{n},First,Last{n},e{n}@example.com,engineering,active" for n in range(12)]
    world.people(*people)
    world.run("sync")
    world.rules(RULES.replace("guards: {removals: 100%, disable: 100%}", "guards: {removals: 10%}"))

    def held(leavers, *more):
        world.people(*[one.replace(",active", ",left") if n < leavers else one for n, one in enumerate(people)])
        done = world.start("sync", "--quiet", *more)
        assert done.returncode == 4, done
        return done.stdout

    first = held(4)
    assert first.startswith("Held by a guard, and not done:\n  iot: guard removals: 4 of 12 linked accounts"), first
    again = [held(4), held(4)]
    for text, which in zip(again, ("2nd", "3rd")):
        lines = text.splitlines()
        assert lines[0].startswith(f"Held by a guard for the {which} run, since 20") and len(lines) == 3, text
        assert lines[1] == "  iot.removals: 4 wanted, 2 allowed" and "usher show --all" in lines[2], text
    assert held(5).startswith("Held by a guard, and not done:"), "somebody more is news"
    told = world.ask("sync", codes=(4,))["apply"]["held-in-a-row"]
    assert told["runs"] == 2, told
    world.people(*people)
    assert world.start("sync", "--quiet").stdout == "" and "held-in-a-row" not in world.ask("sync")["apply"]
    assert held(5).startswith("Held by a guard, and not done:")
    world.people(*[one.replace(",active", ",left") if n < 6 else one for n, one in enumerate(people)])
    world.run("plan", "--out", "held.plan", codes=(4,))
    world.run("apply", "held.plan", codes=(4,))
    assert "guard removals: 6 of 12 linked accounts" in held(6), "apply of a saved plan does not show what it holds"


def a_dump_is_exact(world):
    """A spreadsheet may obey it; lists for reading do not let it, see tests/answers."""
    world.people("E1,=SUM(1),x,ada@example.com,engineering,active")
    world.run("sync")
    assert ",=SUM(1) x," in world.run("dump", "iot"), world.run("dump", "iot")


def first_secrets_leave_their_file_when_their_days_are_over(world):
    world.rules(RULES.replace("groups:", "credentials: {first: {file: first.txt, keep: 30d}}\n    groups:"))
    world.run("sync")
    file = world.folder / "first.txt"
    lines = file.read_text().splitlines()
    old = [line.replace(json.loads(line)["at"], "2026-01-02T03:04:05.000Z") for line in lines[:2]]
    other = [line.replace('"iot"', '"elsewhere"') for line in old]
    file.write_text("\n".join(old + other + lines[2:]) + "\n")
    world.run("sync")
    assert file.read_text().splitlines() == other + lines[2:] and file.stat().st_mode & 0o777 == 0o600


def first_secrets_are_added_to_nothing_else(world):
    world.rules(RULES.replace("groups:", "credentials: {first: {file: notes}}\n    groups:"))
    (world.folder / "notes").write_text("Call Ada.\n")
    done = world.start("sync")
    assert done.returncode in (1, 3) and "notes: holds something else than first secrets" in " ".join(done.stdout.split()), done
    assert (world.folder / "notes").read_text() == "Call Ada.\n" and world.ask("links")["links"] == []
    (world.folder / "notes").unlink()
    world.run("sync")
    assert len((world.folder / "notes").read_text().splitlines()) == 3


def a_trace_takes_the_place_of_a_trace(world):
    trace = world.folder / "trace"
    trace.touch(mode=0o644)
    for _ in range(2):
        world.run("pull", "--trace-http", "trace")
        assert trace.read_text().startswith("# 2") and trace.stat().st_mode & 0o777 == 0o600
    assert "> GET " in trace.read_text(), trace.read_text()[:500]


def who_could_read_a_report_still_can(world):
    for words in (("plan", "--report", "plan.html"), ("plan", "--out", "a.plan"), ("dump", "iot", "--out", "iot.csv")):
        file = world.folder / words[-1]
        for chosen, kept in ((None, 0o600), (0o644, 0o644), (0o640, 0o640), (0o400, 0o600), (0o777, 0o644)):
            if chosen is not None:
                file.chmod(chosen)
            before = file.stat().st_ino if chosen else None
            world.run(*words, codes=(0, 2))
            assert file.stat().st_mode & 0o777 == kept and file.stat().st_ino != before, (words, chosen, oct(file.stat().st_mode))
    if os.getuid() == 0:  # who may give a file to any group
        os.chown(file, -1, 12345)
        file.chmod(0o640)
        world.run(*words)
        assert (file.stat().st_gid, file.stat().st_mode & 0o777) == (12345, 0o640), file.stat()


def a_file_is_written_where_links_lead(world):
    (world.folder / "plans").mkdir()
    (world.folder / "latest.plan").symlink_to("plans/latest.plan")
    (world.folder / "plans/latest.plan").symlink_to("friday.plan")  # which is not there yet
    world.run("plan", "--out", "latest.plan", codes=(2,))
    assert (world.folder / "latest.plan").is_symlink() and (world.folder / "plans/latest.plan").is_symlink()
    assert not (world.folder / "plans/friday.plan").is_symlink() and (world.folder / "plans/friday.plan").stat().st_size > 0
    (world.folder / "nothing.md").symlink_to("/dev/null")
    (world.folder / "loop.md").symlink_to("loop.md")
    for name, why in (("nothing.md", "names below /dev and /proc are no files"), ("loop.md", "too many links lead to it")):
        done = world.start("plan", "--report", name)
        assert done.returncode == 1 and f"The report '{name}' is not written: {why}." in done.stderr, (name, done)
        assert (world.folder / name).is_symlink()
    with open(world.folder / "out.txt", "w+") as out:
        before = os.fstat(out.fileno()).st_ino
        done = subprocess.run([world.build / "usher", "plan", "--offline", "--out", "/dev/stdout"], cwd=world.folder, stdout=out,
                              stderr=subprocess.PIPE, text=True, env=world.environment)
        assert done.returncode == 1 and "names below /dev and /proc are no files" in done.stderr, done
        assert (world.folder / "out.txt").stat().st_ino == before, "the name of what is written to was taken"


def what_is_accepted_asks_for_no_attention(world):
    world.rules(RULES.replace("group: engineers", "group: enginers"))
    plan = world.ask("plan", codes=(3,))["plan"]
    note = next(note for note in plan["notes"] if note["kind"] == "unknown-group")
    assert "### Needs attention" in world.run("plan", "--output", "markdown", codes=(3,))
    said = world.run("accept", note["id"], "--until", "7d", "--reason", "renamed next week")
    assert said.startswith(note["id"] + ": it asks for no attention until 20"), said
    left = [one for one in world.ask("plan", codes=(2, 3))["plan"]["notes"] if one["severity"] == "attention"]
    told = world.run("plan", "--output", "markdown", codes=(2, 3))
    assert "enginers" not in told and ("### Needs attention" in told) == bool(left), told


def what_is_no_report_keeps_its_own_form(world):
    for words in (("help",), ("help", "plan"), ("manual", "plan"), ("completion", "bash"), ("schema",)):
        assert world.run(*words, "--output", "json") == world.run(*words) == world.run(*words, USHER_OUTPUT="json"), words
    refused = world.start("completion", "nosuch", "--output", "json")
    assert refused.returncode == 64 and json.loads(refused.stdout)["exit"]["code"] == 64, refused


def a_configuration_that_cannot_be_opened_is_told_apart_from_none(world):
    absent = world.start("validate", "--config", "absent.yaml")
    assert absent.returncode == 78 and "No such file or directory; `usher init` writes one" in absent.stdout + absent.stderr, absent
    (world.folder / "loop.yaml").symlink_to("loop.yaml")
    there = world.start("validate", "--config", "loop.yaml")
    assert there.returncode == 78 and "cannot be opened" in there.stdout + there.stderr, there
    assert "usher init" not in there.stdout + there.stderr, there


def an_undo_says_first_what_can_never_be_undone(world):
    world.run("sync")
    unknown = world.start("undo", "4711")
    assert unknown.returncode == 64 and "remembers no run 4711" in unknown.stderr, unknown
    run = str(max(one["run"] for one in world.ask("runs")["runs"] if one["command"] == "sync"))
    asked = world.start("undo", run)
    assert asked.returncode == 64 and "nobody can be asked" in asked.stderr, asked
    wrong = world.start("undo", run, "--hold-until", "2s")
    assert wrong.returncode == 64 and "whole hours or days" in wrong.stderr, wrong
    wrong = world.start("pull", "--deadline", "500ms")
    assert wrong.returncode == 64 and "a whole number of seconds, minutes, hours or days" in wrong.stderr, wrong


TESTS = [reports_of_a_state_fit_the_terminal, lists_wrap_on_a_terminal_and_nowhere_else, what_is_carried_out_is_a_report_too, json_is_one_object_whatever_happens, quiet_is_quiet_when_nobody_need_look, a_damaged_plan_is_a_finding,
         reports_go_to_standard_output, a_reader_that_leaves_is_no_error, help_and_text_fit_eighty_columns, what_does_not_fit_the_terminal_goes_through_a_pager,
         a_machine_without_a_pager_says_nothing_of_it, who_reads_a_report_keeps_nothing_locked,
         what_is_said_at_the_end_stands_below_the_report, the_plan_that_a_run_carries_out_waits_for_no_reader,
         what_is_no_report_keeps_its_own_form, a_configuration_that_cannot_be_opened_is_told_apart_from_none,
         an_undo_says_first_what_can_never_be_undone,
         the_question_has_the_totals, monitoring_sees_a_missing_or_damaged_state,
         what_a_sync_did_is_written_to_a_file, an_undo_of_links_says_so, journald_gets_the_level_of_each_line, a_report_that_cannot_be_written_is_refused_first,
         what_a_command_lives_on_is_never_written, first_secrets_are_added_to_nothing_else,
         what_is_held_again_is_one_line, a_dump_is_exact, first_secrets_leave_their_file_when_their_days_are_over,
         a_trace_takes_the_place_of_a_trace, who_could_read_a_report_still_can, a_file_is_written_where_links_lead, what_is_accepted_asks_for_no_attention,
         the_sandbox_refuses_what_it_cannot_do]

if __name__ == "__main__":
    main(__doc__, TESTS)
