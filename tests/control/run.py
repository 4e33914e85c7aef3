#!/usr/bin/env python3
"""Takes back as a user does, with the real programs and four played platforms: undo, who did it, the
state by commands.

    tests/control/run.py --build DIR [CASE...]
"""
import json
import pathlib
import random
import sqlite3
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from four_platforms import Work, edited  # noqa: E402
from played import main  # noqa: E402


SEEDS = 6  # of the edits that are applied and undone
# What a platform itself writes whenever somebody changes something there, by the part of its world that holds it. A policy of
# mainflux that is given again is a new one. Nobody else writes any time or author that changes.
OWN_WRITES = {"iot": {"users": {"updated_at", "updated_by"}, "policies": {"created_at", "updated_at", "updated_by"}}}
# What is a set there: it has the order in which it was given.
SETS = {"iot": {"policies": {"actions"}}, "payments": {"users": {"roles"}}, "flows": {"users": {"groups", "tenants"}},
        "radio": {"users": {"profileIds"}}}
UNORDERED = {("iot", "policies")}


def bare(worlds):
    """Worlds as they can be compared: each part as texts, in the order of the platform where it keeps one."""
    def text(name, part, item):
        if not isinstance(item, dict):
            return json.dumps(item, ensure_ascii=False)
        own, sets = OWN_WRITES.get(name, {}).get(part, ()), SETS.get(name, {}).get(part, ())
        left = {key: sorted(held, key=json.dumps) if key in sets and held else held for key, held in item.items()
                if key not in own}
        return json.dumps(left, ensure_ascii=False, sort_keys=True)

    told = {}
    for name, parts in worlds.items():
        for part, held in parts.items():
            items = [text(name, part, item) for item in (held if isinstance(held, list) else [held])]
            told[name, part] = sorted(items) if (name, part) in UNORDERED else items
    return told


def names_of(operation):
    """What a played platform knows the account of an operation by."""
    told = dict(operation.get("before", {}), **operation.get("after", {}))
    mail = [value for value in told.values() if isinstance(value, str) and "@" in value]
    return {operation["account"], operation["label"], *mail} - {""}


def not_declared(world, other, plan, undo):
    """What differs between two worlds, and is of no account of which a plan declared that it cannot be as before."""
    declared = {}
    for operation in plan["operations"] + undo["operations"]:
        if operation.get("reversal", "reversible") != "reversible" and not operation["held"]:
            declared.setdefault(operation["platform"], set()).update(names_of(operation))
    for operation in plan["operations"]:  # the id of an account that was created stands in no plan beforehand
        if operation["kind"] == "create" and operation.get("reversal", "reversible") != "reversible":
            same = [one["account"] for one in undo["operations"] if one["label"] in names_of(operation)]
            declared[operation["platform"]].update(same)
    assert world.keys() == other.keys()
    found = []
    for name, part in world:
        held, then = ([text for text in one[name, part] if not any(known in text for known in declared.get(name, ()))]
                      for one in (world, other))
        if held != then:
            found.append((name, part, sorted(set(held) - set(then))[:3], sorted(set(then) - set(held))[:3]))
    return found


def apply_then_undo_is_as_before(work):
    work.open_guards()
    work.settle()
    kinds = set()
    for turn in range(SEEDS):
        before = bare(work.worlds())
        work.write(edited(work.rows, random.Random(turn)))
        plan, run = work.sync()
        kinds |= {operation["kind"] for operation in plan["operations"]}
        changed = bare(work.worlds())
        assert not_declared(before, changed, {"operations": []}, {"operations": []}), "the sync changed nothing"
        undo = work.ask("undo", str(run), "--dry-run", codes=(2, 3))["plan"]
        assert undo["undoes"] == run
        kinds |= {operation["kind"] for operation in undo["operations"]}
        work.run("undo", str(run), "--yes", codes=(0, 3))
        after = bare(work.worlds())
        differs = not_declared(before, after, plan, undo)  # with neither text: the order
        assert not differs, (turn, differs)
        work.write(work.rows)
        work.settle()
    wanted = {"create", "update", "disable", "enable", "lock", "unlock", "delete", "add-membership", "remove-membership"}
    assert kinds >= wanted, wanted - kinds


