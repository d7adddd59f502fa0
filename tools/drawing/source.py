"""Where the numbers come from: commands as they stand in the captions, run as they are."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracing.reader import Record, Trace, Who

ROOT = Path(__file__).resolve().parents[2]
BOOT, SIMULATOR, TLB, REFERENCES = "tools/boot", "tools/policysim", "tools/tlb", "tools/references"
TRACE_NAME = "run.trace"  # what a caption calls the trace's file
PATIENCE = 2000  # seconds of virtual time


class RunFailed(Exception):
    """A command ended otherwise than it should."""


def run(command: str, trace: Path | None = None) -> str:
    """The output of a tool of ours."""
    words = shlex.split(command)
    assert words[0] in (BOOT, SIMULATOR, TLB, REFERENCES), command
    if words[0] == BOOT:
        words[1:1] = ["--deadline", str(PATIENCE)]
    words = [str(trace) if trace and word == TRACE_NAME else word for word in words]
    environment = {**os.environ, "FAULTLINE_NO_BUILD": "1"}
    ended = subprocess.run(
        words, cwd=ROOT, capture_output=True, text=True, check=False, env=environment
    )
    if ended.returncode:
        raise RunFailed(f"{command}\nended with {ended.returncode}\n{ended.stdout}{ended.stderr}")
    return ended.stdout


@contextmanager
def traced(command: str) -> Iterator[tuple[Trace, str]]:
    """Run it (its caption says --trace run.trace); the trace, and the output."""
    with tempfile.TemporaryDirectory(prefix="faultline-") as folder:
        file = Path(folder) / TRACE_NAME
        output = run(command, file)
        yield Trace(file), output


def by_program(trace: Trace, program: str) -> Iterator[tuple[Record, bool]]:
    """All records, and whether that program was running."""
    who = Who(trace)
    for record in trace:
        who.follow(record)
        yield record, who.program(who.process) == program


def largest_region(trace: Trace, program: str, least: int = 1) -> tuple[int, int, int]:
    """Space, address and pages of the last region of at least so many pages it mapped."""
    found = (0, 0, 0)
    for record, own in by_program(trace, program):
        if own and record.event == trace.number["map"] and record.detail >> 12 >= least:
            found = (record.space, record.address, record.detail >> 12)
    return found
