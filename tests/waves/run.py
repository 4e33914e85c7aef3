#!/usr/bin/env python3
"""Carries plans out in waves as a user does, with the real program, a played platform and real gates.

    tests/waves/run.py --build DIR
"""
import json
import pathlib
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from played import RULES, main

EVERYBODY = [f"E{n},First{n},Last{n},e{n}@example.com,{'engineering' if n % 2 else 'operations'},active"
             for n in range(1, 41)]
# Keeps what it was told, with how many accounts the platform had then, and ends as the file `verdict` says.
GATE = """import json, os, pathlib, sys, urllib.request
told = json.load(sys.stdin)
held = json.loads(urllib.request.urlopen("{url}/__sandbox/world").read())["users"]
told["held"] = sum(not user["credentials"]["identity"].startswith("admin@") for user in held)
told["environment"] = {{name: os.environ[name] for name in os.environ if name.startswith("USHER_")}}
with open("told", "a") as log:
    log.write(json.dumps(told) + "\\n")
print("looked at", told["held"], "accounts with", os.environ["SECRET"])
verdicts = pathlib.Path("verdict").read_text().split()
sys.exit(int(verdicts[min(told["wave"], len(verdicts)) - 1]))
"""
GATED = ("--waves", "3,5,20%", "--gate", "python3 gate.py")


def begin(world, *verdicts):
    """Forty people without accounts, and a gate that ends so after each wave."""
    world.people(*EVERYBODY)
    (world.folder / "gate.py").write_text(GATE.format(url=world.url))
    judge(world, *verdicts)


def judge(world, *verdicts):
    (world.folder / "verdict").write_text(" ".join(str(one) for one in verdicts))


def told(world):
    """What the gate was told, each time it ran."""
    log = world.folder / "told"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def addresses(world):
    with urllib.request.urlopen(f"{world.url}/__sandbox/world") as reply:
        held = json.loads(reply.read())
    return sorted(user["credentials"]["identity"] for user in held["users"]
                  if not user["credentials"]["identity"].startswith("admin@"))


def saved_plan(world):
    world.run("plan", "--out", "all.plan", codes=(2,))
    return "all.plan"


def people_of(gate):
    return sorted(account["person"] for account in gate["accounts"])


def goes_wave_by_wave(world):
    begin(world, 0)
    plan = saved_plan(world)
    report = world.ask("apply", plan, *GATED)
    assert [(wave["people"], wave["accounts"], wave["ended"]) for wave in report["waves"]] == \
        [(3, 3, "done"), (5, 5, "done"), (8, 8, "done"), (24, 24, "done")], report["waves"]
    assert report["stopped"] is None and report["troubles"] == []
    assert [wave["gate"] and wave["gate"]["passed"] for wave in report["waves"]] == [True, True, True, None]
    gates = told(world)
    # When a gate runs, what came before it is done, and nothing more.
    assert [gate["held"] for gate in gates] == [3, 8, 16], gates
    assert [gate["environment"]["USHER_WAVE"] for gate in gates] == ["1", "2", "3"]
    assert {gate["environment"]["USHER_WAVE_OF"] for gate in gates} == {"4"}
    assert {gate["environment"]["USHER_WAVE_RUN"] for gate in gates} == {str(report["run"])}
    assert gates[0]["plan"] == report["plan"] and gates[0]["counts"] == {"done": report["waves"][0]["operations"]}
    assert gates[0]["environment"]["USHER_WAVE_DONE"] == str(report["waves"][0]["operations"])
    assert len(addresses(world)) == 40
    assert world.ask("plan", "--pull")["plan"]["operations"] == []


def a_gate_ends_it_and_the_plan_goes_on(world):
    begin(world, 0, 1)
    plan = saved_plan(world)
    report = world.ask("apply", plan, *GATED, codes=(3,))
    assert report["stopped"] == "the gate after wave 2 of 4 ended with status 1", report["stopped"]
    assert [wave["ended"] for wave in report["waves"]] == ["done", "done", "not-begun", "not-begun"]
    assert {(trouble["state"], trouble["message"]) for trouble in report["troubles"]} == \
        {("skipped", report["stopped"])}, report["troubles"]
    first = addresses(world)
    assert len(first) == 8
    # What was asked before, and whose answer was no, is asked again before anything else.
    again = world.ask("apply", plan, *GATED, codes=(1,))
    assert len(addresses(world)) == 8 and again["done-before"] > 0, again
    assert [wave["ended"] for wave in again["waves"]] == ["done-before", "done-before", "not-begun", "not-begun"]
    assert [gate["wave"] for gate in told(world)] == [1, 2, 2]
    judge(world, 0)
    done = world.ask("apply", plan, *GATED)
    assert [wave["ended"] for wave in done["waves"]] == ["done-before", "done-before", "done", "done"]
    assert set(first) < set(addresses(world)) and len(addresses(world)) == len(set(addresses(world))) == 40
    # The same waves each time.
    assert [people_of(gate) for gate in told(world) if gate["wave"] == 2] == [people_of(told(world)[1])] * 3
    world.run("apply", plan, *GATED, codes=(6,))


