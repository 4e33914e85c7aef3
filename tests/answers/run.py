#!/usr/bin/env python3
"""Asks the state as a user asks, with the real programs: explain, history, who-removed, as-of, diff, runs, orphans,
links, leaving.

    tests/answers/run.py --build DIR
"""
import base64
import csv
import io
import json
import pathlib
import re
import sqlite3
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from four_platforms import SECRET, Work  # noqa: E402
from played import RULES, Played, main  # noqa: E402

ADA = "E1,Ada,Lovelace,ada@example.com,{},{}"
GRACE = "E2,Grace,Hopper,grace@example.com,operations,{}"
EDSGER = "E3,Edsger,Dijkstra,edsger@example.com,sales,active"
MARY = "E5,Mary,Shelley,mary@example.com,engineering,active"
ALAN = "E4,Alan,Turing,alan@example.com,engineering,active"
WORLD = {"mainflux": {"users": [{"id": "o1", "name": "o1", "credentials": {"identity": "=SUM(1),2"}, "status": "enabled"}],
                      "groups": [{"id": "g-engineers", "name": "engineers"}]}}
WHEN = 'person.department == "engineering"'
CHAIN = "'person.mail != \"\" && person.department == \"engineering\" && person.name == \"x\"'"
ONE_GROUP = "".join(line for line in RULES.splitlines(keepends=True) if "operators" not in line)


class World(Played):
    """Ada and Grace have accounts, Edsger is out of scope, and one account is nobody's."""

    def __init__(self, build, folder):
        super().__init__(build, folder, WORLD)
        try:
            self.rules_with()
            self.people(ADA.format("engineering", "active"), GRACE.format("active"), EDSGER)
            self.run("sync")
            self.run("pull")
        except BaseException:
            self.end()
            raise

    def rules_with(self, when=WHEN, disable="now", delete="never"):
        self.rules(ONE_GROUP.replace(WHEN, when).replace("{disable: now, delete: never}",
                                                         f"{{disable: {disable}, delete: {delete}}}"))

    def by_hand(self, method, path, body):
        """As an administrator does it on the platform."""
        def call(method, path, body, **headers):
            request = urllib.request.Request(self.url + path, method=method, data=json.dumps(body).encode(),
                                             headers={"Content-Type": "application/json", **headers})
            return urllib.request.urlopen(request).read()

        token = json.loads(call("POST", "/users/tokens/issue", {"identity": "admin@example.com", "secret": "12345678"}))
        call(method, path, body, Authorization=f"Bearer {token['access_token']}")

    def rename_group(self, group, name):
        """As an administrator does it on the platform, and the rules after it."""
        self.by_hand("PUT", f"/groups/{group}", {"name": name})
        text = (self.folder / "usher.yaml").read_text()
        (self.folder / "usher.yaml").write_text(re.sub(r"group: \w+", f"group: {name}", text))

    def two_are_found(self):
        """Alan and Mary have accounts that are as wanted: usher finds them and writes nothing. The number of the run."""
        for account, name in (("a4", "Alan Turing"), ("a5", "Mary Shelley")):
            mail = f"{name.split()[0].lower()}@example.com"
            self.change(insert={"id": account, "name": name, "credentials": {"identity": mail}, "status": "enabled"})
        self.by_hand("POST", "/users/policies", {"subject": "a5", "object": "g-engineers", "actions": ["m_read"]})
        self.people(ADA.format("engineering", "active"), GRACE.format("active"), EDSGER, MARY,
                    ALAN.replace("engineering", "operations"))
        report = self.ask("sync", codes=(0, 3))
        assert report["plan"]["plan"]["operations"] == [], report["plan"]["plan"]["operations"]
        return report["apply"]["run"]

    def rename(self, name):
        self.change(rename="ada@example.com", name=name)


def explain_says_what_keeps_somebody_out(world):
    told = world.ask("explain", "E3")
    iot = told["accounts"][0]
    assert iot["account"] is None
    assert iot["excluded"] == ('is out of scope: person.department in ["engineering", "operations"] is false: '
                               'person.department is "sales"'), iot["excluded"]
    assert iot["excluded-by"] == "usher.yaml:16:10", iot["excluded-by"]
    assert told["records"][0]["source"] == "hr" and told["records"][0]["path"] == "people.csv"
    mail = told["rules"]["attributes"]["mail"]
    assert mail["value"] == "edsger@example.com" and mail["read"] == {"record.email": "edsger@example.com"}, mail
    text = world.run("explain", "edsger@example.com")
    assert "no account" in text and "out of scope" in text and "(usher.yaml:16:10)" in text, text


def explain_names_the_first_condition_that_does_not_hold(world):
    world.rules_with(when=CHAIN)
    told = world.ask("explain", "GRACE@example.com")
    assert told["person"] == "E2"
    group = told["accounts"][0]["rules"]["groups"][0]
    assert group["given"] is False
    assert group["when"]["unmet"] == 'person.department == "engineering"', group
    assert group["when"]["read"] == {"person.department": "operations"}, group


def explain_finds_whom_a_nested_record_names(world):
    """In members of members and of lists, whichever kind of file it is."""
    record = {"employee_id": "E1", "first": "Ada", "last": "Lovelace", "email": "ada@example.com", "status": "active",
              "department": "engineering", "contact": {"work": [{"kind": "mail", "at": "Lady.Ada@Office.example"}]}}
    other = {**record, "employee_id": "E2", "email": "grace@example.com", "contact": {"names": [["Amazing Grace"]]}}
    files = {"json": json.dumps([record, other]), "yaml": "".join(f"- {json.dumps(one)}\n" for one in (record, other))}
    text = world.configuration(ONE_GROUP)
    for connector, people in files.items():
        (world.folder / "people.nested").write_text(people)
        source = f"hr: {{connector: {connector}, path: people.nested, key: employee_id}}"
        (world.folder / "usher.yaml").write_text(
            text.replace("hr: {connector: csv, path: people.csv}", source).replace("usher.db", f"{connector}.db"))
        world.run("pull")
        assert world.ask("explain", "lady.ada@office.example")["person"] == "E1", connector
        assert world.ask("explain", "amazing grace")["person"] == "E2", connector
        world.run("explain", "at", codes=(64,))  # the name of a member is no value
        several = world.start("explain", "Lovelace")
        assert several.returncode == 64 and "'Lovelace' names several: E" in several.stderr, several


