#!/usr/bin/env python3
"""The first day with usher: a configuration out of a file of people, platforms that answer before any rule is written, and
the first account.

    tests/first_day/run.py --build DIR
"""
import json
import pathlib
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
from played import Programs, main  # noqa: E402

PLATFORMS = """version: 1
platforms:
  hr: {{connector: csv, path: people.csv{key}}}
  iot: {{connector: mainflux, url: {iot}, identity: admin@example.com, secret: "${{env:SECRET}}"}}
  flows: {{connector: kestra, url: {flows}, username: admin@example.com, password: "${{env:SECRET}}"}}
"""


def begin(build, folder):
    """Somebody with an HR file, and two platforms that hold a few people already."""
    shutil.copy(ROOT / "examples/quickstart/people.csv", folder)
    return Programs(build, folder, ["mainflux", "kestra"], "--users", "20", SECRET="12345678", MAINFLUX_SECRET="12345678",
                    MAINFLUX_IDENTITY="admin@example.com")


def platforms(world, key=""):
    text = PLATFORMS.format(key=key, iot=world.urls["mainflux"], flows=world.urls["kestra"])
    (world.folder / "usher.yaml").write_text(text)


def what_init_proposes_works_as_it_is(world):
    world.run("init", "--from", "people.csv", "--to", "mainflux", "--url", world.urls["mainflux"])
    text = (world.folder / "usher.yaml").read_text()
    for proposed in ("key: 'record.employee_id'", "different values in 1000 rows", "leavers: {disable: never, delete: never}",
                     "person: person.mail", "update: {percent: 25, at-least: 20}"):
        assert proposed in text, (proposed, text)
    assert "is in order" in world.run("validate")
    world.run("doctor")
    plan = world.ask("plan", codes=(2,))["plan"]
    taken = {"disable", "delete", "lock", "remove-membership", "revoke"} & {one["kind"] for one in plan["operations"]}
    assert not taken and not any(one["held"] for one in plan["operations"]), taken
    world.run("apply", "--yes")
    assert world.ask("plan")["plan"]["operations"] == []


def platforms_alone_can_be_looked_at(world):
    platforms(world, ", key: employee_id")
    assert "is in order" in world.run("validate")
    assert {one["level"] for one in world.ask("doctor")["findings"]} <= {"good", "warning"}
    assert {one["platform"]: one["sealed"] for one in world.ask("pull")["platforms"]} == {"hr": True, "iot": True, "flows": True}
    world.run("dump", "iot", "--out", "iot.json", "--format", "json")
    assert len(json.loads((world.folder / "iot.json").read_text())) > 20
    world.run("connector", "test", "flows")
    told = world.ask("migrate", "--from", "iot", "--to", "flows", "--dry-run", codes=(2, 3))
    assert told["report"] == "migrate" and told["plan"]["plan"]["operations"], told["conditions"]
    told = world.ask("migrate", "--from", "hr", "--to", "iot", "--dry-run", codes=(2, 3, 4))
    assert any("everybody in it counts as active, also whose account is one of the" in one["why"]
               for one in told["lost"]), told["lost"]
    done = world.start("plan")
    assert done.returncode == 78 and "has no 'people' yet" in done.stderr, done


def one_platform_waits_for_no_other(world):
    platforms(world)  # what tells one record of the file from another is not known yet
    done = world.start("pull")
    assert done.returncode == 78 and "'hr' lacks 'key'" in done.stderr, done
    world.run("dump", "iot", "--out", "iot.csv")
    world.run("connector", "test", "iot")


TESTS = [what_init_proposes_works_as_it_is, platforms_alone_can_be_looked_at, one_platform_waits_for_no_other]

if __name__ == "__main__":
    main(__doc__, TESTS, begin)
