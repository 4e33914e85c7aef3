#!/usr/bin/env python3
"""Asks the state as a user asks, with the real programs: explain, history, who-removed, as-of, diff, runs, orphans,
links, leaving.

    tests/answers/run.py --build DIR
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

HEADER = "employee_id,first,last,email,department,status\n"
ADA = "E1,Ada,Lovelace,ada@example.com,{},{}\n"
GRACE = "E2,Grace,Hopper,grace@example.com,operations,{}\n"
EDSGER = "E3,Edsger,Dijkstra,edsger@example.com,sales,active\n"
ALAN = "E4,Alan,Turing,alan@example.com,engineering,active\n"
WORLD = {"mainflux": {"users": [{"id": "o1", "name": "o1", "credentials": {"identity": "=SUM(1),2"}, "status": "enabled"}],
                      "groups": [{"id": "g-engineers", "name": "engineers"}]}}
CONFIG = """version: 1
state: usher.db
platforms:
  hr: {{connector: csv, path: people.csv}}
  iot: {{connector: mainflux, url: {url}, identity: admin@example.com, secret: "${{env:SECRET}}"}}
people:
  from: hr
  key: record.employee_id
  attributes:
    mail: record.email.lowerAscii()
    name: record.first + " " + record.last
    department: record.department
  active: record.status == "active"
accounts:
  iot:
    who: person.department in ["engineering", "operations"]
    match: [{{account: credentials.identity, person: person.mail, fold: case}}]
    set:
      credentials.identity: person.mail
      name: person.name
    groups:
      - {{group: engineers, when: {when}, actions: [m_read]}}
    leavers: {{disable: {disable}, delete: never}}
