"""One address for everything (GraphQL), many members in one request: errors under 200, nodes inside edges, cursors
inside the query's variables, null for who is not there, a date for who has left, a session in a cookie that dies
early."""
import re
import uuid


class Api:
    own = "sys@x.example"
    trial = ["--join", "team=T1"]

    def __init__(self, secret):
        self.secret, self.secrets, self.refused, self.batches = secret, [], [], []
        self.users, self.teams, self.session, self.calls = {}, {"T1": "core", "T2": "edge"}, None, 0
        self.own_id = self.seed(self.own, "Sy", "S", None, True)

    def seed(self, mail, first, last, department, active):
        id = "u_" + uuid.uuid4().hex[:12]
        self.users[id] = {"id": id, "email": mail, "name": {"first": first, "last": last},
                          "leftAt": None if active else "2026-01-01T00:00:00Z",
                          "teams": [team for team, name in self.teams.items() if name == department]}
        return id

    def held(self):
        return {one["email"]: {"active": one["leftAt"] is None, "first": one["name"]["first"],
                               "department": next((self.teams[team] for team in one["teams"]), None)}
                for one in self.users.values()}

    def shown(self, one):
        shown = {**one, "teams": {"nodes": [{"team": {"id": team}} for team in one["teams"]]}}
        return {key: value for key, value in shown.items() if value is not None}

    def answer(self, call):
        if call.match("POST /login"):
            if call.body != {"user": "sys", "password": self.secret}:
                return 401, {"errors": [{"message": "no"}]}
            self.session, self.calls = uuid.uuid4().hex, 0
            self.secrets.append(self.session)
            return 204, None, {"Set-Cookie": f"sid={self.session}; Path=/; HttpOnly"}
        self.calls += 1
        if call.headers.get("cookie") != f"sid={self.session}" or self.calls > 25:
            return 401, {"errors": [{"message": "Not logged in"}]}
        if not call.match("POST /graphql"):
            self.refused.append(f"{call.method} {call.path}")
            return 404, None
        name = re.match(r"(?:query|mutation) (\w+)", call.body["query"]).group(1)
        try:
            return 200, {"data": getattr(self, name)(call.body.get("variables", {}))}
        except KeyError as failed:
            return 200, {"data": None, "errors": [{"message": f"no {failed}", "extensions": {"code": "NOT_FOUND"}}]}
        except ValueError as failed:
            return 200, {"data": None, "errors": [{"message": str(failed), "extensions": {"code": "TAKEN"}}]}

    def Viewer(self, _):
        return {"viewer": self.shown(self.users[self.own_id])}

    def Users(self, given):
        ids = list(self.users)
        start = ids.index(given["after"]) + 1 if given.get("after") else 0
        page = ids[start:start + min(given["first"], 5)]
        return {"users": {"edges": [{"node": self.shown(self.users[id])} for id in page],
                          "pageInfo": {"endCursor": page[-1] if page else None, "hasNextPage": start + 5 < len(ids)}}}

    def User(self, given):
        found = self.users.get(given["id"])
        return {"user": self.shown(found) if found else None}

    def ByEmail(self, given):
        return {"users": {"edges": [{"node": self.shown(one)} for one in self.users.values() if given["like"] in one["email"]]}}

    def Teams(self, _):
        return {"teams": [{"id": id, "title": name} for id, name in self.teams.items()]}

    def Create(self, given):
        if any(one["email"] == given["input"]["email"] for one in self.users.values()):
            raise ValueError("e-mail is taken")
        self.secrets.append(given["input"]["password"])
        id = self.seed(given["input"]["email"], given["input"]["name"]["first"], given["input"]["name"]["last"], None, True)
        return {"createUser": {"user": {"id": id}}}

    def Update(self, given):
        user = self.users[given["id"]]
        change = dict(given["input"])
        user["name"] = {**user["name"], **change.pop("name", {})}
        user.update(change)
        return {"updateUser": {"user": self.shown(user)}}

    def Leave(self, given):
        self.users[given["id"]]["leftAt"] = "2026-02-02T00:00:00Z" if given["left"] else None
        return {}

    def Delete(self, given):
        del self.users[given["id"]]
        return {}

    def Join(self, given):
        if given["team"] not in self.teams:
            raise KeyError(given["team"])
        self.batches.append(len(given["users"]))
        for teams in [self.users[user]["teams"] for user in given["users"]]:
            if given["in"] and given["team"] not in teams:
                teams.append(given["team"])
            if not given["in"] and given["team"] in teams:
                teams.remove(given["team"])
        return {}
