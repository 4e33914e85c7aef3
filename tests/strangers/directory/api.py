"""A directory behind OAuth 2: arrays by first and max, a call of its own for their number, groups of each user, a
department that is a list of one, a create that answers with a location only."""
import base64
import uuid


class Api:
    own = "service@x.example"

    def __init__(self, secret):
        self.secret, self.secrets, self.refused = secret, [], []
        self.token, self.calls = None, 0
        self.users, self.groups = {}, {str(uuid.UUID(int=i)): name for i, name in ((1, "core"), (2, "edge"))}
        self.seed(self.own, "Ser", "Vice", None, True)
        self.trial = ["--join", f"group={next(iter(self.groups))}"]

    def seed(self, mail, first, last, department, active):
        id = str(uuid.uuid4())
        self.users[id] = {"id": id, "username": mail, "email": mail, "firstName": first, "lastName": last,
                          "enabled": active, "attributes": {"department": [department or "none"]},
                          "groups": {group for group, name in self.groups.items() if name == department}}
        return id

    def held(self):
        return {one["email"]: {"active": one["enabled"], "first": one["firstName"],
                               "department": next((self.groups[id] for id in one["groups"]), None)
                               if one["attributes"]["department"] == [self.groups.get(next(iter(one["groups"]), ""))]
                               else one["attributes"]["department"]} for one in self.users.values()}

    def shown(self, user):
        return {key: value for key, value in user.items() if key != "groups"}

    def answer(self, call):
        if call.match("POST /realms/x/protocol/openid-connect/token"):
            basic = "Basic " + base64.b64encode(f"usher:{self.secret}".encode()).decode()
            if call.headers.get("authorization") != basic or call.body != {"grant_type": "client_credentials"}:
                return 401, {"error": "unauthorized_client"}
            self.token, self.calls = "eyJ" + uuid.uuid4().hex, 0
            self.secrets.append(self.token)
            return 200, {"access_token": self.token, "expires_in": 300, "token_type": "Bearer"}
        self.calls += 1
        # The token dies early now and then.
        if call.headers.get("authorization") != f"Bearer {self.token}" or self.calls > 40:
            return 401, {"error": "HTTP 401 Unauthorized"}
        if call.match("GET /admin/realms/x/users/count"):
            return 200, len(self.users)
        if call.match("GET /admin/realms/x/users"):
            found = [one for one in self.users.values() if call.query.get("email", one["email"]) == one["email"]]
            first, most = int(call.query.get("first", 0)), int(call.query.get("max", 100))
            return 200, [self.shown(one) for one in found[first:first + most]]
        if call.match("POST /admin/realms/x/users"):
            body = call.body
            if any(one["email"] == body["email"] for one in self.users.values()):
                return 409, {"errorMessage": "User exists with same email"}
            self.secrets.append(body["credentials"][0]["value"])
            if body["credentials"][0]["temporary"] is not True:
                self.refused.append("a password that is not temporary")
            id = self.seed(body["email"], "", "", None, body.get("enabled", False))
            self.users[id].update({key: value for key, value in body.items() if key != "credentials"})
            return 201, None, {"Location": f"{call.host}/admin/realms/x/users/{id}"}
        if call.match("GET /admin/realms/x/groups"):
            return 200, [{"id": id, "name": name} for id, name in self.groups.items()]
        for method in ("GET", "PUT", "DELETE"):
            if call.match(method + " /admin/realms/x/users/{}"):
                return self.one(call, self.users.get(call.parts[0]))
            if call.match(method + " /admin/realms/x/users/{}/groups/{}"):
                groups = self.users[call.parts[0]]["groups"]
                (groups.add if method == "PUT" else groups.discard)(call.parts[1])
                return 204, None
        if call.match("GET /admin/realms/x/users/{}/groups"):
            return 200, [{"id": id, "name": self.groups[id]} for id in sorted(self.users[call.parts[0]]["groups"])]
        self.refused.append(f"{call.method} {call.path}")
        return 404, {"error": "not found"}

    def one(self, call, user):
        if user is None:
            return 404, {"error": "User not found"}
        if call.method == "GET":
            return 200, self.shown(user)
        if call.method == "DELETE":
            del self.users[user["id"]]
        elif "attributes" in call.body and not all(isinstance(v, list) for v in call.body["attributes"].values()):
            return 400, {"errorMessage": "attributes are lists"}
        else:
            user.update(call.body)
        return 204, None
