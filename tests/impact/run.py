#!/usr/bin/env python3
"""`usher impact` as a reviewer of a merge request uses it, with the real programs.

    tests/impact/run.py --build DIR
"""
import fcntl
import hashlib
import itertools
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from played import PEOPLE, RULES, main  # noqa: E402

ENGINEERS = 'when: person.department == "engineering"'
SCOPE = 'person.department in ["engineering", "operations"]'
TABLES = "tables:\n  mails: {ada@example.com: ADA, grace@example.com: GRACE}\n"
WITH_TABLE = RULES.replace("name: person.name", 'name: lookup("mails", person.mail, person.name)')


def settled(world, rules=RULES, more=""):
    """Everybody has what the rules say, and the state knows it."""
    world.rules(rules, more)
    world.run("sync")
    world.run("pull")


def line_of(text, part):
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def groups_of(impact):
    return {(group["platform"], group["sentence"]): group for cause in impact["causes"] for group in cause["groups"]}


def no_edit_has_no_impact(world):
    settled(world)
    world.change(rename="ada@example.com", name="Countess")  # pending with both
    world.people("E1,Ada,Lovelace,ada@example.com,operations,active", "E2,Grace,Hopper,grace@example.com,sales,active")
    world.run("pull")
    world.run("plan", "--offline", codes=(2,))
    assert "changes nothing for anybody" in world.run("impact", "--new", "usher.yaml")
    text = world.configuration().replace("people:\n", "# moved by a line\npeople:\n").replace("[m_read]}", "[ m_read ] }")
    (world.folder / "same.yaml").write_text(text)
    told = world.ask("impact", "--new", "same.yaml")
    assert (told["summary"]["items"], told["edits"], told["guards"]) == (0, [], []), told


def a_group_is_lost_because_of_a_line(world):
    settled(world)
    edited = RULES.replace(ENGINEERS, 'when: person.department == "engineering" && person.mail.startsWith("+")')
    world.rules(edited, name="new.yaml")
    line = line_of(world.configuration(edited), "group: engineers")
    text = world.run("impact", "--new", "new.yaml", codes=(2,))
    assert f"new.yaml:{line}: 1 person loses group engineers on iot\n  E1 ada@example.com\n" in text, text
    assert 'was  when person.department == "engineering", with m_read' in text, text
    told = world.ask("impact", "--new", "new.yaml", codes=(2,))
    assert told["exit"] == {"code": 2, "name": "changes-pending"} and told["summary"]["people"] == 1, told
    (cause,) = told["causes"]
    assert cause["place"].startswith(f"new.yaml:{line}:") and cause["edits"] == [0], cause
    assert cause["groups"][0]["takes-away"] is True and cause["groups"][0]["items"][0]["after"] is None, cause
    markdown = world.run("impact", "--new", "new.yaml", "--output", "markdown", codes=(2,))
    assert f"### new\\.yaml:{line}: 1 person loses group engineers on iot" in markdown, markdown


def a_group_that_does_not_exist_is_traced_to_the_line_that_names_it(world):
    """Also what stays because of it: a membership that the old rules take."""
    settled(world)
    world.people(PEOPLE[0].replace("engineering", "operations"), *PEOPLE[1:])
    world.run("pull")
    edited = RULES.replace("group: operators", "group: operatrs")
    world.rules(edited, name="new.yaml")
    line = line_of(world.configuration(edited), "group: operatrs")
    told = world.ask("impact", "--new", "new.yaml", codes=(2,))
    assert told["summary"]["items"] > 2, told
    assert all(cause["edits"] and f".yaml:{line}:" in cause["place"] for cause in told["causes"]), told["causes"]
    sentences = " ".join(sentence for _, sentence in groups_of(told))
    assert "(unsure): stays in group engineers" in sentences and "(unknown-group)" in sentences, sentences


