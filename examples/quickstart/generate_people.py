#!/usr/bin/env python3
"""Writes people.csv and world.json beside itself: an HR export of 1,000 people, and four platforms that have
drifted away from it. Same seed, same bytes; both files are in the repository, so nobody needs to run this.

What makes the export real: accents, apostrophes, two-part names, mixed-case e-mails, titles with commas,
leavers, a rehire, people whose department has no business on a platform, empty optional fields.
What makes the platforms real: accounts that were never made, names and tags that are out of date, leavers who
can still log in, one account that was disabled for somebody who is back, groups people no longer belong to,
and accounts of machines that HR knows nothing about.
"""
import csv
import json
import random
import unicodedata
import uuid
from pathlib import Path

PEOPLE = 1000
HERE = Path(__file__).resolve().parent
FIELDS = ["employee_id", "first_name", "last_name", "email", "department", "title", "location", "manager_id",
          "status", "start_date", "end_date", "phone"]
FIRST = """Zoë José Søren Aïcha Jean-Luc Anne_Marie Łukasz Nguyệt Björn Chloé D'Arcy Ömer Siân Renée Mateo
    Priya Kwame Yuki Olga Ahmed Grace Linus Ada Alan Barbara Edsger Radia Margaret Ken Frances Tim Hedy Mary
    Niklaus Tony Sophie Wei Fátima Ivan Noor Íñigo Åsa Mária Jürgen Thị Émile Ludmiła Seán Anaïs Çağla""".split()
LAST = """O'Brien García_Márquez Müller Ångström D'Angelo Van_der_Berg Çelik Nowák Lefèvre Jørgensen
    Šimić Nguyễn O’Neill Smith-Jones Großmann Peña Novak Okafor Tanaka Singh Cohen Rossi Silva Kim Hopper
    Lovelace Turing Liskov Hamilton Thompson Allen Lamarr Shelley Wirth Hoare Germain Zhang Haddad Petrov Ali
    de_la_Cruz Mac_Giolla St._John Þórsdóttir Łącki Bäcker Ferreira_dos_Santos""".split()
# (department, share of people, titles); the first four work with the platform.
DEPARTMENTS = [
    ("engineering", 24, ["Engineer", "Engineer, Senior", "Engineer, Principal", "Engineering Manager"]),
    ("operations", 16, ["Operator", "Shift Lead", "Operations Manager"]),
    ("field-service", 10, ["Technician", "Technician, Lead"]),
    ("quality", 6, ["Inspector", "Quality \"Six Sigma\" Lead"]),
    ("sales", 15, ["Account Executive", "Sales Manager"]),
    ("marketing", 7, ["Designer", "Editor"]),
    ("finance", 7, ["Controller", "Accountant"]),
    ("people", 5, ["Recruiter", "HR Partner"]),
    ("legal", 3, ["Counsel"]),
    ("facilities", 7, ["Caretaker", "Receptionist"]),
]
ON_PLATFORM = {name for name, _, _ in DEPARTMENTS[:4]}
LOCATIONS = ["Paris", "Łódź", "Málaga", "Berlin", "London", "Zürich", "Oslo", "São Paulo", ""]
GROUPS = {"engineers": "engineering", "operators": "operations", "technicians": "field-service",
          "inspectors": "quality"}
FLOW_GROUPS = {"flow-authors": "engineering", "flow-reviewers": "quality"}
RADIO_GROUP = "5f0c1a2b4d5e6f7081920001"
RADIO_LOGIN = "5f3c1a2b4d5e6f708192a3b4"  # the API user the sandbox lets usher work as
RADIO_PROFILES = {"DEVICE MANAGER [R]": "5f0c1a2b4d5e6f70819200a1", "DEVICE MANAGER [W]": "5f0c1a2b4d5e6f70819200a2",
                  "API [R]": "5f0c1a2b4d5e6f70819200a3"}
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def plain(text):
    """A name as it stands in an e-mail address."""
    text = text.lower().translate(str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "þ": "th", "ð": "d", "ı": "i"}))
    text = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in text if letter.isascii() and (letter.isalnum() or letter == "-"))


