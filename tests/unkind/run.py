#!/usr/bin/env python3
"""Runs usher on a platform that is not kind, and looks at what became of people.

    tests/unkind/run.py --build DIR [CASE…]

Each case is a function below: a played platform with a switch or two, people in a CSV file, commands as cron would run
them. docs/guarantees.md names the case beside each promise.
"""
import argparse
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from sandbox import Platform  # noqa: E402
from trial import Trial, rest, row  # noqa: E402

# Steps depend on what they need.

def a_leaver_loses_what_can_be_taken(trial):
    platform = trial.platform(forbidden=("owners",))
    with trial(platform, [row("E1", "owners"), row("E2")]) as one:
        one.usher("sync")
        one.people([row("E2")])
        code, output = one.usher("sync")
        assert code == 3 and "somebody must own it" in output, output
        assert platform.of("e1@x.example")[0]["enabled"] is False, platform.people
        ids = {who: platform.id_of(f"{who}@x.example") for who in ("e1", "e2")}
        assert platform.groups == {"staff": [ids["e2"]], "owners": [ids["e1"]]}, platform.groups


def a_mover_loses_the_group_though_the_name_is_refused(trial):
    platform = trial.platform()
    with trial(platform, [row("E1", "owners")]) as one:
        one.usher("sync")
        platform.set(refuses="name")
        one.people([row("E1", "staff", name="Longer")])
        code, output = one.usher("sync")
        assert code == 3 and "this is not taken" in output, output
        assert platform.groups == {"staff": ["1"], "owners": []}, platform.groups


def offboard_goes_on(trial):
    platform = trial.platform(forbidden=("owners",))
    with trial(platform, [row("E1", "owners")]) as one:
        one.usher("sync")
        code, output = one.usher("offboard", "E1", "--yes")
        assert code == 3, output
        assert platform.of("e1@x.example")[0]["enabled"] is False, platform.people
        assert platform.groups["staff"] == [], platform.groups


def an_offboarding_that_does_not_hold_is_not_sent_for_ever(trial):
    platform = trial.platform()
    with trial(platform, [row("E1", "nowhere"), row("E2")]) as one:
        one.usher("sync")
        platform.set(updates="ignored")
        one.usher("offboard", "E1", "--yes")
        for _ in range(4):
            code, output = one.usher("sync")
        assert platform.count("PATCH") <= 2, platform.log
        assert code == 3 and "said to be done twice and is not" in " ".join(output.split()), output


def an_offboarding_that_is_refused_is_not_sent_for_ever(trial):
    platform = trial.platform()
    with trial(platform, [row("E1", "nowhere"), row("E2")]) as one:
        one.usher("sync")
        platform.set(refuses="enabled")
        one.usher("offboard", "E1", "--yes")
        for _ in range(3):
            code, output = one.usher("sync")
        assert platform.count("PATCH") == 1, platform.log
        assert code == 3 and "this is not taken" in " ".join(output.split()), output


def a_plan_that_keeps_out_is_stale_once_somebody_is_readmitted(trial):
    platform = trial.platform()
    with trial(platform, [row("E1")]) as one:
        one.usher("sync")
        one.usher("offboard", "E1", "--yes")
        platform.edit("e1@x.example", enabled=True)  # by hand
        one.usher("plan", "--pull", "--out", "out.plan")
        one.usher("readmit", "E1")
        code, output = one.usher("apply", "out.plan", "--yes")
        assert code == 6 and "readmitted since" in output, output
        assert platform.of("e1@x.example")[0]["enabled"], platform.people


def offboard_finds_an_account_that_no_pull_shows_yet(trial):
    platform = trial.platform(create="lost", create_once=True, lag=1)
    with trial(platform, [row("E1")]) as one:
        one.usher("sync")
        code, output = one.usher("offboard", "E1", "--yes")
        assert code == 0 and "disable" in output, output
        assert platform.of("e1@x.example")[0]["enabled"] is False, platform.people


