#!/usr/bin/env python3
"""An auditor's afternoon: twelve questions over a year of a thousand people and four platforms, each asked by one command and
held against what the year was made of.

    tests/auditor/run.py --build DIR [--people N]
"""
import argparse
import pathlib
import sys
import tempfile
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from year import Year  # noqa: E402

MONTHS = 12
ON_IOT = ("engineering", "operations", "field-service", "quality")
OFFBOARDED, BY_HAND = "E10002", "intruder@example.com"


def live(year):
    """The year: a sync a month, an orphan made by hand, a dismissal that is taken back, a lane that is held and approved."""
    year.step(0, year.rows)
    for month in range(1, MONTHS):
        if month == 4:
            year.call("iot", "change", {"insert": {"id": "by-hand", "name": "x", "credentials": {"identity": BY_HAND},
                                                   "status": "enabled"}})
        year.step(30 * month, year.month(month), "--reason", f"month {month}")
        if month == 6:
            year.set_day(30 * month + 2)
            year.run("offboard", OFFBOARDED, "--yes", "--reason", "laptop stolen", codes=(0, 3))
            year.set_day(30 * month + 4)
            year.run("readmit", OFFBOARDED, "--reason", "laptop found")
    # Last, the lane of leavers is held: only two may go at a time. Four of them are approved, then three more leave.
    finance = [row for row in year.rows if row["status"] == "active" and row["department"] == "finance"]
    year.admitted, year.guarded = finance[:4], finance[4:7]
    text = (year.folder / "usher.yaml").read_text()
    year.configure(text.replace("  payments:\n    guards: {", "  payments:\n    guards: {delete: 2, "))
    year.leaving = [row for row in year.rows if row["status"] == "active" and row["department"] in ON_IOT][:3]
    for row in year.admitted + year.leaving:
        row["status"] = "left"
    year.write(year.rows)
    year.set_day(30 * MONTHS)
    year.run("sync", codes=(4,))
    year.run("approve", "payments.delete", "--until", "2d", "--reason", "CHG-811")
    for row in year.guarded:
        row["status"] = "left"
    year.write(year.rows)
    year.run("pull", "hr")


def who_was_in_a_group_then(year):
    for month in (2, 5, 9):
        told = year.ask("as-of", year.at(30 * month + 1), "members", "engineers", "--on", "iot")["accounts"]
        members, declared = {one["label"].lower() for one in told if one["active"] and one["person"]}, year.declared(month, "engineering")
        waiting = {row["email"].lower() for key, row in year.truth[month]["rows"].items()
                   if (row["status"] == "left" or row["department"] not in ON_IOT) and
                   year.truth[month - 1]["rows"].get(key, row)["status"] != "left"}
        assert declared and declared <= members and members - declared <= waiting, (month, declared - members, members - declared - waiting)
    return "usher as-of DATE members engineers --on iot"


def moved_out_of_engineering(year):
    for month in range(2, MONTHS):
        before, after = year.truth[month - 1]["rows"], year.truth[month]["rows"]
        for key, row in after.items():
            was = before.get(key)
            moved = was and was["status"] != "left" and row["status"] != "left" and was["department"] == "engineering"
            if moved and row["department"] in ("operations", "field-service", "quality"):
                return key, month
    raise AssertionError("the year moved nobody")


def who_took_a_group_away(year):
    key, month = moved_out_of_engineering(year)
    removals = [one for one in year.ask("who-removed", key, "engineers")["removals"] if one["platform"] == "iot"]
    assert [(one["by"], one["run"]) for one in removals][-1] == ("usher", year.truth[month]["run"]), removals
    assert removals[-1]["at"][:10] == year.at(30 * month)[:10] and removals[-1]["reason"] == f"month {month}", removals
    assert removals[-1]["actor"], removals
    return "usher who-removed WHO engineers"


def who_left_and_still_had_access(year):
    month = next(number for number in year.left.values() if number > 1)
    gone = {key for key, when in year.left.items() if when == month}
    before = year.truth[month - 1]["rows"]
    on_iot = {key for key in gone if before[key]["department"] in ON_IOT}
    still = year.ask("as-of", year.at(30 * month + 5), "accounts")["accounts"]
    assert {one["person"] for one in still if one["active"] and one["person"] in gone and one["platform"] == "iot"} == on_iot
    later = year.ask("as-of", year.at(30 * month + 31), "accounts")["accounts"]
    assert not {one["person"] for one in later if one["active"] and one["person"] in gone and one["platform"] == "iot"}
    return "usher as-of DATE accounts"


def why_a_joiner_has_access(year):
    joiner = next(row for row in year.rows if row["employee_id"].startswith("N") and row["department"] == "engineering"
                  and row["status"] == "active")
    told = next(one for one in year.ask("explain", joiner["employee_id"])["accounts"] if one["platform"] == "iot")
    group = next(one for one in told["rules"]["groups"] if one["name"] == "engineers")
    assert group["given"] and group["when"]["place"].startswith("usher.yaml:"), group
    assert told["link"]["how"] == "created", told["link"]
    return "usher explain WHO"


