#!/usr/bin/env python3
"""What others can do while somebody is asked: the question of apply, undo, offboard and credentials holds no lock. On a real
terminal, with the real programs.

    tests/questions/run.py --build DIR
"""
import fcntl
import os
import pathlib
import pty
import shutil
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from played import PEOPLE, main  # noqa: E402

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
        """The exit code, what stands on standard output, and what on standard error."""
        os.write(self.leader, word.encode() + b"\n")
        shown, told = self.process.communicate()
        os.close(self.leader)
        return self.process.returncode, shown, self.told + told


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


def what_was_done_meanwhile_is_not_done_twice(world):
    question = Asked(world, "apply")
    world.run("sync")
    code, _, told = question.answer("yes")
    assert code == 6 and "plan-stale" in told, (code, told)
    people = world.ask("links")["links"]
    assert len(people) == 3 and all(one["own"] for one in world.ask("orphans")["orphans"]), people
    assert {one["label"] for one in people} == {"(no pull shows it yet)"}, people
    assert world.ask("plan", "--pull")["plan"]["operations"] == []


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
        release = threading.Timer(0.5, fcntl.flock, (lock, fcntl.LOCK_UN))
        release.start()
        code, shown, told = question.answer("yes")
        release.join()
    assert code == 0 and "3 create" in shown, (code, shown, told)


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


TESTS = [nobody_waits_for_an_answer, yes_does_what_was_shown, what_was_done_meanwhile_is_not_done_twice,
         who_is_back_meanwhile_loses_nothing, who_answers_waits_for_who_works, a_state_that_was_replaced_is_not_written]

if __name__ == "__main__":
    main(__doc__, TESTS)
