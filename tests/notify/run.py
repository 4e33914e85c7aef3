#!/usr/bin/env python3
"""`notify:` as an operator uses it, with the real program, a real listener and real commands.

    tests/notify/run.py --build DIR
"""
import http.server
import json
import os
import pathlib
import re
import socket
import sqlite3
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from played import PEOPLE, RULES, main  # noqa: E402

HELD = RULES.replace("guards: {removals: 100%, disable: 100%}", "guards: {removals: 0}")
TOKEN = "s3cret-token-of-the-hook"


class Listener:
    """A webhook's other end: keeps what it is sent and answers as it is told to."""

    def __init__(self):
        listener = self
        self.got, self.headers, self.paths, self.status, self.hangs = [], [], [], 200, False
        self.release = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                listener.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                listener.headers.append(dict(self.headers))
                listener.paths.append(self.path)
                if listener.hangs:
                    listener.release.wait(60)
                    return
                self.send_response(listener.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hooks/T0/{TOKEN}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()

    def take(self):
        taken, self.got = self.got, []
        return taken


def notify(*rules):
    return "notify:\n" + "".join(f"  - {rule}\n" for rule in rules)


def hook(listener, on, more=""):
    return f'{{on: {on}, webhook: "{listener.url}"{more}}}'


def settled(world, rules, *notifications):
    """Everybody has what the rules say; then the notifications are configured."""
    world.rules(RULES)
    world.run("sync")
    world.rules(rules, notify(*notifications))


def two_leave(world):
    world.people(*[row.replace(",active", ",left") for row in PEOPLE[:2]], *PEOPLE[2:])


def what_is_held_is_told_and_then_in_one_line(world):
    with Listener() as listener:
        settled(world, HELD, hook(listener, "held", ", repeat: always"))
        two_leave(world)
        world.run("sync", codes=(4,))
        (first,) = listener.take()
        assert first["event"] == "held" and first["exit"] == {"code": 4, "name": "lane-held"}, first
        assert first["lines"] and first["lines"][0].startswith("iot: guard removals: 2 of 3, 0 allowed"), first
        assert first["command"] == "sync" and first["run"] > 0 and first["host"], first
        assert first["configuration"] == str(world.folder / "usher.yaml"), first
        assert "ada@example.com" not in json.dumps(first), "people are counted, not named"
        world.run("sync", codes=(4,))
        world.run("sync", codes=(4,))
        second, third = listener.take()
        assert "usher held on " in third["text"] and " (usher.yaml) for the 3rd run, since " + first["at"][:10] in third["text"], third
        assert "\n" not in third["text"] and third["lines"] == [] and third["runs"] == 3, third
        assert second["since"] == third["since"] == first["at"], (first, second, third)


def the_same_news_wait_for_their_time(world):
    with Listener() as listener:
        settled(world, HELD, hook(listener, "[held, failed]"))
        two_leave(world)
        world.run("sync", codes=(4,))
        world.run("sync", codes=(4,))
        assert [one["runs"] for one in listener.take()] == [1]
        file = world.folder / "usher.db.notified"
        assert file.stat().st_mode & 0o777 == 0o600
        memory = json.loads(file.read_text())
        memory[0]["told-at"] = "2026-01-01T00:00:00.000Z"  # long ago
        file.write_text(json.dumps(memory))
        world.run("sync", codes=(4,))
        (again,) = listener.take()
        assert again["runs"] == 3 and "for the 3rd run" in again["text"], again
        world.people(*PEOPLE)
        world.run("sync")
        assert listener.take() == [] and json.loads(file.read_text()) == []
        two_leave(world)
        world.run("sync", codes=(4,))
        assert [one["runs"] for one in listener.take()] == [1], "news that come back are new"
        file.write_text("no JSON")
        world.run("sync", codes=(4,))
        assert [one["runs"] for one in listener.take()] == [1]


def what_was_changed_is_told_each_time(world):
    with Listener() as listener:
        settled(world, RULES, hook(listener, "changed"))
        two_leave(world)
        world.run("sync", codes=(0,))
        (first,) = listener.take()
        assert first["lines"] == ["iot: 4 operations done"], first
        world.run("sync")
        assert listener.take() == []
        world.people(*PEOPLE)
        world.run("apply", "--pull", "--yes")
        (second,) = listener.take()
        assert second["command"] == "apply" and second["runs"] == 1, second


def a_run_that_fails_is_told_with_its_cause(world):
    with Listener() as listener:
        settled(world, RULES, hook(listener, "failed"))
        (world.folder / "people.csv").rename(world.folder / "gone.csv")
        done = world.start("sync")
        (told,) = listener.take()
        assert told["exit"]["code"] == done.returncode != 0 and "people.csv" in told["lines"][0], (told, done.stderr)
        (world.folder / "gone.csv").rename(world.folder / "people.csv")
        done = world.start("sync", SECRET="wrong-password")
        (told,) = listener.take()
        assert done.returncode == 77 and told["exit"] == {"code": 77, "name": "credentials-refused"}, (told, done.stderr)
        world.end()
        done = world.start("sync")
        (told,) = listener.take()
        assert done.returncode == 69 and told["lines"][0].startswith("iot was not read: "), (told, done.stderr)


def a_run_that_breaks_off_forgets_nothing(world):
    with Listener() as listener:
        settled(world, HELD, hook(listener, "[held, failed]", ", repeat: always"))
        two_leave(world)
        world.run("sync", codes=(4,))
        (held,) = listener.take()
        (world.folder / "people.csv").rename(world.folder / "gone.csv")
        world.start("sync")
        assert [one["event"] for one in listener.take()] == ["failed"]
        (world.folder / "gone.csv").rename(world.folder / "people.csv")
        world.run("sync", codes=(4,))
        (again,) = listener.take()
        assert (again["runs"], again["since"], again["lines"]) == (2, held["since"], []), again


def a_run_that_breaks_off_tells_what_is_old(world):
    with Listener() as listener:
        settled(world, RULES, hook(listener, "[failed, stale]", ", max-age: 26h"))
        with sqlite3.connect(world.folder / "usher.db") as state:
            state.execute("update snapshot set started_at = ?1, ended_at = ?1", ("2026-01-01T00:00:00.000Z",))
        (world.folder / "people.csv").unlink()
        world.start("sync")
        told = {one["event"]: one["lines"] for one in listener.take()}
        assert set(told) == {"failed", "stale"} and any(line.startswith("hr ") for line in told["stale"]), told


def other_commands_tell_only_what_they_changed(world):
    everything = "[held, failed, attention, stale, changed]"
    with Listener() as listener:
        def tells(command, *words):
            world.run(command, *words, codes=(0, 3))
            told = [(one["event"], one["command"]) for one in listener.take()]
            assert told == [("changed", command)], (command, told)

        settled(world, RULES, hook(listener, everything))
        world.people(*PEOPLE, "E6,Mary,Shelley,mary@example.com,engineering,active")
        tells("sync")
        tells("undo", world.ask("runs", "--last", "1")["runs"][0]["run"], "--yes")
        tells("migrate", "--from", "hr", "--to", "iot", "--yes")
        tells("offboard", "E4", "--yes")
        world.rules(HELD, notify(hook(listener, everything)))
        two_leave(world)
        world.run("sync", codes=(4,))
        assert "held" in [one["event"] for one in listener.take()]
        tells("credentials", "rotate", "iot", "--only", "E1", "--yes")
        world.run("sync", codes=(4,))
        assert listener.take() == [], "what is held was told, and not forgotten meanwhile"


def an_incomplete_source_is_told_without_its_keys(world):
    with Listener() as listener:
        settled(world, RULES, hook(listener, "failed"))
        world.people(*PEOPLE, *["KEY-4711,Mary,Shelley,mary@example.com,engineering,active"] * 2)
        done = world.start("sync")
        (told,) = listener.take()
        assert done.returncode != 0 and any("hr could not be read" in line for line in told["lines"]), told
        assert "KEY-4711" not in json.dumps(told) and "mary@" not in json.dumps(told), told


def what_root_remembers_belongs_to_whom_the_state_belongs(world):
    if os.geteuid() != 0:
        print("skipped: only root can give the state to somebody")
        return
    with Listener() as listener:
        settled(world, HELD, hook(listener, "held"))
        two_leave(world)
        try:
            os.chown(world.folder / "usher.db", 65534, 65534)
        except OSError as error:
            print(f"skipped: {error}")
            return
        world.run("sync", codes=(4,))
        assert len(listener.take()) == 1
        file = (world.folder / "usher.db.notified").stat()
        assert (file.st_uid, file.st_gid, file.st_mode & 0o777) == (65534, 65534, 0o600), file


def what_nobody_chose_is_told(world):
    with Listener() as listener:
        settled(world, RULES.replace("group: engineers", "group: enginers"), hook(listener, "attention"))
        world.run("sync", codes=(3,))
        (told,) = listener.take()
        assert any("unknown-group" in line for line in told["lines"]), told


def people_are_counted_and_not_named(world):
    with Listener() as listener:
        settled(world, RULES, hook(listener, "[attention, failed]"))
        world.people(*PEOPLE, "E5,Augusta,King,ada@example.com,engineering,active")  # of E1's address
        report = world.ask("sync", codes=(3,))
        said = [note["message"] for note in report["plan"]["plan"]["notes"] if note["severity"] == "attention"]
        assert any("E1" in text or "E5" in text or "ada@example.com" in text for text in said), said
        (told,) = listener.take()
        assert told["lines"] and told["lines"][0].startswith("iot "), told
        for name in ("E1", "E5", "ada@", "Augusta", "Lovelace"):
            assert name not in json.dumps(told), (name, told)


def what_rules_and_platforms_say_of_somebody_is_left_out(world):
    """A rule quotes the value that it cannot read, and a platform whom it does not like."""
    with Listener() as listener:
        settled(world, RULES, hook(listener, "[attention, failed, held]"))
        listener.take()
        world.rules(RULES.replace("name: person.name", "name: string(int(person.name))"), more=notify(hook(listener, "[attention, failed, held]")))
        world.people(*PEOPLE, *(f"F{n},Flora,Secret,f{n}@example.com,engineering,active" for n in range(9)))
        world.run("sync", codes=(4,))
        world.faults({"method": "GET", "path": "/users", "status": 400, "body": "name O'Brien of o.brien@example.com is bad"})
        world.start("sync")
        told = listener.take()
        assert {one["event"] for one in told} == {"attention", "failed", "held"}, told
        told = json.dumps(told)
        for name in ("Lovelace", "Hopper", "Turing", "Secret", "Brien", "o.brien@"):
            assert name not in told, (name, told)


def an_apply_tells_what_its_pull_could_not_read(world):
    with Listener() as listener:
        settled(world, RULES, hook(listener, "failed"))
        two_leave(world)
        world.end()
        done = world.start("apply", "--pull", "--yes")
        assert done.returncode == 69, (done.returncode, done.stderr)
        (told,) = listener.take()
        assert told["command"] == "apply" and any(line.startswith("iot was not read") for line in told["lines"]), told


def a_platform_that_was_not_read_for_long_is_told(world):
    with Listener() as listener:
        settled(world, RULES, hook(listener, "stale", ", max-age: 26h, repeat: always"))
        world.run("status", "--check", codes=(0,))
        assert listener.take() == []
        with sqlite3.connect(world.folder / "usher.db") as state:
            long_ago = "2026-01-01T00:00:00.000Z"
            changed = state.execute("update snapshot set started_at = ?, ended_at = ?", (long_ago, long_ago))
            assert changed.rowcount >= 2, "a snapshot of hr and one of iot"
        world.run("status", "--check", codes=(2,))
        (told,) = listener.take()
        age = re.compile(r"(hr|iot) was last read completely \d+ d \d+ h ago")
        assert [age.fullmatch(line)[1] for line in told["lines"]] == ["hr", "iot"], told
        world.run("sync")
        assert listener.take() == []


def a_command_gets_the_news(world):
    settled(world, HELD, '{on: held, command: "cat > told.json; echo $USHER_EVENT: $USHER_TEXT > told.txt; pwd >> told.txt"}')
    two_leave(world)
    world.run("sync", codes=(4,))
    told = json.loads((world.folder / "told.json").read_text())
    text, folder = (world.folder / "told.txt").read_text().splitlines()
    assert told["event"] == "held" and text == "held: " + told["text"] and folder == str(world.folder), (told, text)


def a_command_that_hangs_fails_or_is_missing_changes_nothing(world):
    world.rules(RULES)
    world.run("sync")
    two_leave(world)
    world.rules(HELD)
    world.run("sync", codes=(4,))  # tells it at length
    plain = None
    for command, told in (("", None),
                          ("(echo $$ > outer; sleep 1000 & echo $! > inner; wait)", "took too long"),
                          ("echo no pager here >&2; exit 3", "ended with status 3: no pager here"),
                          ("exec < /dev/null; exit 0", ""),
                          ("./no-such-program", "ended with status 127")):
        world.rules(HELD, notify(f'{{on: held, name: pager, timeout: 1s, command: "{command}"}}') if command else "")
        (world.folder / "usher.db.notified").unlink(missing_ok=True)
        began = time.monotonic()
        done = world.start("sync", "--quiet")
        assert time.monotonic() - began < 60, "the run waited for the command"
        held = "\n".join(line for line in done.stdout.splitlines() if "usher show" not in line)
        held = re.sub(r"for the \w+ run", "for another run", held)
        if told is None:
            plain = (done.returncode, held)
            continue
        assert (done.returncode, held) == plain, (command, done.stdout)
        assert (told in done.stderr and "pager" in done.stderr and "held was not told" in done.stderr) if told else \
            "notify" not in done.stderr, (command, done.stderr)
    for file in ("outer", "inner"):
        pid = int((world.folder / file).read_text())
        until = time.monotonic() + 20
        while pathlib.Path(f"/proc/{pid}").exists() and "Z" != pathlib.Path(f"/proc/{pid}/stat").read_text().split()[2]:
            assert time.monotonic() < until, f"{file} of the command goes on"
            time.sleep(0.05)


def a_webhook_that_fails_or_hangs_changes_nothing_and_is_told_again(world):
    with Listener() as listener, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # nobody listens there
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}/{TOKEN}"
        settled(world, HELD, f'{{on: held, name: nobody, webhook: "{nobody}", timeout: 2s}}',
                '{on: held, name: ops, webhook: "${env:HOOK}", timeout: 2s, headers: {Authorization: "Bearer ${file:bearer}"}}')
        (world.folder / "bearer").write_text("bearer-of-nobody-else\n")
        (world.folder / "bearer").chmod(0o600)
        two_leave(world)
        listener.status = 500
        done = world.start("sync", "-vv", HOOK=listener.url)
        assert done.returncode == 4 and "answered with 500" in done.stderr, done.stderr
        assert "nobody" in done.stderr and "POST to 127.0.0.1" in done.stderr, done.stderr
        listener.status, listener.hangs = 200, True
        done = world.start("sync", "-vv", HOOK=listener.url)
        assert done.returncode == 4 and "held was not told" in done.stderr, done.stderr
        listener.hangs = False
        listener.release.set()
        again = world.start("sync", "-vv", HOOK=listener.url)
        assert [one["runs"] for one in listener.take()] == [1, 2, 3], "what did not arrive is told by the next run"
        assert listener.headers[0]["Authorization"] == "Bearer bearer-of-nobody-else", listener.headers
        assert listener.paths[0] == f"/hooks/T0/{TOKEN}", listener.paths
        missing = world.start("sync", "-vv")
        assert missing.returncode == 4, missing.stderr
        texts = done.stdout + done.stderr + again.stderr + missing.stderr + (world.folder / "usher.db.notified").read_text()
        texts += (world.folder / "usher.db").read_bytes().decode("latin-1")
        assert "bearer-of-nobody-else" not in texts and f"T0/{TOKEN}" not in texts, "a secret was told"


