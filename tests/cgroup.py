"""What a command takes, with all that it begins; and, if that is wanted, within a part of a core and so much memory: by
control groups of Linux's, which root makes."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from support import ROOT

GROUPS = Path("/sys/fs/cgroup")
NAME = "faultline-test"
PERIOD = 100_000  # microseconds
ALL = -1


@dataclass(frozen=True)
class Took:
    """What a command took, with all that it has begun."""

    seconds: float  # by the clock
    processor: float  # seconds
    memory: int  # bytes, the most at once


def can() -> bool:
    """Are we root, and is there version 1 of control groups, with these two?"""
    return os.geteuid() == 0 and all(os.access(GROUPS / kind, os.W_OK) for kind in ("cpu", "cpuacct", "memory"))


@contextlib.contextmanager
def groups(cores: float = ALL, memory: int = ALL) -> Iterator[list[Path]]:
    """One of each kind."""
    made = [GROUPS / kind / f"{NAME}-{os.getpid()}" for kind in ("cpu", "cpuacct", "memory")]
    try:
        for group in made:
            group.mkdir(exist_ok=True)
        (made[0] / "cpu.cfs_period_us").write_text(str(PERIOD), "ascii")
        (made[0] / "cpu.cfs_quota_us").write_text(str(int(PERIOD * cores) if cores > 0 else ALL), "ascii")
        (made[2] / "memory.limit_in_bytes").write_text(str(memory), "ascii")
        yield made
    finally:
        for group in made:
            with contextlib.suppress(FileNotFoundError):
                group.rmdir()


def run(
    words: Sequence[str], cores: float = ALL, memory: int = ALL
) -> tuple[subprocess.CompletedProcess[str], Took]:
    """The command, and what it took. In the tree."""
    with groups(cores, memory) as made:

        def enter() -> None:
            for group in made:
                (group / "cgroup.procs").write_text(str(os.getpid()), "ascii")

        begun = time.monotonic()
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, preexec_fn=enter, check=False)
        took = time.monotonic() - begun
        processor = int((made[1] / "cpuacct.usage").read_text("ascii")) / 1e9
        return done, Took(took, processor, int((made[2] / "memory.max_usage_in_bytes").read_text("ascii")))
