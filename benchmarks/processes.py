"""Starts usher, the sandbox and other programs for the benchmarks, and measures them."""
import http.client
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MEASURE = Path(__file__).with_name("measure.py")
IDENTITY, SECRET = "admin@example.com", "12345678"


def measured(words, folder, codes=(0,), told=subprocess.DEVNULL):
    """{"seconds", "megabytes"} of a command that must end with one of the codes. `told` takes what it prints."""
    words = [str(word) for word in words]
    with tempfile.TemporaryDirectory(prefix="usher-measure-") as name:
        report = Path(name) / "report"
        subprocess.run([sys.executable, "-I", "-S", MEASURE, report, *words], cwd=folder, stdout=told, check=True)
        figures = json.loads(report.read_text())
    code = figures.pop("code")
    line = f"{Path(words[0]).name} {' '.join(words[1:])}"
    print(f"{line[:100]}: exit {code}, {figures['seconds']:.2f} s, {figures['megabytes']:.0f} MB",
          file=sys.stderr, flush=True)
    if code not in codes:
        sys.exit(f"{line} ended with {code}")
    return figures


def curl_seconds(port, paths, headers=()):
    """How long curl takes to read these paths one after another on one connection, when it throws them away."""
    config = "silent\nfail\n" + "".join(f'header = "{header}"\n' for header in headers)
    config += "".join(f'url = "http://127.0.0.1:{port}{path}"\noutput = "/dev/null"\n' for path in paths)
    began = time.monotonic()
    subprocess.run(["curl", "--config", "-"], input=config, text=True, check=True)
    return time.monotonic() - began


class Server:
    """A program that serves on loopback until the end of a `with`; it writes NAME=PORT to the file `port`."""

    def __init__(self, words, folder):
        port_file = folder / "port"
        port_file.unlink(missing_ok=True)
        self.process = subprocess.Popen([str(word) for word in words], cwd=folder, stdout=subprocess.DEVNULL)
        while not port_file.exists():
            if self.process.poll() is not None:
                sys.exit(f"{words[0]} ended before it listened")
            time.sleep(0.05)
        self.port = int(port_file.read_text().split("=")[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class Mainflux(Server):
    """The sandbox as Mainflux, with so many users that it invents."""

    def __init__(self, build, folder, accounts):
        super().__init__([f"{build}/usher-sandbox", "--port-file", "port", "--users", accounts,
                          "--access-life", 86400], folder)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port)
        body = json.dumps({"identity": IDENTITY, "secret": SECRET})
        self.connection.request("POST", "/users/tokens/issue", body, {"Content-Type": "application/json"})
        self.login = f"Authorization: Bearer {json.load(self.connection.getresponse())['access_token']}"
        self.accounts = accounts

    def get(self, path):
        name, value = self.login.split(": ")
        self.connection.request("GET", path, headers={name: value})
        return json.load(self.connection.getresponse())

    def enabled_users(self):
        """All of them but the administrator, in the order of the listing."""
        for offset in range(0, self.accounts + 1, 100):
            for user in self.get(f"/users?status=all&limit=100&offset={offset}").get("users", []):
                if user["credentials"]["identity"] != IDENTITY and user["status"] == "enabled":
                    yield user

    def curl_seconds(self):
        """How long curl takes for all that a pull reads."""
        policies = self.get("/users/policies?limit=1")["total"]
        paths = ["/groups?status=all&limit=100000&offset=0"]
        paths += [f"/users/policies?limit=100000&offset={offset}" for offset in range(0, policies, 100000)]
        paths += [f"/users?status=all&limit=100&offset={offset}" for offset in range(0, self.accounts + 1, 100)]
        return curl_seconds(self.port, paths, [self.login])

    def wrk_requests_per_second(self, folder, connections, seconds=5):
        """How many requests wrk sends a second that read and change the administrator in turn, as an apply does."""
        self.connection.close()  # the sandbox has closed it if nothing was asked for minutes
        user = self.get("/users/profile")["id"]
        (folder / "apply.lua").write_text(f"""
            wrk.headers["Authorization"] = "{self.login.split(': ')[1]}"
            wrk.headers["Content-Type"] = "application/json"
            local count = 0
            request = function()
              count = count + 1
              if count % 2 == 1 then return wrk.format("GET", "/users/{user}") end
              return wrk.format("PATCH", "/users/{user}", nil, '{{"name": "Name ' .. count .. '"}}')
            end""")
        told = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", folder / "apply.lua",
                               f"http://127.0.0.1:{self.port}"], capture_output=True, text=True, check=True).stdout
        if "Non-2xx" in told:
            sys.exit(told)
        return float(told.split("Requests/sec:")[1].split()[0])