def offboard_asks_for_one_person_only(trial):
    platform = trial.platform(groups=["staff", "owners"] + [f"g{i}" for i in range(50)])
    people = [row(f"E{i}", "owners") for i in range(30)]
    with trial(platform, people) as one:
        one.usher("sync")
        one.usher("pull")
        platform.forget()
        code, output = one.usher("offboard", "E3", "--yes")
        assert code == 0, output
        leaver = platform.of("e3@x.example")[0]
        assert leaver["enabled"] is False and platform.made == 30, platform.people
        assert all(leaver["id"] not in members for members in platform.groups.values()), platform.groups
        assert platform.count("GET", "/people") + platform.count("GET", "/groups") <= 8, platform.log
        (one.folder / "people.csv").unlink()
        code, output = one.usher("offboard", "E4", "--yes")
        assert code == 0 and platform.of("e4@x.example")[0]["enabled"] is False, output


# A create happens once.

def a_lost_reply_makes_no_second_account(trial):
    platform = trial.platform(create="lost", create_once=True)
    with trial(platform, [row("E1"), row("E2")]) as one:
        one.usher("sync")
        one.usher("sync")
        rest(one)
        assert len(platform.people) == 2, platform.people


def hidden_for_a_while(trial, how):
    """The reply is lost or says nothing, and the search does not show the account yet."""
    platform = trial.platform(create=how, create_once=True, lag=1)
    with trial(platform, [row("E1")]) as one:
        code, output = one.usher("sync")
        assert code == 1 and "not sent again before a complete pull" in " ".join(output.split()), output
        assert platform.count("POST") == 1, platform.log
        code, output = one.usher("apply", "--yes", "--offline")
        assert platform.count("POST") == 1, output
        platform.settle()
        one.usher("sync")
        assert platform.count("POST") == 1, platform.log
        rest(one)


def a_lost_reply_and_a_search_that_lags(trial):
    hidden_for_a_while(trial, "lost")


def a_bad_gateway_although_done(trial):
    hidden_for_a_while(trial, "502")


def throttled_although_done(trial):
    hidden_for_a_while(trial, "429")


def a_success_that_names_nobody(trial):
    hidden_for_a_while(trial, "no-id")


def a_key_that_comes_back_in_other_letters(trial):
    platform = trial.platform(create="no-id", letters="capitalised", rewrites="mail")
    with trial(platform, [row("E1")]) as one:
        code, output = one.usher("sync")
        assert platform.count("POST", "/people") == 1 and len(platform.people) == 1, (platform.people, output)


def a_search_that_heeds_nothing_proves_nothing(trial):
    platform = trial.platform(create="lost", create_once=True, search="ignores", lag=1)
    with trial(platform, [row("E1")]) as one:
        platform.seed("other@x.example")
        code, output = one.usher("sync")
        assert code == 1 and "does not heed" in output, output
        assert platform.count("POST") == 1, platform.log
        platform.settle()
        one.usher("sync")
        rest(one)
        assert len(platform.people) == 2, platform.people


def an_account_that_is_listed_later_is_asked_for(trial):
    platform = trial.platform(lag=3)
    with trial(platform, [row("E1")]) as one:
        for _ in range(4):
            one.usher("sync")
        assert platform.count("POST") == 1, platform.log
        assert platform.groups["staff"] == ["1"], platform.groups
        rest(one)


def who_left_while_their_account_was_hidden_loses_it(trial):
    platform = trial.platform(unique=True, by_id="gone", lag=2)
    with trial(platform, [row("E1", "owners"), row("E2")]) as one:
        one.usher("sync")
        one.people([row("E2")])
        one.usher("sync")
        assert one.state("select count(*) from ended_link") == ["2"], "neither listing nor read shows them"
        for _ in range(2):
            one.usher("sync")
        assert platform.of("e1@x.example")[0]["enabled"] is False, platform.people
        assert platform.groups == {"staff": [platform.id_of("e2@x.example")], "owners": []}, platform.groups
        assert len(platform.people) == 2, platform.people
        rest(one)


def who_left_is_taken_though_the_create_answered_another_id(trial):
    platform = trial.platform(unique=True, invites="other-id")
    with trial(platform, [row("E1", "nowhere"), row("E2", "nowhere")]) as one:
        one.usher("sync")
        one.people([row("E2", "nowhere")])
        one.usher("sync")
        assert platform.of("e1@x.example")[0]["enabled"] is False, platform.people
        assert platform.of("e2@x.example")[0]["enabled"] and len(platform.people) == 2, platform.people
        rest(one)


