#!/usr/bin/env python3
"""Asks promtool whether what --metrics-file writes is as Prometheus reads it. Ends with 77 where there is no promtool;
packaging/dependencies.sh promtool gets it.

    tests/metrics/promtool.py --build DIR
"""
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
from played import main  # noqa: E402

PROMTOOL = shutil.which("promtool") or shutil.which("promtool", path=str(ROOT / "build/tools"))


def check(text):
    return subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True)


def promtool_finds_nothing(world):
    world.run("sync", "--metrics-file", "usher.prom")
    world.run("plan", "--metrics-file", "usher.prom")
    world.run("status", "--metrics-file", "status.prom")
    (world.folder / "usher.yaml").write_text("nonsense: 1\n")
    world.run("pull", "--metrics-file", "usher.prom", codes=(78,))
    for name in ("usher.prom", "status.prom"):
        done = check((world.folder / name).read_text())
        assert done.returncode == 0 and not done.stdout + done.stderr, done
    assert check("usher_x{ 1\n").returncode != 0, "this promtool finds no fault in anything"


if __name__ == "__main__":
    if PROMTOOL is None:
        print("skipped: there is no promtool")
        sys.exit(77)
    main(__doc__, [promtool_finds_nothing])