def explain_says_whose_change_a_difference_is(world):
    world.rename("Countess")
    world.run("pull")
    difference = world.ask("explain", "ada@example.com")["accounts"][0]["differences"][0]
    assert difference["what"] == "name" and difference["now"] == "Countess", difference
    assert difference["whose"].startswith("changed on iot") and "not by usher" in difference["whose"], difference


def the_rules_are_no_reason_where_somebody_edited_the_account(world):
    """Although they changed, too, in something else."""
    world.rename("Countess")
    world.rules_with(disable="1d")
    plan = world.ask("plan", "--pull", codes=(2,))["plan"]
    assert [one["because"] for one in plan["changes"]] == ["was changed on iot since it was last as wanted"], plan["changes"]


def a_reason_names_the_line_of_the_rule_that_changed(world):
    first = (world.folder / "usher.yaml").read_text()

    def reasons(*edits, before=first):
        for old, new in edits:
            assert old in before, old
            before = before.replace(old, new)
        (world.folder / "usher.yaml").write_text(before)
        changes = world.ask("plan", "--offline", codes=(0, 2))["plan"]["changes"]
        return {change["person"]: change["because"] for change in changes}

    moved, name = ("people:\n", "# one\n# two\npeople:\n"), ("name: person.name", "name: person.name + '!'")
    action, removed = ("[m_read]", "[m_read, m_write]"), (ONE_GROUP.split("groups:")[1].splitlines()[1] + "\n", "")
    assert reasons(moved) == {}
    line = "the rule of {} changed (usher.yaml:{})"
    assert reasons(name) == {"E1": line.format("name", 20), "E2": line.format("name", 20)}, reasons(name)
    told = world.ask("explain", "E1")["accounts"][0]["because"]
    assert told == line.format("name", 20), told
    assert reasons(moved, name)["E1"] == line.format("name", 22), reasons(moved, name)
    assert reasons(action) == {"E1": line.format("group engineers", 22)}, reasons(action)
    both = reasons(name, action)
    assert both == {"E1": "the rules changed (usher.yaml:20, usher.yaml:22)", "E2": line.format("name", 20)}, both
    read = reasons(('record.first + " "', 'record.first + "-"'))  # through what the rule reads
    assert read["E1"] == line.format("person.name", 11), read
    gone = reasons(("groups:\n", "groups: []\n"), removed)
    assert gone == {"E1": "the rules changed"}, gone
    state = sqlite3.connect(world.folder / "usher.db")  # as an earlier version left it
    state.execute("delete from meta where name = 'fact applied rule texts'")
    state.commit()
    state.close()
    assert reasons(name) == {"E1": "the rules changed", "E2": "the rules changed"}, reasons(name)


def explain_agrees_with_the_plan_of_everybody(world):
    world.people(ADA.format("operations", "active"), GRACE.format("left"), EDSGER, ALAN)
    world.run("pull")
    said = {who: [operation["id"] for operation in world.ask("explain", who)["accounts"][0]["operations"]]
            for who in ("E1", "E2", "E3", "E4")}
    planned = {who: [] for who in said}
    for operation in world.ask("plan", "--offline", codes=(2, 4))["plan"]["operations"]:
        planned[operation["person"]].append(operation["id"])
    assert said == planned, (said, planned)
    assert [len(planned[who]) > 0 for who in sorted(planned)] == [True, True, False, True], planned


def explain_knows_what_usher_did_since_the_pull(world):
    world.people(ADA.format("engineering", "active"), GRACE.format("active"), EDSGER, ALAN)
    world.run("sync")
    world.run("pull")
    world.run("offboard", "E4", "--yes", codes=(0, 3))
    one = world.ask("explain", "E4")["accounts"][0]
    assert one["account"]["memberships"] == [] and one["account"]["active"] is False, one
    both = set(one["agrees"]) & {difference["what"] for difference in one["differences"]}
    assert not both and "group engineers" not in one["agrees"], (both, one["agrees"])
    before = {key: one[key] for key in ("account", "agrees", "differences")}
    world.run("pull")
    one = world.ask("explain", "E4")["accounts"][0]
    assert {key: one[key] for key in before} == before, (before, one)


def explain_names_the_lanes_and_who_let_it_through(world):
    people = world.configuration(ONE_GROUP).replace("people:\n", "people:\n  guards: {vanished-records: 0}\n")
    (world.folder / "usher.yaml").write_text(people)
    world.people(GRACE.format("active"), EDSGER)  # Ada is in no source any more
    world.run("pull")
    one = world.ask("explain", "E1")["accounts"][0]
    assert [guard["guard"] for guard in one["held-by"]] == ["vanished-records"], one["held-by"]
    assert "disable  held by people.vanished-records" in world.run("explain", "E1"), world.run("explain", "E1")
    world.rules(ONE_GROUP.replace("removals: 100%, disable: 100%", "removals: 0"))
    world.people(ADA.format("engineering", "left"), GRACE.format("active"), EDSGER)
    world.run("sync", codes=(4,))
    assert "disable  held by iot.removals" in world.run("explain", "E1"), world.run("explain", "E1")
    world.run("approve", "iot.removals", "--until", "1h", "--reason", "CHG-1")
    text = world.run("explain", "E1")
    assert "held by" not in text and re.search(r"next plan    disable  under .*CHG-1", text), text


def explain_gives_no_group_to_whom_nothing_is_given(world):
    world.rules_with(when="true")
    world.people(ADA.format("engineering", "left"), GRACE.format("active"), EDSGER)
    world.run("pull")
    for who, given in (("E1", False), ("E2", True), ("E3", False)):  # inactive, active, out of scope
        told = world.ask("explain", who)["accounts"][0]
        assert told["rules"]["groups"][0]["given"] is given, (who, told["rules"])
        assert ("group engineers given: " in world.run("explain", who)) is given, who
    assert "group engineers not given, although" in world.run("explain", "E1")


