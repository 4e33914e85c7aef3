#!/usr/bin/env python3
"""`usher test` as somebody who writes rules uses it, with the real program.

    tests/rule_tests/run.py --build DIR
"""
import pathlib
import sys
import xml.etree.ElementTree as xml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from played import HEADER, RULES, main  # noqa: E402

ADA = "{employee_id: T1, first: Ada, last: Lovelace, email: Ada@Example.com, department: engineering, status: active}"
GONE = ADA.replace("status: active", "status: left")
SALES = ADA.replace("engineering", "sales")


def test(name, record, expect):
    return f"  - name: {name}\n    record: {record}\n    expect: {{iot: {expect}}}\n"


def configure(world, *tests, rules=RULES):
    world.rules(rules, "tests:\n" + "".join(tests))


PASSING = (
    test("engineers", ADA, "{account: active, set: {credentials.identity: ada@example.com, name: Ada Lovelace}, "
                           "groups: [engineers], not-groups: [operators]}"),
    test("only engineers", ADA, "{only-groups: [{group: engineers}]}"),
    test("who left", GONE, "disabled"),
    test("who left has none", GONE, "{account: none, only-groups: []}"),
    test("sales has none", SALES, "none"))


def tests_that_hold_pass_without_a_platform_or_a_state(world):
    world.end()
    configure(world, *PASSING)
    text = world.run("test", SECRET="")
    assert "5 of 5 tests passed" in text, text
    assert not (world.folder / "usher.db").exists(), "a state was made"


def a_failure_is_a_diff_with_the_rule_that_decided(world):
    configure(world, test("wrong", ADA, "{account: none, set: {name: ADA}, groups: [operators], not-groups: [engineers]}"),
              test("out of scope", SALES, "active"))
    text = world.run("test", codes=(1,))
    rules = world.configuration(RULES)
    line = next(n for n, each in enumerate(rules.splitlines(), 1) if "group: operators" in each)
    assert "FAILED  wrong (usher.yaml:" in text, text
    assert "    T1  iot  account\n    - none\n    + active\n" in text, text
    assert '    T1  iot  attribute name\n    - "ADA"\n    + "Ada Lovelace"\n      person.name (usher.yaml:' in text, text
    assert "    T1  iot  group operators\n    - given\n    + not given\n" in text, text
    assert f'person.department == "operations" is false: person.department is\n      "engineering" (usher.yaml:{line}:' in text, text
    assert "    T1  iot  group engineers\n    - not given\n    + given\n" in text, text
    assert "    - active\n    + none; one that exists is disabled\n      is out of scope: " in text, text
    told = world.ask("test", codes=(1,))
    assert told["exit"] == {"code": 1, "name": "failed"}, told["exit"]
    assert [(one["name"], one["passed"], len(one["failures"])) for one in told["tests"]] == [
        ("wrong", False, 4), ("out of scope", False, 1)], told["tests"]


def a_group_that_is_not_wanted_names_the_rule_that_gave_it(world):
    """Of several rules of one group the one that fired, and where two did, both."""
    first, fired, also = (f'      - {{group: engineers, when: {when}, actions: [m_read]}}\n'
                          for when in ('person.department == "none"', 'person.department == "engineering"',
                                       'person.mail != ""'))

    def told(rules):
        configure(world, test("not", ADA, "{not-groups: [engineers]}"), test("only", ADA, "{only-groups: []}"),
                  rules=RULES.replace(fired, rules))
        lines = world.configuration(RULES.replace(fired, rules)).splitlines()
        return [one["failures"][0]["why"] for one in world.ask("test", codes=(1,))["tests"]], lines

    assert fired in RULES
    why, lines = told(first + fired)
    line = 1 + lines.index(fired.rstrip("\n"))
    assert all(one.startswith(f"usher.yaml:{line}:") and ";" not in one for one in why) and len(why) == 2, (line, why)
    why, lines = told(first + fired + also)
    places = [f"usher.yaml:{1 + lines.index(rule.rstrip(chr(10)))}:" for rule in (fired, also)]
    assert all(one.split("; ")[0].startswith(places[0]) and one.split("; ")[1].startswith(places[1]) for one in why), why


def records_of_a_file_are_read_as_the_source_reads_its_own(world):
    (world.folder / "cases.csv").write_text(HEADER + "T1,Ada,Lovelace,ada@example.com,engineering,active\n"
                                            "T2,Grace,Hopper,grace@example.com,operations,left\n")
    file = "  - name: file\n    records: cases.csv\n    people: {}\n    expect: {{iot: {}}}\n"
    configure(world, file.format("[T1]", "{account: active, groups: [engineers]}"), file.format("T2", "disabled"))
    world.run("test")
    configure(world, file.format("[T1, T3]", "active"))
    text = world.run("test", codes=(1,))
    assert "T3  person\n    - a record of T3\n" in text, text
    configure(world, file.replace("    people: {}\n", "").format("active"))
    assert "T2  iot  account" in world.run("test", codes=(1,))
    configure(world, file.replace("cases.csv", "none.csv").format("T1", "active"))
    assert "none.csv" in world.run("test", codes=(1,))


