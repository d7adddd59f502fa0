"""The boxes of a submission, and what is in each.

    compile   the starter, the compiler, the submission: all of it was handed out, or came from the student
    judge     QEMU, the kernel that was compiled, hidden tests: nothing of the submission runs here but inside QEMU
    host      a box within the judge's: functions as a library, and their driver; it sees nothing of the judge's

Students have the host's box, too: it is told in labbing/host/process.py. There can be a further box in the judge's
alone.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from grading.box import GIB, MIB, Box, Limits

TREE = "/tree"  # where boxes have the released tree
PROGRAMS = "tools/grading/programs"  # in it, what works in them


def compiling(tree: Path) -> Box:
    limits = Limits(processes=32, memory=2 * GIB, file=64 * MIB, seconds=60, answer=128 * MIB, last_resort=1200)
    return Box(limits, {TREE: tree}, room=192 * MIB)


def judging(tree: Path) -> Box:
    limits = Limits(processes=64, memory=4 * GIB, file=256 * MIB, seconds=7200, answer=16 * MIB)
    limits = dataclasses.replace(limits, still=600, last_resort=14400)
    return Box(limits, {TREE: tree}, room=256 * MIB, nests=True)
