"""An old API: forms in, 200 with an error inside, no pages whatever is asked for, disabled accounts in a list of their
own, numbers as states, a key in a header, all roles of a user set at once, an id that the create does not answer."""


class Api:
    own = "api@x.example"
    trial = ["--join", "role=core"]

    def __init__(self, secret):
        self.secret, self.secrets, self.refused = secret, [], []
        self.users, self.next = {}, 0
        self.seed(self.own, "A", "Pi", None, True)

    def seed(self, mail, first, last, department, active):
        self.next += 1
        self.users[self.next] = {"uid": self.next, "mail": mail, "given": first, "family": last,
                                 "blocked": 0 if active else 1, "roles": [department] if department else []}

    def held(self):
        return {one["mail"]: {"active": one["blocked"] == 0, "first": one["given"],
                              "department": one["roles"][0] if one["roles"] else None} for one in self.users.values()}

    def error(self, code, text):
        return 200, {"ok": False, "error": code, "text": text}

    def answer(self, call):
        if call.headers.get("x-key") != self.secret:
            return self.error("bad_key", "The key is not known")
        if call.method == "POST" and call.type != "application/x-www-form-urlencoded":
            self.refused.append(f"{call.path} as {call.type}")
        form = call.body or {}
        if call.match("GET /users.list"):
            return 200, {"ok": True, "users": [one for one in self.users.values() if one["blocked"] == 0]}
        if call.match("GET /users.blocked"):
            return 200, {"ok": True, "users": [one for one in self.users.values() if one["blocked"] == 1]}
        if call.match("GET /users.search"):
            return 200, {"ok": True, "found": [one for one in self.users.values() if call.query["text"] in one["mail"]]}
        if call.match("GET /roles.list"):
            return 200, {"ok": True, "roles": ["core", "edge"]}
        if call.match("GET /users.get"):
            one = self.users.get(int(call.query["uid"]))
            return (200, {"ok": True, "user": one}) if one else self.error("no_such_user", "There is no such user")
        if call.match("POST /users.add"):
            if any(one["mail"] == form["mail"] for one in self.users.values()):
                return self.error("mail_taken", "Somebody has this address")
            self.seed(form["mail"], form.get("given", ""), form.get("family", ""), None, True)
            self.secrets.append(form["password"])
            return 200, {"ok": True}
        one = self.users.get(int(form.get("uid", 0)))
        if one is None:
            return self.error("no_such_user", "There is no such user")
        if call.match("POST /users.edit"):
            one.update({key: form[key] for key in ("mail", "given", "family") if key in form})
        elif call.match("POST /users.block"):
            if one["blocked"] == int(form["blocked"]):
                return self.error("nothing_to_do", "It is so")
            one["blocked"] = int(form["blocked"])
        elif call.match("POST /users.roles"):
            one["roles"] = [role for role in form["roles"].split(",") if role]
        elif call.match("POST /users.remove"):
            del self.users[one["uid"]]
        else:
            self.refused.append(f"{call.method} {call.path}")
        return 200, {"ok": True}
