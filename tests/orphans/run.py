#!/usr/bin/env python3
"""What becomes of accounts that nobody declares, with the real programs and a played platform.

    tests/orphans/run.py --build DIR
"""
import json
import pathlib
import sqlite3
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from played import RULES, Played, Programs, main  # noqa: E402

LEAVERS = "    leavers: {disable: now, delete: never}\n"
EXCEPT = "account.credentials.identity.startsWith(\\\"svc-\\\")"
ADA, GRACE = "E1,Ada,Lovelace,ada@example.com,engineering,active", "E2,Grace,Hopper,grace@example.com,operations,active"
WORLD = {"mainflux": {"users": [], "groups": [{"id": "g-engineers", "name": "engineers"}, {"id": "g-operators", "name": "operators"}]}}


def user(login, name=None):
    return {"id": name or login.split("@")[0], "name": login, "credentials": {"identity": login}, "status": "enabled"}


class World(Played):
    """Ada and Grace have accounts; o1, o2 and a service have some that nobody declares."""

    def __init__(self, build, folder, more=()):
        world = json.loads(json.dumps(WORLD))
        world["mainflux"]["users"] = [user("o1@example.com"), user("o2@example.com"), user("svc-backup@example.com"), *more]
        super().__init__(build, folder, world)
        self.begin(lambda: self.orphans("{disable: 30d, except: \"" + EXCEPT + "\"}"))

    def begin(self, configure):
        """Ada and Grace get their accounts under what `configure` writes."""
        try:
            configure()
            self.people(ADA, GRACE)
            self.run("sync")
            self.run("sync")
        except BaseException:
            self.end()
            raise

    def orphans(self, rule, leavers=LEAVERS, rules=RULES):
        self.rules(rules.replace(LEAVERS, leavers + (f"    orphans: {rule}\n" if rule else "")))

    def later(self, days):
        """As if the last plans had been made so many days ago, one a day."""
        with sqlite3.connect(self.folder / "usher.db") as state:
            state.execute("update orphan set waited = waited - ? * 86400, since = datetime(since, ?)", (days, f"-{days} days"))
            state.execute("update gone set since = strftime('%Y-%m-%dT%H:%M:%fZ', since, ?)", (f"-{days} days",))

    def fates(self):
        return {one["account"]: one for one in self.ask("orphans")["orphans"]}

    def enabled(self):
        done = self.ask("as-of", "2999-01-01", "accounts")["accounts"]
        return {one["account"] for one in done if one["active"]}


def orphans_wait_and_are_disabled(world):
    told = world.fates()
    assert [told[one]["becomes"] for one in ("o1", "o2", "svc-backup")] == ["disabled", "disabled", "stays"], told
    assert "orphans.except (usher.yaml:25:38)" in told["svc-backup"]["because"], told["svc-backup"]
    assert told["o1"]["because"].startswith("nobody declares it since 20") and "orphans: disable 30d (usher.yaml:25:14)" in \
        told["o1"]["because"], told["o1"]
    own = next(one for one in told.values() if one["own"])
    assert own["becomes"] == "stays" and "logs in with" in own["because"], own
    note = [one for one in world.ask("plan")["plan"]["notes"] if one["kind"] == "orphans"]
    assert len(note) == 1 and "2 wait to be disabled" in note[0]["message"], note
    world.later(29)
    assert world.ask("plan")["plan"]["operations"] == [], "a day is left"
    world.later(1)
    plan = world.ask("plan", codes=(2,))["plan"]
    assert [(one["account"], one["kind"], one["person"]) for one in plan["operations"]] == [
        ("o1", "disable", ""), ("o2", "disable", "")], plan["operations"]
    assert world.ask("explain", "o1")["accounts"][0]["excluded"].startswith(
        "the account belongs to nobody who is declared and is disabled on 20"), world.ask("explain", "o1")
    world.run("sync")
    world.run("pull")
    assert world.enabled() >= {"svc-backup"} and not world.enabled() & {"o1", "o2"}, world.enabled()
    change = world.ask("history", "o1")["changes"][-1]
    assert change["act"] == "disable" and "nobody declares it since" in change["because"], change
    assert world.ask("plan")["plan"]["operations"] == [], "the second run is empty"