def an_account_is_asked_for_also_after_a_pull_that_failed(trial):
    platform = trial.platform(lag=3)
    with trial(platform, [row("E1")]) as one:
        one.usher("sync")
        platform.set(listing="refused")
        code, output = one.usher("pull")
        assert code == 8, output
        platform.set(listing="told")
        code, output = one.usher("plan", "--pull")
        assert code == 0 and "nothing to do" in output, output
        for _ in range(3):
            one.usher("sync")
        assert platform.count("POST") == 1, platform.log
        rest(one)


def only_gone_is_the_answer_that_an_account_is_gone(trial):
    """It is not listed, and asking for it by id is refused, or answered with no account or another one."""
    platform = trial.platform()
    with trial(platform, [row("E1"), row("E2")]) as one:
        one.usher("sync")
        one.usher("sync")
        hidden, other = platform.of("e1@x.example")[0]["id"], platform.of("e2@x.example")[0]
        one.people([row("E1", status="left"), row("E2")])
        unlisted = {"method": "GET", "path": "/people", "body": json.dumps({"people": [other], "total": 1})}
        for answer in ({"status": 403}, {"status": 400}, {"status": 503}, {"garbage": True},
                       {"status": 200, "body": json.dumps(other)}, {"status": 418}):
            platform.tell("faults", [unlisted, {"method": "GET", "path": f"/people/{hidden}", **answer}])
            code, output = one.usher("sync", "--quiet")
            said = " ".join(output.split())
            assert code == 8 and f"does not show the account {hidden}" in said, (answer, code, output)
            # What is no answer about the account is no reason to end its link.
            assert ("usher unlink E1" in said) == (answer.get("status") != 503), (answer, output)
        platform.tell("faults", [])
        one.usher("sync")
        assert [account["enabled"] for account in platform.of("e1@x.example")] == [False]


def whose_login_nobody_can_tell_is_told(trial):
    """The platform does not know the call that says which account usher logs in with."""
    platform = trial.platform()
    with trial(platform, [row("E1"), row("E2")]) as one:
        recipe = one.folder / "unkind.yaml"
        recipe.write_text(recipe.read_text().replace("\nuser:\n", "\nuser:\n  self: {request: GET /me}\n", 1))
        code, output = one.usher("sync", "--quiet")
        assert code == 3 and "which account usher logs in with" in " ".join(output.split()), (code, output)
        assert len(platform.people) == 2, platform.people
        code, output = one.usher("plan")
        assert code == 3, (code, output)
        platform.tell("faults", [{"method": "GET", "path": "/me", "status": 200, "body": json.dumps({"id": "1"})}])
        rest(one)


def a_value_of_another_type_says_nothing_of_who_is_active(trial):
    """ "true" is not true, and an object is neither: the leaver is disabled all the same, and it is told."""
    odd = {"E1": "true", "E2": 1, "E3": {"a": 1}, "E4": [True]}
    platform = trial.platform()
    with trial(platform, [row(key) for key in (*odd, "E5")]) as one:
        one.usher("sync")
        one.usher("sync")
        for key, value in odd.items():
            platform.edit(platform.of(f"{key.lower()}@x.example")[0]["id"], enabled=value)
        code, output = one.usher("sync", "--quiet")
        assert code == 8 and "has a value of another type than the rule for 'active'" in " ".join(output.split()), (code, output)
        one.people([row(key, status="left") for key in odd] + [row("E5")])
        code, output = one.usher("sync")
        enabled = {key: platform.of(f"{key.lower()}@x.example")[0]["enabled"] for key in odd}
        assert set(enabled.values()) == {False}, (enabled, output)


def a_member_that_stands_twice_keeps_no_leaver_in(trial):
    platform = trial.platform()
    with trial(platform, [row("E1"), row("E2")]) as one:
        one.usher("sync")
        one.usher("sync")
        key = platform.of("e1@x.example")[0]["id"]
        one.people([row("E1", status="left"), row("E2")])
        twice = '{"id": "%s", "mail": "e1@x.example", "enabled": true, "name": "A", "name": "B"}' % key
        platform.tell("faults", [{"method": "GET", "path": f"/people/{key}", "body": twice, "status": 200}])
        one.usher("sync")
        assert platform.of("e1@x.example")[0]["enabled"] is False, one.last


