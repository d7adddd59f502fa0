"""Files of tests that `make test` runs at every other commit, one half of them at one, the other at the next; and
whenever they have changed themselves.

They are about the tools and the pages around the kernel, and about loads on it that take long. With
FAULTLINE_LONG=1, and for who calls pytest, all are run. No file is here that itself has things in turn by an even
share: half of them would never have theirs."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from support import LONG, changed_files, commits, in_turn

ASKED = "FAULTLINE_IN_TURN"  # in the environment: tests/run_all.py sets it

# Beside each other: what costs about the same, or is about the same, so that both halves cost as much.
FILES = (
    *("test_view_captions.py", "test_view_picture.py", "test_view_mended.py", "test_view_translation.py"),
    *("test_view_keyboard.py", "test_view_room.py", "test_view_lost.py", "test_pictures.py", "test_view_two.py"),
    *("test_first_session.py", "test_tmux.py", "test_threads.py", "test_bochs.py", "test_gdb_vm.py"),
    *("test_exercises.py", "test_demos.py", "test_witness.py", "test_vmtop.py", "test_guided_session.py"),
    *("test_check_policy.py", "test_policysim.py", "test_trace_diff.py", "test_swap_cost.py"),
    *("test_processors.py", "test_figures.py", "test_labs_paging.py", "test_swapbench.py", "test_references.py"),
    *("test_perfetto.py", "test_gdb_doc.py", "test_gdb_steps.py", "test_odd_paths.py", "test_offline.py"),
    "test_notes.py",
)
SHARE = 2


@cache
def left_out() -> set[str]:
    """Those whose turn it is not, in this run."""
    if LONG or ASKED not in os.environ:
        return set()
    return {*FILES} - {*in_turn(FILES, SHARE)} - {Path(name).name for name in changed_files()}


def words() -> str:
    """Who is left out, for people."""
    out = left_out()
    return f"{len(out)} files have their turn at commit {commits() + 1}, and with make test-long" if out else ""
