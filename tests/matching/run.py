#!/usr/bin/env python3
"""Finds people's accounts as a user sees it, with the real program and a played platform: letters of which platforms
think differently.

    tests/matching/run.py --build DIR [TEST…]
"""
import pathlib
import sys
import unicodedata

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from played import Played, main  # noqa: E402

DOUBTFUL = {"\u03c2ig@example.com": "\u03c3ig@example.com", "e\u0301mile@example.com": "\u00e9mile@example.com",
            "\ufb01nn@example.com": "finn@example.com", "k\u2028im@example.com": "kim@example.com",
            "stra\u00dfe@example.com": "strasse@example.com"}


def person(number, mail, status="active"):
    return f"E{number},First,Last{number},{mail},engineering,{status}"


def world_with(build, folder, accounts):
    users = [{"id": f"a{number}", "name": mail, "credentials": {"identity": mail}, "status": "enabled"}
             for number, mail in enumerate(accounts)]
    return Played(build, folder, {"mainflux": {"users": users, "groups": [{"id": "g-engineers", "name": "engineers"},
                                                                          {"id": "g-operators", "name": "operators"}]}})


def doubtful_letters_are_ambiguous(world):
    world.people(*(person(number, mail) for number, mail in enumerate(DOUBTFUL)))
    plan = world.ask("plan", codes=(3,))["plan"]
    assert plan["operations"] == [] and plan["links"] == [], plan
    assert [note["kind"] for note in plan["notes"]] == ["ambiguous"] * len(DOUBTFUL), plan["notes"]


def an_account_that_may_be_meant_is_kept(world):
    mail = "\u00e9mile@example.com"
    world.people(person(1, mail))
    world.run("sync")
    world.people(person(2, unicodedata.normalize("NFD", mail)))
    plan = world.ask("sync", codes=(3,))["plan"]["plan"]
    assert plan["operations"] == [], plan["operations"]
    assert [note["kind"] for note in plan["notes"]] == ["renumbered"], plan["notes"]


doubtful_letters_are_ambiguous.make = lambda build, folder: world_with(build, folder, DOUBTFUL.values())

if __name__ == "__main__":
    main(__doc__, [doubtful_letters_are_ambiguous, an_account_that_may_be_meant_is_kept])
