#!/usr/bin/env python3
"""What usher says where an address, a certificate or a proxy is wrong: what it is, and which key to look at; and what it
tells of the way to a platform when it is asked to.

    tests/connection/run.py --build DIR
"""
import contextlib
import http.server
import json
import pathlib
import re
import socket
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from played import Played, main  # noqa: E402
from tls import certificate, listening, pass_on, tls_before  # noqa: E402


def port_of(url):
    return int(url.rsplit(":", 1)[1])


def ask(world, url, options="", code=69, **environment):
    """What a pull of one try says. options: ", ca-file: x" of the platform."""
    text = world.configuration().replace(f"url: {world.url}", f"url: {url}, attempts: 1{options}")
    (world.folder / "usher.yaml").write_text(text)
    done = world.start("pull", "iot", **environment)
    assert done.returncode == code, done
    return " ".join((done.stdout + done.stderr).split())


def self_signed(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "own.pem", "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"], cwd=folder, check=True, capture_output=True)
    (folder / "own.both").write_text((folder / "key.pem").read_text() + (folder / "own.pem").read_text())
    return folder / "own.both"


def a_certificate_that_nobody_trusts_names_the_key(world):
    authority, both = certificate(world.folder)
    for chain, file in ((self_signed(world.folder), "own.pem"), (both, authority.name)):
        with tls_before(port_of(world.url), chain) as port:
            url = f"https://127.0.0.1:{port}"
            told = ask(world, url)
            assert "certificate" in told and "trust it with 'ca-file'" in told, told
            ask(world, url, f", ca-file: {file}", code=0)
            told = ask(world, f"https://localhost:{port}", f", ca-file: {file}")
            assert "write 'url' with the name that the certificate is for" in told, told
            told = ask(world, url, ", ca-file: people.csv")
            assert "'ca-file' names it" in told, told


def a_port_that_speaks_tls_is_told(world):
    _, both = certificate(world.folder)
    with tls_before(port_of(world.url), both) as port:  # which closes without a word
        told = ask(world, f"http://127.0.0.1:{port}")
        assert "what listens there speaks TLS: write https://" in told, told
    told = ask(world, world.url.replace("http:", "https:"))
    assert "what listens there does not speak TLS: is it http://" in told, told


class SaysSo(http.server.BaseHTTPRequestHandler):
    """Answers in clear that it speaks TLS, as many web servers do."""

    def do_POST(self):
        body = b"<html>The plain HTTP request was sent to HTTPS port</html>"
        self.send_response(400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


@contextlib.contextmanager
def clear_or_tls(both, plain_port):
    """One port for both, as a web server has it: the first byte says which."""
    with tls_before(plain_port, both) as tls_port:
        def serve(connection):
            pass_on(connection, tls_port if connection.recv(1, socket.MSG_PEEK) == b"\x16" else plain_port)

        with listening(serve) as port:
            yield port


@contextlib.contextmanager
def answering(handler):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def a_web_server_that_refuses_clear_text_is_told(world):
    _, both = certificate(world.folder)
    with answering(SaysSo) as plain:
        told = ask(world, f"http://127.0.0.1:{plain}", code=77)  # it says so, and does not speak TLS
        assert "write https://" not in told, told
        with clear_or_tls(both, plain) as port:
            told = ask(world, f"http://127.0.0.1:{port}")
            assert "what listens there speaks TLS: write https://" in told and "login" not in told, told


def a_platform_that_is_away_is_told_once(world):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        dead = taken.getsockname()[1]
    world.run("sync")
    ask(world, f"http://127.0.0.1:{dead}")
    done = world.start("sync", "--quiet")
    assert done.returncode == 69 and " ".join((done.stdout + done.stderr).split()).count("Failed to connect") == 1, done
    assert max(map(len, done.stdout.splitlines())) <= 80, done.stdout
    assert world.start("status", "--check").returncode == 2
    (world.folder / "people.csv").unlink()  # nothing is planned, and no text tells of the other platform
    done = world.start("sync", "--quiet")
    assert done.returncode != 0 and "Failed to connect" in done.stderr and "people.csv" in done.stderr, done


class Refuses(http.server.BaseHTTPRequestHandler):
    """A proxy that lets nobody through."""

    status = 407

    def refuse(self):
        self.send_response(self.status)
        self.send_header("Proxy-Authenticate", "Basic realm=office")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_CONNECT = refuse

    def log_message(self, *words):
        pass


def a_proxy_is_called_the_proxy(world):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        dead = taken.getsockname()[1]
    for options, environment in ((f", proxy: http://127.0.0.1:{dead}", {}), ("", {"http_proxy": f"http://127.0.0.1:{dead}"})):
        told = ask(world, world.url, options, **environment)
        assert "that is the proxy: check 'proxy', or https_proxy and no_proxy in the environment" in told, told
    told = ask(world, f"http://127.0.0.1:{dead}")
    assert "no connection" in told and "proxy" not in told, told
    with answering(Refuses) as refuses:
        told = ask(world, world.url, f", proxy: http://127.0.0.1:{refuses}")
        assert "the proxy asks who we are" in told and "does not accept the login" not in told, told
        told = ask(world, "https://127.0.0.1:1", f", proxy: http://127.0.0.1:{refuses}")
        assert "the proxy asks who we are" in told, told
    Refuses.status = 403
    with answering(Refuses) as refuses:
        told = ask(world, "https://127.0.0.1:1", f", proxy: http://127.0.0.1:{refuses}")
        assert "the proxy refuses to lead there: check 'proxy'" in told, told
    told = ask(world, world.url, ", proxy: http://nosuchproxy.invalid:3128")
    assert "Could not resolve proxy" in told and "; check 'proxy'" in told, told


def what_goes_on_is_logged_as_far_as_asked(world):
    retried = {"nth": 1, "status": 503, "headers": {"Retry-After": "1"}}
    assert world.start("pull", "iot").stderr == "", "nobody asked"
    world.faults(retried)
    told = world.start("pull", "iot", "-v").stderr
    assert re.search(r"debug +run \d+ iot login POST /users/tokens/issue", told), told
    assert re.search(r"debug +run \d+ iot retry .* 503 \(retry 1\) waits 1\.\d s", told) and " GET " not in told, told
    told = world.start("pull", "iot", "-vv").stderr
    assert re.search(r"trace +run \d+ iot request GET \S+ 200 \d+ ms", told), told
    world.faults(retried)
    lines = [json.loads(line) for line in world.start("pull", "iot", "-vv", "--log-format", "json").stderr.splitlines()]
    kinds = {line["op"]: line for line in lines}
    assert {"login", "request", "retry"} <= kinds.keys(), kinds.keys()
    assert kinds["request"]["status"] in (200, 201) and kinds["request"]["platform"] == "iot", kinds
    assert kinds["retry"]["retry"] == 1 and kinds["retry"]["call"].startswith("POST "), kinds
    world.run("sync", "--trace-http", "trace")
    trace = (world.folder / "trace").read_text()
    assert "\n> POST " in trace and "\n< 201" in trace and "ada@example.com" in trace, trace[:2000]
    assert "12345678" not in trace and not re.search(r"eyJ[\w-]+\.", trace) and "(the body of a login, " in trace, trace[:2000]


TESTS = [what_goes_on_is_logged_as_far_as_asked, a_certificate_that_nobody_trusts_names_the_key, a_port_that_speaks_tls_is_told,
         a_web_server_that_refuses_clear_text_is_told, a_platform_that_is_away_is_told_once, a_proxy_is_called_the_proxy]

if __name__ == "__main__":
    main(__doc__, TESTS, Played)
