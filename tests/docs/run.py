#!/usr/bin/env python3
"""Runs every command block of the documentation with the real programs and four played platforms.

    tests/docs/run.py --build DIR

A block is what is indented by four spaces and has a line that begins with a command. It is run line by line, in a folder
with a configuration, people and a state; NAMES says what stands there for the names of the documentation. A block that
cannot be run here stands in NOT_RUN with the reason. A block that the documentation does not have any more, or that nobody
said anything of, fails.
"""
import argparse
import importlib.util
import os
import pathlib
import pty
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = ("usher ", "$ usher ", "sudo ", "./", "packaging/", "git ", "journalctl ", "systemctl ", "sqlite3 ", "select ", "17 * * * *")
NOT_RUN = {
    "./examples/quickstart/run.sh": "tests/examples/quickstart.sh runs it",
    "./tests/run.sh": "runs all tests, this one too",
    "packaging/dependencies.sh build": "builds the program, which is there already",
    "sudo apt install ./usher_0.1.0_amd64.deb": "packaging/package.sh --check installs the package in a bare Debian",
    "sudo install -d -m 0755 /etc/usher": "needs a machine that systemd runs",
    "sudo systemctl disable --now usher@acme.timer": "packaging/package.sh --check removes the package in a bare Debian",
    "journalctl -u usher@acme -p warning": "needs a machine that systemd runs",
    "usher approve iot.removals": "tests/approve/run.py runs it, where a guard holds something",
}
# Ends of a command that is right: done, changes pending, done in part, held by a guard.
ENDS = (0, 2, 3, 4)