def spoken(name):
    return name.replace("_", " ")


def day(chance, first_year, last_year):
    return f"{chance.randint(first_year, last_year)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"


def make_people(chance):
    shares = [share for _, share, _ in DEPARTMENTS]
    taken, people = set(), []
    for number in range(PEOPLE):
        first, last = chance.choice(FIRST), chance.choice(LAST)
        mail = f"{plain(first)}.{plain(last)}"
        while mail in taken:
            mail += str(chance.randint(2, 99))
        taken.add(mail)
        mail += "@plantly.example"
        if chance.random() < 0.08:  # as people type them into forms
            mail = ".".join(part.capitalize() for part in mail.split(".", 1))
        department, _, titles = chance.choices(DEPARTMENTS, shares)[0]
        left = chance.random() < 0.05
        status = "left" if left else "leave" if chance.random() < 0.03 else "active"
        people.append({
            "employee_id": f"E{10001 + number}", "first_name": spoken(first), "last_name": spoken(last),
            "email": mail, "department": department, "title": chance.choice(titles),
            "location": chance.choice(LOCATIONS),
            "manager_id": chance.choice(people)["employee_id"] if people and chance.random() < 0.9 else "",
            "status": status, "start_date": day(chance, 2008, 2025),
            "end_date": day(chance, 2026, 2026) if left else "",
            "phone": f"+33 1 {chance.randint(10, 99)} {chance.randint(10, 99)} {chance.randint(10, 99)} "
                     f"{chance.randint(10, 99)}" if chance.random() < 0.6 else "",
        })
    rehired = next(p for p in people if p["department"] == "engineering" and p["status"] == "active")
    rehired["end_date"], rehired["start_date"] = "2024-06-30", "2019-03-01"
    return people, rehired


def account_of(person, chance):
    return {"id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "name": f"{person['first_name']} {person['last_name']}", "tags": [person["department"]],
            "credentials": {"identity": person["email"].lower()},
            "metadata": {"employee": person["employee_id"]}, "status": "enabled"}


def make_mainflux(people, rehired, chance):
    groups = {name: str(uuid.UUID(int=chance.getrandbits(128), version=4)) for name in GROUPS}
    users, policies = [], []

    def join(user, group, actions):
        policies.append({"subject": user["id"], "object": groups[group], "actions": actions})

    for person in people:
        if person["department"] not in ON_PLATFORM:
            continue
        user, dice = account_of(person, chance), chance.random()
        if person is rehired:
            user["status"] = "disabled"
        elif person["status"] == "left":
            if dice < 0.6:
                user["status"] = "disabled"  # somebody did their work
        elif dice < 0.08:
            continue  # never got an account
        elif dice < 0.12:
            user["name"] = user["name"].split(" ")[0]
        elif dice < 0.15:
            user["tags"] = [chance.choice(["sales", "operations", "intern"])]
        elif dice < 0.17:
            user["metadata"] = {}
        elif dice < 0.20:  # typed with capitals when the account was made
            user["credentials"]["identity"] = person["email"].title()
        users.append(user)
        if user["status"] == "enabled":
            group = next(name for name, department in GROUPS.items() if department == person["department"])
            if chance.random() < 0.95:
                join(user, group, ["g_list", "m_read", "m_write"] if chance.random() < 0.97 else ["g_list", "m_read"])
            if chance.random() < 0.02:
                join(user, chance.choice([name for name in GROUPS if name != group]), ["g_list", "m_read"])
    for machine in ["gateway-north", "gateway-south", "grafana", "backup"]:
        user = {"id": str(uuid.UUID(int=chance.getrandbits(128), version=4)), "name": machine, "tags": ["machine"],
                "credentials": {"identity": f"{machine}@devices.plantly.example"}, "status": "enabled"}
        users.append(user)
    return {"groups": [{"id": groups[name], "name": name, "description": f"Everybody in {GROUPS[name]}"}
                       for name in GROUPS],
            "users": users, "policies": policies}


