#!/usr/bin/env python3
"""Serves people and the members of groups: group_server.py PEOPLE PORT_FILE, until it is stopped.

GET /people?offset=&limit= lists so many people, GET /groups the groups, GET /groups/ID/members a thousand people each.
Everybody is in four groups, together with others in each. Replies cost next to nothing to make, so that a client that
is measured against it has the machine to itself.
"""
import asyncio
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

GROUP = 1000
# The members of a group are so far apart. Primes that divide no round number: all in a group are different people.
STEPS = (7919, 104729, 1299709, 15485863)


def group_ids(people):
    return [f"{step}-{first}" for step in range(len(STEPS)) for first in range(0, people, GROUP)]


class World:
    def __init__(self, people):
        self.ids = [b"%08x-%04x-4000-8000-%012x" % (n * 2654435761 & 0xffffffff, n & 0xffff, n)
                    for n in range(people)]

    def reply(self, target):
        """The body of the reply to a GET, None where there is no such thing."""
        url = urlsplit(target)
        if url.path == "/people":
            query = parse_qs(url.query)
            return self.people(int(query["offset"][0]), int(query["limit"][0]))
        if url.path == "/groups":
            rows = ",".join(f'{{"id":"{group}","name":"group {group}"}}' for group in group_ids(len(self.ids)))
            return f'{{"groups":[{rows}]}}'.encode()
        _, kind, group, *rest = url.path.split("/")
        return self.members(*map(int, group.split("-"))) if kind == "groups" and rest == ["members"] else None

    def people(self, offset, limit):
        row = b'{"id":"%b","mail":"person%07d@example.com","name":"Person Number %d","enabled":true}'
        rows = b",".join(row % (self.ids[n], n, n) for n in range(offset, min(offset + limit, len(self.ids))))
        return b'{"total":%d,"people":[%b]}' % (len(self.ids), rows)

    def members(self, step, first):
        count = len(self.ids)
        ids = [self.ids[n * STEPS[step] % count] for n in range(first, min(first + GROUP, count))]
        return b'{"members":[{"id":"' + b'"},{"id":"'.join(ids) + b'"}]}'


class Connection(asyncio.Protocol):
    def __init__(self, world):
        self.world, self.received = world, b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.received += data
        while b"\r\n\r\n" in self.received:
            head, self.received = self.received.split(b"\r\n\r\n", 1)
            body = self.world.reply(head.split(b" ", 2)[1].decode("ascii"))
            status, body = (b"404 Not Found", b"") if body is None else (b"200 OK", body)
            self.transport.write(b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                                 % (status, len(body), body))


async def serve(people, port_file):
    world = World(people)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(world), "127.0.0.1", 0)
    beside = port_file.with_suffix(".new")
    beside.write_text(f"people={server.sockets[0].getsockname()[1]}\n")
    beside.rename(port_file)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
