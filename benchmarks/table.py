#!/usr/bin/env python3
"""Prints figures beside their budgets, and how they grow: table.py BUDGETS RESULT... (benchmarks/run.sh calls it).

A RESULT is what one of the other programs printed, or the JSON of Google Benchmark. Budgets that name a number of
accounts are judged at that number only.
"""
import json
import math
import sys

MILLION = 1_000_000
UNITS = {"seconds": "s", "megabytes": "MB", "pages_per_second": "pages/s", "requests_per_second": "requests/s"}


def amount(value, unit):
    """With three digits, or all that are before the point."""
    digits = sum(abs(value) < bound for bound in (100, 10, 0.1))
    return f"{value:,.{digits}f} {unit}".rstrip()


class Results:
    def __init__(self, names):
        self.parts, self.steps = {}, {}  # benchmark: figures; size: {step: figures}
        for name in names:
            with open(name, encoding="utf-8") as file:
                result = json.load(file)
            if "benchmarks" in result:
                self.parts.update((one["name"], one) for one in result["benchmarks"])
            else:
                self.steps.setdefault(result["accounts"], {}).update(result["steps"])
        self.sizes = sorted(self.steps)
        self.size = max((size for size in self.sizes if size <= MILLION), default=max(self.sizes, default=0))

    def at(self, size, step):
        return self.steps.get(size, {}).get(step, {})


def instead(budget, results, size):
    """What the same takes with other programs."""
    told = []
    for step in budget.get("instead", []):
        figures = results.at(size, step)
        figure = budget["figure"] if budget["figure"] in figures else "seconds"
        if figure in figures:
            told.append(f"{step} {amount(figures[figure], UNITS[figure])}")
        elif "missing" in figures:
            told.append(f"{step}: not to be had")
        elif any(step in steps for steps in results.steps.values()):
            told.append(f"{step}: not run at {size:,}")
        else:
            return "not run (--compare)"
    return ", ".join(told)


def limit(budget):
    if "at-most" in budget:
        return f"<= {budget['at-most']:,} {budget['unit']}".rstrip()
    if "at-least" in budget:
        return f">= {budget['at-least']:,} {budget['unit']}".rstrip()
    return ""


def judged(budget, value):
    if "at-most" in budget:
        return f"{value / budget['at-most']:.2f} {'kept' if value <= budget['at-most'] else 'MISSED'}"
    if "at-least" in budget:
        return f"{value / budget['at-least']:.2f} {'kept' if value >= budget['at-least'] else 'MISSED'}"
    return ""


def row(budget, results):
    """What, figure, budget, figure / budget, instead."""
    wanted = budget.get("accounts", results.size)
    size = wanted if wanted in results.sizes or wanted > MILLION else results.size
    part = results.parts.get(budget["step"])
    value = (part or results.at(size, budget["step"])).get(budget["figure"])
    if value is None:
        asked = " (--ten-million)" if wanted > MILLION else ""
        return [budget["what"], "not measured" + asked, limit(budget), "", ""]
    if part or size == wanted:
        verdict = judged(budget, value)
    else:
        verdict = f"not judged: is for {wanted:,}" if limit(budget) else ""
    others = instead(budget, results, wanted if part else size)
    return [budget["what"], amount(value, budget["unit"]), limit(budget), verdict, others]


def growth_row(step, results):
    """Seconds and megabytes at each size, and the exponents between the two largest."""
    cells, exponents = [step], []
    for size in results.sizes:
        figures = results.at(size, step)
        told = [amount(figures[name], UNITS[name]) for name in ("seconds", "megabytes") if name in figures]
        cells.append(", ".join(told))
    for name in ("seconds", "megabytes"):
        pairs = [(size, results.at(size, step)[name]) for size in results.sizes if name in results.at(size, step)]
        if len(pairs) < 2:
            exponents.append("")
            continue
        (small, before), (large, after) = pairs[-2:]
        exponents.append(f"{math.log(after / before) / math.log(large / small):.2f}")
    return cells + exponents


def show(rows, aligned):
    """Prints the rows below each other; `aligned` has < or > for each column."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    for line in rows:
        print("  ".join(f"{cell:{to}{width}}" for cell, to, width in zip(line, aligned, widths)).rstrip())


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        budgets = json.load(file)
    results = Results(sys.argv[2:])
    print(f"At {results.size:,} accounts, unless a line says otherwise:\n")
    head = ["", "figure", "budget", "figure / budget", "instead"]
    show([head] + [row(budget, results) for budget in budgets], "<>><<")
    if len(results.sizes) < 2:
        return
    print("\nGrowth: time and peak memory by number of accounts. The exponents are the slopes of log(figure) over\n"
          "log(accounts) between the two largest sizes: 1 grows as the accounts do, 0 does not grow.\n")
    steps = {step: None for size in results.sizes for step, figures in results.steps[size].items()
             if "seconds" in figures}
    head = ["", *(f"{size:,}" for size in results.sizes), "time", "memory"]
    show([head] + [growth_row(step, results) for step in steps], "<" + ">" * len(head[1:]))


if __name__ == "__main__":
    main()
