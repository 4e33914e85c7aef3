#!/usr/bin/env python3
"""`--metrics-file` as somebody with Prometheus uses it, with the real program and a played platform.

    tests/metrics/run.py --build DIR
"""
import fcntl
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
from played import PEOPLE, RULES, main  # noqa: E402

FILE = "usher.prom"
HELD = RULES.replace("guards: {removals: 100%, disable: 100%}", "guards: {removals: 0}")


def samples(world, name=FILE):
    """Each sample of the file by its name and labels."""
    lines = (world.folder / name).read_text().splitlines()
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if not line.startswith("#")}


def of(kind, command):
    return f'usher_command_last_{kind}{{command="{command}"}}'


def every_command_that_runs_writes_it(world):
    held = RULES.replace("groups:", "credentials: {first: {file: first}}\n    groups:")
    world.rules(held)
    for words, codes in ((["pull"], (0,)), (["plan"], (2,)), (["sync"], (0,)), (["apply", "--yes"], (0,)),
                         (["dump", "iot", "--out", "iot.csv"], (0,)), (["unlink", "E2", "--on", "iot"], (0,)),
                         (["offboard", "E1", "--yes"], (0,)), (["readmit", "E1"], (0,)), (["sync"], (0,)),
                         (["credentials", "rotate", "iot", "--only", "E1", "--yes"], (0,)), (["approve", "--list"], (0,)),
                         (["accept", "--list"], (0,))):
        world.run(*words, "--metrics-file", FILE, codes=codes)
        assert samples(world)[of("exit_code", words[0])] in codes, words
    (account,) = [one["account"] for one in world.ask("links", "--on", "iot")["links"] if one["person"] == "E2"]
    world.run("unlink", "E2", "--on", "iot")
    world.run("link", "E2", account, "--on", "iot", "--metrics-file", FILE)
    world.people(PEOPLE[0], PEOPLE[1].replace("E2,", "E22,"), *PEOPLE[2:])
    world.run("plan", codes=(0, 2, 3))
    world.run("relink", "E2", "E22", "--metrics-file", FILE)
    assert samples(world)[of("exit_code", "relink")] == samples(world)[of("exit_code", "link")] == 0
    stay = (PEOPLE[1].replace("E2,", "E22,"), PEOPLE[2])
    world.people(*stay)
    run = world.ask("sync")["apply"]["run"]
    world.run("undo", run, "--yes", "--metrics-file", FILE, codes=(0, 3))
    world.run("migrate", "--from", "hr", "--to", "iot", "--dry-run", "--metrics-file", "migrate.prom", codes=(0, 2, 3))
    found = samples(world)
    for command in ("pull", "plan", "sync", "apply", "dump", "unlink", "link", "relink", "offboard", "readmit", "credentials", "undo",
                    "approve", "accept"):
        assert of("end_timestamp_seconds", command) in found, command
    assert found['usher_platform_accounts{platform="hr"}'] == len(stay)
    assert samples(world, "migrate.prom")['usher_platform_accounts{platform="hr"}'] == len(stay)


def the_last_good_end_stays_when_a_command_fails(world):
    world.run("sync", "--metrics-file", FILE)
    good = samples(world)
    until = good[of("good_timestamp_seconds", "sync")]
    world.end()  # nobody answers any more
    world.run("sync", "--metrics-file", FILE, codes=(69,))
    bad = samples(world)
    assert bad[of("exit_code", "sync")] == 69 and bad[of("good_timestamp_seconds", "sync")] == until, bad
    assert bad[of("end_timestamp_seconds", "sync")] >= until
    assert bad['usher_platform_accounts{platform="iot"}'] == good['usher_platform_accounts{platform="iot"}']


