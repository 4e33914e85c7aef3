#!/usr/bin/env python3
"""A run that was killed with very many operations under way.

    tests/unkind/open_rows.py --build DIR [--rows N]

Usher renames N people. Then the journal is put back to what it was while all of that was under way: sent, and nobody knows
what became of it; one of a hundred never arrived. The next sync asks for each of these accounts once, renames the ones that
were not, in the memory that the first one needed, and leaves nothing open.
"""
import argparse
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from histories import GUARDS  # noqa: E402
from sandbox import Platform  # noqa: E402
from trial import Trial, rest, row  # noqa: E402


def measured(trial, *words):
    """Exit code, output and the most memory in MB of one command."""
    process = trial.start(*words)
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, output, used.ru_maxrss / 1024


def asked(platform, before):
    return {name: count - before.get(name, 0) for name, count in platform.ask("requests").items()
            if count > before.get(name, 0)}


def settles(build, folder, rows):
    people = [{"mail": f"e{i}@x.example", "name": "Before"} for i in range(rows)]
    with Platform(build, unique=True, load=people) as platform:
        trial = Trial(build, folder, platform, [row(f"E{i}", "nowhere", f"After {i}") for i in range(rows)])
        rules = trial.folder / "usher.yaml"
        text = rules.read_text()
        rules.write_text(text[:text.index("    guards:")] + GUARDS.replace("at-least: 1000", f"at-least: {rows}"))
        code, output, first = measured(trial, "sync")
        assert code == 0, output
        assert platform.ask("requests")["PATCH /people/{id}"] == rows, platform.ask("requests")
        run = trial.state("select max(run) from journal")[0]
        trial.state("update journal set state = 'sent', ended_at = null, ended_in = 0, message = '' "
                    f"where run = {run} and kind = 'update'")
        assert trial.state("select count(*) from journal where state = 'sent'") == [str(rows)]
        lost = range(0, rows, 100)
        for i in lost:
            platform.edit(f"e{i}@x.example", name="Before")
        before = platform.ask("requests")
        code, output, peak = measured(trial, "sync")
        assert code == 0, output
        calls = asked(platform, before)
        assert calls["PATCH /people/{id}"] == len(lost), calls
        # Once for each that is open, and once more before each that is written again.
        assert calls["GET /people/{id}"] == rows + len(lost), calls
        assert "POST /people" not in calls, calls
        assert trial.state("select count(*) from journal where state in ('planned', 'sent', 'unknown')") == ["0"]
        names = {one["mail"]: one["name"] for one in platform.people.values()}
        assert names == {f"e{i}@x.example": f"After {i}" for i in range(rows)}
        assert peak <= first * 1.25 + 32, f"{peak:.0f} MB to settle what took {first:.0f} MB to do"
        rest(trial)
        print(f"{rows} open operations were settled in {peak:.0f} MB ({first:.0f} MB when they were made)")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--build", required=True, type=pathlib.Path)
    arguments.add_argument("--rows", type=int, default=2000)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            settles(given.build.resolve(), folder, given.rows)
        except AssertionError as wrong:
            print(f"FAILED  {given.rows} open rows: {wrong}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
