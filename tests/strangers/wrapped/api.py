"""Everything in an envelope (JSON:API): a session whose token comes in the body of the login and goes into a header,
next links, PUT that replaces the whole user, teams as separate objects."""
import copy
import uuid


class Api:
    own = "boss@x.example"
    trial = ["--join", "team=t-core"]

    def __init__(self, secret):
        self.secret, self.secrets, self.refused = secret, [], []
        self.users, self.next, self.session, self.calls = {}, 100, None, 0
        self.memberships = {}
        self.seed(self.own, "Bo", "Ss", None, True)

    def seed(self, mail, first, last, department, active):
        self.next += 1
        id = str(self.next)
        self.users[id] = {"mail": mail, "first-name": first, "last-name": last, "suspended": not active,
                          "settings": {"theme": "dark"}}
        if department:
            self.memberships[f"m{len(self.memberships) + 1}-{id}"] = (id, "t-" + department)
        return id

    def held(self):
        department = {user: team[2:] for user, team in self.memberships.values()}
        bare = [one["mail"] for one in self.users.values() if one.get("settings") != {"theme": "dark"}]
        if bare:
            self.refused.append(f"settings of {bare} are lost")
        return {one["mail"]: {"active": not one["suspended"], "first": one["first-name"],
                              "department": department.get(id)} for id, one in self.users.items()}

    def shown(self, id):
        return {"type": "users", "id": id, "attributes": self.users[id], "links": {"self": f"/users/{id}"}}

    def answer(self, call):
        if call.match("POST /sessions"):
            given = call.body["data"]["attributes"]
            if given != {"login": "boss", "password": self.secret}:
                return 422, {"errors": [{"title": "Wrong login"}]}
            self.session, self.calls = uuid.uuid4().hex, 0
            self.secrets.append(self.session)
            return 201, {"data": {"type": "sessions", "attributes": {"token": self.session}}}
        self.calls += 1
        if call.headers.get("x-session") != self.session or self.calls > 30:
            return 403, {"errors": [{"title": "The session has ended", "code": "session"}]}
        if call.match("GET /users"):
            if "filter[mail]" in call.query:
                return 200, {"data": [self.shown(id) for id, one in self.users.items()
                                      if one["mail"] == call.query["filter[mail]"]]}
            size, number = min(int(call.query["page[size]"]), 8), int(call.query.get("page[number]", 1))
            ids = list(self.users)[(number - 1) * size:number * size]
            links = {"next": f"/users?page[number]={number + 1}&page[size]={size}" if number * size < len(self.users) else None}
            return 200, {"data": [self.shown(id) for id in ids], "links": links, "meta": {"total": len(self.users)}}
        if call.match("GET /me"):
            return 200, {"data": self.shown("101")}
        if call.match("POST /users"):
            return self.create(call.body["data"])
        for method in ("GET", "PUT", "DELETE"):
            if call.match(method + " /users/{}"):
                return self.one(call, call.parts[0])
        if call.match("GET /teams"):
            return 200, {"data": [{"id": "t-" + name, "attributes": {"title": name}} for name in ("core", "edge")]}
        if call.match("GET /memberships"):
            return 200, {"data": [{"id": id, "relationships": {"user": {"data": {"id": user}}, "team": {"data": {"id": team}}}}
                                  for id, (user, team) in self.memberships.items()]}
        if call.match("POST /memberships"):
            parts = call.body["data"]["relationships"]
            edge = (parts["user"]["data"]["id"], parts["team"]["data"]["id"])
            if edge not in self.memberships.values():
                self.memberships[f"m{len(self.memberships) + 1}-{edge[0]}-{uuid.uuid4().hex[:4]}"] = edge
            return 201, {"data": {}}
        if call.match("DELETE /teams/{}/users/{}"):
            self.memberships = {id: edge for id, edge in self.memberships.items() if edge != (call.parts[1], call.parts[0])}
            return 204, None
        self.refused.append(f"{call.method} {call.path}")
        return 404, {"errors": [{"title": "Not found"}]}

    def create(self, data):
        given = data["attributes"]
        if data["type"] != "users" or any(one["mail"] == given["mail"] for one in self.users.values()):
            return 409, {"errors": [{"title": "Taken", "code": "taken"}]}
        self.secrets.append(given["password"])
        id = self.seed(given["mail"], given.get("first-name", ""), given.get("last-name", ""), None, not given["suspended"])
        return 201, {"data": self.shown(id)}

    def one(self, call, id):
        if id not in self.users:
            return 404, {"errors": [{"title": "Not found"}]}
        if call.method == "PUT":
            data = call.body["data"]
            if data["type"] != "users" or data["id"] != id:
                return 409, {"errors": [{"title": "type and id must agree"}]}
            self.users[id] = copy.deepcopy(data["attributes"])
        if call.method == "DELETE":
            del self.users[id]
            self.memberships = {key: edge for key, edge in self.memberships.items() if edge[0] != id}
            return 204, None
        return 200, {"data": self.shown(id)}
