#!/usr/bin/env python3
"""Approvals that several people must sign, with the real program, a played platform and the keys of ssh-keygen.

    tests/signed_approvals/run.py --build DIR
"""
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from played import RULES, main

ADA, GRACE, EDSGER = (f"E{n},First,Last,{name}@example.com,engineering,active"
                      for n, name in enumerate(("ada", "grace", "edsger"), 1))
SIGNED = """approvals:
  required: 2
  by: [ada@example.com, grace@example.com, edsger@example.com]
"""
HELD = RULES.replace("guards: {removals: 100%, disable: 100%}", "guards: {removals: 0}")


def key(world, name):
    """The public half of a key that lies in the folder under that name."""
    if not (world.folder / name).exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", world.folder / name], check=True)
    return " ".join((world.folder / f"{name}.pub").read_text().split()[:2])


def allow(world, **keys):
    """Writes the file of allowed signers: by person the names of their keys."""
    (world.folder / "allowed_signers").write_text("".join(
        f"{person}@example.com {key(world, name)}\n" for person, names in keys.items() for name in names.split()))


def begin(world, more=SIGNED):
    """A leaver whom a guard holds, and three who may sign."""
    world.people(ADA, GRACE, EDSGER)
    world.run("sync")
    world.run("sync")
    world.rules(HELD, more)
    world.people(ADA.replace(",active", ",left"), GRACE, EDSGER)
    world.run("sync", codes=(4,))
    allow(world, ada="ada ada2", grace="grace", edsger="edsger")
    key(world, "stranger")


def approve(world, *more):
    return world.ask("approve", "iot.removals", "--until", "1h", "--reason", "CHG-811", *more)["approvals"][0]


def sign(world, approval, name, codes=(0,)):
    return world.run("approve", str(approval), "--sign-with", name, codes=codes)


def refused(world, *words, codes=(1,)):
    done = world.start("approve", *words)
    assert done.returncode in codes, done
    return " ".join(done.stderr.split())


def held(world):
    """How many operations the guard holds in a new plan."""
    plan = world.ask("plan", "--pull", codes=(2, 4))["plan"]
    return sum(operation["held"] for operation in plan["operations"])


def two_must_sign(world):
    begin(world)
    given = approve(world, "--sign-with", "ada")
    number = given["approval"]
    assert (given["required"], given["missing"]) == (2, 1), given
    assert [one["principal"] for one in given["signatures"]] == ["ada@example.com"]
    assert held(world) > 0
    assert "1 of 2: ada@example.com" in world.run("approve", "--list")
    # Another key of the same person is the same person, the same key as well.
    for again in ("ada", "ada2"):
        assert "ada@example.com signed it already" in refused(world, str(number), "--sign-with", again)
    assert held(world) > 0
    text = sign(world, number, "grace")
    assert "disable ada@example.com" in text  # what was signed
    assert "is signed by ada@example.com and grace@example.com" in text, text
    world.run("plan", "--pull", "--out", "signed.plan", codes=(2,))
    sign(world, number, "edsger")  # one more than needed changes nothing of the plan
    told = f"approval {number} by {given['actor']} until {given['until']}: CHG-811; " \
        "signed by ada@example.com and grace@example.com"
    assert f"under {told}" in " ".join(world.run("show", "signed.plan").split())
    report = world.ask("apply", "signed.plan")
    assert told in world.run("show", str(report["run"])), world.run("show", str(report["run"]))
    assert world.ask("show", str(report["run"]))["operations"][0]["approvals"] == [told]
    changes = [one for one in world.ask("history", "E1")["changes"] if one["act"] == "disable"]
    assert [one["approvals"] for one in changes] == [[told]], changes
    # Each signature is a run of its own.
    runs = [one["run"] for one in world.ask("runs")["runs"] if one["command"] == "approve"]
    summaries = [world.ask("show", str(run))["summary"] for run in runs]
    assert [one.get("signed-by") for one in summaries] == ["edsger@example.com", "grace@example.com", "ada@example.com",
                                                           None], summaries
    assert f"Approval {number} in iot.removals, signed by grace@example.com" in world.run("show", str(runs[1]))
    assert world.ask("verify")["breaks"] == []


