"""Files of tests that `make test` runs at every third commit, a third of them at each; and whenever they have
changed, or a page that they are about.

They are about the tools and the pages around the kernel, and about loads on it that take long. With
FAULTLINE_LONG=1, and for who calls pytest or picks tests, all are run. No file is here that itself has things in
turn by a share that three divides: most of them would never have theirs."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from support import LONG, changed_files, in_turn

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
    *("test_notes.py", "test_view_tlb.py", "test_bombs.py", "test_stress.py", "test_bank.py"),
)
SHARE = 3
PAGES, OF_PAGES = ("tools/tracing/", "tools/playing/"), "test_view_"  # where pages are made, and who looks at them


@cache
def left_out() -> set[str]:
    """Those whose turn it is not, in this run."""
    if LONG or not os.environ.get(ASKED):
        return set()
    changed = changed_files()
    now = {*in_turn(FILES, SHARE), *(Path(name).name for name in changed)}
    if any(name.startswith(PAGES) for name in changed):
        now |= {name for name in FILES if name.startswith(OF_PAGES)}
    return {*FILES} - now


def words() -> str:
    """Who is left out, for people."""
    out = left_out()
    return f"{len(out)} files of tests have their turn at the next commits; make test-long runs all" if out else ""
