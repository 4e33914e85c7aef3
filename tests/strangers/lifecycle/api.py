"""An identity service: a profile inside the user, states changed by calls of their own, POST for updates, deprovisioned
users in a listing of their own, deleting in two steps, cursors in the Link header, a rate limit."""
import uuid


class Api:
    own = "admin@x.example"

    def __init__(self, secret):
        self.secret, self.secrets, self.refused = secret, [], []
        self.users, self.groups, self.calls = {}, {"g1": "core", "g2": "edge"}, 0
        self.seed(self.own, "Ad", "Min", None, True)
        self.trial = ["--join", "group=g1"]

    def seed(self, mail, first, last, department, active):
        id = "00u" + uuid.uuid4().hex[:17]
        self.users[id] = {"id": id, "status": "ACTIVE" if active else "SUSPENDED",
                          "profile": {"login": mail, "email": mail, "firstName": first, "lastName": last},
                          "credentials": {"provider": {"type": "X"}}, "in": set()}
        self.users[id]["in"] |= {group for group, name in self.groups.items() if name == department}
        return id

    def held(self):
        return {one["profile"]["login"]: {"active": one["status"] == "ACTIVE", "first": one["profile"]["firstName"],
                                          "department": next((self.groups[g] for g in one["in"]), None)}
                for one in self.users.values()}

    def shown(self, one):
        return {key: value for key, value in one.items() if key != "in"}

    def page(self, call, items):
        after, limit = call.query.get("after", ""), min(int(call.query.get("limit", 200)), 9)
        items = sorted((one for one in items if one["id"] > after), key=lambda one: one["id"])
        page = items[:limit]
        links = [f'<{call.host}{call.path}>; rel="self"']
        if len(items) > limit:
            rest = "".join(f"&{k}={v}" for k, v in call.query.items() if k not in ("after", "limit"))
            links.append(f'<{call.host}{call.path}?after={page[-1]["id"]}&limit={limit}{rest.replace(" ", "%20").replace(chr(34), "%22")}>; rel="next"')
        return 200, [self.shown(one) for one in page], {"Link": ", ".join(links)}

    def answer(self, call):
        if call.headers.get("authorization") != f"SSWS {self.secret}":
            return 401, {"errorCode": "E0000011", "errorSummary": "Invalid token provided"}
        self.calls += 1
        if self.calls % 50 == 0:
            return 429, {"errorCode": "E0000047", "errorSummary": "too many"}, {"Retry-After": "0"}
        if call.match("GET /api/v1/users/me"):
            return 200, self.shown(next(iter(self.users.values())))
        if call.match("GET /api/v1/users"):
            gone = call.query.get("filter") == 'status eq "DEPROVISIONED"'
            return self.page(call, [one for one in self.users.values() if (one["status"] == "DEPROVISIONED") == gone])
        if call.match("POST /api/v1/users"):
            profile = call.body["profile"]
            if any(one["profile"]["login"] == profile["login"] for one in self.users.values()):
                return 400, {"errorCode": "E0000001", "errorCauses": [{"errorSummary": "login: already exists"}]}
            self.secrets.append(call.body["credentials"]["password"]["value"])
            id = self.seed(profile["login"], "", "", None, call.query.get("activate") == "true")
            self.users[id]["profile"] = profile
            return 200, self.shown(self.users[id])
        if call.match("GET /api/v1/groups"):
            return self.page(call, [{"id": id, "profile": {"name": name}} for id, name in self.groups.items()])
        if call.match("GET /api/v1/groups/{}/users"):
            return self.page(call, [one for one in self.users.values() if call.parts[0] in one["in"]])
        for method in ("PUT", "DELETE"):
            if call.match(method + " /api/v1/groups/{}/users/{}"):
                inside = self.users[call.parts[1]]["in"]
                (inside.add if method == "PUT" else inside.discard)(call.parts[0])
                return 204, None
        if call.match("GET /api/v1/users/{}/groups"):
            return 200, [{"id": id, "profile": {"name": self.groups[id]}} for id in sorted(self.users[call.parts[0]]["in"])]
        for method in ("GET", "POST", "DELETE"):
            if call.match(method + " /api/v1/users/{}"):
                return self.one(call)
        if call.match("POST /api/v1/users/{}/lifecycle/{}"):
            return self.turn(self.users[call.parts[0]], call.parts[1])
        self.refused.append(f"{call.method} {call.path}")
        return 404, {"errorCode": "E0000022", "errorSummary": "The endpoint does not exist"}

    def one(self, call):
        key = call.parts[0]
        user = self.users.get(key) or next((u for u in self.users.values() if u["profile"]["login"] == key), None)
        if user is None:
            return 404, {"errorCode": "E0000007", "errorSummary": "Not found: Resource not found"}
        if call.method == "POST":
            user["profile"].update(call.body["profile"])
        if call.method == "DELETE":
            if user["status"] != "DEPROVISIONED":
                user["status"] = "DEPROVISIONED"
            else:
                del self.users[user["id"]]
            return 204, None
        return 200, self.shown(user)

    def turn(self, user, act):
        before, after = {"suspend": ("ACTIVE", "SUSPENDED"), "unsuspend": ("SUSPENDED", "ACTIVE")}[act]
        if user["status"] != before:
            return 400, {"errorCode": "E0000001", "errorSummary": "Cannot do that in this state"}
        user["status"] = after
        return 200, {}