def an_undo_gives_them_back_and_they_wait_anew(world):
    world.later(30)
    run = world.ask("sync")["apply"]["run"]
    world.run("undo", str(run), "--yes")
    assert world.ask("sync")["plan"]["plan"]["operations"] == []
    assert world.enabled() >= {"o1", "o2"}, world.enabled()
    assert world.fates()["o1"]["becomes"] == "disabled", "in 30 days"


def they_are_reported_unless_the_rules_say_more(world):
    world.orphans("")
    world.later(90)
    assert world.ask("plan")["plan"]["operations"] == []
    assert {one["becomes"] for one in world.fates().values()} == {"stays"}


def who_matches_is_no_orphan(world):
    """A second account of hers, and that of somebody who has left: by any rule that finds accounts."""
    world.people(ADA, GRACE, "E7,Otto,One,o1@example.com,sales,active", "E8,Olga,Two,O2@example.com,engineering,left")
    world.later(30)
    plan = world.ask("sync", codes=(0, 3))["plan"]["plan"]
    assert all(one["person"] != "" for one in plan["operations"]), plan["operations"]
    assert sorted(one["person"] for one in plan["operations"] if one["kind"] == "disable") == ["E7", "E8"], \
        "they are leavers with an account, and the rules for leavers decide"


MATCH = "    match: [{account: credentials.identity, person: person.mail, fold: case}]\n"
LEFT, AWAY = "E7,Otto,One,o1@example.com,engineering,left", "E8,Olga,Two,o2@example.com,sales,active"


def who_has_its_key_is_no_orphan(world):
    """Of somebody who has left, or never belonged there, only the natural key names the account."""
    for match in ("", "    match: [{account: name, person: person.name}]\n"):
        world.orphans("{disable: 30d}", rules=RULES.replace(MATCH, match).replace(
            "      name: person.name\n", "      name: '[person.name][person.department == \"sales\" ? 1 : 0]'\n"))
        world.run("plan", codes=(0, 2))  # the service waits, too
        world.people(ADA, GRACE, LEFT, AWAY)
        world.later(30)
        plan = world.ask("plan", "--pull", codes=(2,))["plan"]
        assert [one["account"] for one in plan["operations"]] == ["svc-backup"], plan["operations"]
        told = world.fates()
        assert "matches E7" in told["o1"]["because"] and "matches E8" in told["o2"]["because"], told
        world.people(ADA, GRACE)
        plan = world.ask("plan", "--pull", codes=(2,))["plan"]
        assert [one["account"] for one in plan["operations"]] == ["svc-backup"], "o1 and o2 wait anew"


def whose_values_are_not_known_keeps_all(world):
    """Who has left is not compared with anything, so that nobody saw yet that the rules fail for them."""
    fails = "'[person.mail][person.department == \"sales\" ? 1 : 0]'"
    for rules in (RULES.replace(MATCH, MATCH.replace("[{", f"[{{account: name, person: {fails}}}, {{")),
                  RULES.replace("credentials.identity: person.mail", f"credentials.identity: {fails}")):
        world.orphans("{disable: 30d}", rules=rules)
        world.run("plan", codes=(0, 2))  # the service waits, too
        world.people(ADA, GRACE, AWAY.replace("o2@", "olga@"))
        world.later(30)
        plan = world.ask("plan", "--pull")["plan"]
        assert plan["operations"] == [], plan["operations"]
        assert any(one["kind"] == "orphans" and "rules fail for somebody" in one["message"] and "E8" in one["message"]
                   for one in plan["notes"]), plan["notes"]
        assert {one["becomes"] for one in world.fates().values()} == {"stays"}, world.fates()
        world.people(ADA, GRACE)
        due = world.ask("plan", "--pull", codes=(2,))["plan"]["operations"]
        assert [one["account"] for one in due] == ["o1", "o2", "svc-backup"], "they waited meanwhile"


