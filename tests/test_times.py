"""The front doors are quick. What counts is the processor's time that they take, all their processes
together: it is the same on a busy machine, and on an idle one nobody waits longer than that."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Callable

from support import LAST_RESORT, ROOT
from test_first_session import AT_PROMPT, LAST
from test_terminal import Terminal

BOOT, RUN_AGAIN = 1.0, 3.0  # seconds


def spent(work: Callable[[], None]) -> float:
    """Seconds of the processor that the children took which ended meanwhile."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def boot() -> None:
    subprocess.run([ROOT / "tools/boot", "--", "true"], check=True, capture_output=True, timeout=LAST_RESORT)


def run() -> None:
    with Terminal("make", "run") as terminal:
        terminal.expect(AT_PROMPT.pattern)
        terminal.type(f"{LAST}\r")
        assert terminal.process.wait(LAST_RESORT) == 0


def test_one_program():
    assert min(spent(boot) for _ in range(3)) < BOOT


def test_to_the_prompt_and_out_again():
    run()
    assert min(spent(run) for _ in range(2)) < RUN_AGAIN
