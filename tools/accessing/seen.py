"""What became of a run's accesses in a modelled TLB, by program, region and time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from accessing.places import KERNEL, Place, Places

PAGE = 4096
LEVELS = 4  # of page tables: entries that a walk reads, by the textbook


@dataclass(frozen=True)
class Costs:
    """In nanoseconds."""

    memory: float = 100
    first: float = 1  # looking into the first level
    common: float = 7  # into the second


@dataclass
class Counts:
    accesses: int = 0
    missed: int = 0  # in the first level
    walks: int = 0  # in all levels
    pages: int = 0
    steps: int = 0  # entries that the walks read; not known of parts

    def add(self, accesses: int, missed: int, walks: int) -> None:
        self.accesses += accesses
        self.missed += missed
        self.walks += walks
        self.pages += 1

    @property
    def hit_rate(self) -> float:
        return 1 - self.walks / self.accesses if self.accesses else 1

    def formula(self, costs: Costs) -> float:
        """The textbook's effective access time: a hit is looked up and fetched, a miss walks four tables first."""
        hit = costs.first + costs.memory
        return self.hit_rate * hit + (1 - self.hit_rate) * (hit + LEVELS * costs.memory)

    def measured(self, costs: Costs, has_common: bool) -> float:
        """The mean of what each access took in the model."""
        if not self.accesses:
            return 0
        spent = self.accesses * (costs.first + costs.memory) + self.steps * costs.memory
        return (spent + (self.missed * costs.common if has_common else 0)) / self.accesses


@dataclass
class Model:
    """One way to build a TLB, and what came of it."""

    name: str
    user: Counts
    kernel: Counts
    flushed: int
    refreshed: int
    recycled: int


@dataclass
class Part:
    """A slice of the run."""

    accesses: int
    of_user: int
    pages: int  # of programs, that were used
    walks: list[int]  # of each model
    missed: list[int]


@dataclass
class Seen:
    """A run under several models; `programs` and `regions` are counted by the first."""

    accesses: dict[str, dict[str, int]]
    switches: int  # CR3 was given another space's tables
    reloads: int  # or the same again, which is a flush
    page_flushes: int
    blind_flushes: int
    all_flushes: int
    models: list[Model]
    programs: dict[str, Counts] = field(default_factory=dict)
    regions: dict[str, list[tuple[Place, Counts]]] = field(default_factory=dict)  # by program
    parts: list[Part] = field(default_factory=list)

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=1) + "\n"


def counts_of(told: dict[str, int]) -> Counts:
    return Counts(told["accesses"], told["accesses"] - told["first"], told["walks"], 0, told["steps"])


def read(told: bytes, trace: Path) -> Seen:
    """What build/tlb-model said, with the names that the trace has."""
    data: dict[str, Any] = json.loads(told)
    numbers = {name: data[name] for name in ("switches", "reloads", "page_flushes", "blind_flushes", "all_flushes")}
    models = [
        Model(
            model["name"], counts_of(model["user"]), counts_of(model["kernel"]),
            model["flushed"], model["refreshed"], model["recycled"],
        )
        for model in data["models"]
    ]  # fmt: skip
    seen = Seen(data["accesses"], models=models, **numbers)
    seen.parts = [Part(accesses, user, pages, walks, missed) for accesses, user, pages, missed, walks in data["slices"]]
    enter_pages(seen, data["pages"], Places(trace))
    return seen


def enter_pages(seen: Seen, pages: Iterable[list[Any]], places: Places) -> None:
    """Each page's counts, to its program and its region."""
    regions: dict[str, dict[Place, Counts]] = {}
    for space, page, accesses, _, _, missed, walks in pages:
        program = places.program(space)
        place = places.place(space, page)
        for counts in (
            seen.programs.setdefault(program, Counts()),
            regions.setdefault(program, {}).setdefault(place, Counts()),
        ):
            counts.add(accesses, missed[0], walks[0])
    seen.programs = dict(sorted(seen.programs.items(), key=lambda each: (each[0] == KERNEL, -each[1].accesses)))
    for program in seen.programs:
        seen.regions[program] = sorted(regions[program].items(), key=lambda each: each[0].start)
