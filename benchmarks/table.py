#!/usr/bin/env python3
"""Prints one table of figures beside their budgets: table.py BUDGETS PARTS WHOLE ANSWERS (benchmarks/run.sh calls it)."""
import json
import sys


def figures(parts, whole, answers):
    found = {("whole", name): value for name, value in whole.items()}
    found.update({("answers", name): value for name, value in answers.items()})
    for result in parts["benchmarks"]:
        for name, value in result.items():
            found[result["name"], name] = value
    return found


def row(budget, found):
    value = found.get((budget["from"], budget["figure"]))
    if value is None:
        return [budget["what"], "not measured", "", ""]
    limit = budget.get("at-most", budget.get("at-least"))
    if limit is None:
        return [budget["what"], f"{value:,.2f} {budget['unit']}", "", ""]
    kept = value <= limit if "at-most" in budget else value >= limit
    sign = "<=" if "at-most" in budget else ">="
    return [budget["what"], f"{value:,.2f} {budget['unit']}", f"{sign} {limit:,} {budget['unit']}",
            f"{value / limit:.2f} {'kept' if kept else 'MISSED'}"]


def main():
    budgets, parts, whole, answers = (json.load(open(name, encoding="utf-8")) for name in sys.argv[1:5])
    found = figures(parts, whole, answers)
    rows = [["", "figure", "budget", "figure / budget"]] + [row(budget, found) for budget in budgets]
    widths = [max(len(line[column]) for line in rows) for column in range(4)]
    for what, figure, limit, ratio in rows:
        print(f"{what:<{widths[0]}}  {figure:>{widths[1]}}  {limit:>{widths[2]}}  {ratio}".rstrip())


if __name__ == "__main__":
    main()