def undo_tells_what_changed_since(work):
    work.settle()
    changed = work.of("engineering", 2)
    first, second = (dict(row) for row in changed)
    for row in changed:
        row["last_name"] += "-Silva"
    work.write(work.rows)
    _, run = work.sync()
    work.call("iot", "change", {"rename": changed[0]["email"], "name": "By Hand"})
    undone = work.ask("undo", str(run), "--yes", codes=(3,))
    notes = [note for note in json.loads(work.run("show", undone["plan"], "--output", "json"))["plan"]["notes"]
             if note["kind"] == "changed-since"]
    assert [note["person"] for note in notes] == [first["employee_id"]], notes
    assert "By Hand" in notes[0]["message"], notes
    names = {user["credentials"]["identity"]: user["name"] for user in work.worlds()["iot"]["users"]}
    assert names[first["email"]] == "By Hand"
    assert names[second["email"]] == f"{second['first_name']} {second['last_name']}", names[second["email"]]


def undo_of_one_person_leaves_the_others(work):
    work.settle()
    mine, other = (row["employee_id"] for row in work.of("engineering", 2))
    for key in (mine, other):
        work.person(key)["title"] = "x"
        work.person(key)["last_name"] += "-Silva"
    work.write(work.rows)
    _, run = work.sync()
    work.run("undo", str(run), "--only", mine, "--yes")
    names = {user["credentials"]["identity"]: user["name"] for user in work.worlds()["iot"]["users"]}
    assert not names[work.person(mine)["email"]].endswith("-Silva")
    assert names[work.person(other)["email"]].endswith("-Silva")


def what_is_undone_comes_back_or_is_held_off(work):
    work.settle()
    row = work.of("engineering")[0]
    who = row["employee_id"]
    row["last_name"] += "-Silva"
    work.write(work.rows)
    _, run = work.sync()
    text = work.run("undo", str(run), "--dry-run", codes=(2,))
    assert "the next sync does it again: the rules still want" in text and "--hold-until" in text, text
    work.run("undo", str(run), "--yes", "--hold-until", "2d")
    plan, _ = work.sync()
    assert [one for one in plan["operations"] if one["person"] == who] == []
    held = [note for note in plan["notes"] if note["kind"] == "held-off"]
    [off] = work.ask("status")["held-off"]
    assert off["undone"] == f"run {run}" and off["parts"] >= 1 and off["until"], off
    assert f"run {off['run']} undid run {run}: " in " ".join(work.run("status").split())
    assert {note["person"] for note in held} == {who} and {note["severity"] for note in held} == {"chosen"}, held
    # What the person gets beside it is not held off.
    row["title"], row["department"] = "Lead", "operations"
    work.write(work.rows)
    plan, _ = work.sync()
    given = [one["kind"] for one in plan["operations"] if one["person"] == who and one["platform"] == "iot"]
    assert "add-membership" in given and "remove-membership" in given, given
    undone = next(one for one in work.ask("runs")["runs"] if one["command"] == "undo")
    work.run("undo", str(undone["run"]), "--release", "--reason", "CHG-7")
    released = work.ask("runs")["runs"][0]
    assert released["command"] == "release" and released["reason"] == "CHG-7" and "@" in released["by"], released
    plan, _ = work.sync()
    assert [one["after"] for one in plan["operations"] if one["person"] == who and "name" in one.get("after", {})], plan
    work.run("undo", str(undone["run"]), "--release", codes=(64,))