def an_account_that_was_somebodys_is_none(world):
    grace = next(one["account"] for one in world.ask("links")["links"] if one["person"] == "E2")
    world.change(delete=grace)
    world.people(ADA)
    world.run("sync", codes=(0, 3, 4))
    world.run("pull")
    world.change(insert=user("grace@example.com", grace))  # out of a backup
    world.run("sync", codes=(0, 3, 4))
    told = world.fates()[grace]
    assert told["becomes"] == "stays" and "was that of E2" in told["because"], told


def a_plan_is_stale_once_it_is_somebodys(world):
    world.later(30)
    world.run("plan", "--out", "a.plan", codes=(2,))
    world.run("unlink", "E2", "--on", "iot")
    world.run("link", "E2", "o1", "--on", "iot")
    done = world.start("apply", "a.plan", "--yes")
    assert "linked to 'E2' by now" in done.stdout + done.stderr, done
    world.run("pull")
    assert "o1" in world.enabled() and "o2" not in world.enabled(), world.enabled()


def a_plan_is_stale_once_the_sources_name_somebody_else(world):
    world.later(30)
    world.run("plan", "--out", "a.plan", codes=(2,))
    world.people(ADA, GRACE, "E5,Otto,Orphan,o1@example.com,engineering,active")
    world.run("plan", codes=(2,))
    done = world.start("apply", "a.plan", "--yes")
    assert "the sources changed since the plan was made" in done.stdout + done.stderr, done
    world.run("pull")
    assert {"o1", "o2"} <= world.enabled(), world.enabled()


def what_is_excepted_by_now_stays(world):
    world.orphans("{disable: 30d, except: 'account.name.startsWith(\"svc-\")'}")
    world.run("plan")
    world.later(30)
    world.run("plan", "--out", "a.plan", codes=(2,))
    world.change(rename="o1@example.com", name="svc-1")
    done = world.start("apply", "a.plan", "--yes")
    assert "name of the account changed since the plan was made" in " ".join(done.stdout.split()), done
    world.run("pull")
    assert "o1" in world.enabled() and "o2" not in world.enabled(), world.enabled()