def the_id_that_a_create_answers_is_checked(trial):
    platform = trial.platform(create_once=True)
    with trial(platform, [row("E1", "owners")]) as one:
        one.usher("sync")
        platform.set(create="other-id", create_for="e2@x.example")
        one.people([row("E1", "owners"), row("E2", "staff"), row("E3", "staff")])
        code, output = one.usher("sync")
        assert "which is that of 'E1'" in " ".join(output.split()) and code == 3, output
        assert platform.groups["staff"].count("1") == 1, platform.groups
        assert len(platform.of("e3@x.example")) == 1, platform.people  # the run goes on
        one.usher("sync")
        rest(one)
        assert len(platform.of("e2@x.example")) == 1, platform.people


def steps_after_a_create_are_owed(trial):
    platform = trial.platform(steps="refused")
    with trial(platform, [row("E1")], finish=True) as one:
        code, output = one.usher("sync")
        assert code == 3 and "owed" in output, output
        assert platform.groups["staff"] == ["1"], "what does not need them goes on"
        platform.set(steps="done")
        code, output = one.usher("sync")
        assert code == 0, output
        assert platform.people["1"].get("whole") and platform.count("POST") == 1, platform.people


# A taking concerns whom it meant.

def who_gets_an_id_again_is_a_stranger(trial):
    platform = trial.platform(ids="reused")
    with trial(platform, [row("E1"), row("E2")], delete="now") as one:
        one.usher("sync")
        one.people([row("E1"), row("E2"), row("E3")])  # the last id that was given is the one given again
        one.usher("sync")
        one.people([row("E1"), row("E2")])
        one.usher("sync")
        platform.seed("bob@contractor.example", groups=["owners"])
        one.usher("sync")
        assert "3" in platform.people and platform.groups["owners"] == ["3"], platform.people
        one.people([row("E1"), row("E2"), row("E77")])
        code, output = one.usher("sync")
        assert code == 0 and len(platform.of("e77@x.example")) == 1, output


def who_was_deleted_by_hand_leaves_no_link(trial):
    platform = trial.platform(ids="reused")
    with trial(platform, [row("E1")]) as one:
        one.usher("sync")
        one.people([row("E1"), row("E2")])  # the last id that was given is the one given again
        one.usher("sync")
        gone = platform.id_of("e2@x.example")
        platform.remove(gone)
        one.people([row("E1")])
        one.usher("sync")
        platform.seed("bob@contractor.example")
        one.usher("sync")
        assert platform.people[gone]["enabled"], platform.people
        assert one.state("select person, account from ended_link") == [f"E2|{gone}"], one.last


def a_saved_plan_takes_nothing_from_somebody_else(trial):
    platform = trial.platform()
    with trial(platform, [row("E1"), row("E2")], delete="now") as one:
        one.usher("sync")
        one.people([row("E2")])
        one.usher("plan", "--pull", "--out", "leave.plan")
        account = platform.of("e1@x.example")[0]["id"]  # either person may be made first
        platform.edit(account, mail="bob@contractor.example", name="Bob")
        code, output = one.usher("apply", "leave.plan", "--yes")
        assert code == 6 and "stale" in output and "e1@x.example" in output, (code, output)
        assert account in platform.people, platform.people


def a_saved_plan_heeds_who_was_linked_since(trial):
    platform = trial.platform()
    with trial(platform, [row("E1", "owners"), row("E2", "nowhere")]) as one:
        one.usher("sync")
        one.people([row("E1", "owners", name="Renamed"), row("E2", "nowhere")])
        one.usher("plan", "--pull", "--out", "rename.plan")
        one.usher("unlink", "E1", "--on", "crm")
        one.usher("unlink", "E2", "--on", "crm")
        code, output = one.usher("link", "E2", platform.id_of("e1@x.example"), "--on", "crm")
        assert code == 0, output
        platform.forget()
        code, output = one.usher("apply", "rename.plan", "--yes")
        assert code == 6 and "the account is linked to 'E2' by now" in output, output
        assert platform.of("e1@x.example")[0]["name"] == "Name E1" and not platform.count("PATCH"), platform.log