def mistakes_are_mistakes_of_the_configuration(world):
    for rule, told in (("{on: helt, command: x}", "must be an event or a list of events, not 'helt'"), ("{on: held}", "needs one of: command, webhook"),
                       ("{on: held, command: x, webhook: 'https://x'}", "can only have one of"),
                       ("{on: held, webhook: ftp://x}", "https://"), ("{command: x}", "lacks 'on'"),
                       ("{on: held, command: 'curl ${env:X}'}", "holds no secrets"),
                       ("{on: held, command: x, timeout: 10m}", "from 1s to 60s")):
        world.rules(RULES, notify(rule))
        done = world.start("validate")
        assert done.returncode == 78 and told in done.stdout + done.stderr, (rule, done.stdout, done.stderr)
    world.rules(RULES, notify("{on: held, name: a, command: x}", "{on: held, name: a, command: x}"))
    assert "'a' is named twice" in world.run("validate", codes=(78,)) + world.start("validate").stderr
    world.rules(RULES, notify("{on: held, webhook: 'https://x/${env:NOWHERE}'}"))
    world.run("sync")


def plans_and_questions_tell_nobody(world):
    with Listener() as listener:
        settled(world, HELD, hook(listener, "[held, failed, changed, attention]"))
        two_leave(world)
        world.run("plan", codes=(4,))
        world.run("pull")
        world.start("sync", "--no-such-option")
        assert listener.take() == []


TESTS = [what_is_held_is_told_and_then_in_one_line, the_same_news_wait_for_their_time, what_was_changed_is_told_each_time,
         a_run_that_fails_is_told_with_its_cause, a_run_that_breaks_off_forgets_nothing, a_run_that_breaks_off_tells_what_is_old,
         other_commands_tell_only_what_they_changed, an_incomplete_source_is_told_without_its_keys,
         what_root_remembers_belongs_to_whom_the_state_belongs, what_nobody_chose_is_told,
         people_are_counted_and_not_named, what_rules_and_platforms_say_of_somebody_is_left_out, an_apply_tells_what_its_pull_could_not_read, a_platform_that_was_not_read_for_long_is_told,
         a_command_gets_the_news, a_command_that_hangs_fails_or_is_missing_changes_nothing,
         a_webhook_that_fails_or_hangs_changes_nothing_and_is_told_again, mistakes_are_mistakes_of_the_configuration,
         plans_and_questions_tell_nobody]

if __name__ == "__main__":
    main(__doc__, TESTS)