def a_statement_takes_the_place_of_nothing_else(world):
    begin(world)
    number = str(approve(world)["approval"])
    kept = {name: (world.folder / name).read_bytes() for name in ("ada", "ada.pub", "grace", "people.csv")}
    for words in (("--sign-with", "ada", "--statement", "ada"), ("--sign-with", "ada", "--statement", "ada.pub"),
                  ("--sign-with", "ada.pub", "--statement", "./ada")):
        assert "is not written, for it is a key" in refused(world, number, *words, codes=(64,))
    assert "what stands there is not a statement" in refused(world, number, "--statement", "grace")
    assert "what platform 'hr' reads" in refused(world, number, "--statement", "people.csv", codes=(64,))
    assert kept == {name: (world.folder / name).read_bytes() for name in kept}
    for _ in range(2):
        world.run("approve", number, "--statement", "statement")


def signed_elsewhere(world):
    begin(world)
    number = approve(world, "--statement", "statement")["approval"]
    statement = (world.folder / "statement").read_text()
    for part in ("iot.removals", "CHG-811", "disable ada@example.com", "admits 2 operations"):
        assert part in statement, statement
    elsewhere = world.folder / "elsewhere"
    elsewhere.mkdir()
    for name in ("ada", "grace"):
        shutil.copy(world.folder / "statement", elsewhere / name)
        subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "usher-approval", "-f", world.folder / name,
                        elsewhere / name], check=True, stderr=subprocess.DEVNULL)
        assert held(world) > 0
        world.run("approve", str(number), "--signature", f"elsewhere/{name}.sig")
        # What the others sign is the same text.
        world.run("approve", str(number), "--statement", "again")
        assert (world.folder / "again").read_text() == statement
    assert held(world) == 0
    world.run("sync")


def who_may_no_more_does_not_count(world):
    begin(world)
    number = approve(world, "--sign-with", "ada")["approval"]
    sign(world, number, "grace")
    world.run("plan", "--pull", "--out", "signed.plan", codes=(2,))
    ways = {"the file": (lambda: allow(world, ada="ada", edsger="edsger"), "allowed_signers does not give the key"),
            "another key": (lambda: allow(world, ada="ada", grace="stranger"), "allowed_signers does not give the key"),
            "no file": ((world.folder / "allowed_signers").unlink, "cannot be read"),
            "the list": (lambda: world.rules(HELD, SIGNED.replace("grace@example.com, ", "")),
                         "the configuration does not let grace@example.com sign"),
            "more": (lambda: world.rules(HELD, SIGNED.replace("required: 2", "required: 3")), None)}
    for name, (end, why) in ways.items():
        end()
        done = world.start("apply", "signed.plan")
        assert done.returncode == 6 and f"approval {number} by" in done.stderr, (name, done)
        assert held(world) > 0, name
        told = world.start("plan", "--offline").stderr
        assert f"approval {number}" in told and (why or "2 of 3 signatures count") in told, (name, told)
        signatures = world.ask("approve", "--list")["approvals"][0]["signatures"]
        found = [one["why-not"] for one in signatures if not one["counts"]]
        assert why is None and found == [] or any(why in one for one in found), (name, signatures)
        allow(world, ada="ada", grace="grace", edsger="edsger")
        world.rules(HELD, SIGNED)
    # With both again it is what was signed.
    world.run("apply", "signed.plan")


def what_was_changed_does_not_count(world):
    begin(world)
    number = approve(world, "--sign-with", "ada")["approval"]
    sign(world, number, "grace")
    changes = ("update approval set until = '2099-01-01T00:00:00Z'", "update approval set reason = 'other'",
               "update approval set lanes = 'iot.removals iot.disable'", "update approval set actor = 'x@y'",
               "insert into approved_operation (approval, operation, does) select id, 'abc', 'x' from approval",
               "delete from approved_operation where rowid_of = 1",
               "update approved_operation set does = 'nothing much'",
               "update approval_signature set principal = 'edsger@example.com'")
    state = world.folder / "usher.db"
    with sqlite3.connect(state) as database:
        database.execute("pragma wal_checkpoint(truncate)")
    database.close()
    kept = state.read_bytes()
    assert held(world) == 0
    for change in changes:
        for rest in world.folder.glob("usher.db-*"):
            rest.unlink()
        state.write_bytes(kept)
        database = sqlite3.connect(state)
        if "rowid_of" in change:
            change = "delete from approved_operation where operation = (select min(operation) from approved_operation)"
        with database:
            database.execute(change)
        database.close()
        assert held(world) > 0, change