def the_next_sync_begins_anew(world):
    begin(world, 1)
    report = world.ask("sync", *GATED, codes=(3,))["apply"]
    assert report["stopped"].startswith("the gate after wave 1") and len(addresses(world)) == 3
    judge(world, 0)
    report = world.ask("sync", *GATED)["apply"]
    assert [wave["people"] for wave in report["waves"]] == [3, 5, 8, 21], report["waves"]  # 20 % of 37
    assert len(addresses(world)) == 40
    assert "waves" not in world.ask("sync", *GATED)["apply"]  # nothing was left to do


def failures_end_it(world):
    begin(world, 0)
    refused = {"method": "POST", "path": "/users", "status": 400}
    world.faults(refused)
    plan = saved_plan(world)
    report = world.ask("apply", plan, *GATED, codes=(1,))
    assert report["stopped"].startswith("more operations of wave 1 of 4 failed than 5% of "), report["stopped"]
    assert [wave["ended"] for wave in report["waves"]] == ["failed"] + 3 * ["not-begun"]
    assert told(world) == [] and addresses(world) == []
    world.faults()
    # One of many is not many.
    world.faults({**refused, "nth": 10, "count": 1})
    report = world.ask("sync", "--waves", "20", "--stop-at", "10%", codes=(3,))["apply"]
    assert report["stopped"] is None and [wave["ended"] for wave in report["waves"]] == ["done", "done"], report
    world.faults({**refused, "nth": 1, "count": 1})
    world.people(*EVERYBODY, *(row.replace("E", "F", 1).replace(",e", ",f", 1) for row in EVERYBODY))
    report = world.ask("sync", "--waves", "20", "--stop-at", "0", codes=(3,))["apply"]
    assert report["waves"][0]["counts"]["failed"] == 1 and report["waves"][1]["ended"] == "not-begun", report


def ends_inside_a_wave(world):
    """The rest, which no gate follows, is not sent to its end either."""
    begin(world, 0)
    world.people(*(f"E{n},First,Last,e{n}@example.com,engineering,active" for n in range(400)))
    world.faults({"method": "POST", "path": "/users", "nth": 11, "every": 1, "status": 400})
    report = world.ask("sync", "--waves", "10", codes=(3,))["apply"]
    wave = report["waves"][1]
    assert wave["ended"] == "failed" and wave["counts"]["failed"] < wave["operations"] / 4, wave
    assert len(addresses(world)) == 10


def a_platform_that_is_given_up_ends_it(world):
    """Whatever wave it is: what is left says why it was not sent."""
    begin(world, 0)
    world.faults({"method": "POST", "path": "/users", "nth": 3, "every": 1, "status": 401},
                 {"method": "POST", "path": "/users/tokens", "nth": 2, "every": 1, "status": 401})
    report = world.ask("sync", "--waves", "1000", "--stop-at", "100%", codes=(3, 77))["apply"]
    why = "wave 1 of 1 could not be finished, a platform was given up"
    assert report["stopped"] == why and report["waves"][0]["ended"] == "given-up", report
    left = [one["message"] for one in report["troubles"] if one["state"] == "skipped"]
    assert why in left and set(left) <= {why, "the platform was given up in this run"}, set(left)


def a_killed_apply_goes_on(world):
    begin(world, 0)
    plan = saved_plan(world)
    killed = world.start("apply", plan, "--waves", "7,7", "--gate", "kill -9 $PPID")
    assert killed.returncode == -signal.SIGKILL, killed
    assert len(addresses(world)) == 7
    with sqlite3.connect(world.folder / "usher.db") as state:
        states = dict(state.execute("select state, count(*) from journal group by state"))
    assert set(states) == {"done", "planned"}, states
    report = world.ask("apply", plan, *GATED)
    assert report["done-before"] == states["done"] and len(set(addresses(world))) == len(addresses(world)) == 40
    assert world.ask("verify")["breaks"] == []
    world.run("sync")


