"""The quickstart's configuration and people in a folder of their own, and its four played platforms beside them."""
import csv
import io
import json
import pathlib
import urllib.request

from played import Programs

ROOT = pathlib.Path(__file__).resolve().parents[2]
QUICKSTART = ROOT / "examples/quickstart"
PLATFORMS = {"mainflux": "iot", "gr4vy": "payments", "kestra": "flows", "sigfox": "radio"}
SECRET = "12345678"


class Work(Programs):
    """A folder with a configuration, people and a state, and the four played platforms beside it."""

    def __init__(self, build, folder, people=150, **environment):
        super().__init__(build, folder, PLATFORMS, "--load", QUICKSTART / "world.json",
                         "--epoch", "2026-01-01T00:00:00Z", TZ="UTC", **environment)
        self.urls = {name: self.urls[platform] for platform, name in PLATFORMS.items()}
        secret = folder / "sandbox-secret"
        secret.write_text(SECRET)
        secret.chmod(0o600)
        self.text = (QUICKSTART / "usher.yaml.in").read_text()
        for platform, name in PLATFORMS.items():
            self.text = self.text.replace(f"@{platform.upper()}@", self.urls[name])
        self.configure(self.text)
        with open(QUICKSTART / "people.csv", newline="") as source:
            self.rows = list(csv.DictReader(source))[:people]
        self.write(self.rows)

    def configure(self, text):
        (self.folder / "usher.yaml").write_text(text)

    def open_guards(self):
        """No guard holds anything of what a test does to many people at once."""
        text = self.text.replace("    guards:\n      disable: 5%\n      removals: {percent: 10, at-least: 20}\n", "")
        for name in PLATFORMS.values():
            text = text.replace(f"\n  {name}:\n    who:", f"\n  {name}:\n    guards: {{enable: 100%, keys: 100%, update: 100%, "
                                "create: 100%, removals: 100%, vanished: 100%}\n    who:")
        self.text = text.replace("people:\n  from: hr\n", "people:\n  from: hr\n  guards: {vanished-records: 100%}\n")
        self.configure(self.text)

    def write(self, rows):
        text = io.StringIO()
        out = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
        fresh = self.folder / "people.new"
        fresh.write_text(text.getvalue())
        fresh.rename(self.folder / "people.csv")

    def settle(self):
        """Until nothing is left to do."""
        self.run("sync", codes=(0, 3, 4))
        self.run("sync", codes=(0, 3, 4))

    def sync(self, codes=(0, 3)):
        """What a sync did: its plan, and the number of its run."""
        report = self.ask("sync", codes=codes)
        return report["plan"]["plan"], report["apply"]["run"]

    def call(self, name, what, body=None):
        request = urllib.request.Request(f"{self.urls[name]}/__sandbox/{what}", method="GET" if body is None else "POST",
                                         data=None if body is None else json.dumps(body).encode())
        return urllib.request.urlopen(request).read()

    def worlds(self):
        return {name: json.loads(self.call(name, "world")) for name in self.urls}

    def person(self, key):
        return next(row for row in self.rows if row["employee_id"] == key)

    def of(self, department, count=1):
        return [row for row in self.rows if row["department"] == department and row["status"] == "active"][:count]


def edited(rows, chance):
    """The people a few weeks later: moved, promoted, renamed, gone, back, new."""
    departments = ["engineering", "operations", "field-service", "quality", "finance", "sales"]
    after = []
    for row in rows:
        row = dict(row)
        what = chance.random()
        if what < 0.15:
            row["department"] = chance.choice(departments)
        elif what < 0.22:
            row["title"] = "Lead Technician" if "Lead" not in row["title"] else "Technician"
        elif what < 0.29:
            row["last_name"] = row["last_name"] + "-" + chance.choice(["Nowak", "Silva"])
        elif what < 0.36:
            row["status"] = "left" if row["status"] == "active" else "active"
        elif what < 0.40:
            continue
        after.append(row)
    return after
