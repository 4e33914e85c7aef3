"""Tables behind REST: rows chosen by filters and never by a path, one row is a list of one, the page stands in the header
Range and the total in Content-Range, who left has a flag of 0 and 1, memberships are rows of their own."""
import base64


class Api:
    own = "service@x.example"
    trial = ["--join", "group=a"]

    def __init__(self, secret):
        self.secret, self.secrets, self.refused = secret, [], []
        self.people, self.members, self.next = [], [], 0
        self.groups = [{"key": "a", "title": "core"}, {"key": "b", "title": "edge"}]
        self.seed(self.own, "Ser", "Vice", None, True)

    def seed(self, mail, first, last, department, active):
        self.next += 1
        self.people.append({"id": self.next, "email": mail, "first_name": first, "last_name": last, "enabled": int(active)})
        self.members += [{"person_id": self.next, "group_key": group["key"]} for group in self.groups
                         if group["title"] == department]
        return self.next

    def held(self):
        title = {group["key"]: group["title"] for group in self.groups}
        group = {row["person_id"]: title[row["group_key"]] for row in self.members}
        return {one["email"]: {"active": one["enabled"] == 1, "first": one["first_name"], "department": group.get(one["id"])}
                for one in self.people}

    def answer(self, call):
        given = base64.b64decode(call.headers.get("authorization", "Basic ").split(" ", 1)[1]).decode()
        if given != f"service:{self.secret}":
            return 401, {"message": "JWT or password, please"}
        tables = {"/people": self.people, "/members": self.members, "/groups": self.groups}
        if call.path not in tables or any(not value.startswith("eq.") for value in call.query.values()):
            self.refused.append(f"{call.method} {call.path} {call.query}")
            return 404, {"message": "no such table"}
        rows = tables[call.path]
        chosen = [row for row in rows if all(str(row[key]) == value[3:] for key, value in call.query.items())]
        if call.method == "GET":
            start = int(call.headers.get("range", "0-").split("-")[0].removeprefix("items="))
            if start >= len(chosen) and start > 0:
                return 416, {"message": "Requested range not satisfiable"}, {"Content-Range": f"*/{len(chosen)}"}
            page = chosen[start:start + 9]
            return 206, page, {"Content-Range": f"{start}-{start + len(page) - 1}/{len(chosen)}"}
        if call.method == "POST":
            return self.insert(call, rows)
        if not call.query:
            self.refused.append(f"{call.method} of everything")
            return 400, {"message": "of everything?"}
        if call.method == "PATCH":
            for row in chosen:
                row.update(call.body)
            return 200, chosen
        for row in chosen:
            rows.remove(row)
            if call.path == "/people":
                self.members[:] = [edge for edge in self.members if edge["person_id"] != row["id"]]
        return 204, None

    def insert(self, call, rows):
        row = dict(call.body)
        if call.path == "/people":
            if any(one["email"] == row["email"] for one in rows):
                return 409, {"code": "23505", "message": "duplicate key value violates unique constraint"}
            self.seed(row["email"], row["first_name"], row["last_name"], None, row.get("enabled", 1) == 1)
            return 201, [self.people[-1]] if call.headers.get("prefer") == "return=representation" else None
        if row in rows:
            return 409, {"code": "23505", "message": "duplicate key value violates unique constraint"}
        rows.append(row)
        return 201, None
