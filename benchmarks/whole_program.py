#!/usr/bin/env python3
"""Measures the program as a whole: whole_program.py BUILD ACCOUNTS prints one JSON object of figures.

A sandbox invents so many users; a CSV of the same people is the source. Measured from outside, each command a
process of its own: wall-clock time and peak memory as the kernel counts it.
"""
import csv
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CONFIG = """version: 1
state: usher.db
platforms:
  hr: {{connector: csv, path: people.csv}}
  iot: {{connector: mainflux, url: "http://127.0.0.1:{port}", identity: admin@example.com, secret: "${{file:secret}}"}}
people:
  from: hr
  key: record.id
  attributes: {{mail: record.mail, name: record.name}}
accounts:
  iot:
    match: [{{account: credentials.identity, person: person.mail}}]
    set: {{credentials.identity: person.mail, name: person.name}}
"""


class Sandbox:
    def __init__(self, build, folder, accounts):
        self.process = subprocess.Popen([f"{build}/usher-sandbox", "--port", "0", "--port-file", "port",
                                         "--users", str(accounts)], cwd=folder, stdout=subprocess.DEVNULL)
        while not (folder / "port").exists():
            if self.process.poll() is not None:
                sys.exit("the sandbox ended")
            time.sleep(0.1)
        self.port = int((folder / "port").read_text().split("=")[1])
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port)
        body = json.dumps({"identity": "admin@example.com", "secret": "12345678"})
        self.connection.request("POST", "/users/tokens/issue", body, {"Content-Type": "application/json"})
        self.token = json.load(self.connection.getresponse())["access_token"]

    def close(self):
        self.process.terminate()
        self.process.wait()

    def page(self, offset):
        self.connection.request("GET", f"/users?status=all&limit=100&offset={offset}",
                                headers={"Authorization": f"Bearer {self.token}"})
        return json.load(self.connection.getresponse()).get("users", [])

    def bare_seconds(self, accounts):
        """How long curl takes for all that a pull reads, on one kept connection, when it throws it away."""
        paths = ["/groups?status=all&limit=100000&offset=0"]
        paths += [f"/users/policies?limit=100000&offset={offset}" for offset in range(0, self.policies(), 100000)]
        paths += [f"/users?status=all&limit=100&offset={offset}" for offset in range(0, accounts + 1, 100)]
        config = f'silent\nheader = "Authorization: Bearer {self.token}"\n'
        config += "".join(f'url = "http://127.0.0.1:{self.port}{path}"\noutput = "/dev/null"\n' for path in paths)
        began = time.monotonic()
        subprocess.run(["curl", "--config", "-"], input=config, text=True, check=True)
        return time.monotonic() - began

    def policies(self):
        self.connection.request("GET", "/users/policies?limit=1", headers={"Authorization": f"Bearer {self.token}"})
        return json.load(self.connection.getresponse())["total"]

    def wrk_requests_per_second(self, folder, connections, seconds=5):
        """How many requests wrk sends a second that read and change one user in turn, as an apply does."""
        self.connection.close()  # the sandbox did so long ago, with nothing asked for minutes
        user = next(user for user in self.page(0) if user["status"] == "enabled")
        (folder / "apply.lua").write_text(f"""
            wrk.headers["Authorization"] = "Bearer {self.token}"
            wrk.headers["Content-Type"] = "application/json"
            local count = 0
            request = function()
              count = count + 1
              if count % 2 == 1 then return wrk.format("GET", "/users/{user["id"]}") end
              return wrk.format("PATCH", "/users/{user["id"]}", nil, '{{"name": "Name ' .. count .. '"}}')
            end""")
        told = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", folder / "apply.lua",
                               f"http://127.0.0.1:{self.port}"], capture_output=True, text=True, check=True).stdout
        if "Non-2xx" in told:
            sys.exit(told)
        return float(told.split("Requests/sec:")[1].split()[0])