def explain_says_what_the_plan_leaves_undone(world):
    """Whoever gets nothing although the rules want it is told why, and what they lack."""
    def told(who):
        one = world.ask("explain", who)["accounts"][0]
        return one["excluded"], {difference["what"]: difference["wanted"] for difference in one["differences"]}

    clone = "E9,Ada,Lovelace,ada@example.com,operations,active"
    world.people(ADA.format("engineering", "active"), GRACE.format("active"), EDSGER, clone, ALAN)
    world.faults({"method": "POST", "path": "/users", "status": 400})
    world.run("sync", codes=(1, 3))
    world.faults()
    world.run("pull")
    assert " of E1 has: one of the two needs another" in told("E9")[0], told("E9")
    assert "refused" in told("E4")[0], told("E4")
    world.run("offboard", "E1", "--yes", "--reason", "under notice", codes=(0, 3))
    for _ in range(2):  # as usher wrote it, and as a pull sees it
        excluded, lacks = told("E1")
        assert excluded.startswith("was offboarded in run"), excluded
        assert lacks == {"active": True, "group engineers": ["m_read"]}, lacks
        world.run("pull")
    world.rules(ONE_GROUP.replace("name: person.name", 'name: \'person.department == "operations" ? [person.name][1] : person.name\''))
    assert told("E2")[0].startswith("a rule fails: name: "), told("E2")


def explain_tells_each_part_once(world):
    world.rules(ONE_GROUP.replace("[m_read]", "[m_read, m_write]"))
    one = world.ask("explain", "E1")["accounts"][0]
    assert "group engineers" not in one["agrees"], one
    assert [(each["what"], each["now"], each["wanted"]) for each in one["differences"]] == [
        ("group engineers", ["m_read"], ["m_read", "m_write"])], one


def reasons_of_memberships_name_the_rule(world):
    gives = 'person.department == "engineering" (usher.yaml:22:9)'
    world.people(ADA.format("engineering", "active"), GRACE.format("active"), EDSGER, ALAN)
    world.run("pull")
    assert f"+ group engineers (m_read): {gives}" in " ".join(world.run("plan", "--offline", "--all", codes=(2,)).split())
    assert gives in " ".join(world.run("explain", "E4").split())
    world.run("sync")
    assert [one["rule"] for one in world.ask("history", "engineers")["changes"]] == [gives, gives]
    world.people(ADA.format("engineering", "active"), GRACE.format("active"), EDSGER)
    world.run("sync", codes=(0, 3))
    rules = [one["rule"] for one in world.ask("who-removed", "E4", "engineers")["removals"]]
    assert rules and all(rules), "it says why"


def explain_says_when_a_source_was_read_whole(world):
    first = world.ask("explain", "E1")["records"][0]
    assert first["incomplete"] == "" and first["line"] == 2, first
    assert "record E3 of hr (people.csv:4), read 20" in world.run("explain", "E3")
    world.people(ADA.format("engineering", "active"), "E2,Grace", EDSGER)
    world.run("pull", codes=(8,))
    record = world.ask("explain", "E1")["records"][0]
    assert record["pulled-at"] == first["pulled-at"] and record["incomplete"], record
    assert "not completely since then: " in world.run("explain", "E1")


def explain_names_no_line_of_a_file_that_changed(world):
    world.people(GRACE.format("active"), ADA.format("engineering", "active"), EDSGER)
    assert world.ask("explain", "E1")["records"][0]["line"] is None
    assert "(people.csv, which changed since), read 20" in world.run("explain", "E1")
    world.run("pull")
    assert world.ask("explain", "E1")["records"][0]["line"] == 3


def explain_shows_the_match_of_whom_it_links(world):
    match = world.ask("explain", "E1")["accounts"][0]["match"]
    assert [[one["person"] for one in rule["candidates"]] for rule in match] == [["E1"]], match
    assert "is theirs" in world.run("explain", "E1")


def history_tells_links_that_were_found(world):
    world.people(ADA.format("engineering", "active"), GRACE.format("active"), EDSGER, ALAN)
    world.change(insert={"id": "a4", "name": "Alan", "credentials": {"identity": "alan@example.com"}, "status": "enabled"})
    run = world.ask("sync", codes=(0, 3))["apply"]["run"]
    links = [one for one in world.ask("history", "E4")["changes"] if one["what"] == "person"]
    assert [(one["act"], one["now"], one["run"], one["because"]) for one in links] == [
        ("link", "E4", run, "matched credentials.identity")], links
    world.change(delete="alan@example.com")
    world.run("sync", codes=(0, 3, 4))
    world.run("sync", codes=(0, 3, 4))
    links = [one for one in world.ask("history", "a4")["changes"] if one["what"] == "person"]
    assert [one["act"] for one in links] == ["link", "unlink"] and links[1]["because"], links
    assert not [one for one in world.ask("history", "E1")["changes"] if one["what"] == "person"], "it was created"


def history_tells_how_links_that_were_found_ended(world):
    """Of accounts that usher never wrote: the match of one is undone, the other is parted by hand."""
    run = world.two_are_found()
    world.run("undo", run, "--only", "E4", "--yes")
    parted = world.ask("runs", "--last", "1")["runs"][0]["run"]
    world.run("unlink", "E5", "--on", "iot", "--reason", "not hers")
    for who, because, reason in (("E4", "was undone", ""), ("E5", "", "not hers")):
        links = [one for one in world.ask("history", who)["changes"] if one["what"] == "person"]
        assert [(one["act"], one["before"], one["now"]) for one in links] == [
            ("link", None, who), ("unlink", who, None)], links
        assert links[0]["run"] == run and links[1]["run"] >= parted, links
        assert (links[1]["because"], links[1]["reason"]) == (because, reason), links


def history_gives_a_reason_once(world):
    world.run("offboard", "E1", "--yes", codes=(0, 3))
    for line in world.run("history", "E1").splitlines():
        assert line.count("is offboarded on request") <= 1, line