def what_is_said_must_be_what_is_admitted(world):
    begin(world)
    number = str(approve(world, "--statement", "statement")["approval"])
    with sqlite3.connect(world.folder / "usher.db") as database:
        database.execute("update approved_operation set does = 'iot update ada@example.com: name'")
    database.close()
    for words in (["--statement", "statement"], ["--sign-with", "ada"]):
        done = world.start("approve", number, *words)
        assert done.returncode == 1 and "was changed by something else than usher" in done.stderr, done


def says_why_a_signature_does_not_count(world):
    begin(world)
    number = str(approve(world, "--statement", "statement")["approval"])

    def made(name, namespace="usher-approval", text=None):
        file = world.folder / f"by-{name}"
        file.write_text(text or (world.folder / "statement").read_text())
        pathlib.Path(f"{file}.sig").unlink(missing_ok=True)
        subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", world.folder / name, file], check=True,
                       stderr=subprocess.DEVNULL)
        return f"by-{name}.sig"

    def why(signature):
        return refused(world, number, "--signature", signature)

    statement = (world.folder / "statement").read_text()
    assert "namespace" in why(made("ada", "file"))
    assert "incorrect signature" in why(made("ada", text=statement.replace("state ", "state 0")))
    assert "incorrect signature" in why(made("ada", text=statement.replace("admits 2", "admits 3")))
    assert "does not give the key SHA256:" in why(made("stranger"))
    (world.folder / "junk").write_text("junk\n")
    assert "parse signature" in why("junk")
    (world.folder / "junk").write_text("")
    assert "it is empty" in why("junk")
    assert "No such file" in why("nowhere")
    assert "nowhere" in refused(world, number, "--sign-with", "nowhere")
    # A program that is not there.
    bare = world.folder / "bare"
    bare.mkdir()
    (bare / "sh").symlink_to("/bin/sh")
    done = world.start("approve", number, "--sign-with", "ada", PATH=str(bare))
    assert done.returncode == 1 and "ssh-keygen is not installed" in done.stderr, done
    # One key for two people is one signature.
    (world.folder / "allowed_signers").write_text(f"ada@example.com,grace@example.com {key(world, 'ada')}\n")
    sign(world, number, "ada")
    assert "signed it already" in refused(world, number, "--sign-with", "ada")
    with sqlite3.connect(world.folder / "usher.db") as database:  # nor where it is written twice
        database.execute("insert into approval_signature (approval, principal, signature, given_at, actor) "
                         "select approval, 'grace@example.com', signature, given_at, actor from approval_signature")
    database.close()
    assert held(world) > 0
    # Nobody signs what has ended.
    with sqlite3.connect(world.folder / "usher.db") as database:
        database.execute("update approval set until = '2026-01-01T00:00:00Z'")
    database.close()
    assert "expired" in refused(world, number, "--sign-with", "edsger", codes=(64,))
    world.run("approve", "--revoke", number)
    assert "revoked" in refused(world, number, "--sign-with", "edsger", codes=(64,))
    told = [one["why"] for one in world.ask("verify", codes=(1,))["breaks"]]
    assert told == ["approval 1: its end is not what was recorded when it was given",
                    "approval 1: no run took the signature of grace@example.com"], told


def a_signature_of_another_state_does_not_count(world):
    begin(world)
    number = str(approve(world, "--statement", "statement", "--sign-with", "ada")["approval"])
    signature = sqlite3.connect(world.folder / "usher.db").execute("select signature from approval_signature").fetchone()
    (world.folder / "ada.sig").write_text(signature[0])
    (world.folder / "usher.db").rename(world.folder / "other.db")
    for rest in world.folder.glob("usher.db-*"):
        rest.unlink()
    world.people(ADA, GRACE, EDSGER)
    world.run("sync")
    world.people(ADA.replace(",active", ",left"), GRACE, EDSGER)
    world.run("sync", codes=(4,))
    again = str(approve(world)["approval"])
    assert again == number
    assert "incorrect signature" in refused(world, number, "--signature", "ada.sig")