def what_usher_wrote_counts_as_seen(world):
    settled(world)
    rows = [row.replace("Lovelace", "King") for row in PEOPLE]
    world.people(*rows, "E5,Mary,Shelley,mary@example.com,operations,active")
    world.run("sync")  # writes a name and makes an account, and no pull follows
    world.rules(RULES.replace(SCOPE, 'person.department == "engineering"'), name="new.yaml")
    told = world.ask("impact", "--new", "new.yaml", codes=(2,))
    disabled = [[item["person"] for item in group["items"]] for group in groups_of(told).values()
                if "account disabled" in group["sentence"]]
    assert disabled == [["E2", "E5"]], told


def who_falls_out_of_scope_loses_the_account(world):
    settled(world)
    edited = RULES.replace(SCOPE, 'person.department == "engineering"')
    world.rules(edited, name="new.yaml")
    told = world.ask("impact", "--new", "new.yaml", codes=(2,))
    (cause,) = told["causes"]
    assert told["edits"][cause["edits"][0]]["rule"] == "accounts.iot.who", told
    assert sorted(group["sentence"] for group in cause["groups"]) == [
        "1 person has their account disabled on iot", "1 person loses group operators on iot"], cause


def an_edited_attribute_is_followed_to_the_rules_that_read_it(world):
    settled(world)
    edited = RULES.replace("department: record.department", 'department: record.department.replace("sales", "operations")')
    world.rules(edited, name="new.yaml")
    told = world.ask("impact", "--new", "new.yaml", codes=(2,))
    (cause,) = told["causes"]
    assert [told["edits"][edit]["rule"] for edit in cause["edits"]] == ["people.attributes.department"], told
    assert sorted(group["sentence"] for group in cause["groups"]) == [
        "1 person gets an account on iot", "1 person gets group operators on iot"], cause


def an_edited_table_is_followed_too(world):
    settled(world, WITH_TABLE, TABLES)
    world.rules(WITH_TABLE, TABLES.replace("GRACE", "Amazing Grace"), name="new.yaml")
    told = world.ask("impact", "--new", "new.yaml", codes=(2,))
    (cause,) = told["causes"]
    (edit,) = told["edits"]
    assert (edit["rule"], edit["before"], edit["after"]) == (
        "tables.mails", "grace@example.com: GRACE", "grace@example.com: Amazing Grace"), edit
    assert edit["place"].split(":")[1] == str(line_of(world.configuration(WITH_TABLE, TABLES), "  mails:")), edit
    item = cause["groups"][0]["items"][0]
    assert (item["what"], item["before"], item["after"]) == ("attribute name", "GRACE", "Amazing Grace"), item


def an_edit_that_concerns_nobody_is_named(world):
    settled(world)
    world.rules(RULES.replace("groups:\n", 'groups:\n      - {group: engineers, when: person.mail == "nobody"}\n'),
                name="new.yaml")
    told = world.ask("impact", "--new", "new.yaml")
    assert told["causes"] == [] and told["idle"] == [0] and told["exit"]["code"] == 0, told
    assert "Edits that change nothing for anybody now:" in world.run("impact", "--new", "new.yaml")


def a_guard_that_only_the_edit_meets_is_told(world):
    settled(world, RULES.replace("guards: {removals: 100%, disable: 100%}", "guards: {removals: 0}"))
    world.rules(RULES.replace("guards: {removals: 100%, disable: 100%}", "guards: {removals: 0}")
                .replace(SCOPE, 'person.department == "engineering"'), name="new.yaml")
    told = world.ask("impact", "--new", "new.yaml", codes=(2,))
    assert [guard["guard"] for guard in told["guards"]] == ["removals"], told