def an_offline_plan_knows_what_usher_wrote(world):
    """What usher did since the pull is never told as a change that the platform did not keep."""
    world.people(ADA.format("sales", "active"), GRACE.format("left"), EDSGER, MARY)
    run = world.ask("sync")["apply"]["run"]
    told = world.run("plan", "--offline", codes=(0, 2, 3))
    assert "does not hold" not in told and "- disable" not in told and "+ create" not in told, told
    assert "usher itself wrote to iot since it was pulled" in " ".join(told.split()), told
    world.rename("Countess")
    world.rules(ONE_GROUP.replace("person.name", 'person.name + "!"'))
    told = world.ask("plan", "--offline", codes=(2, 3))["plan"]
    assert {one["kind"] for one in told["operations"]} <= {"update"}, (run, told["operations"])


def explain_finds_an_account_that_is_not_linked(world):
    told = world.ask("explain", "o1")
    assert told["person"] == "" and told["accounts"][0]["excluded"] == "the account belongs to nobody who is declared"


def questions_leave_everything_as_it_is(world):
    world.people(GRACE.format("active"))
    world.run("pull")
    runs = world.ask("runs", "--last", "100")["runs"]
    for words in (["explain", "E1"], ["orphans"], ["leaving"], ["history", "E1"]):
        world.run(*words)
    assert world.ask("runs", "--last", "100")["runs"] == runs
    assert not list(world.folder.glob("usher-copy-*")), "a copy of the state was left behind"


def nobody_and_several_are_refused(world):
    world.run("explain", "nobody@example.com", codes=(64,))
    world.run("explain", "active", codes=(64,))
    world.run("as-of", "yesterday", "accounts", codes=(64,))
    world.run("explain", "E1", "--on", "nowhere", codes=(64,))
    for impossible in ("2026-02-31", "2026-13-01", "2026-03-01T24:00", "2026-03-01T12:61:00Z"):
        done = world.start("as-of", impossible, "accounts")
        assert done.returncode == 64 and f"'{impossible}' is no time" in done.stderr, done
    done = world.start("diff", "4", "1")
    assert done.returncode == 64 and "`usher diff 1 4`" in done.stderr, done


def an_id_of_two_platforms_is_asked_for(world):
    world.second_platform(ONE_GROUP)
    world.run("pull")
    for command in (["explain", "o1"], ["history", "o1"], ["as-of", "2999-01-01", "o1"], ["who-removed", "o1", "engineers"]):
        done = world.start(*command)
        assert done.returncode == 64 and "on iot, lab" in done.stderr and "--on PLATFORM" in done.stderr, (command, done)
    there = world.ask("as-of", "2999-01-01", "o1", "--on", "lab")["accounts"]
    assert [(one["platform"], one["account"]) for one in there] == [("lab", "o1")], there
    ada = next(one["account"] for one in world.ask("links")["links"] if one["person"] == "E1")
    world.run("sync", codes=(0, 3))
    assert world.ask("explain", ada)["person"] == "E1", "both are hers"


def history_tells_who_did_what(world):
    world.rename("Countess")
    world.run("pull")
    world.run("sync", codes=(0,))
    changes = [change for change in world.ask("history", "E1")["changes"] if change["platform"] == "iot"]
    told = [f"{change['by']} {change['act']} {change['what']}" for change in changes]
    assert told == ["usher create account", "usher add-membership group engineers", "iot changed name",
                    "usher update name"], told
    assert changes[-1]["before"] == "Countess" and changes[-1]["now"] == "Ada Lovelace"
    assert changes[-1]["because"] and changes[-1]["rule"] == "person.name (usher.yaml:20:13)", changes[-1]
    text = world.run("history", "ada@example.com")
    assert "+ group engineers" in text and 'name: "Countess" → "Ada Lovelace"' in text, text


def history_compares_what_was_done_with_what_was_seen(world):
    world.rename("Countess")
    world.run("sync")
    world.rename("Duchess")  # after the update of usher and before the next pull
    world.run("pull")
    told = [f"{change['by']} {change['what']}: {change['now']}" for change in world.ask("history", "E1")["changes"]
            if change["what"] == "name"]
    assert told == ["iot name: Countess", "usher name: Ada Lovelace", "iot name: Duchess"], told
    world.people(ADA.format("engineering", "left"), GRACE.format("active"), EDSGER)
    world.run("sync", codes=(0, 3))
    world.run("pull")
    told = [f"{change['by']} {change['act']} {change['what']}" for change in world.ask("history", "E1")["changes"]
            if change["platform"] == "iot"][-2:]
    assert told == ["usher remove-membership group engineers", "usher disable account"], told


def who_removed_names_the_run(world):
    assert world.ask("who-removed", "E1", "engineers")["removals"] == []
    world.people(ADA.format("operations", "active"), GRACE.format("active"), EDSGER)
    world.run("sync", codes=(0,))
    removals = world.ask("who-removed", "ada@example.com", "engineers")["removals"]
    assert len(removals) == 1 and removals[0]["by"] == "usher" and removals[0]["run"] > 0, removals
    assert removals[0]["because"] == "its record in hr changed", removals
    group = [change["act"] for change in world.ask("history", "engineers")["changes"]]
    assert group == ["add-membership", "remove-membership"], group


def a_renamed_group_keeps_its_past(world):
    before = world.ask("as-of", "2999-01-01", "accounts")["accounts"][0]["seen"]
    world.people(ADA.format("operations", "active"), GRACE.format("active"), EDSGER)
    run = world.ask("sync", codes=(0,))["apply"]["run"]
    world.run("pull")
    world.rename_group("g-engineers", "builders")
    world.run("pull")
    for group in ("builders", "engineers", "g-engineers"):
        removals = world.ask("who-removed", "E1", group)["removals"]
        assert [(one["by"], one.get("run"), one["what"]) for one in removals] == [("usher", run, "group builders")], (group, removals)
        assert [one["by"] for one in world.ask("history", group)["changes"]] == ["usher", "usher"], group
        members = world.ask("as-of", before, "members", group)["accounts"]
        assert [one["person"] for one in members] == ["E1"], (group, members)
    told = [(one["by"], one["act"]) for one in world.ask("history", "E1")["changes"] if one["what"].startswith("group ")]
    assert told == [("usher", "add-membership"), ("usher", "remove-membership")], told