def an_undo_that_is_undone_holds_nothing_off(work):
    work.settle()
    mine, other = (row["employee_id"] for row in work.of("engineering", 2))
    for key in (mine, other):
        work.person(key)["last_name"] += "-Silva"
    work.write(work.rows)
    _, run = work.sync()

    def held_off():
        return {one["undone"]: one["parts"] for one in work.ask("status")["held-off"]}

    def corrected(key):
        """Whether a sync corrects a name that somebody changed by hand."""
        work.call("iot", "change", {"rename": work.person(key)["email"], "name": "Somebody Else"})
        plan, _ = work.sync()
        return any("name" in one.get("after", {}) for one in plan["operations"] if one["person"] == key and one["platform"] == "iot")

    work.run("undo", str(run), "--yes", "--hold-until", "2d")
    undone = str(work.ask("runs", "--last", "1")["runs"][0]["run"])
    both = held_off()[f"run {run}"]
    assert not corrected(other), "it is held off"
    work.run("undo", undone, "--only", mine, "--yes", codes=(0, 3))
    assert 0 < held_off()[f"run {run}"] < both, (both, held_off())
    assert corrected(mine) and not corrected(other)


def an_undo_that_is_undone_as_a_whole_holds_nothing_off(work):
    work.settle()
    work.of("engineering")[0]["last_name"] += "-Silva"
    work.write(work.rows)
    _, run = work.sync()
    work.run("undo", str(run), "--yes", "--hold-until", "2d")
    undone = str(work.ask("runs", "--last", "1")["runs"][0]["run"])
    assert work.ask("status")["held-off"]
    work.run("undo", undone, "--yes")
    assert work.ask("status")["held-off"] == []
    work.run("undo", undone, "--release", codes=(64,))


def what_an_undo_did_is_held_off_beside_what_a_guard_holds(work):
    work.write(work.rows[:40])
    work.open_guards()
    work.settle()
    row = work.of("engineering")[0]
    who = row["employee_id"]
    row["department"] = "operations"
    work.write(work.rows[:40])
    plan, run = work.sync()
    kinds = {one["kind"] for one in plan["operations"] if one["platform"] == "iot"}
    assert kinds >= {"add-membership", "remove-membership"}, kinds
    work.configure(work.text.replace("  iot:\n    guards: {", "  iot:\n    guards: {memberships: 0, ")
                   .replace("removals: 100%", "removals: 0"))
    work.run("undo", str(run), "--yes", "--hold-until", "2d", codes=(3, 4))
    assert [one["undone"] for one in work.ask("status")["held-off"]] == [f"run {run}"], work.ask("status")["held-off"]
    work.run("pull")
    taken = [one for one in work.ask("plan", "--offline", codes=(0, 2, 3, 4))["plan"]["operations"]
             if one["person"] == who and one["platform"] == "iot"]
    assert taken == [], "what the undo gave back is not taken again"


def what_an_undo_does_not_reach_is_told(work):
    """A platform was taken out of the rules after the run."""
    work.write(work.rows[:30])
    work.open_guards()
    work.settle()
    work.of("engineering")[0]["department"] = "operations"
    work.write(work.rows[:30])
    _, run = work.sync()
    text = work.text
    work.configure(text[:text.index("\n  iot:\n    guards")] + text[text.index("\n  payments:\n    guards"):])
    told = " ".join(work.run("undo", str(run), "--dry-run", codes=(2, 3)).split())
    assert f"iot is no longer in the rules: what run {run} did there is left" in told, told


def an_account_that_cannot_be_deleted_stays_undone(work):
    work.settle()
    row = dict(work.of("engineering")[0], employee_id="E99001", email="new@plantly.example", last_name="New")
    work.write(work.rows + [row])
    _, run = work.sync()
    text = work.run("undo", str(run), "--only", "E99001", "--dry-run", codes=(2, 3))
    assert "the next sync does it again" in text and "enable" in text, text
    work.run("undo", str(run), "--only", "E99001", "--yes", "--hold-until", "2d", codes=(0, 3))

    def status():
        return [user["status"] for user in work.worlds()["iot"]["users"]
                if user["credentials"]["identity"] == "new@plantly.example"]

    assert status() == ["disabled"], status()
    plan, _ = work.sync()
    assert status() == ["disabled"], status()
    assert "held-off" in {note["kind"] for note in plan["notes"] if note["person"] == "E99001"}, plan["notes"]