def what_a_guard_holds_is_compared(world):
    """Per operation: a looser guard lets it go, a tighter one keeps it."""
    held = RULES.replace("guards: {removals: 100%, disable: 100%}", "guards: {removals: 0, disable: 0}")
    settled(world)
    world.people(PEOPLE[0].replace(",active", ",left"), *PEOPLE[1:])
    world.run("pull")
    for rules, edited, before, after in ((held, RULES, "held", None), (RULES, held, None, "held")):
        world.rules(rules)
        world.rules(edited, name="new.yaml")
        told = world.ask("impact", "--new", "new.yaml", codes=(2,))
        assert told["idle"] == [] and told["summary"]["people"] == 1, told
        (cause,) = told["causes"]
        assert [told["edits"][edit]["rule"] for edit in cause["edits"]] == ["accounts.iot.guards.removals", "accounts.iot.guards.disable"]
        (item,) = cause["groups"][0]["items"]
        assert (item["person"], item["before"], item["after"]) == ("E1", before, after), item
    # What only the edited rules take and only the edited guard holds is told under both edits.
    world.people(*PEOPLE)
    world.rules()
    world.run("sync", codes=(0, 3))
    world.rules(held.replace('department == "engineering", actions', 'department == "none", actions'), name="new.yaml")
    told = world.ask("impact", "--new", "new.yaml", codes=(2,))
    assert told["guards"] and len(told["causes"]) == 2 and [told["edits"][edit]["rule"] for edit in told["idle"]] == [
        "accounts.iot.guards.disable"], told


def an_edit_that_is_about_nobody_alone_is_counted_for_the_platform(world):
    world.change(insert={"id": "o1", "name": "o1", "credentials": {"identity": "o1@example.com"}, "status": "enabled"})
    settled(world)
    world.rules(RULES.replace("    leavers:", "    orphans: {disable: 30d}\n    leavers:"), name="new.yaml")
    text = world.run("impact", "--new", "new.yaml", codes=(2,))
    assert text.startswith("new.yaml changes something on iot, "), text
    for output in ("markdown", "html"):
        assert "0 people" not in world.run("impact", "--new", "new.yaml", "--output", output, codes=(2,))


EDITS = (
    (ENGINEERS, 'when: person.department != "engineering"'),
    (SCOPE, 'person.department in ["engineering", "sales"]'),
    ("name: person.name", 'name: person.name + "!"'),
    ('record.first + " " + record.last', 'record.last + ", " + record.first'),
    ('record.status == "active"', 'record.status == "active" && record.department != "operations"'),
    ("leavers: {disable: now, delete: never}", "leavers: {disable: never, delete: never}"),
    ("record.department\n", "record.last\n"),
)


def outcome(plan):
    """What a plan does with whom: the truth that an impact is measured by."""
    done = set()
    for change in plan["plan"]["changes"]:
        if change["act"] in ("create", "enable", "disable", "delete"):
            done.add((change["person"], "account", change["act"]))
        if change["act"] in ("create", "update"):
            for field in change["fields"]:
                done.add((change["person"], "attribute " + field["path"], str(field["after"])))
        for edge in change["memberships"]:
            done.add((change["person"], edge["kind"] + " " + edge["name"], edge["act"]))
    return done


def impact_and_then_deploying_is_what_the_next_plan_adds(world):
    settled(world)
    world.change(rename="ada@example.com", name="Countess")
    world.people("E1,Ada,Lovelace,ada@example.com,engineering,active", "E2,Grace,Hopper,grace@example.com,sales,active",
                 "E3,Edsger,Dijkstra,edsger@example.com,sales,active", "E5,Barbara,Liskov,liskov@example.com,operations,active")
    world.run("pull")
    before = outcome(world.ask("plan", "--offline", codes=(2, 4)))
    state = (world.folder / "usher.db").read_bytes()
    for old, new in EDITS:
        assert old in RULES, old
        (world.folder / "usher.db").write_bytes(state)
        world.rules()
        world.rules(RULES.replace(old, new), name="new.yaml")
        told = world.ask("impact", "--new", "new.yaml", codes=(0, 2))
        items = {(item["person"], item["what"]) for group in groups_of(told).values() for item in group["items"]
                 if not item["what"].startswith(("note", "link"))}
        world.rules(RULES.replace(old, new))
        after = outcome(world.ask("plan", "--offline", codes=(0, 2, 4)))
        differs = {(person, what) for person, what, _ in before ^ after}
        created = {(person, what) for person, what in differs if what.startswith("attribute")
                   and (person, "account") in differs}  # attributes of an account that is taken or made are part of it
        assert items == differs - created, (new, items ^ (differs - created))
        assert (told["exit"]["code"] == 2) == (len(told["causes"]) > 0), told["exit"]