def joins(world, account, group):
    """An administrator puts the account into a group by hand."""
    def send(path, body, **headers):
        request = urllib.request.Request(world.url + path, method="POST", data=json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json", **headers})
        return urllib.request.urlopen(request).read()

    token = json.loads(send("/users/tokens/issue", {"identity": "admin@example.com", "secret": "12345678"}))["access_token"]
    send("/users/policies", {"subject": account, "object": group, "actions": ["m_read"]}, Authorization=f"Bearer {token}")


def who_is_in_an_excepted_group_by_now_stays(world, rules=RULES):
    world.orphans("{disable: 30d, except: '\"group\" in account.memberships'}", rules=rules)
    world.run("plan", "--pull")
    world.later(30)
    world.run("plan", "--pull", "--out", "a.plan", codes=(2,))
    joins(world, "o1", "g-operators")
    done = world.start("apply", "a.plan", "--yes")
    assert "memberships of the account changed since the plan was made" in " ".join(done.stdout.split()), done
    world.run("pull")
    assert "o1" in world.enabled() and "o2" not in world.enabled(), world.enabled()
    assert "orphans.except" in world.fates()["o1"]["because"], world.fates()["o1"]


def an_excepted_group_is_read_where_no_other_rule_needs_it(world):
    who_is_in_an_excepted_group_by_now_stays(world, RULES[:RULES.index("    groups:")] + RULES[RULES.index("    leavers:"):])


def an_exception_that_fails_asks_for_attention(world):
    world.later(30)
    world.orphans("{disable: 30d, except: account.name}")
    plan = world.ask("plan", codes=(3,))["plan"]
    assert plan["operations"] == [], plan["operations"]
    told = [one for one in plan["notes"] if one["kind"] == "rule-error"]
    assert len(told) == 1 and "3 accounts stay" in told[0]["message"], plan["notes"]


def an_exception_that_fails_for_one_keeps_only_that_one(world):
    """It is nobody of the people: the others go, every answer says so, and no guard of people counts it."""
    fails = "[false][account.name.startsWith(\\\"svc-\\\") ? 1 : 0]"
    world.orphans(f"{{disable: 30d, except: \"{fails}\"}}", rules=RULES.replace("people:\n", "people:\n  guards: {rule-errors: 0}\n", 1))
    world.run("plan", codes=(0, 2, 3))
    world.later(30)
    plan = world.ask("plan", codes=(3,))["plan"]
    assert [(one["account"], one["held"]) for one in plan["operations"]] == [("o1", False), ("o2", False)], plan["operations"]
    told = world.fates()
    assert [told[one]["becomes"] for one in ("o1", "o2", "svc-backup")] == ["disabled", "disabled", "stays"], told


def a_restored_state_begins_the_waiting_anew(world):
    kept = world.folder / "kept.db"
    world.run("state", "backup", kept)
    world.people(ADA, GRACE, "E3,Edsger,Dijkstra,edsger@example.com,engineering,active")
    world.run("sync")
    for rest in world.folder.glob("usher.db-*"):
        rest.unlink()
    (world.folder / "usher.db").write_bytes(kept.read_bytes())
    world.later(40)
    world.run("sync")
    assert {"o1", "o2"} <= world.enabled(), world.enabled()


def a_rule_that_fails_for_anybody_keeps_all(world):
    world.later(30)
    failing = RULES.replace("    name: record.first", "    number: int(record.last)\n    name: record.first")
    world.rules(failing.replace(LEAVERS, LEAVERS + "    orphans: {disable: 30d}\n"))
    plan = world.ask("plan", codes=(3, 4))["plan"]
    assert plan["operations"] == [], plan["operations"]
    assert any(one["kind"] == "orphans" and "rules fail for 2 people" in one["message"] for one in plan["notes"]), plan["notes"]


def a_clock_that_goes_to_and_fro_ends_no_waiting(world):
    def moved(seconds):
        with sqlite3.connect(world.folder / "usher.db") as state:
            (count,) = state.execute("select value from meta where name = 'fact orphans waited iot'").fetchone()
            waited, at = str(count if isinstance(count, str) else count.decode()).split()
            state.execute("update meta set value = ? where name = 'fact orphans waited iot'",
                          (f"{waited} {int(at) + seconds}",))
        state.close()
        return int(waited)

    before = moved(3 * 86400)  # the plan before was made three days from now
    world.later(29)
    for _ in range(2):
        assert world.ask("plan")["plan"]["operations"] == []
    assert moved(0) == before, "no time is counted twice"
    moved(30 * 86400)
    world.later(30)
    assert world.ask("plan")["plan"]["operations"] == [], "nobody knows what was counted"


def no_clock_ends_the_waiting(world):
    with sqlite3.connect(world.folder / "usher.db") as state:  # a plan made when the clock stood a year and more ahead
        (count,) = state.execute("select value from meta where name = 'fact orphans waited iot'").fetchone()
        waited, at = str(count if isinstance(count, str) else count.decode()).split()
        state.execute("update meta set value = ? where name = 'fact orphans waited iot'",
                      (f"{waited} {int(at) - 400 * 86400}",))
    assert world.ask("plan")["plan"]["operations"] == [], "400 days between two plans count as seven"
    world.later(23)
    assert [one["account"] for one in world.ask("plan", codes=(2,))["plan"]["operations"]] == ["o1", "o2"]


def nobody_is_taken_without_proof(world):
    world.later(30)
    (world.folder / "people.csv").write_text("employee_id,first,last,email,department,status\n" + ADA + "\nE2,Grace\n")
    world.run("pull", codes=(8,))
    assert {one["becomes"] for one in world.fates().values()} == {"stays"}, world.fates()
    world.people(ADA, GRACE, "E9,,Nobody,,engineering,active")
    world.rules(RULES.replace(LEAVERS, LEAVERS + "    orphans: {disable: 30d}\n").replace(
        "    mail: record.email.lowerAscii()", "    mail: '[record.email][size(record.first) == 0 ? 1 : 0]'"))
    plan = world.ask("plan", codes=(3, 4))["plan"]
    assert plan["operations"] == [], plan["operations"]
    assert any(one["kind"] == "orphans" and "rules fail for somebody" in one["message"] for one in plan["notes"]), plan["notes"]


def many_are_held_and_leavers_are_not(world):
    world.later(30)
    world.people(ADA)
    plan = world.ask("plan", "--pull", codes=(4,))["plan"]
    held = {one["account"] for one in plan["operations"] if one["held"]}
    assert len(held) == 8 and all(one["held-by"] == ["iot.orphans"] for one in plan["operations"] if one["held"]), plan["operations"]
    assert [one["person"] for one in plan["operations"] if not one["held"] and one["kind"] == "disable"] == ["E2"], plan["operations"]
    assert "8 accounts that nobody declares beside 2 linked ones, 5 are allowed" in plan["objections"][0]["message"]
    told = " ".join(world.run("plan", codes=(4,)).split())
    assert " to nobody who is declared; 8 are in the plan, " in told and " left as found." in told, told[-500:]
    world.run("sync", codes=(4,))
    assert all(one["held"] for one in world.fates().values() if one["becomes"] == "disabled")
    world.run("approve", "iot.orphans", "--until", "1h", "--reason", "looked through")
    world.run("sync", codes=(0, 3))
    world.run("pull")
    assert not world.enabled() & held, world.enabled()


def what_cannot_be_is_a_mistake(world):
    for rule, part in (("{disable: now}", "a number of days"), ("{disable: 30d, except: account.nonsense == 1}", "no attribute 'nonsense'"),
                       ("{delete: 30d}", "cannot delete an account"), ("{except: account.active}", "nothing becomes of any orphan"),
                       ("{disable: 30d, delete: 10d}", "when they are disabled, or before"),
                       ("{disable: 30d, delete: 30d}", "when they are disabled, or before"), ("sweep", "must be report")):
        world.orphans(rule)
        done = world.start("validate")
        assert done.returncode == 78 and part in done.stdout + done.stderr, (rule, done)
    world.orphans("{delete: 30d}")
    lines = (world.folder / "usher.yaml").read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if text.startswith("    orphans:"))
    assert f"usher.yaml:{line}:5: orphans.delete of iot" in world.start("validate").stdout, "the caret is at the key"