def load(path):
    spec = importlib.util.spec_from_file_location(path.parent.name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


control = load(ROOT / "tests/control/run.py")


def blocks(page):
    """(line number, lines) of what is indented, without the indentation."""
    found, lines = [], page.read_text().splitlines()
    for number, line in enumerate(lines, 1):
        if not line.startswith("    "):
            continue
        if found and found[-1][0] + len(found[-1][1]) == number:
            found[-1][1].append(line[4:])
        elif number == 1 or not lines[number - 2].strip():
            found.append((number, [line[4:]]))
    return [block for block in found if any(line.startswith(COMMANDS) for line in block[1])]


class Place:
    """A folder of somebody who reads the documentation: usher, a configuration, people, a state, and the other side."""

    def __init__(self, build, folder):
        self.work = control.Work(build, folder)
        self.folder, self.build = folder, build
        control.without_guards(self.work)
        try:
            self.work.settle()
        except BaseException:
            self.close()
            raise
        people = self.work.of("engineering", 8)
        self.people = [row["employee_id"] for row in people]
        self.row = people[0]
        (folder / "bin").mkdir()
        for name, text in {"sudo": 'exec "$@"', "systemctl": "exit 0"}.items():
            stub = folder / "bin" / name
            stub.write_text(f"#!/bin/sh\n{text}\n")
            stub.chmod(0o755)

    def close(self):
        self.work.process.terminate()
        self.work.process.wait()

    def shell(self, line, folder=None):
        """The exit code and what was written; a question is answered with yes."""
        leader, follower = pty.openpty()
        os.write(leader, b"yes\n")
        try:
            done = subprocess.run(["bash", "-c", line], cwd=folder or self.folder, stdin=follower, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=300,
                                  env={"PATH": f"{self.folder}/bin:{self.build}:/usr/bin:/bin", "TMPDIR": str(self.folder),
                                       "TERM": "dumb", "HOME": str(self.folder), "TZ": "UTC"})
        finally:
            os.close(leader)
            os.close(follower)
        return done.returncode, done.stdout

    def changed_run(self):
        """The number of a run that changed two people."""
        for key in self.people[:2]:
            row = self.work.person(key)
            row["last_name"] += "-Silva"
        self.work.write(self.work.rows)
        return str(self.work.sync()[1])

    def new_key(self, key):
        """Somebody is called otherwise in the source from now on."""
        self.work.person(key)["employee_id"] = key + "9"
        self.work.write(self.work.rows)
        self.work.run("plan", codes=(0, 2, 3))
        return key + "9"

    def account(self, key, platform):
        return next(one["account"] for one in self.work.ask("links", "--on", platform)["links"] if one["person"] == key)

    def edited(self):
        text = (self.folder / "usher.yaml").read_text()
        (self.folder / "edited.yaml").write_text(text.replace('"quality"]', '"quality", "sales"]', 1))

    def repository(self):
        """What a pipeline has: a repository with a main branch elsewhere, and a copy of the state."""
        for line in ("git init -q .", "git add usher.yaml", "git -c user.name=x -c user.email=x@example.com commit -qm rules",
                     "git update-ref refs/remotes/origin/main HEAD", "usher state backup copy.db"):
            code, told = self.shell(line)
            assert code == 0, (line, told)


NAMES = {"/etc/usher/acme.yaml": "usher.yaml", "/srv/backup/acme.db": "backup.db", "/var/lib/usher/acme.db": "usher.db",
         "/var/lib/prometheus/node-exporter/acme.prom": "acme.prom"}


def named(place, line):
    """The line with what there is in place of the names of the documentation; what it needs is made first."""
    for theirs, ours in NAMES.items():
        line = line.replace(theirs, ours)
    line = line.removeprefix("$ ").removeprefix("17 * * * *  usher  ")
    first, second = place.people[0], place.people[1]
    if "undo 57" in line:
        line = line.replace("57", place.changed_run())
    if "impact --new edited.yaml" in line:
        place.edited()
    if line.startswith("git show"):
        place.repository()
    if "relink C77 E901" in line:
        line = line.replace("E901", place.new_key(place.people[2])).replace("C77", place.people[2])
    if "--from keys.csv" in line:
        pairs = [(key, place.new_key(key)) for key in place.people[3:5]]
        (place.folder / "keys.csv").write_text("".join(f"{before},{now}\n" for before, now in pairs))
    if line.startswith("usher link PERSON"):
        account = place.account(second, "iot")
        place.work.run("unlink", second, "--on", "iot")
        line = f"usher link {second} {account} --on iot"
    if line.startswith("usher unlink PERSON"):
        line = f"usher unlink {second} --on iot"
    if line.startswith("usher offboard WHO"):
        line = line.replace("WHO", place.people[5])
    return re.sub(r"\b(E1042|KEY)\b", first, re.sub(r"--person K\b", f"--person {first} person", line))


def run_sql(place, statement):
    with sqlite3.connect(f"file:{place.folder}/usher.db?mode=ro", uri=True) as state:
        return state.execute(statement).fetchall()


def run_line(place, line):
    if line.startswith("sqlite3 "):
        assert run_sql(place, line.split("'", 1)[1].rsplit("'", 1)[0]), line
        return
    if line.startswith("select "):
        run_sql(place, line)
        return
    folder = None
    if line.startswith("usher init"):  # it never writes over a configuration
        folder = place.folder / "beginning"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    command = named(place, line)
    code, told = place.shell(command, folder)
    assert code in ENDS, f"`{command}` ended with {code}: {told[-1500:]}"


def check_syntax(place, line):
    """A line that says what may be given: the command has these options."""
    command, *words = line.split()[1:]
    code, told = place.shell(f"usher help {command}")
    assert code == 0, line
    for option in re.findall(r"--[a-z-]+", " ".join(words)):
        assert re.search(rf"{option}\b", told), f"`usher {command}` has no {option}"


def run_block(place, lines):
    for line in lines:
        if line.startswith("usher ") and "[" in line or "PLATFORM --everybody" in line:
            check_syntax(place, line)
        elif line.startswith(COMMANDS):
            run_line(place, line)


def restored(place):
    """After the block that restores: the state is whole and goes on."""
    for words in ("usher state check", "usher plan"):
        code, told = place.shell(words)
        assert code in ENDS, told


AFTER = {"sudo systemctl stop usher@acme.timer usher@acme": restored}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    build = parser.parse_args().build.resolve()
    failed = ran = 0
    unused = set(NOT_RUN)
    for page in PAGES:
        found = blocks(page)
        where = page.relative_to(ROOT)
        with tempfile.TemporaryDirectory(prefix="usher-docs-") as folder:
            place = None
            for number, lines in found:
                begin = lines[0].split("  ")[0].strip()
                reason = next((key for key in NOT_RUN if begin.startswith(key)), None)
                if reason:
                    unused.discard(reason)
                    print(f"not run {where}:{number} {begin}: {NOT_RUN[reason]}", flush=True)
                    continue
                try:
                    place = place or Place(build, pathlib.Path(folder))
                    run_block(place, lines)
                    AFTER.get(begin, lambda _: None)(place)
                    ran += 1
                    print(f"ok      {where}:{number} {begin}", flush=True)
                except Exception as error:  # a block that breaks is a block that fails; the others go on
                    failed += 1
                    print(f"FAILED  {where}:{number} {begin}: {type(error).__name__}: {error}", flush=True)
                    traceback.print_exc()
            if place:
                place.close()
    for key in unused:
        failed += 1
        print(f"FAILED  no page has a block that begins with '{key}'")
    print(f"{ran} ran, {failed} failed")
    return 1 if failed or ran == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