def a_gate_holds_whoever_started_usher(world):
    """A process that ignores SIGCHLD passes that on, and then the system forgets how a child ended."""
    begin(world, 1)
    done = subprocess.run([world.build / "usher", "apply", saved_plan(world), *GATED], cwd=world.folder, env=world.environment,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
    assert done.returncode == 3 and "the gate after wave 1 of 4 ended with status 1" in done.stdout, done


def a_gate_that_hangs_is_ended(world):
    begin(world, 0)
    hangs = "echo $$ > gate.pid; sleep 600 & wait"
    done = world.start("sync", "--waves", "3", "--gate", hangs, "--gate-timeout", "1s")
    assert done.returncode == 3 and "took too long" in done.stdout, done
    assert len(addresses(world)) == 3
    # A signal does not wait for it.
    (world.folder / "gate.pid").unlink()
    usher = subprocess.Popen([world.build / "usher", "sync", "--waves", "3", "--gate", hangs, "--gate-timeout", "1h"],
                             cwd=world.folder, stdout=subprocess.PIPE, text=True,
                             env={"SECRET": "12345678", "PATH": "/usr/bin:/bin"})
    while not (world.folder / "gate.pid").exists() or not (world.folder / "gate.pid").read_text().strip():
        assert usher.poll() is None, usher.stdout.read()
        time.sleep(0.02)
    usher.send_signal(signal.SIGINT)
    text, _ = usher.communicate(timeout=120)
    assert usher.returncode == 9 and "Interrupted" in text, text
    gate = int((world.folder / "gate.pid").read_text())
    assert living(gate) == [], "what the gate started lives on"
    assert len(addresses(world)) == 6
    world.run("sync")


def living(group):
    """The processes of a group that run."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of = stat.read_text().rpartition(")")[2].split()[:3]
        except FileNotFoundError:
            continue
        if int(of) == group and state != "Z":
            found.append(stat.parent.name)
    return found


def each_kind_goes_first(world):
    """Few who are disabled are not hidden behind many who are made."""
    begin(world, 0)
    world.rules(RULES.replace("disable: 100%}", "disable: 100%, create: 100%}"))
    world.people(*EVERYBODY[:5])
    world.run("sync")
    world.run("sync")
    world.people(*(row.replace(",active", ",left") for row in EVERYBODY[:2]), EVERYBODY[2].replace("Last3", "King"),
                 *EVERYBODY[3:])
    report = world.ask("sync", "--waves", "3", "--gate", "python3 gate.py")["apply"]
    assert report["waves"][0]["people"] == 3, report["waves"]
    acts = sorted(account["act"] for account in told(world)[0]["accounts"])
    assert acts == ["create", "disable", "update"], acts


LEAVING = 14
IN_WAVES = ("--waves", "1,10", "--gate", "python3 gate.py")


def approved(world):
    """Fourteen of forty leave, a guard holds that, and somebody approved it: how that is told."""
    world.people(*EVERYBODY)
    world.run("sync")
    world.run("sync")
    world.rules(RULES.replace("removals: 100%", "removals: 0"))
    world.people(*(row.replace(",active", ",left") for row in EVERYBODY[:LEAVING]), *EVERYBODY[LEAVING:])
    held = world.ask("sync", codes=(4,))["plan"]["plan"]
    assert [one["lane"] for one in held["objections"]] == ["iot.removals"] and disabled(world) == 0, held["objections"]
    given = world.ask("approve", "iot.removals", "--until", "1h", "--reason", "CHG-5")["approvals"][0]
    return given["approval"], f"approval {given['approval']} by {given['actor']} until {given['until']}: CHG-5"


def disabled(world):
    with urllib.request.urlopen(f"{world.url}/__sandbox/world") as reply:
        return sum(user["status"] == "disabled" for user in json.loads(reply.read())["users"])


def under(world, run):
    """The approvals of everything that a run did."""
    operations = world.ask("show", str(run))["operations"]
    done = [operation["approvals"] for operation in operations if operation["state"] == "done"]
    assert done, operations
    return {text for approvals in done for text in approvals or ["none"]}


def an_approval_goes_on_after_a_gate(world):
    """Of what it admits one wave is done: the rest stays admitted, for the next sync and for the same plan again."""
    begin(world, 1)
    _, told = approved(world)
    report = world.ask("sync", *IN_WAVES, codes=(3,))["apply"]
    assert [wave["people"] for wave in report["waves"]] == [1, 10, 3] and disabled(world) == 1, report["waves"]
    assert under(world, report["run"]) == {told}
    world.run("plan", "--pull", "--out", "rest.plan", codes=(2,))
    report = world.ask("apply", "rest.plan", *IN_WAVES, codes=(3,))
    assert [wave["people"] for wave in report["waves"]] == [1, 10, 2] and disabled(world) == 2, report["waves"]
    judge(world, 0)
    again = world.ask("apply", "rest.plan", *IN_WAVES)
    assert [wave["ended"] for wave in again["waves"]] == ["done-before", "done", "done"], again["waves"]
    assert disabled(world) == LEAVING and under(world, again["run"]) == {told}
    assert "all done" in world.run("approve", "--list") and world.ask("sync")["plan"]["plan"]["operations"] == []
    assert world.ask("verify")["breaks"] == []


def a_revocation_between_two_waves_holds_the_rest(world):
    begin(world, 1)
    approval, told = approved(world)
    world.run("plan", "--pull", "--out", "all.plan", codes=(2,))
    report = world.ask("apply", "all.plan", *IN_WAVES, codes=(3,))
    assert disabled(world) == 1 and under(world, report["run"]) == {told}, report["waves"]
    world.run("approve", "--revoke", str(approval))
    judge(world, 0)
    refused = world.start("apply", "all.plan", *IN_WAVES)
    assert refused.returncode == 6 and f"approval {approval} by" in refused.stderr, refused
    plan = world.ask("sync", *IN_WAVES, codes=(4,))["plan"]["plan"]
    held = {one["person"] for one in plan["operations"] if one["held"]}
    assert len(held) == LEAVING - 1 and all(one["held"] for one in plan["operations"]), plan["operations"]
    assert disabled(world) == 1


def everything_tells_of_waves(world):
    begin(world, 1)
    plan = saved_plan(world)
    text = world.run("apply", "--yes", *GATED, codes=(3,))
    assert "In 4 waves: 3, then 5, then 8, then 24 people." in " ".join(text.split()), text
    assert "The first: " in text and "Stopped: the gate after wave 1 of 4 ended with status 1" in text, text
    assert "looked at 3 accounts with ***" in text and "12345678" not in text, text
    run = next(one["run"] for one in world.ask("runs")["runs"] if one["command"] == "apply")
    sentence = "1 of 4 waves done; the gate after wave 1 of 4 ended with status 1"
    assert sentence in world.run("show", str(run)), world.run("show", str(run))
    summary = world.ask("show", str(run))["summary"]
    assert [wave["ended"] for wave in summary["waves"]] == ["done"] + 3 * ["not-begun"]
    assert "output" not in summary["waves"][0]["gate"]
    for ending in ("md", "html"):
        world.run("show", str(run), "--report", f"run.{ending}")
        assert sentence in (world.folder / f"run.{ending}").read_text()
    world.run("status", "--metrics-file", "usher.prom")
    metrics = (world.folder / "usher.prom").read_text()
    assert 'usher_last_apply_waves{ended="done"} 1' in metrics and "usher_last_apply_stopped 1" in metrics, metrics
    quiet = world.run("sync", "--quiet", *GATED, codes=(3,))
    assert "Stopped: 1 of 4 waves done" in quiet, quiet
    assert b"12345678" not in (world.folder / "usher.db").read_bytes()
    assert plan


def asks_for_what_can_be(world):
    for wrong in (["--waves", "5", "--gate", ""], ["--waves", "5", "--gate", "  "], ["--stop-at", "0"],
                  ["--stop-at", "5%"], ["--gate-timeout", "10m"], ["--waves", "5", "--gate-timeout", "1m"]):
        world.run("sync", *wrong, codes=(64,))
    begin(world, 0)
    for words in (["--gate", "true"], ["--waves", "0"], ["--waves", "5,"], ["--waves", "5,x"], ["--waves", "200%"],
                  ["--waves", "1.5"], ["--waves", "-3"], ["--waves", "3", "--stop-at", "x"],
                  ["--waves", "3", "--gate", "true", "--gate-timeout", "soon"]):
        for command in (["sync"], ["apply", "--yes"]):
            world.run(*command, *words, codes=(64,))
    assert addresses(world) == []


TESTS = [goes_wave_by_wave, a_gate_ends_it_and_the_plan_goes_on, the_next_sync_begins_anew, failures_end_it,
         ends_inside_a_wave, a_platform_that_is_given_up_ends_it, a_killed_apply_goes_on, a_gate_holds_whoever_started_usher, a_gate_that_hangs_is_ended,
         each_kind_goes_first, an_approval_goes_on_after_a_gate, a_revocation_between_two_waves_holds_the_rest,
         everything_tells_of_waves, asks_for_what_can_be]

if __name__ == "__main__":
    main(__doc__, TESTS)
