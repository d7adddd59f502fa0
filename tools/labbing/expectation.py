"""What a run of a test program must show, as plain data: a starter has it as JSON, without the model. Of a test
without a machine it is what is done; what that must come to, the judge works out."""

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
class Tier:
    """Free frames of one kind: each is the one that was behind a page, when the program last had it there."""

    name: str  # what they are: "that keeps a page"
    held: list[tuple[int, int]]  # phase, page
    ordered: bool = False  # they became free in this order
    asleep: int = -1  # a phase in which the program slept: of these frames, only those that …
    cleared: bool = False  # … were all zeroes then, or only those that were not
    head: tuple[int, ...] = ()  # of frames whose number, divided by the one, leaves the other, the last comes first


@dataclass
class FrameRule:
    """Which frames must be behind pages, whatever their numbers (frame_rules.py tells the kinds)."""

    kind: str
    phase: int  # which phase's finding it is
    sentence: str
    due: str
    tiers: list[Tier] = field(default_factory=list)
    taken: list[tuple[int, int]] = field(default_factory=list)  # phase, page: in the order of the touches
    slack: int = 0  # so many frames may have gone elsewhere: the kernel takes some, too
    words: list[int] = field(default_factory=list)  # the first words of those pages, which nothing else has
    least: int = 0
    most: int = 0


BEST = "OPT"  # of the policies in Stretch.known: who knows the future


@dataclass
class Stretch:
    """References to a group's pages from one phase to another, under any policy: how many faults they may take
    together, and in how many frames (stretches.py)."""

    name: str  # the group's
    low: int  # addresses of its pages
    high: int
    first: int  # phases
    last: int
    most: int
    sentence: str
    known: dict[str, int]  # what policies of the book take; empty: it is not about that
    frames: list[tuple[int, int]]  # from a phase on: so many


@dataclass
class Total:
    """Faults of user code on some pages, from one mark to another."""

    what: str  # they are, and whose
    sentence: str
    low: int  # addresses
    high: int
    begin: int  # numbers of marks
    end: int
    most: int


@dataclass
class Pace:
    """How long it may take from each of these marks to the next, by the processor's own counter (R9 there)."""

    what: str
    sentence: str
    marks: list[int]
    most: int  # ns


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
    judged: list[str]  # values, faults, frames; and whole: then no more is told than whether all was right
    window: list[int] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    bounds: list[list[Bound]] = field(default_factory=list)  # of each phase
    relations: list[Relation] = field(default_factory=list)
    options: list[str] = field(default_factory=list)  # parameters of the kernel
    cpus: int = 1  # processors
    origins: dict[str, str] = field(default_factory=dict)  # a value, in hex: who wrote it
    data: int = 0  # pages of the file /data that the image has, too
    rules: list[FrameRule] = field(default_factory=list)
    asleep: list[int] = field(default_factory=list)  # phases in which the program sleeps, and memory is looked at
    frames_public: bool = False  # frames are told in a student's own runs, too, where QEMU can
    stretches: list[Stretch] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    paces: list[Pace] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)  # without a machine: labbing/host/judge.py, Run


def cited(due: Expectation) -> set[str]:
    """The sentences that a report on this test can cite."""
    found = {total.sentence for total in due.totals} | {pace.sentence for pace in due.paces}
    if "values" in due.judged:
        found |= {told.sentence for told in due.told}
    if "faults" in due.judged:
        found |= {bound.sentence for each in due.bounds for bound in each}
        found |= {stretch.sentence for stretch in due.stretches}
    if "frames" in due.judged:
        found |= {relation.sentence for relation in due.relations} | {rule.sentence for rule in due.rules}
    return found


def save(expectation: Expectation, path: Path) -> None:
    path.write_text(json.dumps(asdict(expectation), indent=1) + "\n", "utf-8")


def rule_of(raw: dict[str, Any]) -> FrameRule:
    """JSON has no pairs."""
    rule = FrameRule(**raw)
    rule.tiers = [Tier(**each) for each in raw["tiers"]]
    rule.taken = [(phase, page) for phase, page in rule.taken]
    for tier in rule.tiers:
        tier.held = [(phase, page) for phase, page in tier.held]
    return rule


def stretch_of(raw: dict[str, Any]) -> Stretch:
    stretch = Stretch(**raw)
    stretch.frames = [(phase, frames) for phase, frames in stretch.frames]
    return stretch


def load(path: Path) -> Expectation:
    raw: dict[str, Any] = json.loads(path.read_text("utf-8"))
    raw["phases"] = [Phase(**each) for each in raw["phases"]]
    raw["told"] = [Told(**each) for each in raw["told"]]
    raw["bounds"] = [[Bound(**each) for each in phase] for phase in raw["bounds"]]
    raw["relations"] = [Relation(**each) for each in raw["relations"]]
    raw["totals"] = [Total(**each) for each in raw["totals"]]
    raw["paces"] = [Pace(**each) for each in raw["paces"]]
    raw["rules"] = [rule_of(each) for each in raw["rules"]]
    raw["stretches"] = [stretch_of(each) for each in raw["stretches"]]
    return Expectation(**raw)
