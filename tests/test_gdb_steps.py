"""The fault's six steps are six lines: `next` in a real GDB goes from each to the one behind it."""

import re

import gdb_session
import pytest
from support import ROOT

MACHINE = "--boot=--ram 10M --swap 32M --image-latency 500"
STEPS = ["region", "pte", "page", "fill", "unshare", "install"]
SOURCE = (ROOT / "mm/demand_paging/fault.c").read_text("utf-8").splitlines()


def lines_of_steps() -> list[int]:
    """Those of fault_steps, numbered as GDB numbers them."""
    first = next(number for number, text in enumerate(SOURCE) if re.search(r"\bfault_steps\(.*\) REQUIRES", text))
    found = []
    for step in STEPS:
        found.append(next(at for at in range(first, len(SOURCE)) if f"fault_{step}(fault)" in SOURCE[at]) + 1)
    return found


def follow(kind: str) -> gdb_session.Transcript:
    """From the entry of fault_steps, in the one fault that the program's function meets."""
    meet = ["delete", f"tbreak kind_{kind.replace('-', '_')}", "continue", "tbreak fault_steps", "continue"]
    told = ["next"] * len(STEPS) + ["finish", "p fault_kind_names[fault.report->kind]"]
    return gdb_session.run(MACHINE, "fault-kinds", commands=[*meet, *told])


def test_six_steps_are_six_lines():
    lines = lines_of_steps()
    assert lines == list(range(lines[0], lines[0] + len(STEPS)))


@pytest.mark.parametrize("kind", ["zero-page", "zero-fill", "copy", "reuse", "resident", "rescue", "page-in"])
def test_next_goes_from_step_to_step(kind):
    said = follow(kind)
    stops = [int(number) for text in said.all("next") for number in re.findall(r"^(\d+)\t", text)]
    assert stops == lines_of_steps(), said.text()
    assert f'"{kind}"' in said["p fault_kind_names[fault.report->kind]"], said.text()
