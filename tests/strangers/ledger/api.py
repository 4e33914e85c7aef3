"""A ledger of accounts: searches by POST with the position in the body, accounts two levels down with numbers for ids and
states, closed ones hidden unless asked for, replacement of the whole object and only over the version that was read,
activation by a call of its own, memberships as objects with ids of their own, the total in a header."""


class Api:
    own = "root@x.example"
    trial = ["--join", "group=1", "--set", "cost=3"]

    def __init__(self, secret):
        self.secret, self.secrets, self.refused = secret, [], []
        self.accounts, self.edges, self.next, self.tickets = {}, {}, 40, {}
        self.groups = {1: "core", 2: "edge"}
        self.seed(self.own, "Ro", "Ot", None, True)

    def new_id(self):
        self.next += 1
        return self.next

    def seed(self, mail, first, last, department, active):
        id = self.new_id()
        self.accounts[id] = {"id": id, "login": mail, "person": {"given": first, "family": last}, "cost": 1,
                             "state": 1 if active else 9, "remarks": ["kept"], "revision": 1}
        for group, name in self.groups.items():
            if name == department:
                self.edges[self.new_id()] = {"account": id, "group": group, "level": 10}
        return id

    def held(self):
        group = {edge["account"]: self.groups[edge["group"]] for edge in self.edges.values()}
        lost = [one["login"] for one in self.accounts.values() if "remarks" not in one]
        if lost:
            self.refused.append(f"remarks of {lost} are lost")
        return {one["login"]: {"active": one["state"] == 1, "first": one["person"]["given"],
                               "department": group.get(id)} for id, one in self.accounts.items()}

    def answer(self, call):
        if call.headers.get("x-ledger-key") != self.secret or call.headers.get("x-ledger-book") != "main":
            return 401, {"fault": {"code": 17, "text": "who are you"}}
        if call.match("POST /v1/accounts/search"):
            return self.search(call.body)
        if call.match("GET /v1/self"):
            return 200, {"result": {"account": next(iter(self.accounts.values()))}}
        if call.match("POST /v1/accounts"):
            return self.create(call.body["account"])
        if call.match("POST /v1/accounts/{}/activate"):
            id = int(call.parts[0])
            if self.tickets.pop(id, None) != call.body["ticket"]:
                return 409, {"fault": {"code": 30, "text": "not that ticket"}}
            self.secrets.append(call.body["password"])
            self.accounts[id]["state"] = 1
            return 204, None
        if call.match("GET /v1/groups"):
            return 200, [{"id": id, "label": name} for id, name in self.groups.items()], {"X-Count": 2}
        if call.match("GET /v1/memberships"):
            start = int(call.query["after"]) if "after" in call.query else 0
            of = call.query.get("account")
            rows = [{"id": id, "account": {"id": edge["account"]}, "group": {"id": edge["group"]}, "level": edge["level"]}
                    for id, edge in sorted(self.edges.items()) if id > start and of in (None, str(edge["account"]))]
            return 200, rows[:7]
        if call.match("POST /v1/memberships"):
            if not all(type(value) is int for value in call.body.values()):
                return 400, {"fault": {"code": 2, "text": "numbers, please"}}
            if any({**edge, "level": 0} == {**call.body, "level": 0} for edge in self.edges.values()):
                return 409, {"fault": {"code": 40, "text": "is in there"}}
            self.edges[self.new_id()] = call.body
            return 201, {}
        if call.match("DELETE /v1/memberships/{}"):
            gone = self.edges.pop(int(call.parts[0]), None)
            return (204, None) if gone else (404, {"fault": {"code": 4, "text": "no such membership"}})
        for method in ("GET", "PUT", "DELETE"):
            if call.match(method + " /v1/accounts/{}"):
                return self.one(call, int(call.parts[0]))
        self.refused.append(f"{call.method} {call.path}")
        return 404, {"fault": {"code": 4, "text": "no such place"}}

    def search(self, body):
        rows = [one for one in self.accounts.values()
                if (one["state"] == 9) == (body["filter"].get("closed") is True)
                and body["filter"].get("login") in (None, one["login"])]
        at = body.get("at", 0)
        return 200, {"result": {"book": {"rows": [{"account": one, "links": []} for one in rows[at:at + min(body.get("most", 6), 6)]],
                                         "of": len(rows)}}}

    def create(self, given):
        if any(one["login"] == given["login"] for one in self.accounts.values()):
            return 422, {"fault": {"code": 21, "text": "login is taken"}}
        id = self.seed(given["login"], given["person"]["given"], given["person"]["family"], None, True)
        self.accounts[id]["state"] = 2
        self.accounts[id]["cost"] = given.get("cost", 1)
        self.tickets[id] = f"t{id}"
        return 202, {"result": {"id": id, "ticket": f"t{id}"}}

    def one(self, call, id):
        one = self.accounts.get(id)
        if one is None or (one["state"] == 9 and call.method == "GET" and call.query.get("closed") != "true"):
            return 404, {"fault": {"code": 4, "text": "no such account"}}
        tag = f'"{one["revision"]}"'
        if call.method == "PUT":
            if call.headers.get("if-match") != tag:
                return 412, {"fault": {"code": 12, "text": "somebody else was here"}}
            if set(call.body) != {"account"} or "revision" in call.body["account"]:
                return 400, {"fault": {"code": 3, "text": "not like this"}}
            self.accounts[id] = {**call.body["account"], "id": id, "revision": one["revision"] + 1}
            return 200, {}
        if call.method == "DELETE":
            del self.accounts[id]
            self.edges = {key: edge for key, edge in self.edges.items() if edge["account"] != id}
            return 204, None
        return 200, {"result": {"account": one}}, {"ETag": tag}
