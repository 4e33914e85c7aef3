#!/usr/bin/env python3
"""Runs every command block of the documentation with the real programs and four played platforms.

    tests/docs/run.py --build DIR

A block is what is indented by four spaces, or stands in a fence of `sh`, and has a line that begins with a command. It is run line by line, in a folder
with a configuration, people and a state; NAMES says what stands there for the names of the documentation. A block that
cannot be run here stands in NOT_RUN with the reason. A block that the documentation does not have any more, or that nobody
said anything of, fails. So does a page that README.md does not lead to, and a link that leads nowhere.
"""
import argparse
import json
import os
import pathlib
import pty
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import machine  # noqa: E402
from four_platforms import Work  # noqa: E402
from played import Programs  # noqa: E402

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")),
         *sorted((ROOT / "examples").glob("*/README.md")), *sorted((ROOT / "tests").glob("*/README.md"))]
COMMANDS = ("usher ", "usher-sandbox ", "cmake ", "ctest ", "curl ", "$ usher ", "sudo ", "./", "packaging/", "git ",
            "journalctl ", "systemctl ", "sqlite3 ", "select ",
            "17 * * * *", "tar ", "acme ")
NOT_RUN = {
    "./examples/quickstart/run.sh": "tests/examples/quickstart.sh runs it",
    "./examples/migration/run.sh": "tests/examples/migration.sh runs it",
    "./tests/run.sh": "runs all tests, this one too",
    "packaging/dependencies.sh build": "builds the program, which is there already; packaging/static.sh installs one so",
    "sudo apt install ./usher_0.1.0_amd64.deb": "packaging/package.sh --check installs the package in a bare Debian",
    "sudo install -d -m 0755 /etc/usher": "needs a machine that systemd runs",
    "sudo systemctl disable --now usher@acme.timer": "packaging/package.sh --check removes the package in a bare Debian",
    "journalctl -u usher@acme -p warning": "needs a machine that systemd runs",
    "usher approve iot.removals": "tests/approve/run.py runs it, where a guard holds something",
}
# Lines of blocks that are run otherwise.
LINES_NOT_RUN = {"packaging/dependencies.sh test": "installs packages; tests/run.sh begins with it",
                 "sudo usher approve iot.removals": "tests/approve/run.py runs it, where a guard holds something"}
# Ends of a command that is right: done, changes pending, done in part, held by a guard.
ENDS = (0, 2, 3, 4)


def fences(lines):
    """(line number, lines) of fences of `sh`."""
    found = []
    for number, line in enumerate(lines, 1):
        if line == "```sh":
            found.append((number + 1, lines[number:lines.index("```", number)]))
    return found


def blocks(page):
    """(line number, lines) of what is indented, without the indentation, and of fences."""
    lines = page.read_text().splitlines()
    found = fences(lines)
    for number, line in enumerate(lines, 1):
        if not line.startswith("    "):
            continue
        if found and found[-1][0] + len(found[-1][1]) == number:
            found[-1][1].append(line[4:])
        elif number == 1 or not lines[number - 2].strip():
            found.append((number, [line[4:]]))
    return [block for block in sorted(found) if any(line.startswith(COMMANDS) for line in block[1])]


