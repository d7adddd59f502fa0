"""What was done in a test without a machine, call by call, and what was wrong after each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from labbing import ending
from labbing.host import library
from labbing.host.geometry import Geometry
from labbing.host.memory import Shared
from labbing.host.process import GoneError, Process

BEGIN = "the functions begin"
COMES_BACK = "S3"  # the sentence, in each lab's specification: a call comes back


class Wrong(NamedTuple):
    """One thing."""

    sentence: str
    happened: str
    due: str


@dataclass
class Call:
    """One operation, as it went."""

    phase: int
    words: str
    wrong: list[Wrong] = field(default_factory=list)
    asked: bool = False  # of the student's functions; else it was the judge's own hands

    def gone(self, why: str) -> None:
        """It did not come back."""
        self.wrong = [Wrong(COMES_BACK, why, "the call comes back")]


@dataclass
class Seen:
    """All that was seen of a test."""

    calls: list[Call] = field(default_factory=list)
    gone: str = ""  # why the process of some run had gone


class Judge:
    """Of one run, whose operations are done one after the other."""

    driver: str  # the library's
    geometry: Geometry | None = None  # for which it is compiled; None: the processor's
    memory: Shared

    def __init__(self, operations: list[Any]):
        self.operations = operations
        self.calls: list[Call] = []

    def phase_of(self, operation: Any) -> int:
        return operation[0]

    def in_words(self, operation: Any) -> str:
        """For people."""
        raise NotImplementedError

    def do(self, process: Process, operation: Any, call: Call) -> None:
        """One operation. GoneError: the process is."""
        raise NotImplementedError

    def first_phase(self) -> int:
        return self.phase_of(self.operations[0])

    def made(self, kernel: Path) -> Path:
        """The library that is tried."""
        return library.of(kernel, self.driver, self.geometry)

    def go(self, made: Path) -> str:
        """All operations; why it came to no end, if so."""
        call = Call(self.first_phase(), BEGIN, asked=True)
        process = None
        try:
            process = Process(made, self.memory)
            for operation in self.operations:
                call = Call(self.phase_of(operation), self.in_words(operation))
                self.calls.append(call)
                self.do(process, operation, call)
            return ""
        except GoneError as gone:
            call.gone(ending.NUMBER.sub("…", str(gone)))
            self.calls += [] if call in self.calls else [call]
            return str(gone)
        finally:
            if process:
                process.end()
            self.memory.close()


class ListedJudge(Judge):
    """Of operations that are lists: phase, what, numbers."""

    who: str  # whose phases these are
    due: Mapping[str, str]  # in words, by the sentence that says so

    @staticmethod
    def words_of(operation: list) -> str:
        raise NotImplementedError

    def in_words(self, operation: list) -> str:
        return self.words_of(operation)

    def told(self, wrong: list[tuple[str, str]]) -> list[Wrong]:
        """With what was due."""
        return [Wrong(sentence, happened, self.due[sentence]) for sentence, happened in wrong]