def a_group_that_is_gone_keeps_its_past(world):
    """On a platform where groups go, and everybody who was in one with them."""
    def answers(*words):
        return next(rows for rows in world.ask(*words).values() if isinstance(rows, list))

    world.open_guards()
    world.settle()
    world.run("pull")
    before = answers("as-of", "2999-01-01", "accounts", "--on", "flows")[0]["seen"]
    group = next(one["id"] for one in json.loads(world.call("flows", "world"))["groups"] if one.get("name") == "flow-authors")
    given = [one for one in answers("history", "flow-authors") if one["by"] == "usher"]
    members = answers("as-of", before, "members", "flow-authors")
    assert given and len(members) >= len(given), (given, members)
    signed = base64.b64encode(f"admin@example.com:{SECRET}".encode()).decode()
    urllib.request.urlopen(urllib.request.Request(f"{world.urls['flows']}/api/v1/main/groups/{group}", method="DELETE",
                                                  headers={"Authorization": f"Basic {signed}"}))
    world.run("pull")
    for name in ("flow-authors", group):
        told = answers("history", name, "--on", "flows")
        assert [one for one in told if one["by"] == "usher"] == given, (name, told)
        lost = [one for one in told if one["act"] == "removed"]
        assert len(lost) == len(members) and {one["what"] for one in lost} == {"group flow-authors"}, (name, lost)
        assert [one["account"] for one in answers("as-of", before, "members", name)] == [one["account"] for one in members]
        assert [one["by"] for one in answers("who-removed", given[0]["person"], name)] == ["flows"], name
    assert world.start("history", "flow-writers").returncode == 64
    with sqlite3.connect(world.folder / "usher.db") as state:
        named = state.execute("select distinct entitlement from operations where detail like ?", (f"%{group}%",))
        assert named.fetchall() == [("flow-authors",)], group


a_group_that_is_gone_keeps_its_past.make = lambda build, folder: Work(build, folder, 40)


def as_of_and_diff_show_what_was(world):
    before = world.ask("as-of", "2999-01-01", "accounts")["accounts"][0]["seen"]
    world.people(ADA.format("operations", "active"), GRACE.format("active"), EDSGER)
    world.run("sync", codes=(0,))
    world.run("pull")
    members = world.ask("as-of", before, "members", "engineers")["accounts"]
    assert [one["person"] for one in members] == ["E1"], members
    assert world.ask("as-of", "2999-01-01", "members", "engineers")["accounts"] == []
    assert world.ask("as-of", before, "E1")["accounts"][0]["memberships"] == ["group engineers"]
    changes = [f"{one['label']} {one['change']}" for one in world.ask("diff", before, "2999-01-01")["changes"]]
    assert changes == ["ada@example.com - group engineers (m_read)"], changes
    world.run("as-of", "2001-01-01", "accounts", codes=(1,))


def a_platform_that_came_later_is_left_out(world):
    before = world.ask("as-of", "2999-01-01", "accounts")
    assert before["left-out"] == [], before
    time, configuration = before["accounts"][0]["seen"], (world.folder / "usher.yaml").read_text()
    world.second_platform(ONE_GROUP)
    for pulled in (False, True):
        for words in (["as-of", time, "accounts"], ["as-of", time, "members", "engineers"], ["as-of", time, "E1"]):
            told = world.ask(*words)
            assert told["accounts"] and {one["platform"] for one in told["accounts"]} == {"iot"}, (words, told)
        left_out = world.ask("as-of", time, "accounts")["left-out"]
        assert [one["platform"] for one in left_out] == ["lab"], left_out
        assert [one["platform"] for one in world.ask("diff", time, "2999-01-01")["left-out"]] == ["lab"]
        assert "lab is left out: " in world.run("as-of", time, "accounts")
        assert "lab is left out: " in world.start("as-of", time, "accounts", "--csv").stderr
        world.run("as-of", time, "accounts", "--on", "lab", codes=(1,) if pulled else (64, 1))
        world.run("pull")
    # And one that the rules name no more.
    platform = next(line for line in configuration.splitlines(keepends=True) if line.startswith("  iot: {connector"))
    (world.folder / "usher.yaml").write_text(configuration.replace("  iot:", "  lab:"))
    assert platform not in (world.folder / "usher.yaml").read_text()
    gone = world.ask("as-of", "2999-01-01", "accounts")
    assert {one["platform"] for one in gone["accounts"]} == {"lab"} and gone["left-out"][0]["platform"] == "iot", gone
    told = world.ask("as-of", time, "accounts", "--on", "iot")["accounts"]
    assert {one["account"] for one in told} == {one["account"] for one in before["accounts"]}, told  # it has no labels now
    assert [one["by"] for one in world.ask("history", "engineers", "--on", "iot")["changes"]] == ["usher"]
    assert world.ask("who-removed", "E1", "engineers", "--on", "iot")["removals"] == []
    world.run("explain", "E1", "--on", "iot", codes=(64,))


def diff_of_runs_is_between_what_they_left_behind(world):
    def run_of(*rows, codes=(0, 3)):
        world.people(*rows)
        return str(world.ask("sync", codes=codes)["apply"]["run"])

    def told(first, last):
        return sorted(f"{one['label']} {one['change']}" for one in world.ask("diff", first, last)["changes"])

    first = run_of(ADA.format("engineering", "active"), GRACE.format("active"), EDSGER, ALAN)
    second = run_of(ADA.format("operations", "active"), GRACE.format("left"), EDSGER, ALAN)
    third = run_of(ADA.format("operations", "active"), GRACE.format("left"), EDSGER)
    taken = ["ada@example.com - group engineers (m_read)", "grace@example.com active: true → false"]
    left = ["alan@example.com - group engineers (m_read)", "alan@example.com active: true → false"]
    assert told(first, second) == taken and told(second, third) == left, (told(first, second), told(second, third))
    assert told(first, third) == sorted(taken + left), told(first, third)
    assert told(third, "2999-01-01") == [], "what the run wrote and no pull has seen is there at a later time too"
    world.rename("Countess")
    world.run("pull")  # it says nothing else of what these runs did
    assert told(first, second) == taken and told(second, third) == left, (told(first, second), told(second, third))
    pull = str(world.ask("runs", "--last", "1")["runs"][0]["run"])
    assert told(third, pull) == ['ada@example.com name: "Ada Lovelace" → "Countess"'], told(third, pull)