def a_rule_that_fails_fails_the_test(world):
    configure(world, test("no mail", "{employee_id: T1, first: A, last: B, department: x, status: active}", "none"))
    text = world.run("test", codes=(1,))
    assert "+ a rule fails" in text and "no such field: email" in text, text


def now_and_unique_are_repeatable(world):
    rules = RULES.replace('who: person.department in ["engineering", "operations"]',
                          'who: now < timestamp("2026-01-01T00:00:00Z")') \
        .replace("name: person.name", 'name: unique([person.name, person.name + "2"])')

    def clocked(name, now, expect):
        return test(name, ADA, expect) + f"    now: {now}\n"

    configure(world, clocked("before", "2025-12-31T23:59:59Z", "{account: active, set: {name: Ada Lovelace}}"),
              clocked("after", "2026-01-01T00:00:00Z", "disabled"), rules=rules)
    world.run("test")


def rules_that_nobody_fires_are_told(world):
    configure(world, PASSING[0])
    world.run("sync")
    configure(world, PASSING[0], rules=RULES.replace(
        "groups:\n", 'groups:\n      - {group: engineers, when: person.department == "Enginering"}\n'))
    told = world.ask("test")
    assert told["population-known"] is True, told
    unfired = {(one["rule"], one["text"]): one["by-population"] for one in told["unfired"]}
    assert unfired == {
        ("accounts.iot.groups.group engineers", 'person.department == "Enginering"'): False,
        ("accounts.iot.groups.group operators", 'person.department == "operations"'): True}, unfired
    text = world.run("test")
    nobody = text.index("Rules that no test and nobody of the stored population fires:")
    somebody = text.index("Rules that no test fires, but somebody of the stored population:")
    assert nobody < text.index("accounts.iot.groups.group engineers") < somebody < text.index("group operators"), text
    (world.folder / "usher.db").unlink()
    assert "there is no state with people to look at" in world.run("test")


def junit_is_what_ci_systems_read(world):
    configure(world, PASSING[0], test('"<b>&"', ADA, "none"))
    world.run("test", "--junit", "results.xml", codes=(1,))
    root = xml.parse(world.folder / "results.xml").getroot()
    (suite,) = root.findall("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0"), suite.attrib
    passed, failed = suite.findall("testcase")
    assert passed.find("failure") is None and failed.get("name") == "<b>&", failed.attrib
    assert "- none\n+ active" in failed.find("failure").text, failed.find("failure").text


def mistakes_end_with_78_and_no_tests_with_64(world):
    world.rules()
    done = world.start("test")
    assert done.returncode == 64 and "has no tests" in done.stderr, done.stderr
    for wrong, told in ((test("a", ADA, "{acount: none}"), "did you mean 'account'"),
                        (test("a", ADA, "none").replace("iot:", "flows:"), "for which 'accounts' has no rules"),
                        ("  - name: a\n    expect: {}\n", "record"),
                        ("  - name: a\n    record: {}\n    now: 2026-13-01T00:00:00Z\n    expect: {}\n", "now")):
        configure(world, wrong)
        done = world.start("test")
        assert done.returncode == 78 and told in done.stderr, done.stderr
    configure(world, PASSING[0])
    done = world.start("test", "enginers")
    assert done.returncode == 64 and "did you mean 'engineers'?" in done.stderr, done.stderr
    world.run("test", "engineers")


def a_migration_heeds_no_test_and_no_platform_beside_it(world):
    configure(world, *PASSING)
    file = world.folder / "usher.yaml"
    file.write_text(file.read_text().replace("  hr: {", "  old: {connector: csv, path: old.csv, key: id}\n  hr: {"))
    (world.folder / "old.csv").write_text("id,name\n1,Ada\n")
    text = world.run("migrate", "--from", "old", "--to", "iot", "--print-config", codes=(0, 3))
    assert "accounts:" in text, text


def tests_decide_no_plan(world):
    world.run("sync")
    world.run("plan", "--pull", "--out", "saved.plan")
    configure(world, *PASSING)
    world.run("plan", "--offline")
    assert "stale" not in world.start("apply", "saved.plan").stderr


TESTS = [tests_that_hold_pass_without_a_platform_or_a_state, a_failure_is_a_diff_with_the_rule_that_decided,
         a_group_that_is_not_wanted_names_the_rule_that_gave_it,
         records_of_a_file_are_read_as_the_source_reads_its_own, a_rule_that_fails_fails_the_test,
         now_and_unique_are_repeatable, rules_that_nobody_fires_are_told, junit_is_what_ci_systems_read,
         mistakes_end_with_78_and_no_tests_with_64, a_migration_heeds_no_test_and_no_platform_beside_it,
         tests_decide_no_plan]

if __name__ == "__main__":
    main(__doc__, TESTS)