def make_gr4vy(people, chance):
    users = []
    for person in people:
        dice = chance.random()
        if person["department"] != "finance" or dice < 0.15 or person["status"] == "left" and dice < 0.5:
            continue
        name = f"{person['first_name']} {person['last_name']}"
        users.append({"id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
                      "name": person["last_name"] if dice > 0.97 else name,
                      "email_address": person["email"].lower()})
    return {"users": users}


def make_kestra(people, chance):
    def identifier():
        return "".join(chance.choice(LETTERS) for _ in range(22))
    groups = {name: identifier() for name in FLOW_GROUPS}
    users = []
    for person in people:
        dice = chance.random()
        if person["department"] not in FLOW_GROUPS.values() or dice < 0.1:
            continue
        if person["status"] == "left" and dice < 0.5:
            continue
        group = next(name for name, department in FLOW_GROUPS.items() if department == person["department"])
        if dice > 0.97:
            group = next(name for name in FLOW_GROUPS if name != group)
        users.append({"id": identifier(), "email": person["email"].lower(),
                      "firstName": person["first_name"],
                      "lastName": "" if 0.1 < dice < 0.13 else person["last_name"],
                      "tenants": ["main"], "groups": [] if 0.13 < dice < 0.16 else [groups[group]]})
    users.append({"id": identifier(), "email": "scheduler@devices.plantly.example", "tenants": ["main"]})
    return {"groups": [{"id": groups[name], "tenantId": "main", "name": name, "description": ""}
                       for name in FLOW_GROUPS],
            "users": users}


def make_sigfox(people, chance):
    users = [{"id": RADIO_LOGIN, "name": "usher", "timezone": "Europe/Paris", "groupId": RADIO_GROUP,
              "profileIds": [RADIO_PROFILES["API [R]"]]}]
    for person in people:
        dice = chance.random()
        if person["department"] != "field-service" or dice < 0.1 or person["status"] == "left" and dice < 0.5:
            continue
        profiles = ["DEVICE MANAGER [R]"] + (["DEVICE MANAGER [W]"] if "Lead" in person["title"] else [])
        if dice > 0.95:
            profiles = ["DEVICE MANAGER [R]", "API [R]"]
        users.append({"id": f"{chance.getrandbits(96):024x}", "name": person["email"].lower(),
                      "timezone": "UTC" if dice < 0.15 else "Europe/Paris", "groupId": RADIO_GROUP,
                      "profileIds": [RADIO_PROFILES[name] for name in profiles]})
    return {"groups": [{"id": RADIO_GROUP, "name": "Plantly field"}],
            "profiles": [{"id": RADIO_PROFILES[name], "name": name, "groupId": RADIO_GROUP}
                         for name in RADIO_PROFILES],
            "users": users}


def write_worlds(worlds):
    """One object a line, so that a change of the data reads well in a diff."""
    def lines(rows):
        return ",\n".join("    " + json.dumps(row, ensure_ascii=False) for row in rows)
    def lists(world):
        return ",\n".join(f'  "{key}": [\n{lines(rows)}\n  ]' for key, rows in world.items())
    (HERE / "world.json").write_text(
        "{" + ",\n".join(f'"{name}": {{\n{lists(world)}}}' for name, world in worlds.items()) + "}\n",
        encoding="utf-8")


def main():
    chance = random.Random(20260501)
    people, rehired = make_people(chance)
    with open(HERE / "people.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(people)
    write_worlds({"mainflux": make_mainflux(people, rehired, chance), "gr4vy": make_gr4vy(people, chance),
                  "kestra": make_kestra(people, chance), "sigfox": make_sigfox(people, chance)})


if __name__ == "__main__":
    main()
