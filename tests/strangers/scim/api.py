"""SCIM 2 as real servers do it: pages by startIndex that do not overlap, no /Me, no groups on users, PATCH operations with
paths, addresses in a list of which the one for work is not the first, an extension that has to be named, its own media
type, groups that keep a member twice who is added twice."""
import copy
import re
import uuid

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


class Api:
    own = "admin@x.example"

    def __init__(self, secret):
        self.secret, self.secrets, self.refused = secret, [], []
        self.users, self.homes = {}, set()
        self.groups = {name: {"id": str(uuid.uuid4()), "displayName": name, "members": []} for name in ("core", "edge")}
        self.seed(self.own, "Ad", "Min", None, True)
        self.trial = ["--join", f"group={self.groups['core']['id']}", "--change", "title=Head"]

    def seed(self, mail, first, last, department, active):
        id = str(uuid.uuid4())
        self.users[id] = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": id, "userName": mail,
                          "name": {"givenName": first, "familyName": last},
                          "emails": [{"value": "home-" + mail, "type": "home"},
                                     {"value": mail, "type": "work", "primary": True}],
                          "active": active, ENTERPRISE: {"department": department or "none"},
                          "meta": {"resourceType": "User"}}
        self.homes.add(id)
        if department:
            self.groups[department]["members"].append({"value": id})
        return id

    def held(self):
        def department(one):
            inside = [name for name, group in self.groups.items() if {"value": one["id"]} in group["members"]]
            own = one.get(ENTERPRISE, {}).get("department")
            return own if inside == [own] else (inside, own)
        return {one["userName"]: {"active": one["active"], "first": one["name"].get("givenName"),
                                  "department": department(one)} for one in self.users.values()
                if [e["value"] for e in one["emails"] if e["type"] == "work"] == [one["userName"]]
                and self.home_kept(one)}

    def home_kept(self, one):
        return one["id"] not in self.homes or one["emails"][0]["type"] == "home"

    def listed(self, call, items):
        start, count = int(call.query.get("startIndex", 1)), min(int(call.query.get("count", 100)), 10)
        start = (start - 1 + count - 1) // count * count + 1  # it slices once more: no page overlaps
        page = items[start - 1:start - 1 + count]
        return 200, {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": len(items),
                     "startIndex": start, "itemsPerPage": len(page), "Resources": page}

    def answer(self, call):
        if call.headers.get("authorization") != f"Bearer {self.secret}":
            return 401, {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "401"}
        if call.body is not None and call.type != "application/scim+json":
            self.refused.append(f"{call.method} {call.path} as {call.type}")
            return 415, None
        if call.match("GET /scim/v2/Me"):
            return 404, {"status": "404"}
        if call.match("GET /scim/v2/Users"):
            items = list(self.users.values())
            if "filter" in call.query:
                name = re.fullmatch(r'userName eq "(.*)"', call.query["filter"]).group(1)
                items = [one for one in items if one["userName"].lower() == name.lower()]
            return self.listed(call, items)
        if call.match("GET /scim/v2/Groups"):
            return self.listed(call, [{k: v for k, v in g.items() if k != "members"} for g in self.groups.values()])
        if call.match("GET /scim/v2/Groups/{}"):
            return 200, next(g for g in self.groups.values() if g["id"] == call.parts[0])
        if call.match("POST /scim/v2/Users"):
            return self.create(copy.deepcopy(call.body))
        for method in ("GET", "PATCH", "DELETE"):
            if call.match(method + " /scim/v2/Users/{}"):
                return self.one(call, self.users.get(call.parts[0]))
        if call.match("PATCH /scim/v2/Groups/{}"):
            return self.members(next(g for g in self.groups.values() if g["id"] == call.parts[0]), call.body)
        self.refused.append(f"{call.method} {call.path}")
        return 404, {"status": "404"}

    def create(self, body):
        if any(one["userName"] == body["userName"] for one in self.users.values()):
            return 409, {"scimType": "uniqueness", "detail": "userName is taken", "status": "409"}
        if "urn:ietf:params:scim:schemas:core:2.0:User" not in body["schemas"]:
            return 400, {"scimType": "invalidSyntax"}
        if (ENTERPRISE in body) != (ENTERPRISE in body["schemas"]):
            return 400, {"scimType": "invalidValue", "detail": "the extension and its schema come together"}
        self.secrets.append(body.pop("password"))
        id = self.seed(body["userName"], "", "", None, True)
        self.homes.discard(id)
        self.users[id] = {**body, "id": id}
        return 201, self.users[id]

    def one(self, call, user):
        if user is None:
            return 404, {"status": "404"}
        if call.method == "DELETE":
            del self.users[user["id"]]
            for group in self.groups.values():
                group["members"] = [m for m in group["members"] if m["value"] != user["id"]]
            return 204, None
        for operation in call.body["Operations"] if call.method == "PATCH" else []:
            self.operate(user, operation)
        return 200, user

    def operate(self, user, operation):
        path = operation.get("path", "")
        place, _, name = path.rpartition(":") if path.startswith("urn:") else path.rpartition(".")
        target = user.setdefault(place, {}) if place else user
        if operation["op"] == "remove":
            target.pop(name, None)
        elif operation["op"] == "replace" and name:
            target[name] = operation["value"]
        else:
            self.refused.append(str(operation))

    def members(self, group, body):
        for operation in body["Operations"]:
            if operation["op"] == "add" and operation["path"] == "members":
                group["members"] += operation["value"]
            elif operation["op"] == "remove":
                id = re.fullmatch(r'members\[value eq "(.*)"\]', operation["path"]).group(1)
                group["members"] = [m for m in group["members"] if m["value"] != id]
            else:
                self.refused.append(str(operation))
        return 204, None