def what_cannot_be_undone_is_told_before(work):
    work.settle()
    row = next(row for row in work.rows if row["department"] == "finance" and row["status"] == "active")
    row["status"] = "left"
    work.write(work.rows)
    text = work.run("plan", codes=(2,))
    assert "cannot be undone: delete" in text and "Cannot be undone once it is applied: 1 delete" in text, text
    _, run = work.sync()
    undone = work.run("undo", str(run), "--dry-run", codes=(3,))
    assert "deleted the account, which nothing brings back" in undone, undone


def undo_refuses_what_it_cannot_do(work):
    work.settle()
    pull = next(run for run in work.ask("runs", "--each")["runs"] if run["command"] == "pull")
    for words in (["999"], ["x"], [str(pull["run"])], ["1", "--hold-until", "2001-01-01"]):
        work.run("undo", *words, "--yes", codes=(64,))
    work.run("undo", "1", codes=(64,))  # nobody can be asked


def runs_say_who_and_why(work):
    work.run("sync", "--reason", "CHG-811: first of all", codes=(0, 3, 4))
    run = next(one for one in work.ask("runs")["runs"] if one["command"] == "sync")
    assert run["reason"] == "CHG-811: first of all" and "@" in run["by"], run
    shown = work.ask("show", run["run"])
    assert shown["arguments"][:3] == ["sync", "--reason", "CHG-811: first of all"], shown["arguments"]
    assert shown["actor"] + "@" + shown["host"] == run["by"] and shown["configuration"] and shown["program"], shown
    assert f"By {shown['actor']} on {shown['host']}: CHG-811" in work.run("show", run["run"])
    who = work.of("engineering")[0]["employee_id"]
    mine = [one for one in work.ask("history", who)["changes"] if one["by"] == "usher"]
    assert mine and {one["actor"] for one in mine} == {run["by"]}, mine
    assert f"by {run['by']} (CHG-811: first of all)" in work.run("history", who, "--all")
    flows = next(one["account"] for one in work.ask("links", "--on", "flows")["links"] if one["person"] == who)
    work.run("credentials", "rotate", "flows", "--only", flows, "--kind", "password", "--yes", "--reason", "lost her phone",
             codes=(0, 1, 3))
    assert work.ask("runs", "--last", "1")["runs"][0]["reason"] == "lost her phone"


def tables(file):
    """What the record of runs holds; None: it cannot be read."""
    try:
        with sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True) as state:
            return [state.execute(f"select * from {table} order by 1, 2").fetchall() for table in ("run", "journal")]
    except sqlite3.DatabaseError:
        return None