"""
WHEN = 'person.department == "engineering"'
CHAIN = "'person.mail != \"\" && person.department == \"engineering\" && person.name == \"x\"'"


class World:
    """A folder with a configuration, people and a state, and the sandbox beside it."""

    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        (folder / "world.json").write_text(json.dumps(WORLD))
        ports = folder / "ports"
        self.process = subprocess.Popen(
            [build / "usher-sandbox", "--platform", "mainflux", "--empty", "--load", folder / "world.json",
             "--port-file", ports], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while not ports.exists():
            assert self.process.poll() is None and time.monotonic() < until, "the sandbox did not start"
            time.sleep(0.02)
        self.url = "http://127.0.0.1:" + ports.read_text().split("=")[1].strip()
        self.rules()
        self.people(ADA.format("engineering", "active"), GRACE.format("active"), EDSGER)
        self.run("sync", codes=(0,))
        self.run("pull", codes=(0,))

    def rules(self, when=WHEN, disable="now"):
        (self.folder / "usher.yaml").write_text(CONFIG.format(url=self.url, when=when, disable=disable))

    def people(self, *rows):
        fresh = self.folder / "people.new"
        fresh.write_text(HEADER + "".join(rows))
        fresh.rename(self.folder / "people.csv")

    def rename(self, name):
        request = urllib.request.Request(f"{self.url}/__sandbox/change", method="POST",
                                         data=json.dumps({"rename": "ada@example.com", "name": name}).encode())
        urllib.request.urlopen(request).read()

    def run(self, *words, codes=(0,)):
        done = subprocess.run([self.build / "usher", *words], cwd=self.folder, capture_output=True, text=True,
                              env={"SECRET": "12345678", "PATH": "/usr/bin:/bin", "TMPDIR": str(self.folder)})
        assert done.returncode in codes, f"usher {' '.join(words)} ended with {done.returncode}: {done.stderr}"
        return done.stdout

    def ask(self, *words):
        return json.loads(self.run(*words, "--output", "json"))


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
    world.rules(when=CHAIN)
    told = world.ask("explain", "GRACE@example.com")
    assert told["person"] == "E2"
    group = told["accounts"][0]["rules"]["groups"][0]
    assert group["given"] is False
    assert group["when"]["unmet"] == 'person.department == "engineering"', group
    assert group["when"]["read"] == {"person.department": "operations"}, group


def explain_says_whose_change_a_difference_is(world):
    world.rename("Countess")
    world.run("pull")
    difference = world.ask("explain", "ada@example.com")["accounts"][0]["differences"][0]
    assert difference["what"] == "name" and difference["now"] == "Countess", difference
    assert difference["whose"].startswith("changed on iot") and "not by usher" in difference["whose"], difference


def explain_agrees_with_the_plan_of_everybody(world):
    world.people(ADA.format("operations", "active"), GRACE.format("left"), EDSGER, ALAN)
    world.run("pull")
    said = {who: [operation["id"] for operation in world.ask("explain", who)["accounts"][0]["operations"]]
            for who in ("E1", "E2", "E3", "E4")}
    planned = {who: [] for who in said}
    for operation in json.loads(world.run("plan", "--offline", "--output", "json", codes=(2, 4)))["plan"]["operations"]:
        planned[operation["person"]].append(operation["id"])
    assert said == planned, (said, planned)
    assert [len(planned[who]) > 0 for who in sorted(planned)] == [True, True, False, True], planned


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


def who_removed_names_the_run(world):
    assert world.ask("who-removed", "E1", "engineers")["removals"] == []
    world.people(ADA.format("operations", "active"), GRACE.format("active"), EDSGER)
    world.run("sync", codes=(0,))
    removals = world.ask("who-removed", "ada@example.com", "engineers")["removals"]
    assert len(removals) == 1 and removals[0]["by"] == "usher" and removals[0]["run"] > 0, removals
    assert removals[0]["because"] == "its record in hr changed", removals
    group = [change["act"] for change in world.ask("history", "engineers")["changes"]]
    assert group == ["add-membership", "remove-membership"], group


def as_of_and_diff_show_what_was(world):
    before = world.ask("as-of", "2999-01-01", "accounts")["accounts"][0]["seen"]
    world.people(ADA.format("operations", "active"), GRACE.format("active"), EDSGER)
    world.run("sync", codes=(0,))
    world.run("pull")
    members = world.ask("as-of", before, "members", "engineers")["accounts"]
    assert [one["person"] for one in members] == ["E1"], members
    assert world.ask("as-of", "2999-01-01", "members", "engineers")["accounts"] == []
    assert world.ask("as-of", before, "E1")["accounts"][0]["memberships"] == "group engineers"
    changes = [f"{one['label']} {one['change']}" for one in world.ask("diff", before, "2999-01-01")["changes"]]
    assert changes == ["ada@example.com - group engineers (m_read)"], changes
    world.run("as-of", "2001-01-01", "accounts", codes=(1,))


def orphans_and_links_are_lists(world):
    orphans = world.ask("orphans")["orphans"]
    assert {one["label"]: one["own"] != "" for one in orphans} == {"=SUM(1),2": False, "admin@example.com": True}, orphans
    assert 'iot,o1,"\'=SUM(1),2",yes,,' in world.run("orphans", "--csv")
    assert sorted(one["person"] for one in world.ask("links")["links"]) == ["E1", "E2"]
    assert all(one["how"] == "created" for one in world.ask("links")["links"])


def leaving_looks_ahead(world):
    world.rules(disable="3d")
    world.people(ADA.format("engineering", "left"), GRACE.format("active"), EDSGER)
    world.run("sync", codes=(0,))
    assert world.ask("leaving", "--days", "2")["leaving"] == []
    lost = world.ask("leaving", "--days", "5")["leaving"]
    assert [one["loses"] for one in lost] == ["group engineers", "account is disabled"], lost
    calendar = world.run("leaving", "--days", "5", "--ics")
    assert "SUMMARY:ada@example.com on iot: account is disabled" in calendar, calendar
    assert calendar.rstrip().endswith("END:VCALENDAR")


def runs_are_one_line_each(world):
    given = [run["given"] for run in world.ask("runs")["runs"] if run["given"] != "0"]
    assert given == ["3"], given  # two accounts and a membership


CASES = [explain_says_what_keeps_somebody_out, explain_names_the_first_condition_that_does_not_hold,
         explain_says_whose_change_a_difference_is, explain_agrees_with_the_plan_of_everybody,
         explain_finds_an_account_that_is_not_linked, questions_leave_everything_as_it_is,
         nobody_and_several_are_refused, history_tells_who_did_what, who_removed_names_the_run,
         as_of_and_diff_show_what_was, orphans_and_links_are_lists, leaving_looks_ahead, runs_are_one_line_each]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    build = parser.parse_args().build.resolve()
    failed = 0
    for case in CASES:
        with tempfile.TemporaryDirectory(prefix="usher-answers-") as folder:
            world = None
            try:
                world = World(build, pathlib.Path(folder))
                case(world)
                print("ok    ", case.__name__.replace("_", " "))
            except (AssertionError, KeyError, IndexError) as error:
                failed += 1
                print("FAILED", case.__name__.replace("_", " "), repr(error))
            finally:
                if world:
                    world.process.terminate()
                    world.process.wait()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