def what_belongs_to_nobody(year):
    told = {one["label"] for one in year.ask("orphans", "--on", "iot")["orphans"] if not one["own"]}
    assert BY_HAND in told, told
    declared = {row["email"].lower() for row in year.rows}
    assert not told & declared, told & declared
    return "usher orphans --on iot"


def what_was_disabled_in_a_quarter(year):
    start, end = 90, 179
    told = {one["label"].lower() for one in year.ask("diff", year.at(start), year.at(end))["changes"]
            if one["platform"] == "iot" and one["change"].startswith("active: true")}
    # Who left in month n goes with the sync of month n + 1: ten days of grace.
    gone = {year.truth[when]["rows"][key]["email"].lower() for key, when in year.left.items() if 2 <= when <= 4
            and year.truth[when - 1]["rows"][key]["department"] in ON_IOT
            and year.truth[when]["rows"][key]["department"] in ON_IOT}
    assert gone and gone <= told, gone - told
    return "usher diff DATE DATE"


def who_ran_it_and_why(year):
    told = year.ask("show", year.truth[7]["run"])
    assert told["reason"] == "month 7" and told["actor"] and told["host"], told
    return "usher show RUN"


def is_the_record_whole(year):
    assert year.ask("verify")["breaks"] == []
    return "usher verify"


def joined_quality(year, month):
    """The addresses of those who came in a month and belong to quality."""
    before, after = year.truth[month - 1]["rows"], year.truth[month]["rows"]
    return {row["email"] for key, row in after.items() if key not in before and row["department"] == "quality"}


def what_changed_between_two_dates(year):
    month = next(month for month in range(1, MONTHS) if joined_quality(year, month))
    told = year.ask("diff", year.at(30 * (month - 1) + 1), year.at(30 * month + 1))["changes"]
    joined = joined_quality(year, month)
    assert joined <= {one["label"] for one in told if one["platform"] == "flows"}, (joined, told)
    before, after = year.truth[month - 1]["rows"], year.truth[month]["rows"]
    unchanged = {key for key, row in after.items() if row == before.get(key)} - set(year.left)
    assert unchanged and not {one["person"] for one in told if one["platform"] == "radio"} & unchanged, "who did not change did"
    return "usher diff DATE DATE"


def what_is_held_and_who_let_what_through(year):
    told = [one for one in year.ask("plan", "--offline", codes=(4,))["plan"]["operations"] if one["platform"] == "payments"]
    held = {one["person"] for one in told if one["held"]}
    assert held == {row["employee_id"] for row in year.guarded}, held
    admitted = {one["person"]: one["approvals"] for one in told if one.get("approvals")}
    assert set(admitted) == {row["employee_id"] for row in year.admitted}, admitted
    assert all("CHG-811" in text and "@" in text for texts in admitted.values() for text in texts), admitted
    return "usher plan --offline"


def who_leaves_soon(year):
    told = {one["person"] for one in year.ask("leaving", "--days", "14", codes=(0, 8))["leaving"] if one["platform"] == "iot"}
    assert told == {row["employee_id"] for row in year.leaving}, told
    return "usher leaving --days 14"


def who_was_dismissed_and_let_back(year):
    runs = [(one["command"], one["reason"]) for one in year.ask("runs", "--last", "200")["runs"]
            if one["command"] in ("offboard", "readmit")]
    assert sorted(runs) == [("offboard", "laptop stolen"), ("readmit", "laptop found")], runs
    return "usher runs"


QUESTIONS = [who_was_in_a_group_then, who_took_a_group_away, who_left_and_still_had_access, why_a_joiner_has_access,
             what_belongs_to_nobody, what_was_disabled_in_a_quarter, who_ran_it_and_why, is_the_record_whole,
             what_changed_between_two_dates, what_is_held_and_who_let_what_through, who_leaves_soon,
             who_was_dismissed_and_let_back]

if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--build", required=True)
    options.add_argument("--people", type=int, default=1000)
    chosen = options.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        year = Year(pathlib.Path(chosen.build).resolve(), pathlib.Path(folder), chosen.people)
        try:
            live(year)
            for question in QUESTIONS:
                try:
                    print(f"ok      {question.__name__}: {question(year)}", flush=True)
                except Exception:  # a question that fails is told; the others are asked
                    failed += 1
                    print(f"FAILED  {question.__name__}: {traceback.format_exc(limit=2)[-1800:]}", flush=True)
        finally:
            year.end()
    print(f"{len(QUESTIONS) - failed} of {len(QUESTIONS)} passed")
    sys.exit(1 if failed else 0)
