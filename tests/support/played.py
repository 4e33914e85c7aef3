"""A folder with a configuration, people and a state, and the sandbox beside it: what tests that run the real programs
have in common."""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

HEADER = "employee_id,first,last,email,department,status\n"
PLATFORM = {"mainflux": {"users": [], "groups": [{"id": "g-engineers", "name": "engineers"},
                                                 {"id": "g-operators", "name": "operators"}]}}
PLATFORMS = """version: 1
state: usher.db
platforms:
  hr: {{connector: csv, path: people.csv}}
  iot: {{connector: mainflux, url: {url}, identity: admin@example.com, secret: "${{env:SECRET}}"}}
"""
RULES = """people:
  from: hr
  key: record.employee_id
  attributes:
    mail: record.email.lowerAscii()
    name: record.first + " " + record.last
    department: record.department
  active: record.status == "active"
accounts:
  iot:
    who: person.department in ["engineering", "operations"]
    match: [{account: credentials.identity, person: person.mail, fold: case}]
    set:
      credentials.identity: person.mail
      name: person.name
    groups:
      - {group: engineers, when: person.department == "engineering", actions: [m_read]}
      - {group: operators, when: person.department == "operations", actions: [m_read]}
    leavers: {disable: now, delete: never}
    guards: {removals: 100%, disable: 100%}
"""
PEOPLE = ("E1,Ada,Lovelace,ada@example.com,engineering,active", "E2,Grace,Hopper,grace@example.com,operations,active",
          "E3,Edsger,Dijkstra,edsger@example.com,sales,active", "E4,Alan,Turing,+alan@example.com,engineering,active")


class Programs:
    """The programs in a folder of their own: usher, and the sandbox that plays platforms there."""

    def __init__(self, build, folder, platforms, *options, **environment):
        """options: of the sandbox; environment: of both."""
        self.build, self.folder = build, folder
        self.environment = {"PATH": "/usr/bin:/bin", "TMPDIR": str(folder), **environment}
        ports = folder / "ports"
        words = [build / "usher-sandbox", *options, "--port-file", ports]
        for platform in platforms:
            words += ["--platform", platform]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env={**os.environ, **environment})
        until = time.monotonic() + 60
        while not ports.exists():
            assert self.process.poll() is None and time.monotonic() < until, "the sandbox did not start"
            time.sleep(0.02)
        found = dict(line.split("=") for line in ports.read_text().split())
        self.urls = {platform: f"http://127.0.0.1:{port}" for platform, port in found.items()}

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()

    def start(self, *words, **environment):
        return subprocess.run([self.build / "usher", *map(str, words)], cwd=self.folder, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, env={**self.environment, **environment})

    def run(self, *words, codes=(0,), **environment):
        done = self.start(*words, **environment)
        assert done.returncode in codes, \
            f"usher {' '.join(map(str, words))} ended with {done.returncode}: {done.stderr[-2000:]}{done.stdout[-3000:]}"
        return done.stdout

    def ask(self, *words, codes=(0,)):
        return json.loads(self.run(*words, "--output", "json", codes=codes))


class Played(Programs):
    """One platform, rules for it and four people."""

    def __init__(self, build, folder, platform=PLATFORM, **environment):
        (folder / "world.json").write_text(json.dumps(platform))
        super().__init__(build, folder, ["mainflux"], "--empty", "--load", folder / "world.json", SECRET="12345678", **environment)
        self.url = self.urls["mainflux"]
        self.rules()
        self.people(*PEOPLE)

    def configuration(self, rules=RULES, more=""):
        return PLATFORMS.format(url=self.url) + rules + more

    def rules(self, rules=RULES, more="", name="usher.yaml"):
        (self.folder / name).write_text(self.configuration(rules, more))

    def second_platform(self, rules=RULES):
        """The platform and its rules once more, called lab."""
        both = self.configuration(rules)
        platform = next(line for line in both.splitlines(keepends=True) if line.startswith("  iot: {connector"))
        both = both.replace(platform, platform + platform.replace("  iot:", "  lab:"))
        (self.folder / "usher.yaml").write_text(both + both[both.index("  iot:\n"):].replace("  iot:\n", "  lab:\n"))

    def people(self, *rows):
        fresh = self.folder / "people.new"
        fresh.write_text(HEADER + "".join(row + "\n" for row in rows))
        fresh.rename(self.folder / "people.csv")

    def change(self, **edit):
        """What an administrator does by hand on the platform."""
        request = urllib.request.Request(f"{self.url}/__sandbox/change", method="POST", data=json.dumps(edit).encode())
        urllib.request.urlopen(request).read()

    def faults(self, *rules):
        """What goes wrong from now on, as examples/sandbox/README.md says it."""
        request = urllib.request.Request(f"{self.url}/__sandbox/faults", method="POST", data=json.dumps(rules).encode())
        urllib.request.urlopen(request).read()


def main(about, tests, make=Played):
    """The program of a suite: `--build DIR`, and the names of those that are to run; about: its help. A test with a
    `make` of its own gets its world from there."""
    options = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--build", required=True)
    options.add_argument("tests", nargs="*", metavar="TEST")
    given = options.parse_args()
    unknown = set(given.tests) - {test.__name__ for test in tests}
    if unknown:
        options.error(f"there is no test {sorted(unknown)[0]}")
    run_tests(given.build, [test for test in tests if not given.tests or test.__name__ in given.tests], make)


def run_tests(build, tests, make=Played):
    """Each in a world of its own, which `make` makes from the folder of the programs and an empty one; ends the program."""
    failed = 0
    for test in tests:
        with tempfile.TemporaryDirectory() as folder:
            world = None
            try:
                world = getattr(test, "make", make)(pathlib.Path(build).resolve(), pathlib.Path(folder))
                test(world)
                print(f"ok      {test.__name__}", flush=True)
            except Exception as error:  # a test that breaks is a test that fails; the others go on
                failed += 1
                print(f"FAILED  {test.__name__}: {type(error).__name__}: {error}", flush=True)
            finally:
                if world is not None:
                    world.end()
    print(f"{len(tests) - failed} of {len(tests)} passed")
    sys.exit(1 if failed else 0)
