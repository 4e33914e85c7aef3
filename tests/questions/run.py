#!/usr/bin/env python3
"""What others can do while somebody is asked: the question of apply, undo, offboard and credentials holds no lock. On a real
terminal, with the real programs.

    tests/questions/run.py --build DIR
"""
import fcntl
import json
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from played import PEOPLE, PLATFORM, RULES, Played, main  # noqa: E402

LEFT = PEOPLE[1].replace(",active", ",left")


class Asked:
    """A command that has asked; everything until answer() happens while its question is open."""

    def __init__(self, world, *words):
        self.leader, follower = pty.openpty()
        self.process = subprocess.Popen([world.build / "usher", *words], cwd=world.folder, stdin=follower, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env={**world.environment, "TERM": "dumb"})
        os.close(follower)
        self.told = ""
        while "Only 'yes' does: " not in self.told:
            piece = self.process.stderr.read(1)
            assert piece, self.told
            self.told += piece

    def answer(self, word):
        """The exit code, what stands on standard output, and what on standard error. word: empty: nothing is typed."""
        if word:
            os.write(self.leader, word.encode() + b"\n")
        shown, told = self.process.communicate()
        os.close(self.leader)
        return self.process.returncode, shown, self.told + told


def addresses(world):
    """Of the accounts that the platform has."""
    with urllib.request.urlopen(f"{world.url}/__sandbox/world") as reply:
        return [user["credentials"]["identity"] for user in json.loads(reply.read())["users"]]


def nobody_waits_for_an_answer(world):
    run = world.ask("sync")["apply"]["run"]
    world.people(PEOPLE[0], LEFT, *PEOPLE[2:])
    for words in (["apply"], ["offboard", "E1"], ["undo", str(run)], ["credentials", "rotate", "iot", "--only", "E1"]):
        question = Asked(world, *words)
        world.run("pull")
        code, _, told = question.answer("no")
        assert code == 2 and "Nothing was" in told, (words, code, told)
        world.run("pull")


def yes_does_what_was_shown(world):
    question = Asked(world, "apply")
    world.run("plan", codes=(2,))
    code, shown, told = question.answer("yes")
    assert code == 0 and "3 create" in shown, (code, shown, told)
    assert world.ask("plan", "--pull")["plan"]["operations"] == []
    assert world.ask("verify")["breaks"] == []


def the_question_says_what_is_held(world):
    world.run("sync")
    world.rules(RULES.replace("guards: {removals: 100%, disable: 100%}", "guards: {removals: 0}"))
    world.people(PEOPLE[0].replace("Lovelace", "King"), LEFT, *PEOPLE[2:])
    question = Asked(world, "apply")
    code, shown, told = question.answer("yes")
    assert "Apply 1 change: 1 update on iot (2 operations held, not done)? Only 'yes' does: " in told, told
    assert code == 4, (code, shown, told)


def what_was_done_meanwhile_is_not_done_twice(world):
    question = Asked(world, "apply")
    world.run("sync")
    code, _, told = question.answer("yes")
    assert code == 6 and "plan-stale" in told, (code, told)
    people = world.ask("links")["links"]
    assert len(people) == 3 and all(one["own"] for one in world.ask("orphans")["orphans"]), people
    assert {one["label"] for one in people} == {"(no pull shows it yet)"}, people
    assert world.ask("plan", "--pull")["plan"]["operations"] == []


def a_state_that_others_opened_and_closed_is_whole(world):
    """A command that reads the state a second time must not end the locks of its own open connection."""
    for words in (["offboard", "E4"], ["undo"]):
        world.people(*PEOPLE)
        world.run("sync")
        world.people(PEOPLE[0].replace("Lovelace", "King"), *PEOPLE[1:])
        run = world.ask("sync")["apply"]["run"]
        question = Asked(world, *words, *([str(run)] if words == ["undo"] else []))
        for name in ("Byron", "Noel", "Milbanke"):
            world.people(PEOPLE[0].replace("Lovelace", "King"), PEOPLE[1].replace("Hopper", name), *PEOPLE[2:])
            world.run("sync", "--quiet")
        code, _, told = question.answer("yes")
        assert code == 0, (words, code, told)
        world.run("state", "check")
    assert {one["person"] for one in world.ask("status")["offboarded"]} == {"E4"}, world.ask("status")["offboarded"]


def who_is_back_meanwhile_loses_nothing(world):
    world.run("sync")
    world.people(PEOPLE[0], LEFT, *PEOPLE[2:])
    question = Asked(world, "apply")
    world.people(*PEOPLE)
    world.run("sync")
    code, _, told = question.answer("yes")
    assert code == 6, (code, told)
    assert world.ask("plan", "--pull")["plan"]["operations"] == []