def edited_by(*edits):
    rules = RULES
    for old, new in edits:
        assert old in rules, old
        rules = rules.replace(old, new)
    return rules


def told_of(world, rules):
    """The impact of rules; every edit is either behind something or idle only where it decides nothing."""
    world.rules()
    world.rules(rules, name="new.yaml")
    told = world.ask("impact", "--new", "new.yaml", codes=(0, 2))
    named = {told["edits"][edit]["rule"] for cause in told["causes"] for edit in cause["edits"]}
    idle = {told["edits"][edit]["rule"] for edit in told["idle"]}
    assert not named & idle, (named, idle)
    return told, named, idle


def causes_of(told, sentence, person):
    """The edited rules under which it is told of somebody."""
    return [{told["edits"][edit]["rule"] for edit in cause["edits"]} for cause in told["causes"]
            for group in cause["groups"] if sentence in group["sentence"]
            for item in group["items"] if item["person"] == person]


def of_several_edits_the_one_that_decides_is_named(world):
    settled(world)
    inactive = ('record.status == "active"', 'record.status == "active" && record.department != "operations"')
    # Whoever is not active is so whatever the scope.
    told, _, idle = told_of(world, edited_by(inactive, (SCOPE, SCOPE.replace("]", ', "quality"]'))))
    assert causes_of(told, "account disabled", "E2") == [{"people.active"}], told["causes"]
    assert causes_of(told, "loses group operators", "E2") == [{"people.active"}], told["causes"]
    assert idle == set(), "what may have kept somebody out is not called idle"
    told, _, _ = told_of(world, edited_by(inactive, (SCOPE, 'person.department != "engineering"')))
    assert causes_of(told, "account disabled", "E1") == [{"accounts.iot.who"}], told["causes"]
    assert causes_of(told, "account disabled", "E2") == [{"people.active"}], told["causes"]
    # A leaver of yesterday stays because of the rules for leavers, whatever the scope.
    world.people(PEOPLE[0].replace(",active", ",left"), *PEOPLE[1:])
    world.run("pull")
    narrower, never = (SCOPE, 'person.department == "engineering"'), ("disable: now", "disable: never")
    told, _, idle = told_of(world, edited_by(narrower, never))
    assert causes_of(told, "keeps their account", "E1") == [{"accounts.iot.leavers"}], told["causes"]
    assert idle == set(), "without the one E2 would lose the account, without the other nobody would be told"
    # A rule and what it reads: either may be it.
    told, _, _ = told_of(world, edited_by(("name: person.name", 'name: person.name + "!"'),
                                          ('record.first + " " + record.last', 'record.last + ", " + record.first')))
    assert causes_of(told, "another name", "E2") == [{"accounts.iot.set.name", "people.attributes.name"}], told["causes"]