def an_undo_of_a_create_that_stays_keeps_its_link(trial):
    platform = trial.platform()
    with trial(platform, [row("E1")]) as one:
        one.usher("sync")
        one.people([row("E1"), row("E2")])
        one.usher("sync")
        run = one.state("select max(run) from journal")[0]
        platform.edit("e2@x.example", name="By hand")
        code, output = one.usher("undo", run, "--yes")
        assert code == 3 and len(platform.people) == 2, output
        assert one.state("select count(*) from link") == ["2"], one.state("select * from link")
        code, output = one.usher("sync")
        assert platform.count("POST", "/people") == 2 and len(platform.people) == 2, output


def an_undo_that_was_killed_holds_off_what_it_put_back(trial):
    platform = trial.platform()
    with trial(platform, [row(f"E{i}") for i in range(12)]) as one:
        one.usher("sync")
        one.people([row(f"E{i}", name="Renamed") for i in range(12)])
        one.usher("sync")
        run = one.state("select max(run) from journal")[0]
        platform.disturb({5: "kill before"})
        victim = one.start("undo", run, "--yes", "--hold-until", "2d")
        platform.watch(victim)
        assert victim.returncode == -signal.SIGKILL
        one.usher("undo", run, "--yes", "--hold-until", "2d")
        names = {person["name"] for person in platform.people.values()}
        assert "Renamed" not in names, names
        code, output = one.usher("sync")
        names = {person["name"] for person in platform.people.values()}
        assert code == 0 and "Renamed" not in names, (names, output)


def a_saved_plan_takes_what_is_still_to_be_taken(trial):
    platform = trial.platform()
    with trial(platform, [row("E1", "owners"), row("E2")]) as one:
        one.usher("sync")
        one.people([row("E1", "staff"), row("E2")])
        one.usher("plan", "--pull", "--out", "move.plan")
        os.utime(one.folder / "people.csv")
        one.usher("pull", "hr")  # nothing changed
        code, output = one.usher("apply", "move.plan", "--yes")
        assert code == 0 and platform.groups["owners"] == [], output


def who_was_disabled_meanwhile_is_stale(trial):
    platform = trial.platform()
    with trial(platform, [row("E1"), row("E2")]) as one:
        one.usher("sync")
        one.people([row("E1", name="New"), row("E2", name="Newer")])
        one.usher("plan", "--pull", "--out", "names.plan")
        platform.edit(platform.of("e1@x.example")[0]["id"], enabled=False)
        code, output = one.usher("apply", "names.plan", "--yes")
        assert code == 6 and "disabled since the plan" in output, (code, output)
        assert platform.of("e2@x.example")[0]["name"] == "Newer", "the rest goes on"


# Secrets reach somebody.

HANDED = "    credentials: {first: {command: 'cat >> handed'}}\n"


def handed(one):
    file = one.folder / "handed"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def secrets_survive_a_kill(trial):
    platform = trial.platform()
    with trial(platform, [row(f"E{i}") for i in range(1, 61)], more=HANDED, concurrency=2) as one:
        one.usher("pull")
        process = one.start("apply", "--yes", "--offline")
        while platform.count("POST") < 20 and process.poll() is None:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        one.usher("sync")
        one.usher("sync")
        got = {line["account"]: line["secret"] for line in handed(one)}
        assert platform.passwords == got, (len(got), len(platform.people))
        assert not (one.folder / "usher.db.secrets").exists()


def a_secret_of_a_create_that_was_refused_is_nobodys(trial):
    platform = trial.platform(create="refused")
    with trial(platform, [row("E1")], more=HANDED) as one:
        one.usher("sync")
        assert handed(one) == [] and not (one.folder / "usher.db.secrets").exists()