def verify_finds_whatever_was_altered(work):
    work.write(work.rows[:40])
    work.settle()
    state, copy = work.folder / "usher.db", work.folder / "copy.db"
    whole = work.ask("verify")
    assert whole["breaks"] == [] and whole["runs"] > 4, whole
    work.run("verify", whole["chain"])
    work.run("verify", "0" * 64, codes=(1,))
    with sqlite3.connect(state) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
        connection.execute("update run set chain = chain")
    run = next(int(one["run"]) for one in work.ask("runs")["runs"] if int(one["given"]) > 0)
    for statement in (f"update run set actor = 'nobody' where id = {run}", f"delete from run where id = {run - 1}",
                      f"update journal set message = 'x' where run = {run} and seq = 0",
                      f"delete from journal where run = {run} and seq = 1",
                      f"insert into journal select run, seq + 100000, operation, platform, kind, person, account, label, "
                      f"detail, state, sent_at, ended_at, message, written, ended_in from journal where run = {run} limit 1",
                      f"update run set exit_code = 0, ended_at = '2026-01-01T00:00:00.000Z' where id = {run}"):
        work.run("state", "backup", str(copy))
        with sqlite3.connect(copy) as connection:
            connection.execute(statement)
        broken = work.ask("verify", "--state", str(copy), codes=(1,))["breaks"]
        assert broken and broken[0]["run"] in (run, run + 1, run - 1), (statement, broken)
        copy.unlink()
    # Every byte of a page that holds runs: found, refused as damaged, or nothing of the record is different.
    work.run("state", "backup", str(copy))
    original = copy.read_bytes()
    held = tables(copy)
    size = int.from_bytes(original[16:18], "big") or 65536
    with sqlite3.connect(copy) as connection:
        needle = connection.execute("select chain from run where chain <> '' order by id desc").fetchone()[0].encode()
    page = original.rfind(needle) // size
    silent = []
    for at in range(page * size, (page + 1) * size, 17):
        changed = bytearray(original)
        changed[at] ^= 0x15
        copy.write_bytes(changed)
        done = subprocess.run([work.build / "usher", "verify", "--state", copy], cwd=work.folder, capture_output=True)
        if done.returncode == 0 and tables(copy) != held:
            silent.append(at)
    assert silent == [], silent


def the_state_is_kept_by_commands(work):
    work.write(work.rows[:40])
    work.settle()
    copy = work.folder / "copy.db"
    # While a writer is in the middle of a transaction.
    with sqlite3.connect(work.folder / "usher.db", isolation_level=None) as writer:
        writer.execute("begin immediate")
        writer.execute("update run set reason = 'never committed'")
        work.run("state", "backup", str(copy))
        writer.execute("rollback")
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [one["reason"] for one in work.ask("runs", "--state", str(copy))["runs"]] == \
        [one["reason"] for one in work.ask("runs")["runs"]]
    work.run("state", "backup", str(copy), codes=(1,))
    assert work.ask("state", "check", "--state", str(copy))["faults"] == []
    plans = [work.run(words[0], *words[1:], codes=(0, 2, 3)) for words in (["links", "--csv"], ["links", "--csv", "--state", str(copy)])]
    assert plans[0] == plans[1] and plans[0].count("\n") > 10
    with sqlite3.connect(work.folder / "usher.db", isolation_level=None) as state:
        state.execute("create table ballast (bytes)")
        state.execute("insert into ballast values (randomblob(4000000))")
        state.execute("drop table ballast")
        state.execute("pragma wal_checkpoint(truncate)")
    shrunk = work.ask("state", "vacuum")
    assert shrunk["after"] + 3_000_000 < shrunk["before"], shrunk
    assert work.ask("state", "check")["faults"] == [] and work.ask("verify")["breaks"] == []
    work.run("plan", codes=(0, 2, 3))
    work.run("state", "bakup", str(copy), codes=(64,))


def what_went_with_an_account_is_of_the_run_that_deleted_it(work):
    work.open_guards()
    work.settle()
    fresh = dict(work.of("engineering")[0], employee_id="E99901", last_name="Fresh", email="fresh@acme.example")
    work.write(work.rows + [fresh])
    _, run = work.sync()
    work.run("pull")
    given = {change["what"] for change in work.ask("history", "E99901", "--on", "flows")["changes"]
             if change["act"] == "add-membership"}
    assert given, "nothing was given"
    undo = work.ask("undo", str(run), "--yes", codes=(0, 3))["run"]
    work.run("pull")
    ends = {change["act"]: change["run"] for change in work.ask("history", "E99901", "--on", "flows")["changes"][-2:]}
    assert ends == {"delete": undo, "unlink": undo}, ends
    for what in given:
        group = what.split(" ", 1)[1]
        removals = work.ask("who-removed", "E99901", group, "--on", "flows")["removals"]
        assert [(one["by"], one["run"]) for one in removals] == [("usher", undo)], (what, removals)