def who_answers_waits_for_who_works(world):
    question = Asked(world, "apply")
    with open(world.folder / "usher.db.lock", "r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # as another usher does
        os.write(question.leader, b"yes\n")
        time.sleep(0.5)  # long enough for an apply that waits for nobody
        assert addresses(world) == ["admin@example.com"] and question.process.poll() is None
        fcntl.flock(lock, fcntl.LOCK_UN)
        code, shown, told = question.answer("")
    assert code == 0 and "3 create" in shown, (code, shown, told)


SERVICE = {"mainflux": {**PLATFORM["mainflux"], "users": [{"id": "svc1", "name": "svc", "status": "enabled",
                                                          "credentials": {"identity": "svc@example.com"}}]}}


def an_account_that_is_unlinked_meanwhile_is_left(world):
    """E3 is in no department that has accounts: what somebody linked to them is taken, until it is nobody's."""
    world.run("sync")
    world.run("pull")
    for words in (["offboard", "E3"], ["apply"]):
        world.run("link", "E3", "svc1", "--on", "iot")
        question = Asked(world, *words)
        world.run("unlink", "E3", "--on", "iot")
        code, shown, told = question.answer("yes")
        assert code == 6 and "its link was ended after the plan was made" in " ".join((shown + told).split()), (words, code, shown, told)
        world.run("readmit", "E3", codes=(0, 64))
    world.run("pull")
    assert next(one["active"] for one in world.ask("as-of", "2999-01-01", "accounts")["accounts"] if one["account"] == "svc1")


an_account_that_is_unlinked_meanwhile_is_left.make = lambda build, folder: Played(build, folder, SERVICE)


def an_end_that_passed_meanwhile_makes_it_stale(world):
    world.run("sync")
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 4))
    question = Asked(world, "offboard", "E1", "--until", until)
    while time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()) <= until:
        time.sleep(0.2)
    code, _, told = question.answer("yes")
    assert code == 6 and "is past. Nothing was done" in told and world.ask("status")["offboarded"] == [], (code, told)


def rules_that_changed_meanwhile_make_it_stale(world):
    world.run("sync")
    world.people(PEOPLE[0], LEFT, *PEOPLE[2:])
    for words in (["apply"], ["offboard", "E1"], ["credentials", "rotate", "iot", "--only", "E1"]):
        world.rules(RULES)
        question = Asked(world, *words)
        world.rules(RULES.replace("disable: now", "disable: never"))
        code, _, told = question.answer("yes")
        assert code == 6 and "usher.yaml or a recipe changed while the question was open" in told, (words, code, told)
    assert world.ask("status")["offboarded"] == [] and world.ask("plan")["plan"]["operations"] == []
    world.rules(RULES)
    question = Asked(world, "apply")
    world.rules(RULES + "# read by people only\n")
    code, shown, told = question.answer("yes")
    assert code == 0 and "1 disable" in shown, (code, shown, told)


def what_was_given_meanwhile_is_not_forgotten(world):
    """E3 is in no department that has accounts; then E3 is."""
    world.run("sync")
    question = Asked(world, "offboard", "E3")
    world.people(*PEOPLE[:2], PEOPLE[2].replace("sales", "engineering"), PEOPLE[3])
    world.run("sync")
    code, _, told = question.answer("yes")
    assert code == 6 and "gave E3 something on iot while the question was open" in told, (code, told)
    assert world.ask("status")["offboarded"] == []
    assert world.ask("offboard", "E3", "--yes")["counts"]["iot"]["done"] > 0


def who_is_readmitted_meanwhile_stays(world):
    world.run("sync")
    question = Asked(world, "offboard", "E1")
    world.run("offboard", "E1", "--yes")
    world.run("readmit", "E1")
    code, _, told = question.answer("yes")
    assert code == 6 and "E1 was readmitted while the question was open" in told, (code, told)
    assert world.ask("status")["offboarded"] == []


def an_interrupt_and_an_end_of_input_are_answers(world):
    world.run("sync")
    world.people(PEOPLE[0], LEFT, *PEOPLE[2:])
    for words in (["apply"], ["offboard", "E1"]):
        question = Asked(world, *words)
        question.process.send_signal(signal.SIGINT)
        code, _, told = question.answer("")
        assert code == 9 and "Interrupted at the question. Nothing was done.\n" in told, (words, code, told)
        code, _, told = Asked(world, *words).answer("\x04")
        assert code == 2 and "Only 'yes' does: \nNothing was" in told, (words, code, told)
    assert world.ask("status")["offboarded"] == []
    assert len(world.ask("plan", codes=(2,))["plan"]["changes"]) == 1


def who_is_refused_hears_what_works(world):
    world.run("sync")
    gate = ["sync", "--waves", "1", "--gate", "sleep 60"]
    world.people(*(one.replace("@example", "@new.example") for one in PEOPLE))
    process = subprocess.Popen([world.build / "usher", *gate], cwd=world.folder, env=world.environment,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while "@new.example" not in "".join(addresses(world)):
            assert process.poll() is None and time.monotonic() < until
            time.sleep(0.05)
        told = world.start("plan", "--offline")
        assert told.returncode == 7 and "usher sync --waves 1 --gate" in told.stderr, told
    finally:
        process.kill()
        process.wait()


def a_state_that_was_replaced_is_not_written(world):
    world.run("pull")
    world.run("state", "backup", "before.db")
    question = Asked(world, "apply")
    shutil.copy(world.folder / "before.db", world.folder / "restored.db")
    (world.folder / "restored.db").rename(world.folder / "usher.db")
    for side in ("-wal", "-shm"):
        (world.folder / f"usher.db{side}").unlink(missing_ok=True)
    code, _, told = question.answer("yes")
    assert code == 1 and "was replaced" in told, (code, told)
    assert len(world.ask("plan", "--pull", codes=(2,))["plan"]["changes"]) == 3, "nothing was sent"


TESTS = [an_account_that_is_unlinked_meanwhile_is_left, an_end_that_passed_meanwhile_makes_it_stale,
         nobody_waits_for_an_answer, the_question_says_what_is_held, yes_does_what_was_shown, what_was_done_meanwhile_is_not_done_twice,
         a_state_that_others_opened_and_closed_is_whole,
         who_is_back_meanwhile_loses_nothing, who_answers_waits_for_who_works,
         rules_that_changed_meanwhile_make_it_stale, what_was_given_meanwhile_is_not_forgotten,
         who_is_readmitted_meanwhile_stays, who_is_refused_hears_what_works,
         an_interrupt_and_an_end_of_input_are_answers, a_state_that_was_replaced_is_not_written]

if __name__ == "__main__":
    main(__doc__, TESTS)
