"""The quickstart's configuration and people in a folder of their own, and its four played platforms beside them."""
import csv
import io
import json
import os
import pathlib
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
QUICKSTART = ROOT / "examples/quickstart"
PLATFORMS = {"mainflux": "iot", "gr4vy": "payments", "kestra": "flows", "sigfox": "radio"}
SECRET = "12345678"


class Work:
    """A folder with a configuration, people and a state, and the four played platforms beside it."""

    def __init__(self, build, folder, people=150, **environment):
        self.build, self.folder = build, folder
        self.environment = {"PATH": "/usr/bin:/bin", "TMPDIR": str(folder), "TZ": "UTC", **environment}
        ports = folder / "ports"
        words = [build / "usher-sandbox", "--load", QUICKSTART / "world.json", "--port-file", ports,
                 "--epoch", "2026-01-01T00:00:00Z"]
        for platform in PLATFORMS:
            words += ["--platform", platform]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env={**os.environ, **environment})
        until = time.monotonic() + 60
        while not ports.exists():
            assert self.process.poll() is None and time.monotonic() < until, "the sandbox did not start"
            time.sleep(0.02)
        found = dict(line.split("=") for line in ports.read_text().split())
        self.urls = {PLATFORMS[platform]: f"http://127.0.0.1:{port}" for platform, port in found.items()}
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

    def write(self, rows):
        text = io.StringIO()
        out = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
        fresh = self.folder / "people.new"
        fresh.write_text(text.getvalue())
        fresh.rename(self.folder / "people.csv")

    def run(self, *words, codes=(0,), stdin=None):
        done = subprocess.run([self.build / "usher", *map(str, words)], cwd=self.folder, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, env=self.environment)
        assert done.returncode in codes, f"usher {' '.join(map(str, words))} ended with {done.returncode}: {done.stderr[-2000:]}{done.stdout[-3000:]}"
        return done.stdout

    def ask(self, *words, codes=(0,)):
        return json.loads(self.run(*words, "--output", "json", codes=codes))

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