ELSEWHERE = """version: 1
state: usher.db
platforms:
  hr: {{connector: csv, path: people.csv}}
  there: {{connector: {platform}, url: "{url}", {login}: admin@example.com, password: "${{env:SECRET}}"}}
people:
  from: hr
  key: record.employee_id
  attributes: {{mail: record.email, first: record.first, last: record.last}}
  active: record.status == "active"
accounts:
  there:
    match: [{{account: {key}, person: person.mail}}]
    set: {rules}
    leavers: {{disable: now, without-disable: {leavers}}}
    orphans: {orphans}
    guards: {{removals: 100%, orphans: {guard}}}
"""
FLOWS = {"platform": "kestra", "login": "username", "key": "email", "leavers": "lock",
         "rules": "{email: person.mail, firstName: person.first, lastName: person.last}\n"
                  "    groups: [{tenant: main}]\n    credentials: {first: {file: first-secrets}}"}
PAYMENTS = {"platform": "gr4vy", "login": "email", "key": "email_address", "leavers": "delete",
            "rules": "{email_address: person.mail, name: person.first}\n    without-update: report"}


class Elsewhere(World):
    """Two accounts that nobody declares on a platform that cannot disable, and Ada and Grace beside them."""

    def __init__(self, build, folder, about, orphans):
        self.about = about
        mails = ("o1@example.com", "o2@example.com")
        users = [{"id": f"o{n}", "email": mail, "firstName": "O", "lastName": "One", "tenants": ["main"], "groups": []}
                 if about["platform"] == "kestra" else {"id": f"o{n}", "name": "O", "email_address": mail}
                 for n, mail in enumerate(mails, 1)]
        (folder / "world.json").write_text(json.dumps({about["platform"]: {"users": users}}))
        Programs.__init__(self, build, folder, [about["platform"]], "--empty", "--load", folder / "world.json", SECRET="12345678")
        self.begin(lambda: self.judged(orphans))

    def judged(self, orphans, guard="100%"):
        url = next(iter(self.urls.values()))
        (self.folder / "usher.yaml").write_text(ELSEWHERE.format(url=url, orphans=orphans, guard=guard, **self.about))

    def held(self):
        """The accounts of the platform by address, as it holds them."""
        with urllib.request.urlopen(next(iter(self.urls.values())) + "/__sandbox/world") as reply:
            users = json.loads(reply.read())["users"]
        return {user.get("email", user.get("email_address")): user for user in users}

    def tenants(self, mail):
        """Where an account of Kestra may go."""
        return [tenant["id"] for tenant in self.held()[mail]["tenants"]]