def explain_needs_no_platform(work):
    work.write(work.rows[:40])
    work.settle()
    who = work.of("engineering")[0]["employee_id"]
    told = work.ask("explain", who)
    work.end()
    assert work.ask("explain", who) == told and len(told["accounts"]) == 4
    assert [one["platform"] for one in work.ask("explain", who, "--on", "flows")["accounts"]] == ["flows"]


def an_undo_writes_over_nothing_that_it_has_not_read(work):
    work.write(work.rows[:40])
    work.settle()
    row = work.of("engineering")[0]
    row["last_name"] += "-Silva"
    work.write(work.rows[:40])
    _, run = work.sync()
    work.run("pull", codes=(0,))
    work.call("iot", "change", {"rename": row["email"], "name": "By Hand"})
    work.run("undo", str(run), "--offline", "--yes", codes=(6,))
    names = {user["credentials"]["identity"]: user["name"] for user in work.worlds()["iot"]["users"]}
    assert names[row["email"]] == "By Hand"


def details_of_a_membership_come_back(work):
    work.write(work.rows[:40])
    work.open_guards()
    work.settle()
    before = bare(work.worlds())
    rule = 'group: engineers, when: person.department == "engineering", actions: [g_list, m_read, m_write]'
    assert rule in work.text
    work.configure(work.text.replace(rule, rule.replace(", m_write", "")))
    plan, run = work.sync()
    assert {one["kind"] for one in plan["operations"]} == {"change-membership"}, plan["operations"]
    assert bare(work.worlds()) != before
    work.run("undo", str(run), "--yes", codes=(0,))
    assert bare(work.worlds()) == before


def a_renewed_secret_is_told_as_gone(work):
    work.write(work.rows[:40])
    work.settle()
    who = work.of("engineering")[0]["employee_id"]
    work.run("credentials", "rotate", "iot", "--only", who, "--yes")
    run = work.ask("runs")["runs"][0]["run"]
    undo = work.ask("undo", str(run), "--dry-run", codes=(3,))["plan"]
    assert undo["operations"] == [] and {note["kind"] for note in undo["notes"]} >= {"irreversible"}, undo["notes"]


def a_backup_holds_no_secret_that_waits(work):
    work.configure(work.text.replace("first: {file: first-secrets}", "first: {command: 'cat > got; false'}"))
    work.write(work.rows[:10])
    work.run("sync", codes=(0, 1, 3))
    secrets = [json.loads(line)["secret"] for line in (work.folder / "got").read_text().splitlines()]
    assert secrets and (work.folder / "usher.db.secrets").exists()
    work.run("state", "backup", "copy.db")
    copy = (work.folder / "copy.db").read_bytes()
    assert not [secret for secret in secrets if secret.encode() in copy]
    assert not list(work.folder.glob("copy.db?*")), "something stands beside the copy"


CASES = [an_undo_that_is_undone_holds_nothing_off, an_undo_that_is_undone_as_a_whole_holds_nothing_off,
         what_an_undo_did_is_held_off_beside_what_a_guard_holds, what_an_undo_does_not_reach_is_told, explain_needs_no_platform, an_undo_writes_over_nothing_that_it_has_not_read,
         details_of_a_membership_come_back, a_renewed_secret_is_told_as_gone, a_backup_holds_no_secret_that_waits,
         what_went_with_an_account_is_of_the_run_that_deleted_it, apply_then_undo_is_as_before, undo_tells_what_changed_since, undo_of_one_person_leaves_the_others,
         what_is_undone_comes_back_or_is_held_off, an_account_that_cannot_be_deleted_stays_undone, what_cannot_be_undone_is_told_before, undo_refuses_what_it_cannot_do,
         runs_say_who_and_why, verify_finds_whatever_was_altered, the_state_is_kept_by_commands]


if __name__ == "__main__":
    main(__doc__, CASES, Work)
