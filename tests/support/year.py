"""A year of the quickstart's thousand people on its four platforms, made by the real program under a clock that is moved, and
what was true in it."""
import datetime
import random
import struct

from four_platforms import Work

DAY = 86400
START = datetime.datetime(2025, 10, 1, 6, tzinfo=datetime.timezone.utc)
DEPARTMENTS = ["engineering", "operations", "field-service", "quality", "finance", "sales"]


class Year(Work):
    """truth: of each month the day, the people as they were declared, and the run that carried it out."""

    def __init__(self, build, folder, people):
        self.clock = folder / "clock"
        self.clock.write_bytes(struct.pack("q", 0))
        self.chance = random.Random(20251001)
        self.truth, self.left = [], {}
        self.set_day(0)
        super().__init__(build, folder, people, LD_PRELOAD=str(build / "tests/libshifted_clock.so"),
                         SHIFTED_CLOCK=str(self.clock))
        try:
            self.open_guards()
            # Who leaves iot keeps the account for ten days.
            text = self.text.replace("leavers: {disable: now, delete: never}", "leavers: {disable: 10d, delete: never}")
            self.configure(text.replace("state: usher.db\n", "state: usher.db\nkeep: {history: 800d, runs: 800d}\n"))
        except BaseException:
            self.end()
            raise

    def now(self):
        return self.at(self.day)

    @staticmethod
    def at(day):
        return (START + datetime.timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def set_day(self, day):
        """The clock of every program stands at that day of the year, six in the morning."""
        self.day = day
        target = START + datetime.timedelta(days=day)
        real = datetime.datetime.now(datetime.timezone.utc)
        with open(self.clock, "r+b") as out:
            out.write(struct.pack("q", int((target - real).total_seconds())))

    def step(self, day, rows, *words):
        """A sync of these people on that day, and the pull of the next night."""
        self.set_day(day)
        self.rows = rows
        self.write(rows)
        report = self.ask("sync", *words, codes=(0, 2, 3))
        self.truth.append({"day": day, "rows": {row["employee_id"]: dict(row) for row in rows}, "run": report["apply"]["run"]})
        self.set_day(day + 0.5)
        self.run("pull")

    def month(self, number):
        """The people a month later: moved, gone, new."""
        rows = [dict(row) for row in self.rows]
        for row in rows:
            if row["status"] != "active":
                continue
            what = self.chance.random()
            if what < 0.02:
                row["department"] = self.chance.choice(DEPARTMENTS)
            elif what < 0.03:
                row["status"] = "left"
                self.left[row["employee_id"]] = number
        for joined in range(5):
            key = f"N{number:02}{joined}"
            rows.append(dict(rows[0], employee_id=key, first_name="New", last_name=key, department=self.chance.choice(DEPARTMENTS),
                             email=f"{key.lower()}@plantly.example", status="active", title="Engineer"))
        return rows

    def declared(self, month, department):
        """Who of a department was active, by e-mail."""
        return {row["email"].lower() for row in self.truth[month]["rows"].values()
                if row["department"] == department and row["status"] != "left"}