def a_secret_waits_for_a_command_that_works(trial):
    platform = trial.platform()
    broken = "    credentials: {first: {command: 'test -e open && cat >> handed'}}\n"
    with trial(platform, [row("E1")], more=broken) as one:
        code, output = one.usher("sync")
        assert code != 0 and "first secrets: the command that takes first secrets ended" in " ".join(output.split()), output
        spool = one.folder / "usher.db.secrets"
        assert oct(spool.stat().st_mode & 0o777) == "0o600"
        assert platform.passwords["1"] not in (one.folder / "usher.db").read_bytes().decode("latin1")
        code, output = one.usher("status")
        assert "1 secret waits to be handed over" in output, output
        (one.folder / "open").touch()
        one.usher("sync")
        assert [line["secret"] for line in handed(one)] == [platform.passwords["1"]]
        assert not spool.exists()


def a_secret_found_done_by_reading_back_is_handed_over(trial):
    platform = trial.platform(create="lost", create_once=True)
    with trial(platform, [row("E1")], more=HANDED) as one:
        one.usher("sync")
        assert [line["secret"] for line in handed(one)] == [platform.passwords["1"]]


def a_secret_that_the_platform_made_and_nobody_got_is_told(trial):
    platform = trial.platform(create="lost", create_once=True, makes="password")
    with trial(platform, [row("E1")], passwords="answered", more=HANDED) as one:
        one.usher("sync")
        code, output = one.usher("plan", "--pull")
        assert "its first secret is lost, renew it" in output, output


# A refusal is remembered, and what does not hold is noticed.

def a_refusal_is_remembered(trial):
    platform = trial.platform(create="refused")
    with trial(platform, [row("E1")]) as one:
        for _ in range(3):
            code, output = one.usher("sync")
        assert platform.count("POST") == 1 and "no such domain" in output, (platform.log, output)
        assert code == 3, (code, output)
        platform.set(create="done")
        one.people([row("E1", mail="ada@x.example")])
        code, output = one.usher("sync")
        assert code == 0 and len(platform.people) == 1, output


def what_does_not_hold_is_noticed(trial):
    platform = trial.platform()
    with trial(platform, [row("E1"), row("E2")]) as one:
        one.usher("sync")
        platform.set(updates="ignored")
        one.people([row("E1", name="New")])
        codes = [one.usher("sync")[0] for _ in range(4)]
        output = " ".join(one.usher("plan", "--pull")[1].split())  # lines are wrapped
        assert platform.count("PATCH") == 4, platform.log  # two operations, twice each
        assert codes == [0, 0, 3, 3], codes
        assert 'was written as "New" and reads "Name E1"' in output and "still enabled" in output, output


def a_membership_that_came_with_its_account_counts(trial):
    platform = trial.platform(edges="ignored")
    with trial(platform, [row("E1")]) as one:
        codes = [one.usher("sync")[0] for _ in range(4)]
        assert platform.count("PUT", "/groups/staff") == 2, platform.log
        assert codes == [0, 0, 3, 3] and "was said to be done twice" in " ".join(one.last.split()), (codes, one.last)


def a_membership_from_elsewhere_is_told(trial):
    platform = trial.platform(nested="staff:owners")
    with trial(platform, [row("E1", "owners")]) as one:
        one.usher("sync")
        one.people([row("E1", "none")])
        platform.leave("1", "staff")
        platform.set(forbidden="owners")
        for _ in range(3):
            code, output = one.usher("sync")
        assert code == 3 and "comes from somewhere else" in " ".join(output.split()), output
        assert platform.count("DELETE", "/groups/staff") == 1, platform.log


# A group is changed by one hand at a time.

def no_member_is_lost_from_a_group_written_as_a_whole(trial):
    platform = trial.platform(group_wait_ms=4)
    with trial(platform, [row(f"E{i}") for i in range(1, 251)]) as one:
        code, output = one.usher("sync")
        assert code == 0, output
        assert len(platform.groups["staff"]) == 250, len(platform.groups["staff"])
        rest(one)


# Reading back costs little.

