#!/usr/bin/env python3
"""The program of packaging/static.sh, where nothing is that it could lean on.

    tests/static/run.py --tarball FILE --sandbox PROGRAM

Needs objdump and readelf; to run the program in a bare Debian, root and debootstrap too: without them those checks are
reported as skipped, and the program ends with 77 where nothing failed. The last line says how many passed and failed.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
from played import PEOPLE, Played  # noqa: E402
from tls import certificate, tls_before  # noqa: E402

LOADER = "ld-linux-x86-64.so.2"
NEWEST = (2, 34)
DEBIANS = "etc/ssl/certs/ca-certificates.crt"
RED_HATS = "etc/pki/tls/certs/ca-bundle.crt"


class Skipped(Exception):
    pass


def output(*words, **options):
    return subprocess.run(words, check=True, capture_output=True, text=True, **options).stdout


class Place:
    """The unpacked tarball, and a bare Debian as soon as somebody asks for it."""

    def __init__(self, tarball, sandbox, folder):
        self.sandbox, self.folder = sandbox, folder
        subprocess.run(["tar", "-xzf", tarball, "-C", folder], check=True)
        (self.tree,) = folder.iterdir()
        self.program = self.tree / "bin/usher"
        self.bare_root = None

    def bare(self):
        """A Debian of what is essential, with the tarball below /opt."""
        if self.bare_root is None:
            if os.geteuid() != 0 or not shutil.which("debootstrap"):
                raise Skipped("needs root and debootstrap")
            root = self.folder / "bare"
            mirror = output(ROOT / "packaging/mirror.sh").strip()
            made = subprocess.run(["debootstrap", "--variant=minbase", "bookworm", root, mirror], capture_output=True, text=True)
            if made.returncode != 0:
                raise Skipped("debootstrap could not make a bare Debian: " + made.stdout[-300:])
            shutil.copytree(self.tree, root / "opt/usher")
            self.bare_root = root
        return self.bare_root

    def run(self, *words, code=0, cwd="/"):
        done = subprocess.run(["chroot", self.bare(), "env", "-i", "PATH=/usr/bin:/bin", "SECRET=12345678", "sh", "-c",
                               'cd "$1" && shift && exec "$@"', "sh", cwd, "/opt/usher/bin/usher", *words],
                              capture_output=True, text=True)
        assert done.returncode == code, f"usher {' '.join(words)} ended with {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr


def it_needs_nothing_but_libc(place):
    needed = set(re.findall(r"NEEDED.*\[(.*)\]", output("readelf", "-d", place.program)))
    assert needed and needed <= {"libc.so.6", "libm.so.6", LOADER}, needed


def it_needs_no_newer_libc(place):
    versions = {tuple(map(int, found.split("."))) for found in
                re.findall(r"GLIBC_([0-9.]+)", output("objdump", "-T", place.program))}
    assert versions and max(versions) <= NEWEST, max(versions)
    assert not re.search(r"GLIBCXX|GCC_", output("objdump", "-T", place.program))


def it_is_hardened(place):
    headers = output("readelf", "-Wld", place.program)
    assert "DYN" in output("readelf", "-h", place.program) and "GNU_RELRO" in headers and "BIND_NOW" in headers
    assert re.search(r"GNU_STACK.* RW ", headers), "the stack can be executed"


def it_runs_in_a_bare_debian(place):
    bare = place.bare()
    missing = [name for name in ("libcurl", "libtbb", "libfmt", "libspdlog", "libsqlite3", "libssl")
               if list((bare / "usr/lib/x86_64-linux-gnu").glob(name + "*"))]
    assert not missing, f"this Debian is not bare: {missing}"
    assert place.run("version").startswith("usher ")
    assert "mainflux" in place.run("connector", "list")
    (bare / "srv/first").mkdir()
    shutil.copy(ROOT / "examples/quickstart/people.csv", bare / "srv/first/people.csv")
    place.run("init", "--from", "people.csv", "--to", "mainflux", cwd="/srv/first")
    place.run("validate", "--no-secrets", cwd="/srv/first")
    assert "Europe/Paris" not in place.run("help", "environment")


def it_trusts_what_the_system_trusts(place):
    bare = place.bare()
    work = bare / "srv/usher"
    work.mkdir()
    shutil.copy(place.sandbox, place.folder / "usher-sandbox")
    world = Played(place.folder, work)
    try:
        authority, both = certificate(work)
        with tls_before(int(world.url.rsplit(":", 1)[1]), both) as port:
            text = (work / "usher.yaml").read_text().replace(world.url, f"https://127.0.0.1:{port}")
            (work / "usher.yaml").write_text(text)
            said = place.run("pull", "iot", cwd="/srv/usher", code=69)
            assert "certificate" in said, said
            for bundle in (DEBIANS, RED_HATS):
                (bare / bundle).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(authority, bare / bundle)
                place.run("sync", cwd="/srv/usher")
                (bare / bundle).unlink()
        assert f"hr    {len(PEOPLE)}" in re.sub(r"  +", "    ", place.run("status", cwd="/srv/usher"))
    finally:
        world.end()


CHECKS = [it_needs_nothing_but_libc, it_needs_no_newer_libc, it_is_hardened, it_runs_in_a_bare_debian,
          it_trusts_what_the_system_trusts]


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tarball", type=pathlib.Path, required=True)
    options.add_argument("--sandbox", type=pathlib.Path, required=True)
    given = options.parse_args()
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory(prefix="usher-static-") as folder:
        place = Place(given.tarball.resolve(), given.sandbox.resolve(), pathlib.Path(folder))
        for check in CHECKS:
            try:
                check(place)
                passed += 1
                print(f"ok       {check.__name__}", flush=True)
            except Skipped as why:
                skipped += 1
                print(f"skipped  {check.__name__}: {why}", flush=True)
            except Exception:  # a check that breaks is a check that fails; the others go on
                failed += 1
                print(f"failed   {check.__name__}", flush=True)
                traceback.print_exc()
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    if failed or not passed:
        return 1
    return 77 if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