def they_are_locked_where_nothing_can_be_disabled(world):
    assert {one["becomes"] for one in world.fates().values() if not one["own"]} == {"locked"}, world.fates()
    world.later(30)
    plan = world.ask("plan", codes=(2,))["plan"]
    locks = [one for one in plan["operations"] if one["kind"] == "lock"]
    assert {one["label"] for one in locks} == {"o1@example.com", "o2@example.com"}, plan["operations"]
    run = world.ask("sync")["apply"]["run"]
    assert (world.tenants("o1@example.com"), world.tenants("ada@example.com")) == ([], ["main"]), world.held()
    assert world.ask("sync")["plan"]["plan"]["operations"] == [], "the second run is empty"
    told = world.run("undo", str(run), "--dry-run", codes=(2, 3))
    assert "unlock" in told, told
    world.run("undo", str(run), "--yes", codes=(0, 3))
    assert world.tenants("o1@example.com") == ["main"], world.held()
    assert world.ask("sync", codes=(0, 3))["plan"]["plan"]["operations"] == [], "they wait anew"


def they_are_deleted_after_the_time(world):
    fates = {one["label"]: one for one in world.fates().values() if not one["own"]}
    assert {one["becomes"] for one in fates.values()} == {"deleted"} and not any(one["held"] for one in fates.values()), fates
    world.later(29)
    assert world.ask("plan")["plan"]["operations"] == [], "a day is left"
    world.later(1)
    # A guard holds it, and an approval lets it through.
    world.judged("{delete: 30d}", guard="0")
    plan = world.ask("plan", codes=(4,))["plan"]
    assert {one["held-by"][0] for one in plan["operations"]} == {"there.orphans"}, plan["operations"]
    world.run("sync", codes=(4,))
    assert "o1@example.com" in world.held() and all(one["held"] for one in world.fates().values() if not one["own"])
    world.run("approve", "there.orphans", "--until", "1h", "--reason", "CHG-5")
    text = world.run("plan", codes=(2,))
    assert "Cannot be undone once it is applied: 2 delete" in text, text
    run = world.ask("sync")["apply"]["run"]
    assert set(world.held()) & {"o1@example.com", "o2@example.com"} == set() and "ada@example.com" in world.held()
    assert world.ask("sync")["plan"]["plan"]["operations"] == [], "the second run is empty"
    undone = " ".join(world.run("undo", str(run), "--dry-run", codes=(3,)).split())
    assert "2 × run" in undone and "deleted the account, which nothing brings back" in undone and "+ create" not in undone, undone
    last = world.ask("history", "o1")["changes"][-1]
    assert last["act"] == "delete" and "nobody declares it since" in last["because"] and "CHG-5" in last["approvals"][0], last


