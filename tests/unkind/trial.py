"""A folder with rules, people and a state, and usher run there against a platform that is not kind."""
import os
import pathlib
import shutil
import struct
import subprocess

RECIPE = pathlib.Path(__file__).resolve().parents[2] / "examples/sandbox/unkind.yaml"
RULES = """version: 1
state: usher.db
platforms:
  hr: {connector: csv, path: people.csv}
  crm: {connector: unkind, url: "@URL@", @OPTIONS@}
people:
  from: hr
  key: record.id
  attributes: {mail: record.mail, name: record.name, department: record.department}
  active: record.status == "active"
accounts:
  crm:
    match: [{account: mail, person: person.mail, fold: case}]
    set: {mail: person.mail, name: person.name}
    groups:
      - {group: owners, when: person.department == "owners"}
      - {group: staff, when: 'person.department in ["owners", "staff"]'}
    leavers: {disable: now, delete: @DELETE@}
    guards: {removals: {percent: 100, at-least: 1000}}
"""


class Trial:
    """`options`: of the platform in the configuration; those of the recipe say what it knows of the platform."""

    def __init__(self, build, folder, platform, people, delete="never", more="", **options):
        self.build, self.folder, self.platform = build, pathlib.Path(folder), platform
        said = ", ".join(f"{name.replace('_', '-')}: {str(one).lower()}"
                         for name, one in {"attempts": 2, **options}.items())
        rules = RULES.replace("@URL@", platform.url).replace("@DELETE@", delete).replace("@OPTIONS@", said) + more
        (self.folder / "usher.yaml").write_text(rules)
        shutil.copy(RECIPE, self.folder)
        self.environment = dict(os.environ)
        self.people(people)

    def days_later(self, days):
        """Moves the clock of every usher that starts from now on."""
        (self.folder / "clock").write_bytes(struct.pack("q", days * 24 * 3600))
        self.environment.update(LD_PRELOAD=str(self.build / "tests/libshifted_clock.so"),
                                SHIFTED_CLOCK=str(self.folder / "clock"))

    def people(self, rows):
        lines = ["id,mail,name,department,status"] + [",".join(row) for row in rows]
        (self.folder / "people.csv").write_text("\n".join(lines) + "\n")

    def start(self, *words):
        return subprocess.Popen([self.build / "usher", words[0], "--no-progress", *words[1:]], cwd=self.folder, env=self.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def usher(self, *words):
        process = self.start(*words)
        output = process.communicate(timeout=240)[0]
        self.last = f"$ usher {' '.join(words)}\n{output}(exit {process.returncode})\n"
        return process.returncode, output

    def state(self, sql):
        done = subprocess.run(["sqlite3", self.folder / "usher.db", sql], capture_output=True, text=True, check=True)
        return done.stdout.split("\n")[:-1]


def row(key, department="staff", name="", status="active", mail=""):
    return (key, mail or f"{key.lower()}@x.example", name or f"Name {key}", department, status)


def rest(trial):
    """The plan is empty, and has nothing to say."""
    code, output = trial.usher("plan", "--pull")
    assert code == 0 and "Nothing to do" in output, output
