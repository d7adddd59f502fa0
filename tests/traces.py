"""Traces that tests share: a run with everything in it, and how to get one."""

from __future__ import annotations

from pathlib import Path

from support import ROOT, Result, run_boot

# The kernel's own word is put into the trace ten times, in the midst of things: `tick` while
# the sorting in the background is being evicted and brought back.
WORK = """
tick() { echo dump > /proc/trace; }
tick; ls /bin > /dev/null
tick; (echo b; echo a) | sort > /dev/null
tick; demo-cow > /dev/null; tick
swaptest 4 2 > /dev/null &
for i in 1 2 3; do sleep 0.1; tick; done
demo-share > /dev/null & tick; wait; tick
/test/mremap > /dev/null; /test/mprotect > /dev/null; /test/segv > /dev/null; tick
"""
OPTIONS = (
    *("--ram", "10M", "--swap", "32M", "--swap-latency", "100", "--image-latency", "30"),
    *("--param", "working_set_window=80"),
)


def make_trace(file: Path, *words: str) -> Result:
    """tools/boot --trace with these words."""
    return run_boot("--trace", str(file), *words)


def make_rich_trace(file: Path) -> Result:
    """A small machine that swaps, forks, maps, protects, moves and refuses."""
    result = make_trace(file, *OPTIONS, "--", "sh", "-c", WORK)
    assert result.status == 0, result.report()
    return result


TRACE = ROOT / "tools/trace"