def what_is_excepted_is_not_deleted_either(world):
    """Whatever its time: also one that is excepted only after the plan was made."""
    excepted = "account.email_address == \"o1@example.com\""
    world.judged("{delete: 30d, except: '" + excepted + "'}")
    world.later(30)
    fates = {one["label"]: one for one in world.fates().values() if not one["own"]}
    assert {label: one["becomes"] for label, one in fates.items()} == {"o1@example.com": "stays", "o2@example.com": "deleted"}, fates
    assert "orphans.except" in fates["o1@example.com"]["because"], fates
    plan = world.ask("plan", "--out", "a.plan", codes=(2,))["plan"]
    assert [(one["kind"], one["label"]) for one in plan["operations"]] == [("delete", "o2@example.com")], plan["operations"]
    world.judged("{delete: 30d, except: '" + excepted + " || account.name == \"O\"'}")
    assert world.start("apply", "a.plan", "--yes").returncode == 6, "the rules except it by now"
    assert world.ask("sync")["plan"]["plan"]["operations"] == []
    world.later(400)
    assert world.ask("sync")["plan"]["plan"]["operations"] == [] and set(world.held()) >= {"o1@example.com", "o2@example.com"}
    world.judged("{delete: 30d, except: '" + excepted + "'}")
    world.run("plan", codes=(0, 2))  # what is excepted no longer may wait anew
    world.later(30)
    world.ask("sync")
    assert "o1@example.com" in world.held() and "o2@example.com" not in world.held(), world.held()
    assert world.ask("sync")["plan"]["plan"]["operations"] == [], "the second run is empty"


def they_are_locked_first_and_deleted_then(world):
    world.later(30)
    world.ask("sync")
    assert world.tenants("o1@example.com") == []
    assert {one["becomes"] for one in world.fates().values() if not one["own"]} == {"deleted"}, world.fates()
    world.later(29)
    assert world.ask("sync")["plan"]["plan"]["operations"] == []
    world.later(1)
    world.ask("sync")
    assert set(world.held()) & {"o1@example.com", "o2@example.com"} == set(), world.held()


def who_cannot_be_disabled_or_locked_is_a_mistake(world):
    world.judged("{disable: 30d, delete: 60d}")
    done = world.start("validate")
    assert done.returncode == 78 and "orphans.disable" in done.stdout + done.stderr, done


def elsewhere(about, orphans):
    return lambda build, folder: Elsewhere(build, folder, about, orphans)


def crowd(build, folder):
    return World(build, folder, [user(f"o{number}@example.com") for number in range(3, 9)])


TESTS = [who_is_in_an_excepted_group_by_now_stays, an_excepted_group_is_read_where_no_other_rule_needs_it,
         orphans_wait_and_are_disabled, an_undo_gives_them_back_and_they_wait_anew,
         they_are_reported_unless_the_rules_say_more, who_matches_is_no_orphan, who_has_its_key_is_no_orphan,
         whose_values_are_not_known_keeps_all, an_account_that_was_somebodys_is_none,
         a_plan_is_stale_once_it_is_somebodys, a_plan_is_stale_once_the_sources_name_somebody_else,
         a_rule_that_fails_for_anybody_keeps_all, what_is_excepted_by_now_stays,
         an_exception_that_fails_asks_for_attention, an_exception_that_fails_for_one_keeps_only_that_one,
         a_restored_state_begins_the_waiting_anew,
         a_clock_that_goes_to_and_fro_ends_no_waiting, no_clock_ends_the_waiting, nobody_is_taken_without_proof,
         many_are_held_and_leavers_are_not, what_cannot_be_is_a_mistake,
         they_are_locked_where_nothing_can_be_disabled, they_are_deleted_after_the_time,
         what_is_excepted_is_not_deleted_either, they_are_locked_first_and_deleted_then, who_cannot_be_disabled_or_locked_is_a_mistake]

many_are_held_and_leavers_are_not.make = crowd
they_are_locked_where_nothing_can_be_disabled.make = elsewhere(FLOWS, "{disable: 30d}")
they_are_deleted_after_the_time.make = elsewhere(PAYMENTS, "{delete: 30d}")
what_is_excepted_is_not_deleted_either.make = elsewhere(PAYMENTS, "{delete: 30d}")
they_are_locked_first_and_deleted_then.make = elsewhere(FLOWS, "{disable: 30d, delete: 60d}")
who_cannot_be_disabled_or_locked_is_a_mistake.make = elsewhere(PAYMENTS, "{delete: 30d}")

if __name__ == "__main__":
    main(__doc__, TESTS, World)
