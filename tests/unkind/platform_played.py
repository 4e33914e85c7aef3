"""A people API in memory that can be made as unkind as real ones are.

    platform = Platform(lag=1, create="lost")
    server = platform.serve()

Switches (all off by default; they may be changed while it runs):

    create    what becomes of a POST: "lost" (done, the connection ends), "429", "502" (done, answered so),
              "no-id" (done, the reply names nobody), "other-id" (done, the reply names the first account there is),
              "refused" (422, nothing happens)
    once      the switch `create` counts for the first POST of each key only
    lag       so many complete listings after a create do not show the account, nor does the search
    hides     so many seconds after a create neither a listing nor the search shows the account, nor does it answer by its
              id; the recipe says so (lag)
    by_id     reading one account by its id: True, or "gone" (404 for those that the listing does not show)
    search    "exact", or "ignores" (the filter is not heeded)
    writes    "kept"; "ignored" (200, and nothing happens); "capitalised" (keys begin with a capital)
    reuse     an id is the largest there is and one more, so that the last one comes again
    forbidden groups that nobody can be taken out of (403)
    nested    group -> group whose members count for it too: to take such a one out is answered with 404
    refuses   attributes whose update is refused with 400
    steps     the call that makes a new account whole: "done", or "refused" (500)
    makes     "password": a create is answered with one that the platform made
    edges     how memberships are read and changed: "of-group", or "of-person" (all groups of a person with one call)
    partial   of a person's groups the last one is not told, and the total counts it
    listings  listing all people: "told", or "refused" (403)
    wait      seconds between reading a whole group and writing it
"""
import json
import signal
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RECIPE = """recipe: 1
name: unkind
about: A people API that is not kind
options:
  url: {type: url, required: true, about: Base address}
auth: none
user:
  key: mail
  active: {at: enabled, is: true}
  attributes:
    mail: {required: true}
    name: {}
    title: {}
  list: {request: GET /people, items: people, total: total, pages: none}
  get: {request: "GET /people/{account.id}"}
  find: {request: GET /people, query: {mail: "{key}"}, items: people}
  create: {request: POST /people, @CREATE@}
  update:
    profile: {request: "PATCH /people/{account.id}", attributes: [mail, name]}
    title: {request: "PATCH /people/{account.id}/title", attributes: [title]}
  enable: {request: "PATCH /people/{account.id}", body: {enabled: "true"}}
  disable: {request: "PATCH /people/{account.id}", body: {enabled: "false"}}
  delete: {request: "DELETE /people/{account.id}"}
entitlements:
  group:
    list: {request: GET /groups, items: groups, pages: none}
    memberships:
      per: group
      list: {request: "GET /groups/{entitlement.id}/members", items: members, pages: none}
      account: id
    add: {request: "PUT /groups/{membership.entitlement}/members/{account.id}"}
    remove: {request: "DELETE /groups/{membership.entitlement}/members/{account.id}"}
"""

OF_PERSON = """    memberships:
      per: user
      list: {request: "GET /people/{account.id}/groups", items: groups, total: total, pages: none}
      entitlement: id
    set: {request: "PUT /people/{account.id}/groups", body: {groups: memberships}}
"""


class Lost(Exception):
    pass


