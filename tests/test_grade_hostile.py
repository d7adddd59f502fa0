"""Who means no good in ways that the class of sixty has no room for, and who is only odd: each has the verdict that is
due, and costs nobody's time. With FAULTLINE_LONG."""

from __future__ import annotations

import json
import sys

import cgroup
import grade_class
import pytest
from support import LONG, ROOT

from grading import submission
from labbing import description

pytestmark = pytest.mark.skipif(not LONG or not cgroup.can(), reason="minutes: with FAULTLINE_LONG, and control groups")
LAB = description.find(ROOT, "5-clock")
MOST = 330  # seconds of processor time, of one: its machines have 300, and it is compiled


def test_stranger_ones():
    with grade_class.open_folder("faultline-hostile-") as folder:
        every = list(grade_class.stranger(LAB))
        for each in every:
            grade_class.hand_in(folder / "handed-in", each)
        words = ["tools/lab", "grade", str(folder / "handed-in"), "--lab", LAB.name, "--out", str(folder / "out")]
        done, took = cgroup.run([sys.executable, *words, "--seed", "hidden", "--no-diagnosis", "--cores", "2"])
        assert done.returncode == 0, done.stderr + (folder / "out/engine.log").read_text("utf-8")
        rows = json.loads((folder / "out/results.json").read_text("utf-8"))["rows"]
        due = {each.name: each.due for each in every}
        assert {row["submission"]: grade_class.verdict_of(row) for row in rows} == due
        for row in rows:
            assert all(submission.printable(line) == line for line in [*row["said"], *row["look"]]), row
            assert not any("Traceback" in line or "it ended with" in line for line in row["said"]), row
        seconds = {place.stem: json.loads(place.read_text("utf-8")) for place in (folder / "out/times").iterdir()}
        print(f"{took.processor:.0f} s of processors, {took.seconds:.0f} s by the clock: {seconds}")
        assert took.processor < MOST * sum(each.due == grade_class.BELOW for each in every)
