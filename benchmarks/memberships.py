#!/usr/bin/env python3
"""Measures pulls of memberships: memberships.py BUILD ACCOUNTS prints {"accounts", "steps": {step: figures}}.

The same accounts are pulled without groups, and with four memberships each that stand in one listing per group. Each
pull begins with an empty state.
"""
import json
import sys
import tempfile
from pathlib import Path

from group_server import group_ids
from processes import Server, curl_seconds, measured

RECIPE = """recipe: 1
name: grouped
about: What benchmarks/group_server.py serves
options:
  url: {type: url, required: true, about: Base address}
  groups: {type: boolean, default: true, about: Groups are read as well}
auth: none
user:
  key: mail
  active: {at: enabled, is: true}
  attributes: {mail: {required: true}, name: {}}
  list:
    request: GET /people
    items: people
    total: total
    pages: {by: offset, parameter: offset, size-parameter: limit, size: 100}
variants:
  - when: config.groups
    recipe:
      entitlements:
        group:
          list: {request: GET /groups, items: groups, pages: none}
          memberships:
            per: group
            list: {request: "GET /groups/{entitlement.id}/members", items: members, pages: none}
            account: id
"""
CONFIG = """version: 1
state: usher.db
platforms:
  app: {{connector: grouped, url: "http://127.0.0.1:{port}", groups: {groups}}}
"""


def pull(build, folder, port, groups, times=1):
    """Figures of so many pulls into an empty state."""
    folder.mkdir()
    (folder / "grouped.yaml").write_text(RECIPE)
    (folder / "usher.yaml").write_text(CONFIG.format(port=port, groups=str(groups).lower()))
    return [measured([f"{build}/usher", "pull", "app"], folder) for _ in range(times)]


def main():
    build, accounts = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    people = [f"/people?offset={offset}&limit=100" for offset in range(0, accounts, 100)]
    groups = ["/groups"] + [f"/groups/{group}/members" for group in group_ids(accounts)]
    with tempfile.TemporaryDirectory(prefix="usher-memberships-") as name:
        folder = Path(name)
        words = [sys.executable, Path(__file__).with_name("group_server.py"), accounts, folder / "port"]
        with Server(words, folder) as server:
            curl = curl_seconds(server.port, people + groups)
            without, = pull(build, folder / "without", server.port, False)
            first, again = pull(build, folder / "with", server.port, True, times=2)
    first["times_without"] = first["seconds"] / without["seconds"]
    json.dump({"accounts": accounts, "steps": {
        "curl, with memberships": {"seconds": curl},
        "pull of accounts without memberships": without,
        "pull of accounts and 4 memberships each": first,
        "pull of accounts and memberships again": again}}, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