def a_source_that_has_accounts_is_shown(world):
    text = world.configuration("""people: {from: iot, key: record.id, attributes: {mail: record.credentials.identity}}
accounts:
  iot: {match: [{account: id, person: person.key}], set: {credentials.identity: person.mail}, create: false}
""")
    (world.folder / "usher.yaml").write_text(text.replace("path: people.csv", "path: people.csv, key: employee_id"))
    world.run("pull")
    for words in (("as-of", "2999-01-01", "accounts"), ("as-of", "2999-01-01", "accounts", "--on", "iot")):
        labels = {one["label"] for one in next(rows for rows in world.ask(*words).values() if isinstance(rows, list))}
        assert "ada@example.com" in labels, (words, labels)


def orphans_and_links_are_lists(world):
    orphans = world.ask("orphans")["orphans"]
    assert {one["label"]: one["own"] for one in orphans} == {"=SUM(1),2": False, "admin@example.com": True}, orphans
    table = world.run("orphans", "--output", "csv")
    assert 'iot,o1,"\'=SUM(1),2",yes,no,' in table, table
    assert world.run("orphans", "--csv") == table == world.run("orphans", USHER_OUTPUT="csv")
    for words in (("links",), ("runs",), ("as-of", "2999-01-01", "accounts"), ("diff", "2999-01-01", "2999-01-02")):
        names, *rows = csv.reader(io.StringIO(world.run(*words, "--output", "csv")))
        listed = next(rows for rows in world.ask(*words).values() if isinstance(rows, list))
        assert len(rows) == len(listed) and all(list(one) == names for one in listed), (words, names, listed)
    assert sorted(one["person"] for one in world.ask("links")["links"]) == ["E1", "E2"]
    assert all(one["how"] == "created" for one in world.ask("links")["links"])


def leaving_looks_ahead(world):
    world.rules_with(disable="3d")
    world.people(ADA.format("engineering", "left"), GRACE.format("active"), EDSGER)
    world.run("sync", codes=(0,))
    assert world.ask("leaving", "--days", "2")["leaving"] == []
    lost = world.ask("leaving", "--days", "5")["leaving"]
    assert [one["loses"] for one in lost] == ["group engineers", "account is disabled"], lost
    rows = list(csv.DictReader(io.StringIO(world.run("leaving", "--days", "5", "--output", "csv"))))
    assert [(row["label"], row["loses"]) for row in rows] == [(one["label"], one["loses"]) for one in lost], rows
    calendar = world.run("leaving", "--days", "5", "--ics")
    assert "SUMMARY:ada@example.com on iot: account is disabled" in calendar, calendar
    assert calendar.rstrip().endswith("END:VCALENDAR")


def leaving_counts_what_usher_wrote(world):
    world.rules_with(disable="3d")
    world.people(ADA.format("engineering", "active"), GRACE.format("active"), EDSGER, ALAN)
    world.run("sync")  # makes the account of Alan, which no pull has seen
    world.people(ADA.format("engineering", "left"), GRACE.format("active"), EDSGER)
    world.rename("Countess")
    world.run("pull", "hr")
    lost = world.ask("leaving", "--days", "5")
    assert lost["unknown"] == [] and sorted((one["person"], one["loses"]) for one in lost["leaving"]) == [
        (who, what) for who in ("E1", "E4") for what in ("account is disabled", "group engineers")], lost
    world.rules_with(disable="now")
    world.run("sync", codes=(0, 3))  # takes both away
    assert world.ask("leaving", "--days", "5")["leaving"] == [], "what is taken is not lost again"
    agreed = world.ask("leaving", "--days", "5")
    world.run("pull")
    assert world.ask("leaving", "--days", "5") == agreed


def leaving_says_what_it_cannot_tell(world):
    world.rules_with(disable="3d")
    world.people(ADA.format("engineering", "left"), "E2,Grace", EDSGER)  # a row that cannot be read
    world.run("pull", codes=(8,))
    done = world.start("leaving", "--days", "5")
    assert done.returncode == 8 and "usher: hr: was not read completely: " in done.stderr, done


def history_tells_links_by_hand(world):
    grace = next(one["account"] for one in world.ask("links")["links"] if one["person"] == "E2")
    told = world.ask("unlink", "E2", "--on", "iot")
    assert list(told)[:2] == ["report", "exit"] and told["report"] == "unlink" and told["links"][0]["was"] == "E2", told
    assert world.ask("link", "E2", grace, "--on", "iot", "--reason", "hers")["report"] == "link"
    last = [(one["act"], one["before"], one["now"], one["reason"]) for one in world.ask("history", "E2")["changes"]
            if one["what"] == "person"]
    assert last == [("unlink", "E2", None, ""), ("link", None, "E2", "hers")], last
    assert 'person: (none) → "E2"' in world.run("history", "E2")


def an_undo_reaches_what_was_done_under_an_earlier_key(world):
    others = GRACE.format("active"), EDSGER, ALAN
    world.people("E1,Ada,King,ada@example.com,engineering,active", *others)
    run = world.ask("sync")["apply"]["run"]
    world.people("C1,Ada,King,ada@example.com,engineering,active", *others)
    world.run("plan", "--pull", codes=(0, 2, 3, 4))
    world.run("relink", "E1", "C1")
    plan = world.ask("undo", run, "--dry-run", "--only", "C1", codes=(0, 2))["plan"]
    assert [change["person"] for change in plan["changes"]] == ["C1"], plan["changes"]
    world.run("undo", run, "--yes", "--only", "C1")
    with urllib.request.urlopen(f"{world.url}/__sandbox/world") as reply:
        names = {user["credentials"]["identity"]: user["name"] for user in json.loads(reply.read())["users"]}
    assert names["ada@example.com"] == "Ada Lovelace", names


