#!/usr/bin/env python3
"""The first day with usher: a configuration out of a file of people, platforms that answer before any rule is written, and
the first account.

    tests/first_day/run.py --build DIR
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.request

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
    for proposed in ("key: 'record.employee_id'", "different values in 1,000 rows", "leavers: {disable: never, delete: never}",
                     "person: person.mail", "update: {percent: 25, at-least: 20}"):
        assert proposed in text, (proposed, text)
    assert "is in order" in world.run("validate")
    world.run("doctor")
    plan = world.ask("plan", codes=(2,))["plan"]
    taken = {"disable", "delete", "lock", "remove-membership", "revoke"} & {one["kind"] for one in plan["operations"]}
    assert not taken and not any(one["held"] for one in plan["operations"]), taken
    world.run("apply", "--yes")
    assert world.ask("plan")["plan"]["operations"] == []


def every_platform_gets_what_its_login_takes(world):
    """With nothing but the variables that the file names, it is in order; without one of them, that one is asked for."""
    for platform in ("mainflux", "kestra", "gr4vy", "sigfox"):
        said = world.run("init", "--from", "people.csv", "--to", platform, "--config", f"{platform}.yaml")
        text = (world.folder / f"{platform}.yaml").read_text()
        named = re.findall(r"\$\{env:(\w+)\}", text)
        assert len(named) >= 2 and all(name in said for name in named), (platform, said, named)
        told = world.run("validate", "--config", f"{platform}.yaml", **{name: "some-text" for name in named})
        assert "is in order" in told and "cannot create an account" not in told, (platform, told)
        for line in ("version: 1  ", "connector: csv  ", "path: ", "url: ", "from: hr  "):
            assert re.search(rf"^ *{line}.*# \w", text, re.M), (platform, line, text)
        for limit in ("removals: {percent: 10, at-least: 2}", "create: {percent: 25, at-least: 20}", "enable: {percent: 10, at-least: 5}",
                      "keys: {percent: 5, at-least: 5}", "vanished: {percent: 10, at-least: 2}",
                      "vanished-records: {percent: 10, at-least: 2}", "rule-errors: {percent: 2, at-least: 3}"):
            assert limit in text, (platform, limit, text)


def a_platform_without_credentials_says_which_it_needs(world):
    for connector, needs in (("gr4vy, url: 'http://127.0.0.1:9'", "needs 'email' and 'password' to log in, or 'token' instead"),
                             ("gr4vy, url: 'http://127.0.0.1:9', email: a@example.com", "needs 'password' to log in, or 'token' instead"),
                             ("kestra", "needs 'username' and 'password' to log in, or 'token' instead")):
        (world.folder / "usher.yaml").write_text(f"version: 1\nplatforms:\n  pay: {{connector: {connector}}}\n")
        for words in (["validate"], ["doctor"], ["pull"]):
            done = world.start(*words)
            assert done.returncode == 78 and f"platform 'pay' {needs}" in done.stdout + done.stderr, (words, connector, done)
        (world.folder / "usher.yaml").write_text(f"version: 1\nplatforms:\n  pay: {{connector: {connector}, token: '${{env:SECRET}}'}}\n")
        assert "is in order" in world.run("validate"), connector


def a_platform_that_can_create_nobody_is_told(world):
    world.run("init", "--from", "people.csv", "--to", "sigfox", "--config", "sigfox.yaml")
    text = (world.folder / "sigfox.yaml").read_text()
    named = re.findall(r"\$\{env:(\w+)\}", text)
    assert "SIGFOX_PROFILE" in named, text
    (world.folder / "sigfox.yaml").write_text("".join(line for line in text.splitlines(True) if "SIGFOX_PROFILE" not in line))
    told = " ".join(world.run("validate", "--config", "sigfox.yaml", **{name: "some-text" for name in named}).split())
    assert "sigfox cannot create an account with the options it has" in told and "accounts.sigfox.create: false" in told, told


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
    assert any("everybody in it counts as active, also whose account is the only one that is disabled" in one["why"]
               for one in told["lost"]), told["lost"]
    people = json.loads((world.folder / "iot.json").read_text())
    (world.folder / "old.json").write_text(json.dumps([{name: held for name, held in one.items() if name != "active"} for one in people]))
    with open(world.folder / "usher.yaml", "a") as rules:
        rules.write("  old: {connector: json, path: old.json, key: id}\n")
    told = world.ask("migrate", "--from", "old", "--to", "iot", "--dry-run", codes=(2, 3, 4))
    opened = sum(1 for one in told["plan"]["plan"]["operations"] if one["kind"] == "enable")
    assert told["reopened"] == opened > 0, (told["reopened"], opened)
    said = " ".join(world.run("migrate", "--from", "old", "--to", "iot", "--dry-run", codes=(2, 3, 4)).split())
    assert "disabled or locked and would be usable again: old has the" in said, said
    done = world.start("plan")
    assert done.returncode == 78 and "has no 'people' yet" in done.stderr, done


def a_connector_of_no_name_is_pointed_at(world):
    platforms(world, ", key: employee_id")
    text = (world.folder / "usher.yaml").read_text()
    (world.folder / "usher.yaml").write_text(text.replace("connector: mainflux", "connector: mainflx"))
    told = world.start("validate")
    place = text.splitlines()[3].index("mainflux") + 1  # of the connector
    text = told.stdout + told.stderr
    assert told.returncode == 78 and f"usher.yaml:4:{place}: no connector is called 'mainflx'; did you mean 'mainflux'?" in \
        text, text
    caret = next(line for line in text.splitlines() if line.strip(" |").startswith("^"))
    assert "^" in caret and caret.index("^") - caret.index("|") == place + 1, text


def world_of(prefix, **allowed):
    """A Mainflux of these people, each with what they may do in groups."""
    names = {"ada": "Ada Lovelace", "bo": "Bo Diddley", "eve": "Eve Polastri"}
    return {"mainflux": {"users": [{"id": f"{prefix}-{who}", "name": names[who], "credentials": {"identity": f"{who}@example.com"}}
                                   for who in allowed],
                         "groups": [{"id": f"{prefix}-{name}", "name": name} for name in ("engineers", "operators")],
                         "policies": [{"subject": f"{prefix}-{who}", "object": f"{prefix}-{name}", "actions": actions}
                                      for who, groups in allowed.items() for name, actions in groups.items()]}}


def a_membership_keeps_what_it_allows_in_a_migration(world):
    """Where both platforms know the actions; and nobody who is there already has less afterwards."""
    old = world_of("o", ada={"engineers": ["m_read", "m_write"]}, bo={"engineers": ["m_read"], "operators": ["g_list", "g_update"]},
                   eve={"operators": ["c_list", "c_share", "g_list"]})
    new = world_of("n", bo={"engineers": ["g_delete", "g_list"]})
    wanted = {("ada", "engineers"): ["m_read", "m_write"], ("bo", "engineers"): ["g_delete", "g_list", "m_read"],
              ("bo", "operators"): ["g_list", "g_update"], ("eve", "operators"): ["c_list", "c_share", "g_list"]}
    played = []
    for name, population in (("old", old), ("new", new), ("third", world_of("t"))):
        (world.folder / name).mkdir()
        (world.folder / name / "world.json").write_text(json.dumps(population))
        played.append(Programs(world.build, world.folder / name, ["mainflux"], "--empty", "--load", world.folder / name / "world.json",
                               SECRET="12345678"))
    try:
        text = "version: 1\nplatforms:\n" + "".join(
            f'  {name}: {{connector: mainflux, url: {one.urls["mainflux"]}, identity: admin@example.com, secret: "${{env:SECRET}}"}}\n'
            for name, one in zip(("old", "new", "third"), played))
        (world.folder / "usher.yaml").write_text(text)
        told = world.ask("migrate", "--from", "old", "--to", "new", "--yes")
        assert told["parity"]["clean"] and not any("memberships allow" in one["what"] for one in told["lost"]), told["lost"]
        assert not [one for one in told["plan"]["plan"]["operations"] if one["kind"] == "remove-membership"]
        assert allowed_in(played[1]) == wanted, allowed_in(played[1])
        assert world.ask("migrate", "--from", "old", "--to", "new", "--yes")["plan"]["plan"]["operations"] == []
        world.run("dump", "old", "--out", "old.json")
        (world.folder / "usher.yaml").write_text(text + "  file: {connector: json, path: old.json, key: id}\n")
        told = world.ask("migrate", "--from", "file", "--to", "third", "--yes", codes=(0, 3))
        assert not any("memberships" in one["what"] for one in told["lost"]), told["lost"]
        del wanted["bo", "engineers"]
        assert allowed_in(played[2]) == {**wanted, ("bo", "engineers"): ["m_read"]}, allowed_in(played[2])
    finally:
        for one in played:
            one.end()


def allowed_in(world):
    with urllib.request.urlopen(f"{world.urls['mainflux']}/__sandbox/world") as reply:
        held = json.loads(reply.read())
    people = {one["id"]: one["credentials"]["identity"].split("@")[0] for one in held["users"]}
    groups = {one["id"]: one["name"] for one in held["groups"]}
    return {(people[one["subject"]], groups[one["object"]]): sorted(one["actions"]) for one in held["policies"]}


def a_header_alone_is_held_against_the_rules(world):
    rules = "people: {from: hr, key: record.id, attributes: {%s}}\naccounts: {iot: {set: {name: person.key}}}\n"
    platforms(world)
    text = (world.folder / "usher.yaml").read_text()
    (world.folder / "people.csv").write_text("id,email,left\n")
    for wrong in ("mail: record.emial.lowerAscii()", "mail: 'record.left == \"\" && record.emial != \"\"'", "mail: 'record[\"emial\"]'"):
        (world.folder / "usher.yaml").write_text(text + rules % wrong)
        told = world.start("validate")
        said = " ".join(told.stdout.split())
        assert told.returncode == 78 and "no such field: emial; did you mean 'email'?" in said, (wrong, said)
    for right in ("mail: record.email", "mail: 'record.?phone.orValue(record.email)'", "mail: 'has(record.phone) ? record.phone : \"\"'",
                  "mail: 'has(record.email) ? record.email : record.phone'", "gone: date(record.left)"):
        (world.folder / "usher.yaml").write_text(text + rules % right)
        assert "is in order" in world.run("validate"), right


def a_connector_test_asks_whether_everybody_is_shown(world):
    platforms(world, ", key: employee_id")
    told = world.run("connector", "test", "iot", codes=(0, 1, 3))
    assert re.search(r"ok +shows every account there is", told), told
    told = world.run("connector", "test", "flows", codes=(0, 1, 3))
    assert "shows every account there is" in told and "sees-everything" in told, told


def one_platform_waits_for_no_other(world):
    platforms(world)  # what tells one record of the file from another is not known yet
    done = world.start("pull")
    assert done.returncode == 78 and "'hr' lacks 'key'" in done.stderr, done
    world.run("dump", "iot", "--out", "iot.csv")
    world.run("connector", "test", "iot")


def what_a_build_made_is_installed_whole(world):
    """Needs all that a build makes, as the lines in README make it: `cmake --build BUILD`."""
    prefix = world.folder / "prefix"
    subprocess.run(["cmake", "--install", world.build, "--prefix", prefix], check=True, stdout=subprocess.DEVNULL)
    for name in ("bin/usher", "bin/usher-sandbox", "share/man/man1/usher.1.gz", "share/man/man1/usher-sync.1.gz",
                 "share/man/man1/usher-sandbox.1.gz", "share/bash-completion/completions/usher", "share/zsh/site-functions/_usher",
                 "share/fish/vendor_completions.d/usher.fish", "share/usher/recipes/kestra.yaml", "share/doc/usher/docs/operations.md",
                 "share/doc/usher/README.md", "share/doc/usher-sandbox/README.md", "lib/systemd/system/usher@.service",
                 "lib/systemd/system/usher@.timer"):
        assert (prefix / name).stat().st_size > 0, name
    assert subprocess.run([prefix / "bin/usher", "version"], capture_output=True).returncode == 0
    pages = list((prefix / "share/doc").rglob("*.md"))
    assert {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "migration.md"} <= {page.name for page in pages}, pages
    dead = [f"{page.relative_to(prefix)} links to {target}" for page in pages
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
            if not target.startswith(("http:", "https:")) and not (page.parent / target).is_file()]
    assert not dead, dead
    for page in ("README.md", "docs/operations.md"):
        (line,) = [line for line in (ROOT / page).read_text().splitlines() if "cmake --build" in line]
        assert line.endswith("&& cmake --build build/release"), (page, line)


TESTS = [a_platform_that_can_create_nobody_is_told, a_connector_of_no_name_is_pointed_at, a_header_alone_is_held_against_the_rules,
         a_membership_keeps_what_it_allows_in_a_migration,
         a_connector_test_asks_whether_everybody_is_shown, what_a_build_made_is_installed_whole, every_platform_gets_what_its_login_takes,
         a_platform_without_credentials_says_which_it_needs, what_init_proposes_works_as_it_is, platforms_alone_can_be_looked_at, one_platform_waits_for_no_other]

if __name__ == "__main__":
    main(__doc__, TESTS, begin)