class Platform:
    def __init__(self, groups=("staff", "owners"), **switches):
        self.create, self.once, self.lag, self.by_id, self.search = "", False, 0, True, "exact"
        self.writes, self.reuse, self.forbidden, self.nested = "kept", False, (), {}
        self.refuses, self.steps, self.makes, self.wait = (), "done", "", 0
        self.edges, self.partial, self.hides, self.listings = "of-group", False, 0, "told"
        self.people, self.hidden, self.made, self.log, self.seen = {}, {}, {}, [], set()
        self.groups = {name: [] for name in groups}
        self.number = 0
        self.lock = threading.RLock()
        for name, value in switches.items():
            getattr(self, name)
            setattr(self, name, value)

    def recipe(self, create="secret: password"):
        text = RECIPE.replace("@CREATE@", create)
        if self.hides:
            text = text.replace(f", {create}}}", f", {create}, lag: {self.hides + 1}s}}")
        return text if self.edges == "of-group" else text[:text.index("    memberships:")] + OF_PERSON

    def seed(self, mail, name="", groups=(), **more):
        person = self.add({"mail": mail, "name": name, **more})
        for group in groups:
            self.groups[group].append(person["id"])
        return person

    def add(self, values):
        self.number = max([int(one) for one in self.people] or [0]) + 1 if self.reuse else self.number + 1
        person = {"enabled": True, **values, "id": str(self.number)}
        self.people[person["id"]] = person
        return person

    def count(self, method, path=""):
        return sum(1 for one, where in self.log if one == method and where.startswith(path))

    def of(self, mail):
        return [one for one in self.people.values() if one["mail"].lower() == mail.lower()]

    def shown(self, person):
        return {name: value for name, value in person.items() if name not in ("password", "whole")}

    def is_young(self, person):
        return time.monotonic() < self.made.get(person["id"], 0) + self.hides

    def answer(self, method, path, query, body):
        parts = path.strip("/").split("/")
        if path == "/people" and method == "GET":
            return self.listing(query)
        if path == "/people" and method == "POST":
            return self.post(body)
        if parts[0] == "people" and parts[1] in self.people:
            return self.one(method, self.people[parts[1]], parts[2:], body)
        if path == "/groups":
            return 200, {"groups": [{"id": name, "name": name} for name in self.groups]}
        if parts[0] == "groups" and parts[1] in self.groups:
            return self.members(method, parts[1], parts[3:])
        return 404, {"message": "nothing here"}

    def listing(self, query):
        visible = [self.shown(one) for one in self.people.values()
                   if one["id"] not in self.hidden and not self.is_young(one)]
        if "mail" in query:
            return 200, {"people": [one for one in visible
                                    if self.search == "ignores" or one["mail"] == query["mail"]]}
        if self.listings == "refused":
            return 403, {"message": "not now"}
        self.hidden = {one: left - 1 for one, left in self.hidden.items() if left > 1}
        return 200, {"people": visible, "total": len(visible)}

    def post(self, body):
        how = self.create if not (self.once and body["mail"] in self.seen) else ""
        self.seen.add(body["mail"])
        if how == "refused":
            return 422, {"message": "no such domain"}
        if self.writes == "capitalised":
            body["mail"] = body["mail"][:1].upper() + body["mail"][1:]
        first = next(iter(self.people.values()), None)
        person = self.add(body)
        if self.lag:
            self.hidden[person["id"]] = self.lag
        self.made[person["id"]] = time.monotonic()
        if how == "lost":
            raise Lost
        if how in ("429", "502"):
            return int(how), {"message": "too busy"}
        if how == "no-id":
            return 200, {"ok": True}
        if how == "other-id":
            return 201, self.shown(first)
        more = {"password": f"made-for-{person['id']}"} if self.makes else {}
        return 201, {**self.shown(person), **more}

    def one(self, method, person, rest, body):
        if method == "GET" and rest == ["groups"]:
            held = [{"id": name} for name, members in self.groups.items() if person["id"] in members]
            return 200, {"groups": held[:-1] if self.partial else held, "total": len(held)}
        if method == "GET":
            hidden = self.by_id == "gone" and person["id"] in self.hidden or self.is_young(person)
            return (404, None) if hidden else (200, self.shown(person))
        if method == "DELETE":
            del self.people[person["id"]]
            for members in self.groups.values():
                if person["id"] in members:
                    members.remove(person["id"])
            return 204, None
        if rest == ["groups"]:
            for members in self.groups.values():
                if person["id"] in members:
                    members.remove(person["id"])
            for group in body["groups"]:
                self.groups[group].append(person["id"])
            return 204, None
        if rest == ["whole"]:
            if self.steps == "refused":
                return 500, {"message": "not now"}
            person.update(body or {}, whole=True)
            return 204, None
        if set(body) & set(self.refuses):
            return 400, {"message": "this is not taken"}
        if self.writes != "ignored":
            person.update(body)
            if self.writes == "capitalised":
                person["mail"] = person["mail"][:1].upper() + person["mail"][1:]
        return 200, self.shown(person)

    def members(self, method, group, rest):
        inherited = self.groups[self.nested[group]] if group in self.nested else []
        if method == "GET":
            return 200, {"members": [{"id": one} for one in dict.fromkeys(self.groups[group] + inherited)]}
        if method == "DELETE" and group in self.forbidden:
            return 403, {"message": "somebody must own it"}
        if self.wait:  # the whole group is read, changed and written, as some servers do
            held = list(self.groups[group])
            self.lock.release()
            time.sleep(self.wait)
            self.lock.acquire()
        else:
            held = self.groups[group]
        if method == "DELETE" and rest[0] not in held:
            return 404, {"message": "no direct member"}
        if method == "DELETE":
            held.remove(rest[0])
        elif rest[0] not in held:
            held.append(rest[0])
        self.groups[group] = held
        return 204, None

    def serve(self):
        platform = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do(self):
                raw = self.rfile.read(int(self.headers.get("content-length") or 0))
                url = urllib.parse.urlsplit(self.path)
                with platform.lock:
                    if self.command != "GET" or not url.query:
                        platform.log.append((self.command, url.path))
                    try:
                        status, body = platform.answer(self.command, urllib.parse.unquote(url.path),
                                                       dict(urllib.parse.parse_qsl(url.query)),
                                                       json.loads(raw) if raw else None)
                    except Lost:
                        self.close_connection = True
                        return
                data = b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                pass  # a client that was killed

        server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server


class Disturbed(Platform):
    """Counts writes; at those it is told of, the reply is lost or usher is killed, before or after the effect."""

    def __init__(self, **switches):
        super().__init__(**switches)
        self.writes_seen, self.disturbances, self.victim = 0, {}, None

    def answer(self, method, path, query, body):
        if method == "GET":
            return super().answer(method, path, query, body)
        self.writes_seen += 1
        what = self.disturbances.pop(self.writes_seen, "")
        if what == "kill before":
            return self.kill()
        reply = super().answer(method, path, query, body)
        if what == "kill after":
            return self.kill()
        if what == "lost":
            raise Lost
        return reply

    def kill(self):
        self.victim.send_signal(signal.SIGKILL)
        raise Lost
