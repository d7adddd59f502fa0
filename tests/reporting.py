"""What a run of the tests says: a line for each file, which one it is in, the slowest, and what it cost.

On a terminal one line changes at the bottom, while files are running; elsewhere it is said again
every few seconds, so that nobody waits in silence.
"""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter  # public under no other name in pytest 7

BUDGET = 33  # minutes of processor time that all tests may take, what has its turn included; more is told loudly
SILENCE = 2.5  # seconds at most without a word
SLOWEST = 10


def cpu_minutes() -> float:
    """Of all that this run has started and seen end, with what came before it (the build)."""
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = sum(part.ru_utime + part.ru_stime for part in usage)
    return (seconds + float(os.environ.get("FAULTLINE_CPU_BEFORE", 0))) / 60


class Reporting:
    """Stands where pytest is told how each test went."""

    def __init__(self) -> None:
        self.begin = time.monotonic()
        self.planned: Counter[str] = Counter()  # tests in each file
        self.ended: dict[str, Counter[str]] = defaultdict(Counter)
        self.seconds: dict[str, float] = defaultdict(float)  # of each test
        self.running: list[str] = []  # files
        self.done = 0  # files
        self.terminal = sys.stdout.isatty()
        self.lock = threading.Lock()
        self.over = threading.Event()

    # --- What pytest tells ---

    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self.plan(ids)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.plan([item.nodeid for item in session.items])

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        with self.lock:
            file = file_of(nodeid)
            if file not in self.running:
                self.running.append(file)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        with self.lock:
            self.seconds[report.nodeid] += report.duration
            outcome = "failed" if report.failed else report.outcome
            ended = self.ended[file_of(report.nodeid)]
            if report.failed or report.skipped or report.when == "call":
                ended[outcome] += 1
            if report.when == "teardown":
                ended["over"] += 1
                self.file_may_be_done(file_of(report.nodeid))

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """No dots: the lines of the files say it."""
        if report.passed or report.skipped:
            return (report.outcome if report.when == "call" or report.skipped else "", "", "")
        return None

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        self.over.set()
        terminalreporter.section("the slowest")
        for nodeid, seconds in sorted(self.seconds.items(), key=lambda each: -each[1])[:SLOWEST]:
            terminalreporter.write_line(f"{seconds:7.1f} s  {nodeid}")

    # --- What is said ---

    def plan(self, ids: list[str]) -> None:
        """Which tests there are."""
        if not self.planned and ids:
            self.planned.update(map(file_of, ids))
            threading.Thread(target=self.heartbeat, daemon=True).start()

    def file_may_be_done(self, file: str) -> None:
        """Its last test has ended: its line."""
        ended = self.ended[file]
        if ended["over"] < self.planned[file]:
            return
        self.done += 1
        self.running.remove(file)
        counts = ", ".join(f"{ended[how]} {how}" for how in ("passed", "failed", "skipped") if ended[how])
        seconds = sum(length for nodeid, length in self.seconds.items() if file_of(nodeid) == file)
        left = f"{len(self.planned) - self.done} to come"
        self.write(f"{Path(file).name:28} {counts}, {seconds:.0f} s; {left}\n")

    def heartbeat(self) -> None:
        """Where it is now, from time to time."""
        while not self.over.wait(SILENCE):
            with self.lock:
                files = (
                    f"{Path(file).name} {self.ended[file]['over'] + 1} of {self.planned[file]}"
                    for file in self.running
                )
                minutes, seconds = divmod(int(time.monotonic() - self.begin), 60)
                self.write(f"  {minutes}:{seconds:02}  {', '.join(files)}", passing=True)

    def write(self, text: str, passing: bool = False) -> None:
        """A line; a passing one is written over by the next, on a terminal."""
        end = "\n" if passing and not self.terminal else ""
        clear = "\r\x1b[K" if self.terminal else ""
        sys.__stdout__.write(f"{clear}{text}{end}")
        sys.__stdout__.flush()


def file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def cost() -> str:
    """The minutes, beside what they may be."""
    spent = cpu_minutes()
    words = f"{spent:.1f} minutes of processor time, of {BUDGET} that all tests may take"
    return f"OVER THE BUDGET: {words}" if spent > BUDGET and not os.environ.get("FAULTLINE_LONG") else words