def a_configuration_with_mistakes_keeps_what_was_known(world):
    world.run("sync", "--metrics-file", FILE)
    good = samples(world)
    assert good["usher_state_readable"] == 1
    (world.folder / "usher.yaml").write_text("nonsense: 1\n")
    world.run("sync", "--metrics-file", FILE, codes=(78,))
    bad = samples(world)
    assert bad[of("exit_code", "sync")] == 78 and bad["usher_state_readable"] == 0, bad
    kept = [name for name in good if name.startswith(("usher_platform", "usher_last_run"))]
    assert kept and all(bad[name] == good[name] for name in kept), bad
    world.rules()
    world.run("sync", "--qiet", "--metrics-file", FILE, codes=(64,))
    assert samples(world)[of("exit_code", "sync")] == 64
    world.run("sync", USHER_METRICS_FILE=FILE)
    assert samples(world)[of("exit_code", "sync")] == 0 and samples(world)["usher_state_readable"] == 1


def a_first_run_that_fails_writes_it_too(world):
    world.end()
    world.run("sync", "--metrics-file", FILE, codes=(69, 8))
    assert of("exit_code", "sync") in samples(world) and of("good_timestamp_seconds", "sync") not in samples(world)


def a_file_that_cannot_be_written_changes_nothing(world):
    done = world.start("sync", "--metrics-file", "none/usher.prom")
    assert done.returncode == 0 and "The metrics file 'none/usher.prom' cannot be written" in done.stderr, done
    assert "Nothing else is changed by that." in done.stderr, done.stderr
    (world.folder / "folder").mkdir()
    assert world.start("plan", "--metrics-file", "folder").returncode == 0
    world.people(*PEOPLE[1:])
    world.rules(HELD)
    done = world.start("sync", "--metrics-file", "none/usher.prom")
    assert done.returncode == 4, done
    assert sorted(os.listdir(world.folder / "folder")) == []


def others_may_read_it_and_no_half_of_it(world):
    world.run("sync", "--metrics-file", FILE)
    before = (world.folder / FILE).stat()
    assert before.st_mode & 0o777 == 0o644, oct(before.st_mode)
    world.run("sync", "--metrics-file", FILE)
    assert (world.folder / FILE).stat().st_ino != before.st_ino, "it was written in place"
    assert not [name for name in os.listdir(world.folder) if name.startswith(FILE + ".")]


def nothing_else_is_replaced(world):
    world.run("pull")
    (world.folder / "real.prom").touch()
    (world.folder / "link.prom").symlink_to("real.prom")
    kept = {name: (world.folder / name).read_bytes() for name in ("usher.yaml", "people.csv", "world.json")}
    for name in ("usher.db", "usher.yaml", "people.csv", "world.json"):
        done = world.start("status", "--metrics-file", name)
        assert "is not written" in done.stdout + done.stderr, (name, done)
    for name in ("usher.db", "usher.yaml", "people.csv"):
        done = world.start("plan", "--out", name)
        assert done.returncode == 64 and "is not written" in done.stderr, (name, done)
    assert kept == {name: (world.folder / name).read_bytes() for name in kept}
    world.run("plan", "--metrics-file", "link.prom", codes=(2,))
    assert (world.folder / "link.prom").is_symlink() and samples(world, "real.prom")
    os.mkfifo(world.folder / "pipe")
    done = world.start("plan", "--metrics-file", "pipe")
    assert done.returncode == 2 and "it is not a regular file" in done.stderr, done


def many_plans_hide_no_other_command(world):
    world.run("sync")
    before = samples_of_state(world)
    with sqlite3.connect(world.folder / "usher.db") as database:
        database.executemany("insert into run (command, started_at, ended_at, exit_code) values ('plan', ?, ?, 0)",
                             [("2030-01-01T00:00:00.000Z", "2030-01-01T00:00:01.000Z")] * 300)
    after = samples_of_state(world)
    for name in ('usher_last_run_exit_code{command="pull"}', 'usher_last_run_exit_code{command="apply"}',
                 'usher_last_apply_operations{platform="iot",state="done"}'):
        assert before[name] == after[name], name
    assert after['usher_last_run_timestamp_seconds{command="plan"}'] > before['usher_last_run_timestamp_seconds{command="plan"}']