def relink_reads_what_a_spreadsheet_writes(world):
    world.people("N1,Ada,Lovelace,ada@example.com,engineering,active", "N2,Grace,Hopper,grace@example.com,operations,active")
    world.run("plan", "--pull", codes=(0, 2, 3, 4))
    (world.folder / "keys.csv").write_bytes(b"\xef\xbb\xbfOld;New\r\nE1;N1\r\nE2;N2\r\n")
    done = world.start("relink", "--from", "keys.csv", "--output", "json")
    assert done.returncode == 0 and "keys.csv is taken for a header" in done.stderr, done
    assert sorted(one["person"] for one in json.loads(done.stdout)["links"]) == ["N1", "N2"], done
    (world.folder / "wrong.csv").write_text("E1,N1\nE8,N8\n")  # of nobody, and not the first line
    assert world.start("relink", "--from", "wrong.csv").returncode == 64


def as_of_names_who_was_linked_then(world):
    """Also where the account is another person's by now, or nobody's."""
    before = world.ask("as-of", "2999-01-01", "accounts")["accounts"]
    ada, seen = next((one["account"], one["seen"]) for one in before if one["person"] == "E1")
    world.run("unlink", "E1", "--on", "iot")
    world.run("link", "E3", ada, "--on", "iot")

    def holder(time):
        return [one["person"] for one in world.ask("as-of", time, "accounts")["accounts"] if one["account"] == ada]
    assert (holder(seen), holder("2999-01-01")) == (["E1"], ["E3"]), (holder(seen), holder("2999-01-01"))
    people = [one["person"] for one in world.ask("as-of", seen, "members", "engineers")["accounts"]]
    assert people == ["E1"], people


def accounts_that_were_somebodys_are_found(world):
    """Of whom they were then, whoever has them by now, and although usher never wrote them."""
    world.two_are_found()
    world.run("pull")
    before = world.ask("as-of", "2999-01-01", "accounts")["accounts"]
    ada, then = next((one["account"], one["seen"]) for one in before if one["person"] == "E1")

    def accounts(time, who):
        return [(one["account"], one["person"]) for one in world.ask("as-of", time, who)["accounts"]]

    world.run("unlink", "E5", "--on", "iot")
    world.run("unlink", "E1", "--on", "iot")
    world.run("link", "E3", ada, "--on", "iot")
    world.change(delete="alan@example.com")
    world.by_hand("DELETE", "/users/policies/a5/g-engineers", {})
    world.run("pull")
    for who, account in (("E1", ada), ("E4", "a4"), ("E5", "a5")):
        assert accounts(then, who) == [(account, who)], (who, accounts(then, who))
        assert accounts("2999-01-01", who) == [], (who, accounts("2999-01-01", who))
    assert accounts(then, "E3") == [] and accounts("2999-01-01", "E3") == [(ada, "E3")]


def what_was_done_for_another_is_no_history_of_ones_own(world):
    """The account that usher made for E1 is E3's now: who was given it, and what came with it, was E1."""
    world.run("pull")
    ada = next(one["account"] for one in world.ask("links")["links"] if one["person"] == "E1")
    world.run("unlink", "E1", "--on", "iot")
    world.run("link", "E3", ada, "--on", "iot")
    own = [(one["act"], one["what"]) for one in world.ask("history", "E3")["changes"] if one["by"] == "usher"]
    assert ("create", "account") not in own and not [what for _, what in own if what.startswith("group ")], own


def who_removed_asks_whose_the_account_was(world):
    world.two_are_found()
    world.run("pull")
    ada = next(one["account"] for one in world.ask("links")["links"] if one["person"] == "E1")
    world.by_hand("DELETE", "/users/policies/a5/g-engineers", {})
    world.run("pull")
    for who in ("E5", "E1"):
        world.run("unlink", who, "--on", "iot")
    world.run("pull")
    world.run("link", "E3", ada, "--on", "iot")
    world.run("pull")
    world.by_hand("DELETE", f"/users/policies/{ada}/g-engineers", {})
    world.run("pull")
    told = {who: [(one["by"], one["person"]) for one in world.ask("who-removed", who, "engineers")["removals"]]
            for who in ("E1", "E3", "E5")}
    assert told == {"E1": [], "E3": [("iot", "E3")], "E5": [("iot", "E5")]}, told


def show_of_a_run_names_the_groups(world):
    run = next(run["run"] for run in world.ask("runs")["runs"] if run["given"] > 0)
    shown = world.run("show", run)
    assert "iot add-membership group engineers ada@example.com: done" in shown, shown
    assert "is in hr and has no account on iot" in " ".join(shown.split()) and max(map(len, shown.splitlines())) <= 80, shown
    reasons = {one["kind"]: one["because"] for one in world.ask("show", run)["operations"]}
    assert reasons["create"] == "is in hr and has no account on iot" and "(usher.yaml:22:" in reasons["add-membership"], reasons
    memberships = [one["membership"] for one in world.ask("show", run)["operations"] if one["kind"] == "add-membership"]
    assert memberships == [{"kind": "group", "entitlement": "g-engineers", "name": "engineers", "details": ["m_read"]}], memberships
    with sqlite3.connect(world.folder / "usher.db") as state:
        assert state.execute("select entitlement from operations where kind = 'add-membership'").fetchall() == [("engineers",)]
        assert state.execute("select name, person from memberships").fetchall() == [("engineers", "E1")]


def show_of_a_run_tells_what_it_did_not_do(world):
    world.rules_with()
    text = (world.folder / "usher.yaml").read_text()
    (world.folder / "usher.yaml").write_text(text.replace("disable: 100%}", "disable: 0}")
                                             .replace("group: engineers", "group: enginers"))
    world.people(ADA.format("engineering", "left"), GRACE.format("active"), EDSGER, ALAN, MARY)
    quiet = world.run("sync", "--quiet", codes=(4,))
    words = re.search(r"`usher (show --all \d+)` shows all", quiet).group(1).split()
    shown = world.run(*words)
    for part in ("Held by a guard", "disable", "ada@example.com", "enginers", "E4"):
        assert part in shown, (part, shown)
    told = world.ask(*words)
    assert told["objections"] and told["notes"] and [one["person"] for one in told["held"]][0] == "E1", told
    done = world.start("show", "9999")
    assert done.returncode == 64 and "`usher runs`" in done.stderr, done
    group = re.search(r"enginers.*?\[([0-9a-f]{10})\]", quiet, re.DOTALL)
    assert "(E4, E5)" in quiet and group, quiet
    world.run("accept", group.group(1), "--until", "7d", "--reason", "the group is made on Monday")
    assert "enginers" not in world.run("sync", "--quiet", codes=(4,)), "it was accepted"