def a_group_is_read_once_for_everybody_who_joins_it(trial):
    platform = trial.platform(groups=["staff", "owners"] + [f"g{i}" for i in range(298)])
    with trial(platform, [row(f"E{i}", "nowhere") for i in range(20)]) as one:
        one.usher("sync")
        one.people([row(f"E{i}", "staff") for i in range(20)])
        one.usher("plan", "--pull", "--out", "joins.plan")
        platform.forget()
        code, output = one.usher("apply", "joins.plan", "--yes")
        assert code == 0 and len(platform.groups["staff"]) == 20, output
        assert len(platform.log) <= 2 * 20 + 1, (len(platform.log), platform.log)
        one.people([row(f"E{i}", "nowhere") for i in range(20)])
        one.usher("plan", "--pull", "--out", "leaves.plan")
        platform.forget()
        code, output = one.usher("apply", "leaves.plan", "--yes")
        assert code == 0 and platform.groups["staff"] == [], output
        assert len(platform.log) <= 2 * 20 + 1, (len(platform.log), platform.log)
        rest(one)


def all_memberships_of_an_account_are_set_with_one_call(trial):
    platform = trial.platform()

    def members():
        of = {one["id"]: one["mail"][:2] for one in platform.people.values()}
        return {name: {of[one] for one in inside} for name, inside in platform.groups.items()}

    with trial(platform, [row("E1", "owners"), row("E2", "owners"), row("E3", "nowhere")], groups="of-person") as one:
        code, output = one.usher("sync")
        assert code == 0, output
        assert platform.count("PUT") == 2, platform.log
        assert members() == {"staff": {"e1", "e2"}, "owners": {"e1", "e2"}}, platform.groups
        one.people([row("E1", "nowhere"), row("E2", "staff"), row("E3", "owners")])
        one.usher("plan", "--pull", "--out", "move.plan")
        platform.forget()
        code, output = one.usher("apply", "move.plan", "--yes")
        assert code == 0, output
        assert platform.count("PUT") == 3, platform.log
        assert platform.count("GET", "/people/1/groups") == 1, platform.log
        assert members() == {"staff": {"e2", "e3"}, "owners": {"e3"}}, platform.groups
        rest(one)


def what_is_not_told_is_not_lost_when_all_is_set(trial):
    platform = trial.platform()
    with trial(platform, [row("E1", "owners")], groups="of-person") as one:
        one.usher("sync")
        one.people([row("E1", "staff")])
        one.usher("plan", "--pull", "--out", "less.plan")
        platform.set(partial=True)
        code, output = one.usher("apply", "less.plan", "--yes")
        assert code != 0 and platform.groups == {"staff": ["1"], "owners": ["1"]}, output
        platform.set(partial=False)
        one.usher("plan", "--pull", "--out", "less.plan")
        platform.leave("1", "staff")
        code, output = one.usher("apply", "less.plan", "--yes")
        assert code == 6 and "group staff" in output, output
        assert platform.count("PUT") == 1, platform.log
        one.usher("sync")
        assert platform.count("PUT") == 2 and platform.groups == {"staff": ["1"], "owners": []}, platform.groups
        rest(one)


class Bench:
    """Starts platforms and opens trials for one case, and stops what it started."""

    def __init__(self, build, folder):
        self.build, self.folder, self.platforms, self.trials = build, folder, [], []

    def platform(self, **switches):
        self.platforms.append(Platform(self.build, **switches))
        return self.platforms[-1]

    @contextlib.contextmanager
    def __call__(self, platform, people, **options):
        self.trials.append(Trial(self.build, self.folder, platform, people, **options))
        yield self.trials[-1]

    def stop(self):
        for platform in self.platforms:
            platform.stop()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--build", required=True, type=pathlib.Path)
    arguments.add_argument("cases", nargs="*")
    given = arguments.parse_args()
    cases = {name: run for name, run in globals().items()
             if callable(run) and getattr(run, "__code__", None) and run.__code__.co_varnames[:1] == ("trial",)
             and run.__code__.co_argcount == 1 and name != "rest"}
    failed = 0
    for name in given.cases or cases:
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(given.build.resolve(), folder)
            try:
                cases[name](bench)
                print(f"ok      {name}", flush=True)
            except (AssertionError, KeyError, IndexError, FileNotFoundError, subprocess.TimeoutExpired) as wrong:
                failed += 1
                last = getattr(bench.trials[-1], "last", "") if bench.trials else ""
                print(f"FAILED  {name}: {wrong}\n{last}", flush=True)
            finally:
                bench.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
