"""How many frames of page tables does a process have?

A program of the live kernel maps regions and touches pages of them. Its tables are then counted in the
machine's RAM, from CR3 down, and once more by what the addresses say: a table at a level for each stretch
of 2 MiB, 1 GiB, 512 GiB in which there is a page. Both must agree.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from labbing.assembly import ANONYMOUS, PRIVATE, Assembly
from witnessing.ram import Ram
from witnessing.seen import Seen

from exercising import stage, tables
from exercising.worksheet import Block, Number, Pairs, Question, Refused, Table, Worksheet, agree, listed

PAGE, MIB, GIB = tables.PAGE, 1 << 20, 1 << 30
REACH = {1: 2 * MIB, 2: GIB, 3: 512 * GIB}
REACHES = {1: "2 MiB", 2: "1 GiB", 3: "512 GiB"}


@dataclass(frozen=True)
class Range:
    """Pages that are touched, each so far from the last."""

    base: int
    pages: int
    apart: int = PAGE

    def addresses(self) -> list[int]:
        return [self.base + number * self.apart for number in range(self.pages)]


@dataclass
class Process:
    """What a program does, and what its tables were like at each rest."""

    source: str
    ranges: list[Range]
    later: list[int]  # pages that are touched one after the other, with a rest behind each
    counts: dict[int, dict[int, int]] = field(default_factory=dict)  # by rest
    pages: dict[int, list[int]] = field(default_factory=dict)

    def look(self, ram: Ram, seen: Seen) -> None:
        if seen.marks and seen.marks[-1].number <= len(self.later):
            number, cr3 = seen.marks[-1].number, seen.marks[-1].space
            self.counts[number] = tables.count(ram, cr3)
            self.pages[number] = sorted(tables.mapped(ram, cr3))

    def program(self) -> Assembly:
        code = Assembly(1, 1)
        for touched in self.ranges:
            for address in touched.addresses() if touched.apart > PAGE else [touched.base]:
                code.map(0, address, PAGE if touched.apart > PAGE else touched.pages * PAGE, PRIVATE | ANONYMOUS)
        for address in self.later:
            code.map(0, address, PAGE, PRIVATE | ANONYMOUS)
        for touched in self.ranges:
            self.touch(code, touched)
        for number, address in enumerate([0, *self.later]):
            if address:
                code.write(0, address)
            code.mark(0, number)
            stage.rest(code, 0)
        stage.end(code, 0)
        return code

    def touch(self, code: Assembly, touched: Range) -> None:
        if touched.apart == PAGE:
            code.fill(0, touched.base, touched.pages)
        else:
            for address in touched.addresses():
                code.write(0, address)

    def measure(self) -> None:
        stage.play(self.program(), self.look)
        for number in range(len(self.later) + 1):
            if number not in self.counts:
                raise Refused("the machine was not paused where it should be")
            agree(f"tables after {number} more pages", by_formula(self.pages[number]), self.counts[number])


def stretches(pages: list[int], level: int) -> list[int]:
    """Where the stretches begin that need a table of that level."""
    return sorted({page // REACH[level] * REACH[level] for page in pages})


def by_formula(pages: list[int]) -> dict[int, int]:
    return {4: 1, **{level: len(stretches(pages, level)) for level in (3, 2, 1)}}


def shapes(dice: random.Random, base: int) -> list[Range]:
    """Ways in which pages may lie about, at a base that is a multiple of 512 GiB."""
    several = dice.randint(3, 9)
    return [
        Range(base + dice.randint(1, 400) * PAGE, dice.randint(3, 90)),
        Range(base + 2 * MIB - several * PAGE, several + dice.randint(1, 40)),
        Range(base + GIB - several * PAGE, several + dice.randint(1, 9)),
        Range(base + 512 * GIB - several * PAGE, several + dice.randint(1, 9)),
        Range(base + 6 * MIB, dice.randint(520, 1500)),
        Range(base + 3 * GIB, several, 2 * MIB),
        Range(base + 5 * GIB, dice.randint(3, 5), GIB),
    ]


def drawn(dice: random.Random) -> list[Range]:
    bases = dice.sample(range(2, 90), 4)
    chosen = dice.sample(range(7), dice.randint(2, 4))
    return sorted(
        (shapes(dice, bases[number] * 1024 * GIB)[shape] for number, shape in enumerate(chosen)),
        key=lambda touched: touched.base,
    )


def further(dice: random.Random, ranges: list[Range]) -> list[int]:
    """Pages near and far from those that are there, each in another stretch."""
    last = dice.choice(ranges)
    end = last.addresses()[-1] + PAGE
    beyond = end // (2 * MIB) * (2 * MIB)
    candidates = [
        (end // PAGE + dice.randint(1, 3)) * PAGE,
        beyond + 8 * MIB + dice.randint(0, 511) * PAGE,
        beyond + 40 * GIB + dice.randint(0, 511) * PAGE,
        dice.randint(100, 120) * 1024 * GIB + dice.randint(0, 511) * PAGE,
    ]
    dice.shuffle(candidates)
    return candidates[:3]


def runs(pages: list[int]) -> list[tuple[int, int]]:
    """First address and number of pages of each stretch without a gap."""
    found: list[tuple[int, int]] = []
    for page in pages:
        if found and found[-1][0] + found[-1][1] * PAGE == page:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((page, 1))
    return found


def rows(ranges: list[Range], pages: list[int]) -> list[list[str]]:
    """What is in memory: a row for each stretch, and one for pages that are evenly apart."""
    sparse = {address for touched in ranges if touched.apart > PAGE for address in touched.addresses()}
    found = [(first, [f"{first:#014x}", f"{count}", "one after the other" if count > 1 else "-"])
             for first, count in runs([page for page in pages if page not in sparse])]  # fmt: skip
    for touched in ranges:
        if touched.apart > PAGE:
            apart = f"{touched.apart // MIB} MiB apart" if touched.apart < GIB else f"{touched.apart // GIB} GiB apart"
            found.append((touched.base, [f"{touched.base:#014x}", str(touched.pages), apart]))
    return [row for _, row in sorted(found)]


def because(pages: list[int], level: int) -> str:
    begins = [f"{begin:#014x}" for begin in stretches(pages, level)]
    where = f"for each {REACHES[level]} in which there is a page, which begin at {listed(begins)}"
    return f"a table of level {level} {where}"


def levels_question(process: Process) -> Question:
    count, pages = process.counts[0], process.pages[0]
    names = {4: "level 4 (PML4)", 3: "level 3 (page-directory-pointer tables)", 2: "level 2 (page directories)",
             1: "level 1 (page tables)"}  # fmt: skip
    reasons = "; ".join(because(pages, level) for level in (1, 2, 3))
    return Question(
        "How many tables does the process have at each level?",
        Pairs([(names[level], str(count[level])) for level in (4, 3, 2, 1)]),
        f"One of level 4; {reasons}.",
        process.source,
    )


def all_question(process: Process) -> Question:
    count = process.counts[0]
    return Question(
        "How many frames do its page tables take in all?",
        Number(sum(count.values()), "frames"),
        f"{' + '.join(str(count[level]) for level in (4, 3, 2, 1))}, from level 4 down.",
        process.source,
    )


def share_question(process: Process) -> Question:
    count, pages = sum(process.counts[0].values()), len(process.pages[0])
    return Question(
        "How many frames does the process take with pages and page tables together?",
        Number(count + pages, "frames"),
        f"{pages} frames of pages and {count} of tables.",
        process.source,
    )


def more_question(process: Process) -> Question:
    grown = [
        sum(process.counts[n].values()) - sum(process.counts[n - 1].values()) for n in range(1, len(process.later) + 1)
    ]
    answers = [(f"{address:#014x}", f"{more} more") for address, more in zip(process.later, grown, strict=True)]
    reasons = []
    for number, address in enumerate(process.later):
        before = process.pages[number]
        new = [level for level in (3, 2, 1) if address // REACH[level] * REACH[level] not in stretches(before, level)]
        sizes = listed([REACHES[level] for level in new])
        told = f"is in a new stretch of {sizes}" if new else "has its tables already"
        reasons.append(f"{address:#014x} {told}")
    return Question(
        "It then touches one page at each of these addresses, in this order. How many more frames of "
        "tables does each take, beside its own frame?",
        Pairs(answers),
        "; ".join(reasons) + ".",
        process.source,
    )


def make(seed: str) -> Worksheet:
    dice = random.Random(f"page-tables {seed}")
    ranges = drawn(dice)
    process = Process(stage.source("page-tables", seed), ranges, further(dice, ranges))
    process.measure()
    given: list[Block] = [
        "On x86-64 a table is one frame of 4 KiB with 512 entries. A table of level 1 (page table) reaches over 2 MiB "
        "of addresses, one of level 2 (page directory) over 1 GiB, one of level 3 (page-directory-pointer table) over "
        "512 GiB; the one of level 4 over all. Tables are made when the first page below them comes into memory.",
        "A process has these pages in memory, among them its program (0x401000), a few pages that it works with "
        "(0x600000000000), and its stack (below 0x7ffffffff000). Count tables of its own half of the addresses only, "
        "and the one of level 4.",
        Table(["first page at", "pages", "how they lie"], rows(ranges, process.pages[0])),
    ]
    middle = [all_question(process), share_question(process)]
    dice.shuffle(middle)
    return Worksheet(
        "page-tables", seed, "Page-table sizes", given, [levels_question(process), middle[0], more_question(process)]
    )