def of_two_edits_each_is_named_that_changes_something(world):
    """Whatever is not so without one of them is told, and that one is named for something; what both come to is what the
    next plan adds."""
    settled(world)
    world.people("E1,Ada,Lovelace,ada@example.com,engineering,active", "E2,Grace,Hopper,grace@example.com,sales,active",
                 "E3,Edsger,Dijkstra,edsger@example.com,sales,active", "E5,Barbara,Liskov,liskov@example.com,operations,active")
    world.run("pull")
    state = (world.folder / "usher.db").read_bytes()
    rule_of = ("accounts.iot.groups.group engineers", "accounts.iot.who", "accounts.iot.set.name", "people.attributes.name",
               "people.active", "accounts.iot.leavers", "people.attributes.department")

    def planned(*edits):
        (world.folder / "usher.db").write_bytes(state)
        world.rules(edited_by(*(EDITS[edit] for edit in edits)))
        return outcome(world.ask("plan", "--offline", codes=(0, 2, 4)))

    now, alone = planned(), [planned(edit) for edit in range(len(EDITS))]
    masked = 0
    for pair in itertools.combinations(range(len(EDITS)), 2):
        after = planned(*pair)
        (world.folder / "usher.db").write_bytes(state)
        told, named, idle = told_of(world, edited_by(*(EDITS[edit] for edit in pair)))
        assert {edit["rule"] for edit in told["edits"]} == {rule_of[edit] for edit in pair}, told["edits"]
        assert all(cause["edits"] for cause in told["causes"]), (pair, told["causes"])
        items = {(item["person"], item["what"]) for cause in told["causes"] for group in cause["groups"]
                 for item in group["items"] if not item["what"].startswith(("note", "link"))}
        differs = {(person, what) for person, what, _ in now ^ after}
        differs -= {(person, what) for person, what in differs if what.startswith("attribute")
                    and (person, "account") in differs}
        assert items == differs, (pair, items ^ differs)
        for edit, other in (pair, pair[::-1]):
            if after != alone[other]:
                assert rule_of[edit] not in idle, (pair, rule_of[edit], "is called idle")
                assert rule_of[edit] in named or alone[edit] == now, (pair, rule_of[edit], named)
            masked += after == alone[other]
    assert masked < 10, "hardly any pair shows what both do"


def nothing_is_asked_locked_or_recorded(world):
    settled(world)
    world.end()  # no platform answers any more
    world.rules(RULES.replace(SCOPE, "true"), name="new.yaml")

    def digests():
        return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in world.folder.glob("usher.db")}

    before = digests()
    runs = world.run("runs", "--csv")
    with open(world.folder / "usher.db.lock", "r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert world.start("plan", "--offline").returncode == 7, "this is not the lock"
        world.run("impact", "--new", "new.yaml", codes=(2,))
    assert digests() == before and world.run("runs", "--csv") == runs
    assert not list(world.folder.glob("usher-copy-*")), "a copy of the state was left behind"


def mistakes_are_named_with_their_file(world):
    settled(world)
    world.rules(RULES.replace(SCOPE, "person.departement"), name="new.yaml")
    done = world.start("impact", "--new", "new.yaml")
    assert done.returncode == 78 and "new.yaml:" in done.stderr and "departement" in done.stderr, done.stderr
    assert world.start("impact").returncode == 64
    assert world.start("impact", "--new", "none.yaml").returncode == 78


def reports_hold_no_markup_and_no_formula_of_the_data(world):
    settled(world)
    world.rules(RULES.replace("name: person.name", 'name: person.name + "<script>alert(1)</script>"')
                .replace(SCOPE, 'person.mail == "+alan@example.com"'), name="new.yaml")
    html = world.run("impact", "--new", "new.yaml", "--output", "html", codes=(2,))
    assert "<script" not in html and "&lt;script&gt;" in html and "default-src 'none'" in html, html
    csv = world.run("impact", "--new", "new.yaml", "--output", "csv", codes=(2,))
    assert csv.startswith("place,rule,platform,person,account,label,what,before,after\n"), csv
    assert ",'+alan@example.com," in csv and ",+alan" not in csv, csv


TESTS = [what_usher_wrote_counts_as_seen, no_edit_has_no_impact, a_group_is_lost_because_of_a_line,
         a_group_that_does_not_exist_is_traced_to_the_line_that_names_it, who_falls_out_of_scope_loses_the_account,
         an_edited_attribute_is_followed_to_the_rules_that_read_it, an_edited_table_is_followed_too,
         an_edit_that_concerns_nobody_is_named, a_guard_that_only_the_edit_meets_is_told, what_a_guard_holds_is_compared,
         an_edit_that_is_about_nobody_alone_is_counted_for_the_platform,
         impact_and_then_deploying_is_what_the_next_plan_adds, of_several_edits_the_one_that_decides_is_named,
         of_two_edits_each_is_named_that_changes_something, nothing_is_asked_locked_or_recorded,
         mistakes_are_named_with_their_file, reports_hold_no_markup_and_no_formula_of_the_data]

if __name__ == "__main__":
    main(__doc__, TESTS)