def runs_are_one_line_a_sync(world):
    runs = world.ask("runs")["runs"]  # the last pull is of a command of its own
    assert [(run["command"], run["given"]) for run in runs] == [("pull", 0), ("sync", 3)], runs  # two accounts and a membership
    assert runs[1]["exit"] == 0 and runs[1]["seconds"] >= 0 and runs[1]["reason"] is None, runs[1]
    pull, plan, apply = runs[1]["stages"]
    assert runs[1]["run"] == apply and len(world.ask("show", apply)["operations"]) == 3
    each = world.ask("runs", "--each")["runs"]
    assert [(one["run"], one["command"]) for one in each][1:] == [(apply, "apply"), (plan, "plan"), (pull, "pull")], each
    # Whoever leaves is held, another sync goes on, and a plan that is shown is none of it.
    world.rules_with()
    text = (world.folder / "usher.yaml").read_text()
    (world.folder / "usher.yaml").write_text(text.replace("disable: 100%}", "disable: 0}"))
    world.people(ADA.format("engineering", "left"), GRACE.format("active"), EDSGER, ALAN)
    world.run("plan", codes=(2, 4))
    world.run("plan", codes=(2, 4))
    world.run("sync", "--reason", "CHG-1", codes=(4,))
    world.run("sync", codes=(4,))
    runs = world.ask("runs", "--last", "5")["runs"]
    assert [(run["command"], run["given"], run["held"] > 0) for run in runs] == [
        ("sync", 0, True), ("sync", 2, True), ("plan", 0, True), ("plan", 0, True), ("pull", 0, False)], runs
    assert [run["platforms"] for run in runs[:2]] == [
        {"iot": {"held": runs[0]["held"]}}, {"iot": {"given": 2, "held": runs[1]["held"]}}], runs
    assert f"iot: given 2, held {runs[1]['held']}" in world.run("runs"), world.run("runs")
    world.run("approve", "iot.disable", "--until", "1d", "--reason", "CHG-2")
    world.run("sync", codes=(0, 4))
    last = world.ask("runs", "--last", "1")["runs"][0]
    assert [text[:10] for text in last["approvals"]] == ["approval 1"] and "CHG-2" in last["approvals"][0], last
    assert len(world.ask("runs", "--last", "2")["runs"]) == 2
    assert world.run("runs", "--last", "1", "--csv").count("\n") == 2
    assert world.ask("orphans")["orphans"][0]["active"] is True


def status_says_what_waits_for_an_apply(world):
    for one in world.ask("links")["links"]:
        world.run("unlink", one["person"], "--on", "iot")
    world.run("plan", codes=(0, 2, 3))
    assert world.ask("status")["links-found"] == {"iot": 2}, world.ask("status")["links-found"]
    assert "2 accounts on iot match people and are not linked yet; the next apply records the links" in world.run("status")
    world.run("sync", codes=(0, 3))
    assert world.ask("status")["links-found"] == {} and "not linked yet" not in world.run("status")
    assert len(world.ask("links")["links"]) == 2


def a_link_by_hand_keeps_why(world):
    grace = next(one["account"] for one in world.ask("links")["links"] if one["person"] == "E2")
    world.run("unlink", "E2", "--on", "iot", "--reason", "not hers")
    world.run("link", "E2", grace, "--on", "iot", "--reason", "hers after all")
    last = [(run["command"], run["reason"]) for run in world.ask("runs", "--last", "2")["runs"]]
    assert last == [("link", "hers after all"), ("unlink", "not hers")], last


TESTS = [a_source_that_has_accounts_is_shown, explain_says_what_keeps_somebody_out, explain_names_the_first_condition_that_does_not_hold,
         explain_finds_whom_a_nested_record_names, explain_says_whose_change_a_difference_is,
         the_rules_are_no_reason_where_somebody_edited_the_account, a_reason_names_the_line_of_the_rule_that_changed,
         explain_agrees_with_the_plan_of_everybody, explain_knows_what_usher_did_since_the_pull,
         explain_names_the_lanes_and_who_let_it_through, explain_gives_no_group_to_whom_nothing_is_given,
         explain_says_what_the_plan_leaves_undone, explain_tells_each_part_once, reasons_of_memberships_name_the_rule,
         explain_says_when_a_source_was_read_whole, explain_names_no_line_of_a_file_that_changed,
         explain_shows_the_match_of_whom_it_links, history_tells_links_that_were_found,
         history_tells_how_links_that_were_found_ended, history_gives_a_reason_once,
         an_offline_plan_knows_what_usher_wrote, explain_finds_an_account_that_is_not_linked, questions_leave_everything_as_it_is,
         nobody_and_several_are_refused, an_id_of_two_platforms_is_asked_for, history_tells_who_did_what,
         history_compares_what_was_done_with_what_was_seen, who_removed_names_the_run, a_renamed_group_keeps_its_past,
         a_group_that_is_gone_keeps_its_past, as_of_and_diff_show_what_was, a_platform_that_came_later_is_left_out, diff_of_runs_is_between_what_they_left_behind,
         orphans_and_links_are_lists, leaving_looks_ahead,
         leaving_counts_what_usher_wrote, leaving_says_what_it_cannot_tell, history_tells_links_by_hand,
         an_undo_reaches_what_was_done_under_an_earlier_key, relink_reads_what_a_spreadsheet_writes, show_of_a_run_names_the_groups, as_of_names_who_was_linked_then,
         accounts_that_were_somebodys_are_found, what_was_done_for_another_is_no_history_of_ones_own, who_removed_asks_whose_the_account_was,
         show_of_a_run_tells_what_it_did_not_do, runs_are_one_line_a_sync, status_says_what_waits_for_an_apply, a_link_by_hand_keeps_why]

if __name__ == "__main__":
    main(__doc__, TESTS, World)
