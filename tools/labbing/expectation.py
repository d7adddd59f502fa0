"""What a run of a test program must show, as plain data: a starter has it as JSON, without the model."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Bound:
    """Faults on one page in one phase."""

    page: int  # its address
    name: str  # page 5 of "private"
    least: int
    most: int
    sentence: str
    why: str
    protection: bool = True


@dataclass
class Told:
    """A mark: which phase it is of, and the value that it must tell."""

    phase: int
    value: int
    what: str  # the child reads page 5 of "private"
    sentence: str


@dataclass
class Relation:
    """In the later phase there is the same frame behind a page as in the earlier, or another one."""

    page: int
    name: str
    earlier: int
    later: int
    same: bool
    sentence: str


@dataclass
class Phase:
    """A stretch of the program, by one process."""

    who: str
    what: str


@dataclass
class Expectation:
    """Of one test."""

    id: str
    title: str
    points: int
    nonce: int
    ram: str
    swap: str
    budget: int  # instructions
    judged: list[str]  # values, faults, frames
    window: list[int] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    bounds: list[list[Bound]] = field(default_factory=list)  # of each phase
    relations: list[Relation] = field(default_factory=list)
    options: list[str] = field(default_factory=list)  # parameters of the kernel
    origins: dict[str, str] = field(default_factory=dict)  # a value, in hex: who wrote it
    data: int = 0  # pages of the file /data that the image has, too


def save(expectation: Expectation, path: Path) -> None:
    path.write_text(json.dumps(asdict(expectation), indent=1) + "\n", "utf-8")


def load(path: Path) -> Expectation:
    raw: dict[str, Any] = json.loads(path.read_text("utf-8"))
    raw["phases"] = [Phase(**each) for each in raw["phases"]]
    raw["told"] = [Told(**each) for each in raw["told"]]
    raw["bounds"] = [[Bound(**each) for each in phase] for phase in raw["bounds"]]
    raw["relations"] = [Relation(**each) for each in raw["relations"]]
    return Expectation(**raw)