class Place:
    """A folder of somebody who reads the documentation: usher, a configuration, people, a state, and the other side."""

    def __init__(self, build, folder):
        self.work, self.sandbox = Work(build, folder), None
        self.folder, self.build = folder, build
        self.work.open_guards()
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
        self.machine = machine.Machine(self)

    def close(self):
        for process in filter(None, (self.work.process, self.sandbox)):
            process.terminate()
            process.wait()

    def play(self, line):
        """Starts the sandbox of this command line, on ports that are free."""
        ports = self.folder / "played"
        if self.sandbox:  # of a page before: whoever waits for this program waits for it too
            self.sandbox.terminate()
            self.sandbox.wait()
            ports.unlink()
        line = re.sub(r"--port \d+", f"--port 0 --port-file {ports}", line)
        self.sandbox = subprocess.Popen(line.split(), executable=self.build / "usher-sandbox", stdout=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while not ports.exists():
            assert self.sandbox.poll() is None and time.monotonic() < until, "the sandbox did not start"
            time.sleep(0.02)
        self.port = re.search(r"=(\d+)", ports.read_text())[1]

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
    line = line.removeprefix("$ ")
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
    return re.sub(r"\b(E1042|KEY)\b", first, re.sub(r"--person K EXPRESSION\b", f"--person {first} person", line))


def run_sql(place, statement):
    with sqlite3.connect(f"file:{place.folder}/usher.db?mode=ro", uri=True) as state:
        return state.execute(statement).fetchall()


def check_build(build, line):
    """A line that builds or tests: what it names is there. tests/run.sh builds and tests by the same commands."""
    words = line.split("#")[0].split()
    comment = re.findall(r"\b(?:fast|release|asan|tsan|check|fuzz)\b", line.split("#", 1)[-1]) if "also:" in line else []
    for preset in [words[words.index("--preset") + 1], *comment]:
        kind = {"ctest": "test", "cmake": "build" if "--build" in words else "configure"}[words[0]]
        listed = subprocess.run(["cmake", f"--list-presets={kind}"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        assert f'"{preset}"' in listed, (preset, kind)
    if words[0] == "ctest":
        found = subprocess.run(["ctest", "--test-dir", build, "-N", *words[words.index("-R"):]], check=True, capture_output=True,
                               text=True).stdout
        assert not re.search(r"Total Tests: 0$", found, re.M), found


def run_line(place, line):
    if line.startswith(("cmake ", "ctest ")):
        check_build(place.build, line)
        return
    if line.startswith("usher-sandbox "):
        place.play(line)
        return
    if line.startswith("curl "):
        code, told = place.shell(re.sub(r"localhost:\d+", f"127.0.0.1:{place.port}", line))
        assert code == 0, told
        return
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
    if lines[0].startswith(machine.BLOCKS):
        return place.machine.run_block(lines)
    if lines[0] == "acme() {":
        return place.machine.run_by_hand(lines)
    for line in lines:
        skipped = next((key for key in LINES_NOT_RUN if line.startswith(key)), None)
        if skipped:
            print(f"not run {skipped}: {LINES_NOT_RUN[skipped]}", flush=True)
        elif line.startswith("usher ") and "[" in line or "PLATFORM --everybody" in line:
            check_syntax(place, line)
        elif line.startswith(COMMANDS):
            run_line(place, line)


def restored(place):
    """After the block that restores: the state is whole and goes on."""
    for words in ("usher state check", "usher plan"):
        code, told = place.shell(words)
        assert code in ENDS, told


AFTER = {"sudo systemctl stop usher@acme.timer usher@acme": restored}


def unreachable():
    """Pages that README.md does not lead to, and links that lead nowhere."""
    seen, todo, wrong = set(), [ROOT / "README.md"], []
    while todo:
        page = todo.pop()
        if page in seen:
            continue
        seen.add(page)
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
            file = (page.parent / target).resolve()
            if target.startswith(("http:", "https:")):
                continue
            if not file.exists():
                wrong.append(f"{page.relative_to(ROOT)} links to {target}, which is not there")
            elif file.suffix == ".md":
                todo.append(file)
    return wrong + [f"README.md does not lead to {page.relative_to(ROOT)}" for page in PAGES if page not in seen]


def too_wide():
    """Lines of prose longer than 120 columns; tables, code and its output are as wide as they are."""
    wrong = []
    for page in [*PAGES, ROOT / "CHANGELOG.md"]:
        fenced = False
        lines = page.read_text().splitlines()
        for number, line in enumerate(lines, 1):
            fenced ^= line.startswith("```")
            if len(line) > 120 and not fenced and not line.startswith(("|", "    ")):
                wrong.append(f"{page.relative_to(ROOT)}:{number} has {len(line)} columns")
    return wrong


def undocumented_reports():
    """Names of reports in JSON that docs/reports.md does not have."""
    page = (ROOT / "docs/reports.md").read_text()
    names = {name for source in (ROOT / "engine").rglob("*.cpp")
             for name in re.findall(r'"report", "([a-z-]+)"', source.read_text())}
    assert len(names) > 20, names
    return [f"docs/reports.md says nothing of the report '{name}'" for name in sorted(names)
            if f"`{name}`" not in page and not re.search(rf"^##? .*\b{name}\b", page, re.M)]


def readme_configuration(build):
    """Why the configuration of README.md does not do what it says on a played platform; empty: it does."""
    text = re.search(r"```yaml\n(version: 1.*?)```", (ROOT / "README.md").read_text(), re.S)[1]
    with tempfile.TemporaryDirectory(prefix="usher-readme-") as name:
        folder = pathlib.Path(name)
        shutil.copy(ROOT / "examples/quickstart/people.csv", folder)
        (folder / "secret").write_text("12345678\n")
        (folder / "secret").chmod(0o600)
        played = Programs(build, folder, ["mainflux"], "--users", "20", MAINFLUX_IDENTITY="admin@example.com")
        try:
            address = played.urls["mainflux"].removeprefix("http://")
            (folder / "usher.yaml").write_text(text.replace("127.0.0.1:9002", address).replace("/run/secrets/mainflux", "secret"))
            done = played.start("sync", "--output", "json")
        finally:
            played.end()
        given = json.loads(done.stdout)["plan"]["summary"] if done.returncode == 0 else []
        joined = sum(one["operations"].get("add-membership", {"operations": 0})["operations"] for one in given)
        return "" if joined else f"the configuration of README.md does not put anybody into a group ({done.returncode}): {done.stderr}{done.stdout[-1500:]}"


def readme_world(build):
    """Why the sandbox does not hold the world that its page tells of; empty: it does."""
    text = re.search(r"```json\n(.*?)```", (ROOT / "examples/sandbox/README.md").read_text(), re.S)[1]
    with tempfile.TemporaryDirectory(prefix="usher-world-") as name:
        folder = pathlib.Path(name)
        (folder / "world.json").write_text(text)
        played = Programs(build, folder, json.loads(text), "--load", folder / "world.json")
        try:
            for platform, url in played.urls.items():
                with urllib.request.urlopen(f"{url}/__sandbox/world") as reply:
                    held = reply.read().decode()
                if "ada@example.com" not in held:
                    return f"the world of examples/sandbox/README.md has nobody on {platform}: {held[:300]}"
        finally:
            played.end()
    return ""


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
    untrue = [told for told in (readme_configuration(build), readme_world(build)) if told]
    for sentence in unreachable() + too_wide() + undocumented_reports() + untrue:
        failed += 1
        print(f"FAILED  {sentence}")
    for key in unused:
        failed += 1
        print(f"FAILED  no page has a block that begins with '{key}'")
    print(f"{ran} ran, {failed} failed")
    return 1 if failed or ran == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
