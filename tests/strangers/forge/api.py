"""A forge: numbers as ids, the Link header, a state in words, blocking, members with an access level per group."""


class Api:
    own = "root@x.example"
    trial = ["--set", "username=usher-test", "--join", "group=7"]

    def __init__(self, secret):
        self.secret, self.secrets, self.refused = secret, [], []
        self.users, self.members = {}, {7: {}, 8: {}}
        self.groups = {7: "core", 8: "edge"}
        self.next = 1
        self.seed(self.own, "Root", "Root", None, True)

    def seed(self, mail, first, last, department, active):
        id, self.next = self.next, self.next + 1
        self.users[id] = {"id": id, "email": mail, "username": mail.split("@")[0], "name": f"{first} {last}",
                          "state": "active" if active else "blocked"}
        for group, name in self.groups.items():
            if name == department:
                self.members[group][id] = 20

    def held(self):
        department = {user: self.groups[group] for group, users in self.members.items() for user in users}
        return {one["email"]: {"active": one["state"] == "active", "first": one["name"].split()[0],
                               "department": department.get(id)} for id, one in self.users.items()}

    def page(self, call, items, path):
        size, page = min(int(call.query.get("per_page", 20)), 10), int(call.query.get("page", 1))
        links = []
        if page * size < len(items):
            links.append(f'<{call.host}{path}?per_page={size}&page={page + 1}>; rel="next"')
        links.append(f'<{call.host}{path}?per_page={size}&page=1>; rel="first"')
        return 200, items[(page - 1) * size:page * size], {"Link": ", ".join(links), "X-Total": len(items)}

    def answer(self, call):
        if call.headers.get("private-token") != self.secret:
            return 401, {"message": "401 Unauthorized"}
        if call.match("GET /api/v4/user"):
            return 200, self.users[1]
        if call.match("GET /api/v4/users"):
            found = [one for one in self.users.values() if call.query.get("search", "") in one["email"]]
            return self.page(call, found, "/api/v4/users")
        if call.match("GET /api/v4/groups"):
            return self.page(call, [{"id": id, "name": name} for id, name in self.groups.items()], "/api/v4/groups")
        if call.match("POST /api/v4/users"):
            return self.create(call.body)
        for pattern in ("GET", "PUT", "DELETE"):
            if call.match(pattern + " /api/v4/users/{}"):
                return self.one(call, int(call.parts[0]))
        for act, state in (("block", "blocked"), ("unblock", "active")):
            if call.match("POST /api/v4/users/{}/" + act):
                user = self.users[int(call.parts[0])]
                if user["state"] == state:
                    return 403, {"message": "403 Forbidden - cannot do that now"}
                user["state"] = state
                return 201, True
        return self.membership(call)

    def create(self, body):
        if any(one["email"] == body["email"] for one in self.users.values()):
            return 400, {"message": {"email": ["has already been taken"]}}
        if not {"email", "username", "name"} <= set(body) or "password" not in body:
            return 400, {"message": "something is missing"}
        self.secrets.append(body["password"])
        first, _, last = body["name"].partition(" ")
        self.seed(body["email"], first, last, None, True)
        self.users[self.next - 1].update(username=body["username"], name=body["name"])
        return 201, self.users[self.next - 1]

    def one(self, call, id):
        if id not in self.users:
            return 404, {"message": "404 User Not Found"}
        if call.method == "PUT":
            self.users[id].update(call.body)
        if call.method == "DELETE":
            del self.users[id]
            for users in self.members.values():
                users.pop(id, None)
            return 204, None
        return 200, self.users[id]

    def membership(self, call):
        if call.match("GET /api/v4/groups/{}/members"):
            group = int(call.parts[0])
            return self.page(call, [{"id": id, "access_level": level} for id, level in self.members[group].items()],
                             f"/api/v4/groups/{group}/members")
        if call.match("POST /api/v4/groups/{}/members"):
            users, id = self.members[int(call.parts[0])], call.body["user_id"]
            if not isinstance(id, int) or not isinstance(call.body["access_level"], int):
                return 400, {"message": "numbers are wanted"}
            if id in users:
                return 409, {"message": "Member already exists"}
            users[id] = call.body["access_level"]
            return 201, {"id": id}
        if call.match("PUT /api/v4/groups/{}/members/{}"):
            self.members[int(call.parts[0])][int(call.parts[1])] = call.body["access_level"]
            return 200, {}
        if call.match("DELETE /api/v4/groups/{}/members/{}"):
            gone = self.members[int(call.parts[0])].pop(int(call.parts[1]), None)
            return (204, None) if gone else (404, {"message": "404 Not found"})
        self.refused.append(f"{call.method} {call.path}")
        return 404, {"message": "404 Not Found"}
