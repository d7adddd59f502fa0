"""The witness: what it tells of programs whose faults, values and frames are known beforehand."""

from __future__ import annotations

import pytest
import witnessed
from support import BUILD
from witnessing import log, run

KERNEL, IMAGE = BUILD / "faultline.elf", BUILD / "image.cpio"


@pytest.fixture(scope="module")
def program(compile_static):
    """The hidden program of a seed, compiled."""

    def make(seed: int):
        plan = witnessed.Plan(seed)
        return plan, compile_static(f"hidden{seed}", witnessed.text(plan), *witnessed.COMPILER)

    return make


@pytest.mark.parametrize("seed", range(5))
def test_what_it_tells_is_what_the_model_says(program, seed):
    """Values at the marks, faults of each phase, in order, and the frames of parent and child."""
    plan, file = program(seed)
    seen = run.witness(KERNEL, IMAGE, file, window=plan.window, nonce=seed)
    assert seen.end == "done", seen
    expected = witnessed.Model(plan)
    assert [(mark.number, mark.value) for mark in seen.marks] == expected.marks
    for phase, faults in expected.faults.items():
        told = [(fault.page, fault.access, fault.present) for fault in seen.in_phase(phase, *plan.window)]
        assert told == faults, f"phase {phase}"
    assert witnessed.frames_at_fault(plan, seen) == []
