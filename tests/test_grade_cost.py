"""What one submission takes, where there is little: half a core and 768 MB, as Gradescope's smallest container has.
With FAULTLINE_LONG."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import cgroup
import grade_class
import gradescope_reader
import pytest
from grade_class import Handed
from grade_term import lab_words
from support import LONG, ROOT

from labbing import description

CORES, MEMORY, MOST = 0.5, 768 << 20, 180  # seconds
DEAREST = "6-out-and-in"  # of all labs
pytestmark = pytest.mark.skipif(not LONG or not cgroup.can(), reason="minutes: with FAULTLINE_LONG, and control groups")


def took(folder: Path, name: str) -> cgroup.Took:
    """Its solution, graded: all points, and what that took."""
    lab, out = description.find(ROOT, name), folder / "results"
    grade_class.hand_in(folder / "none", Handed("nobody", {"README": ""}, ""))
    words = ["--lab", name, "--out", str(out), "--seed", "hidden", "--no-diagnosis"]
    done = lab_words("grade", str(folder / "none"), *words)
    assert done.returncode == 0, done.stderr
    grade_class.hand_in(folder, Handed("submission", grade_class.solution(lab), ""))
    program = out / "release/tree/tools/grading/gradescope.py"
    command = [sys.executable, "-B", str(program), str(folder / "submission"), str(folder / "graded.json")]
    done, spent = cgroup.run(command, CORES, MEMORY)
    assert done.returncode == 0, done.stderr
    read = gradescope_reader.read(folder / "graded.json", "due")
    assert read.points == read.most > 0
    print(f"{name}: {spent.seconds:.0f} s, {spent.processor:.1f} s of processor, {spent.memory >> 20} MiB")
    return spent


def test_the_dearest_lab_at_half_a_core():
    """On a busy machine the clock tells nothing; what half a core does in that time can still be counted."""
    idle = os.getloadavg()[0] < 0.5
    with grade_class.open_folder("faultline-cost-") as folder:
        spent = took(folder, DEAREST)
    assert (spent.seconds if idle else spent.processor / CORES) < MOST