def run(build, folder, words, codes):
    """Seconds and peak megabytes of one usher process that must end with one of the codes."""
    began = time.monotonic()
    process = subprocess.Popen([f"{build}/usher", *words], cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    code = os.waitstatus_to_exitcode(status)
    print(f"usher {' '.join(words)}: exit {code}, {seconds:.2f} s, {usage.ru_maxrss / 1024:.0f} MB", file=sys.stderr)
    if code not in codes:
        sys.exit(f"usher {' '.join(words)} ended with {code}")
    return seconds, usage.ru_maxrss / 1024


def write_people(folder, sandbox, accounts):
    with open(folder / "people.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "mail", "name"])
        for offset in range(0, accounts + 1, 100):
            for user in sandbox.page(offset):
                if user["credentials"]["identity"] != "admin@example.com" and user["status"] == "enabled":
                    writer.writerow([user["id"], user["credentials"]["identity"], user["name"]])


def change_people(folder):
    """Another name for one person in a hundred; answers how many these are."""
    lines = (folder / "people.csv").read_text(encoding="utf-8").split("\n")
    changed = range(1, len(lines) - 1, 100)
    for number in changed:
        lines[number] += " II"
    (folder / "people.csv").write_text("\n".join(lines), encoding="utf-8")
    return len(changed)


def create_everybody(build, folder):
    """Plans an account for everybody on a platform that has none; seconds and megabytes."""
    empty = folder / "empty"
    empty.mkdir()
    sandbox = Sandbox(build, empty, 1)
    try:
        for name in ("secret", "people.csv"):
            (empty / name).write_bytes((folder / name).read_bytes())
        (empty / "secret").chmod(0o600)
        (empty / "usher.yaml").write_text(CONFIG.format(port=sandbox.port))
        run(build, empty, ["pull"], [0])
        return run(build, empty, ["plan", "--offline", "--out", "first"], [2])
    finally:
        sandbox.close()


def main():
    build, accounts = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    with tempfile.TemporaryDirectory(prefix="usher-whole-") as name:
        folder = Path(name)
        sandbox = Sandbox(build, folder, accounts)
        try:
            (folder / "secret").touch(0o600)
            (folder / "secret").write_text("12345678")
            (folder / "usher.yaml").write_text(CONFIG.format(port=sandbox.port))
            write_people(folder, sandbox, accounts)
            pages = accounts // 100
            bare = sandbox.bare_seconds(accounts)
            first = run(build, folder, ["pull", "iot"], [0])[0]
            again = run(build, folder, ["pull", "iot"], [0])[0]
            figures = {"bare_pages_per_second": pages / bare,
                       "pull_pages_per_second": pages / first, "pull_ratio": bare / first,
                       "repull_pages_per_second": pages / again, "repull_ratio": bare / again}
            run(build, folder, ["pull", "hr"], [0])
            figures["first_plan_seconds"], figures["first_plan_megabytes"] = run(
                build, folder, ["plan", "--offline"], [0, 2])
            run(build, folder, ["apply", "--yes", "--offline"], [0])
            run(build, folder, ["plan", "--pull"], [0])
            figures["plan_seconds"], figures["plan_megabytes"] = run(build, folder, ["plan", "--offline"], [0])
            figures["state_megabytes"] = (folder / "usher.db").stat().st_size / 1e6
            (folder / "usher.yaml").write_text(CONFIG.format(port=sandbox.port) + "    who: size(person.key) > 0\n")
            anew = run(build, folder, ["plan", "--offline"], [0])[0]
            figures["desire_people_per_second"] = accounts / (anew - figures["plan_seconds"])
            changed = change_people(folder)
            run(build, folder, ["pull", "hr"], [0])
            figures["changed_plan_seconds"] = run(build, folder, ["plan", "--offline", "--out", "changed"], [2])[0]
            wrk = sandbox.wrk_requests_per_second(folder, connections=8)  # as many as the recipe's budget allows
            applied = run(build, folder, ["apply", "changed", "--yes"], [0])[0]
            figures["wrk_requests_per_second"] = wrk
            figures["apply_requests_per_second"] = 2 * changed / applied  # each account is read and changed
            figures["apply_ratio"] = figures["apply_requests_per_second"] / wrk
            figures["create_plan_seconds"], figures["create_plan_megabytes"] = create_everybody(build, folder)
        finally:
            sandbox.close()
    json.dump(figures, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
