#!/usr/bin/env python3
"""Measures one command: measure.py REPORT COMMAND... writes {"seconds", "megabytes", "code"} to the file REPORT.

Megabytes are the peak of resident memory. The kernel counts the memory of a process into the peaks of those that it
starts, so a small process of its own starts the command; what is below its nine megabytes cannot be seen.
"""
import os
import sys
import time

began = time.monotonic()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
seconds = time.monotonic() - began
with open(sys.argv[1], "w", encoding="ascii") as report:
    report.write(f'{{"seconds": {seconds}, "megabytes": {usage.ru_maxrss / 1024}, '
                 f'"code": {os.waitstatus_to_exitcode(status)}}}')
