#!/usr/bin/env python3
"""Measures what a user would take instead of usher: compare.py ACCOUNTS prints {"accounts", "steps": {step: figures}}.

DuckDB and sqlite3 load the CSV of so many people that usher loads, into a file; DuckDB joins two tables of so many
rows, of which one in a hundred differs. `packaging/dependencies.sh compare` installs both. Of what is not installed the
figures are {"missing": true}.
"""
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from people_file import write_people
from processes import measured

HERE = Path(__file__).resolve().parent
MODULES = HERE.parent / "build/compare"
CHANGED_EVERY = 100
LOAD = "create table {table} as select * from read_csv('{table}.csv', all_varchar = true)"
JOIN = """select count(*) from have full outer join want using (id) where have.mail is distinct from want.mail
  or have.name is distinct from want.name or have.department is distinct from want.department"""
MISSING = {"missing": True}


def duckdb(folder, *statements):
    """Figures of the whole process but for the seconds, which are those of the last statement; and what it answered."""
    with open(folder / "told", "w", encoding="utf-8") as told:
        figures = measured(["node", HERE / "duckdb.mjs", MODULES, "people.duckdb", *statements], folder, told=told)
    told = json.loads((folder / "told").read_text(encoding="utf-8"))
    return {**figures, "seconds": told["seconds"]}, told["answer"]


def has_duckdb():
    return shutil.which("node") is not None and subprocess.run(
        ["node", HERE / "duckdb.mjs", MODULES, ":memory:", "select 1"], capture_output=True).returncode == 0


def duckdb_steps(folder, people):
    """A load is over when it is on disk, so the checkpoint is part of the statement that is measured."""
    load, _ = duckdb(folder, f"begin; {LOAD.format(table='have')}; commit; checkpoint")
    duckdb(folder, LOAD.format(table="want"))
    join, different = duckdb(folder, JOIN)
    if int(different) != len(range(0, people, CHANGED_EVERY)):
        sys.exit(f"DuckDB found {different} of {people} rows to differ")
    return {"DuckDB load": load, "DuckDB join": join}


def main():
    people = int(sys.argv[1])
    steps = {"DuckDB load": MISSING, "DuckDB join": MISSING, "sqlite3 .import": MISSING}
    with tempfile.TemporaryDirectory(prefix="usher-compare-") as name:
        folder = Path(name)
        write_people(folder / "have.csv", people)
        write_people(folder / "want.csv", people, CHANGED_EVERY)
        if has_duckdb():
            steps.update(duckdb_steps(folder, people))
        if shutil.which("sqlite3"):
            steps["sqlite3 .import"] = measured(
                ["sqlite3", "people.db", ".mode csv", ".import have.csv people"], folder)
    json.dump({"accounts": people, "steps": steps}, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
