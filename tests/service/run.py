#!/usr/bin/env python3
"""usher as a service manager runs it: it is told what goes on (NOTIFY_SOCKET), and hands over secrets (CREDENTIALS_DIRECTORY).
With the real program and a socket as systemd makes it.

    tests/service/run.py --build DIR
"""
import pathlib
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from played import PEOPLE, RULES, main  # noqa: E402

HELD = RULES.replace("guards: {removals: 100%, disable: 100%}", "guards: {removals: 0}")


class Manager:
    """The socket of a service manager, and what was sent to it. A name that begins with @ is no file."""

    def __init__(self, name):
        self.name = name
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + name[1:] if name.startswith("@") else name)
        self.socket.setblocking(False)

    def told(self):
        lines = []
        while True:
            try:
                lines += self.socket.recv(65536).decode().splitlines()
            except BlockingIOError:
                return lines


def the_manager_is_told_what_goes_on(world):
    for name in (str(world.folder / "notify"), "@usher-test-" + world.folder.name):
        manager = Manager(name)
        world.run("sync", NOTIFY_SOCKET=manager.name)
        told = manager.told()
        assert told[:2] == ["READY=1", "STATUS=sync"] and told[-2:] == ["STOPPING=1", "STATUS=ended with 0 done"], told


def it_is_told_how_far_a_slow_pull_is(world):
    world.run("sync")
    world.run("pull")
    world.faults({"method": "GET", "path": "/users", "nth": 1, "count": 9, "delay_ms": 3000})
    manager = Manager(str(world.folder / "notify"))
    world.run("pull", "iot", NOTIFY_SOCKET=manager.name)
    told = manager.told()
    assert any(line.startswith("STATUS=pull iot 0 of 4 (0 %)") for line in told), told


def it_is_told_how_a_command_failed(world):
    world.run("sync")
    world.rules(HELD)
    world.people("E2,Grace,Hopper,grace@example.com,operations,active")
    manager = Manager(str(world.folder / "notify"))
    world.run("sync", codes=(4,), NOTIFY_SOCKET=manager.name)
    assert manager.told()[-1] == "STATUS=ended with 4 lane-held"
    (world.folder / "usher.yaml").write_text("nonsense: 1\n")
    world.run("sync", codes=(78,), NOTIFY_SOCKET=manager.name)
    assert manager.told()[-1] == "STATUS=ended with 78 configuration-invalid"


def a_manager_that_is_not_there_changes_nothing(world):
    world.run("sync", NOTIFY_SOCKET=str(world.folder / "nobody"))
    world.run("plan", NOTIFY_SOCKET="x" * 300)
    full = Manager(str(world.folder / "full"))  # nobody reads it
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        try:
            for _ in range(1_000_000):
                sender.sendto(b"x", full.name)
            raise AssertionError("the queue takes all there is")
        except BlockingIOError:  # it is full
            pass
    world.run("sync", NOTIFY_SOCKET=full.name)
    assert set(full.told()) == {"x"}, "it had room"


def secrets_come_as_credentials(world):
    text = (world.folder / "usher.yaml").read_text().replace("${env:SECRET}", "${cred:iot-secret}")
    (world.folder / "usher.yaml").write_text(text)
    folder = world.folder / "credentials"
    folder.mkdir(mode=0o700)
    (folder / "iot-secret").write_text("12345678\n")
    (folder / "iot-secret").chmod(0o400)
    world.run("sync", CREDENTIALS_DIRECTORY=str(folder))
    done = world.start("sync")
    assert done.returncode == 78 and "CREDENTIALS_DIRECTORY" in done.stderr, done
    (folder / "iot-secret").unlink()
    done = world.start("sync", CREDENTIALS_DIRECTORY=str(folder))
    assert done.returncode == 78 and "iot-secret" in done.stderr, done


def the_unit_fails_where_somebody_must_look(world):
    unit = (pathlib.Path(__file__).resolve().parents[2] / "packaging/systemd/usher@.service").read_text()
    [line] = [line for line in unit.splitlines() if line.startswith("SuccessExitStatus=")]
    successes = {0, *map(int, line.split("=")[1].split())}
    assert successes == {0, 2, 9} and line in world.run("help", "exit-codes"), line
    world.run("sync")
    world.rules(HELD)
    world.people(PEOPLE[0].replace(",active", ",left"), *PEOPLE[1:])
    assert world.start("sync", "--quiet").returncode not in successes, "a held lane fails the unit"


TESTS = [the_unit_fails_where_somebody_must_look, the_manager_is_told_what_goes_on, it_is_told_how_far_a_slow_pull_is, it_is_told_how_a_command_failed,
         a_manager_that_is_not_there_changes_nothing, secrets_come_as_credentials]

if __name__ == "__main__":
    main(__doc__, TESTS)
