"""Page tables without a machine: let a student's functions do what a test says, in a memory of the judge's, and hold
what they did against what was due.

After each call all of memory is compared. What was wrong is told, and put right by the judge's own hands, so that
the next call is judged for itself. Only if the process is gone, the run is over.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from labbing.host import bench, calls, library
from labbing.host.bench import Bench
from labbing.host.calls import Call, Wrong
from labbing.host.geometry import Geometry
from labbing.host.process import Process

MANY = 1 << 30  # takings: none is refused
FIND, SEEK, BUILD, TRIM = range(4)  # as in tables.c


# What is due, by the sentence that says so.
DUE = {
    bench.FOUND: "the entry of the page, or none if a table on the way is missing",
    bench.SPAN_OF_MISSING: "how many bytes the missing table would map",
    bench.LOOKS_ONLY: "nothing changes",
    bench.BUILT: "the tables on the way that were missing, and the entry of the page",
    bench.ENTRY_LEADS: "from above, an entry made by pte_table leads to each new table",
    bench.COUNTED: "each table knows its entries in use, and the last one its links and what it maps",
    bench.CHARGED: "each frame of a table or of links is taken for users, and counted once",
    bench.ALL_OR_NOTHING: "no entry, and all is as before the call",
    bench.EMPTY_GO: "empty tables on the way go, each with its links",
    bench.OTHERS_STAY: "nothing else goes",
    bench.FORGOTTEN: "a table goes when no entry leads to it, and the processor has forgotten it",
    bench.CLEAN: "what is said to be all zeroes is",
    bench.NOWHERE_ELSE: "nothing is written anywhere else",
}


@dataclass
class Run:
    """One geometry, one process, and what is done."""

    geometry: Geometry
    first: int  # the lowest frame's number
    count: int
    operations: list[list]  # phase, what, tree, numbers
    rules: tuple[str, ...] = ()  # others than the book's

    @staticmethod
    def of(raw: dict) -> Run:
        geometry, rules = Geometry(*raw["geometry"]), tuple(raw.get("rules", ()))
        return Run(geometry, raw["first"], raw["count"], raw["operations"], rules)


def address_words(geometry: Geometry, address: int) -> str:
    return f"{address:#x} ({'.'.join(map(str, geometry.indexes(address)))})"


def words_of(geometry: Geometry, operation: list) -> str:
    """An operation, in words. Behind an address stand its indexes, from the root down."""
    _, what, tree, *more = operation
    where = "" if tree == 0 else " in the other tree"
    told = ", ".join(address_words(geometry, address) for address in addresses_of(operation))
    if what == "build":
        refused = "" if more[1] == MANY else f", and there is no frame after {more[1]}"
        return f"table_build of {told}{where}{refused}"
    if what == "trim":
        return f"table_trim of {told}{where}{'' if more[0] else ', which is not loaded'}"
    if what in ("find", "seek"):
        return f"table_{what} of {told}{where}"
    return {
        "grow": f"tables for {told} are there{where}",
        "enter": f"the entry of {told}{where} is {more[-1]}",
        "leave": f"the entry of {told}{where} becomes zero",
        "fell": f"empty tables on the way to {told}{where} are taken away",
        "use": f"the processor uses {told}{where}",
    }[what]


def addresses_of(operation: list) -> list[int]:
    _, what, _, *more = operation
    return more[1:] if what == "trim" else more[:1]


class Judge(calls.Judge):
    """Of one run."""

    driver = "tables"
    geometry: Geometry

    def __init__(self, run: Run, seed: str):
        super().__init__(run.operations)
        self.geometry = run.geometry
        self.bench = Bench(run.geometry, random.Random(seed), run.first, run.count, run.rules)
        self.memory = self.bench.memory

    def in_words(self, operation: list) -> str:
        return words_of(self.geometry, operation)

    def do(self, process: Process, operation: list, call: Call) -> None:
        _, what, number, *more = operation
        tree, addresses = self.bench.trees[number], addresses_of(operation)
        if what == "enter":
            self.bench.enter(tree, addresses[0], more[1])
        elif what in ("grow", "leave", "fell", "use"):
            getattr(self.bench, what)(tree, addresses[0])
        else:
            call.asked = True
            getattr(self, what)(process, number, addresses, more)
            call.wrong = [Wrong(sentence, happened, DUE[sentence]) for sentence, happened in self.bench.complaints]

    def look(self, process: Process, what: int, number: int, address: int) -> None:
        self.bench.expect(self.bench.trees[number], [address], may_take=False, refused_from=0, loaded=True)
        place, missing = process.call([what, number, address], self.bench.answer)
        self.bench.after_look(place, missing if what == SEEK else None)
        if self.bench.complaints:
            self.bench.go_back()

    def find(self, process: Process, number: int, addresses: list[int], _: list) -> None:
        self.look(process, FIND, number, addresses[0])

    def seek(self, process: Process, number: int, addresses: list[int], _: list) -> None:
        self.look(process, SEEK, number, addresses[0])

    def build(self, process: Process, number: int, addresses: list[int], more: list) -> None:
        tree = self.bench.trees[number]
        self.bench.expect(tree, addresses, may_take=bool(tree.missing(addresses[0])), refused_from=more[1], loaded=True)
        place, _ = process.call([BUILD, number, addresses[0]], self.bench.answer)
        self.bench.after_build(place)
        if self.bench.complaints:
            refused = self.bench.refused
            self.bench.go_back()
            if not refused:
                self.bench.grow(self.bench.trees[number], addresses[0])

    def trim(self, process: Process, number: int, addresses: list[int], more: list) -> None:
        tree = self.bench.trees[number]
        self.bench.expect(tree, addresses, may_take=False, refused_from=0, loaded=bool(more[0]))
        process.call([TRIM, number, *addresses], self.bench.answer)
        self.bench.after_trim()
        if self.bench.complaints:
            self.bench.go_back()
            for address in addresses:
                self.bench.fell(self.bench.trees[number], address)