def a_wrong_signature_is_not_kept(world):
    begin(world)
    told = refused(world, "iot.removals", "--until", "1h", "--reason", "CHG-811", "--sign-with", "stranger")
    (given,) = world.ask("approve", "--list")["approvals"]
    assert given["signatures"] == [] and f"usher approve {given['approval']} --sign-with KEY" in told, (given, told)
    assert held(world) > 0
    assert len([one for one in world.ask("runs")["runs"] if one["command"] == "approve"]) == 1
    sign(world, given["approval"], "ada")
    sign(world, given["approval"], "grace")
    assert held(world) == 0


SLOW_KEYGEN = """#!/bin/sh
case "$*" in
  *"-Y sign "*) : >"{folder}/asked"; while [ ! -e "{folder}/typed" ]; do sleep 0.05; done ;;
esac
exec {keygen} "$@"
"""


def nobody_waits_for_a_passphrase(world):
    """Somebody looks for their key, while others plan, and even sync."""
    begin(world)
    slow = world.folder / "slow"
    slow.mkdir()
    (slow / "ssh-keygen").write_text(SLOW_KEYGEN.format(folder=world.folder, keygen=shutil.which("ssh-keygen")))
    (slow / "ssh-keygen").chmod(0o755)
    for words in (["iot.removals", "--until", "1h", "--reason", "CHG-811", "--sign-with", "ada"],
                  ["1", "--sign-with", "grace"]):
        signing = subprocess.Popen([world.build / "usher", "approve", *words], cwd=world.folder, text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   env={**world.environment, "PATH": f"{slow}:/usr/bin:/bin"})
        until = time.monotonic() + 60
        while not (world.folder / "asked").exists():
            assert signing.poll() is None and time.monotonic() < until, signing.communicate()
            time.sleep(0.02)
        try:
            assert held(world) > 0
            world.run("sync", codes=(4,))
        finally:
            (world.folder / "typed").touch()
            told = signing.communicate()[0]
        assert signing.returncode == 0, told
        (world.folder / "asked").unlink()
        (world.folder / "typed").unlink()
    assert held(world) == 0
    assert world.ask("verify")["breaks"] == []


def without_the_section_nothing_changes(world):
    begin(world, "")
    for words in (["--sign-with", "ada"], ["--statement", "x"]):
        assert "no 'approvals'" in refused(world, "iot.removals", "--until", "1h", "--reason", "x", *words, codes=(64,))
    given = approve(world)
    assert "signatures" not in given and held(world) == 0
    assert "signed" not in world.run("approve", "--list")
    # An approval from before the configuration asked for signatures is unsigned.
    world.rules(HELD, SIGNED)
    assert held(world) > 0
    sign(world, given["approval"], "ada")
    sign(world, given["approval"], "edsger")
    assert held(world) == 0


def asks_for_what_can_be(world):
    begin(world)
    number = str(approve(world)["approval"])
    for words in ([number], ["99", "--sign-with", "ada"], [number, "--sign-with", "ada", "--signature", "x"],
                  [number, "--until", "1h", "--sign-with", "ada"],
                  ["iot.removals", "--until", "1h", "--reason", "x", "--signature", "x"]):
        refused(world, *words, codes=(64,))
    for wrong, why in (("required: 4", "4 must sign, and only 3 may"), ("required: 0", "required"),
                       ("required: 2\n  who: x", "who")):
        world.rules(HELD, SIGNED.replace("required: 2", wrong))
        done = world.start("validate")
        assert done.returncode == 78 and why in done.stderr + done.stdout, done


TESTS = [two_must_sign, signed_elsewhere, a_statement_takes_the_place_of_nothing_else,
         who_may_no_more_does_not_count, what_was_changed_does_not_count,
         what_is_said_must_be_what_is_admitted, says_why_a_signature_does_not_count,
         a_signature_of_another_state_does_not_count, a_wrong_signature_is_not_kept,
         nobody_waits_for_a_passphrase, without_the_section_nothing_changes, asks_for_what_can_be]

if __name__ == "__main__":
    main(__doc__, TESTS)
