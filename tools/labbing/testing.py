"""Run kernels' tests, several at once: by the witness, or without a machine."""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import multiprocessing
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from faultline import cpio
from labbing.assembly import DATA, data_word
from labbing.expectation import Expectation
from labbing.frame_rules import looked_at
from labbing.host import judge as host
from labbing.judge import Finding, judge, signature
from witnessing import plugin as plugins
from witnessing import run
from witnessing.ram import Ram
from witnessing.seen import Seen

FOLDERS = ("bin", "dev", "etc", "tmp")
INIT = "init"
Future: TypeAlias = "concurrent.futures.Future[list[Verdict]]"
EVENTS_MOST = 20_000  # a right kernel shows a quarter of them
EXCEPTIONS_MOST = 100_000  # of any kind; a right kernel shows a sixth of them


@dataclass(frozen=True)
class Test:
    """A program, and what it must show. Without a machine there is no program."""

    program: Path
    due: Expectation


@dataclass
class Verdict:
    """Of one test."""

    due: Expectation
    findings: list[Finding]
    seen: Seen = field(repr=False)
    took: float = field(default=0, compare=False)  # seconds; nothing hangs on it but what is tried first

    @property
    def passed(self) -> bool:
        return not self.findings

    @property
    def points(self) -> int:
        return self.due.points if self.passed else 0

    @property
    def signature(self) -> str:
        return signature(self.due, self.seen)


@dataclass
class HostVerdict(Verdict):
    """Of a test without a machine."""

    tried: host.Seen = field(default_factory=host.Seen, repr=False)

    @property
    def signature(self) -> str:
        return host.signature(self.tried)


def without_machine(kernel: Path, test: Test) -> HostVerdict:
    """Of the functions in that kernel's sources."""
    tried = getattr(beside, "tried", host.tried)(kernel, test.due)
    return HostVerdict(test.due, host.findings(tried), Seen(end="done"), tried=tried)


beside = threading.local()  # of a thread: `tried`, which is host.tried in a process beside this one


@contextlib.contextmanager
def processes() -> Iterator[Callable[[], None]]:
    """What a thread calls that is to have a process of its own for tests without a machine. Their judge is Python's
    work, and threads of one process do that one after the other."""
    made: list[concurrent.futures.ProcessPoolExecutor] = []

    def begin() -> None:
        one = concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
        made.append(one)
        beside.tried = lambda kernel, due: one.submit(host.tried, kernel, due).result()

    try:
        yield begin
    finally:
        for one in made:
            one.shutdown()


def image_of(program: bytes, data: int = 0) -> bytes:
    """An image with nothing in it but the program, as the first process: so no other has to live with
    what the kernel does wrong. And, if so many pages of it are wanted, a file of data."""
    folders = [cpio.directory(name) for name in FOLDERS]
    pages = [data_word(page).to_bytes(8, "little").ljust(4096, b"\0") for page in range(data)]
    file = [cpio.file(DATA, b"".join(pages))] if data else []
    return cpio.pack([*folders, cpio.file(INIT, program, executable=True), *file])


def witness(kernel: Path, test: Test, plugin: bool, seconds: float | None = None) -> Verdict:
    """`plugin`: with the frames behind pages, if the test is about them. Without, they are still told where the lab
    has them public and the QEMU here can. `seconds`: of processor time, that a machine and who reads it may take."""
    due = test.due
    if due.runs:
        return without_machine(kernel, test)
    plugin = "frames" in due.judged and (plugin or (due.frames_public and plugins.is_there()))
    with tempfile.NamedTemporaryFile(prefix="faultline-lab-") as image:
        Path(image.name).write_bytes(image_of(test.program.read_bytes(), due.data))
        seen = seen_of(kernel, Path(image.name), due, plugin, seconds)
    return Verdict(due, judge(due, seen), seen)


def look(due: Expectation, ram: Ram, seen: Seen) -> None:
    """While the program sleeps, keep what is in memory: the last time counts."""
    number = seen.marks[-1].number if seen.marks else len(due.told)
    if number < len(due.told) and due.told[number].phase in due.asleep:
        seen.looks[due.told[number].phase] = looked_at(ram.read(0, ram.size))


def seen_of(kernel: Path, image: Path, due: Expectation, plugin: bool, seconds: float | None) -> Seen:
    return run.witness(
        kernel,
        image,
        f"/{INIT}",
        ram=due.ram,
        swap=due.swap,
        options=due.options,
        cpus=due.cpus,
        nonce=due.nonce,
        budget=due.budget,
        events=EVENTS_MOST,
        exceptions=EXCEPTIONS_MOST,
        seconds=seconds,
        window=(due.window[0], due.window[1]) if plugin else None,
        plugin=plugin,
        look=functools.partial(look, due) if due.asleep else None,
    )


def all_of(kernel: Path, tests: list[Test], plugin: bool = False) -> list[Verdict]:
    """As many at once as there are processors."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        return list(pool.map(lambda test: witness(kernel, test, plugin), tests))


def never(_: list[Verdict]) -> bool:
    return False


@dataclass(frozen=True)
class Trial:
    """A kernel that is still to be made, and its tests: in order, until what they came to is enough."""

    make: Callable[[], Path]
    tests: list[Test]
    enough: Callable[[list[Verdict]], bool] = never

    def verdicts(self, plugin: bool) -> list[Verdict]:
        kernel, seen = self.make(), []
        for test in self.tests:
            begun = time.monotonic()
            seen.append(witness(kernel, test, plugin))
            seen[-1].took = time.monotonic() - begun
            if self.enough(seen):
                break
        return seen


def of_each(trials: list[Trial], plugin: bool = False) -> Iterator[Future]:
    """As many kernels at once as there are processors, each made and then tested; they come in their order, and each
    future's result raises what making it raised."""
    many = os.cpu_count() or 2
    with processes() as begin, concurrent.futures.ThreadPoolExecutor(many, initializer=begin) as pool:
        yield from [pool.submit(trial.verdicts, plugin) for trial in trials]