def samples_of_state(world):
    world.run("status", "--metrics-file", "state.prom")
    return samples(world, "state.prom")


def a_wrong_line_names_the_file_as_a_right_one_would(world):
    for words in (("sync", "--metrics-file", "--bogus"), ("status", "--metrics-file", "s.prom", "--bogus"),
                  ("plan", "--only", "--metrics-file", "p.prom")):
        world.run(*words, codes=(64,))
    assert not (world.folder / "--bogus").exists(), "an option is no file"
    assert not (world.folder / "s.prom").exists(), "how a status ended is no news"
    assert samples(world, "p.prom")[of("exit_code", "plan")] == 64


def wait_for(so):
    until = time.monotonic() + 60
    while not so():
        assert time.monotonic() < until
        time.sleep(0.02)


def two_commands_at_once_forget_neither(world):
    folder = os.open(world.folder, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)  # as another command that has read the file and not replaced it yet
    process = subprocess.Popen([world.build / "usher", "plan", "--metrics-file", FILE], cwd=world.folder,
                               stdout=subprocess.DEVNULL, env=world.environment)
    wait_for(lambda: list(world.folder.glob(FILE + ".*")))  # it has begun a file, and looks for the lock next
    (world.folder / "fresh").write_text('# HELP usher_x x\nusher_command_last_exit_code{command="pull"} 8\n')
    (world.folder / "fresh").rename(world.folder / FILE)
    os.close(folder)
    assert process.wait() == 2
    found = samples(world)
    assert found[of("exit_code", "pull")] == 8 and found[of("exit_code", "plan")] == 2, found


def nobody_can_keep_a_command_by_its_folder(world):
    """Whoever may read a folder can lock it."""
    folder = os.open(world.folder, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        world.run("pull", "--metrics-file", FILE)
    finally:
        os.close(folder)
    assert samples(world)[of("exit_code", "pull")] == 0


def a_large_file_is_told_apart_from_another(world):
    with open(world.folder / FILE, "w") as file:
        for number in range(40000):
            file.write(f'usher_platform_accounts{{platform="{number}"}} 1\n')
    done = world.start("plan", "--metrics-file", FILE)
    assert done.returncode == 2 and "it is larger than 1 MiB" in done.stderr, done.stderr


def what_is_no_sample_of_usher_is_left_out(world):
    (world.folder / FILE).write_text('garbage\nnode_load1 3\nusher_open_operations nonsense\n'
                                     'usher_command_last_exit_code{command="plan} 1\n'
                                     'usher_command_last_exit_code{command="pull"} 8\n')
    world.run("sync", "--metrics-file", FILE)
    found = samples(world)
    assert found[of("exit_code", "pull")] == 8 and not any("plan}" in name or "node" in name for name in found), found


def the_documentation_lists_each_metric(world):
    world.run("sync", "--waves", "1", "--metrics-file", FILE)
    written = set(re.findall(r"^# TYPE (\S+)", (world.folder / FILE).read_text(), re.M))
    listed = set(re.findall(r"^\| `(usher_\w+)", (ROOT / "docs/operations.md").read_text(), re.M))
    assert written == listed, written ^ listed


TESTS = [every_command_that_runs_writes_it, the_last_good_end_stays_when_a_command_fails,
         a_configuration_with_mistakes_keeps_what_was_known, a_first_run_that_fails_writes_it_too,
         a_file_that_cannot_be_written_changes_nothing, others_may_read_it_and_no_half_of_it,
         nothing_else_is_replaced, many_plans_hide_no_other_command, a_wrong_line_names_the_file_as_a_right_one_would,
         two_commands_at_once_forget_neither, nobody_can_keep_a_command_by_its_folder, a_large_file_is_told_apart_from_another,
         what_is_no_sample_of_usher_is_left_out, the_documentation_lists_each_metric]

if __name__ == "__main__":
    main(__doc__, TESTS)
