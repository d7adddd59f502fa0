"""What the tour's program does, step by step, told from a seed.

A *step* is one touch of one page by one process: a read, a write, or the first instruction executed there. The
program is nothing but its steps in order, a fork between two of them, and turns: who is not at work has
stopped. Which mappings there are, and which step touches which page, is drawn; that each of the things that
the lab asks about happens at least once is not.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

PAGE = 4096
PARENT, CHILD = 0, 1
NAMES = ("the parent", "the child")
READ, WRITE, EXECUTE = "read", "write", "execute"
CODE_AT, STACK_AT = 0x20000000, 0x7FFFFFFFF000  # the file's first byte; where the stack's first page ends
STACK_PAGES = 16  # that are told of: from the first page down
FILE_PAGES = 5


@dataclass(frozen=True)
class Area:
    """Pages with the same rights and the same source; `file`: the first page of the file's that it shows, or -1."""

    name: str
    base: int
    pages: int
    rights: str  # rw-, r-x
    what: str  # in words
    file: int = -1
    shared: bool = False

    def page(self, number: int) -> int:
        """Its address."""
        return self.base + number * PAGE

    def holds(self, page: int) -> bool:
        return self.base <= page < self.page(self.pages)


@dataclass(frozen=True)
class Step:
    """One touch."""

    number: int
    who: int
    access: str
    address: int
    place: str  # page 3 of "heap"
    value: int = 0  # that is written
    ends: bool = False  # the process, for it is refused

    @property
    def page(self) -> int:
        return self.address // PAGE * PAGE

    @property
    def label(self) -> str:
        return f"step_{self.number}"

    def told(self) -> str:
        how = {READ: "reads", WRITE: f"writes {self.value:#x} to", EXECUTE: "executes an instruction on"}
        return f"{NAMES[self.who]} {how[self.access]} {self.place}"


@dataclass(frozen=True)
class Draft:
    """A step before it has its place in the order."""

    who: int
    access: str
    area: Area
    page: int


@dataclass
class Tale:
    """The whole program."""

    seed: str
    dice: random.Random
    areas: dict[str, Area] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    forked: int = 0  # so many steps come before the fork
    roles: dict[str, int] = field(default_factory=dict)  # which page of an area plays which part
    words: dict[int, int] = field(default_factory=dict)  # of each page, the one word that is touched: its offset
    values: list[int] = field(default_factory=list)  # that are still to be written; no two are the same

    @property
    def ended(self) -> int:
        """The step that ends the child."""
        return next(step.number for step in self.steps if step.ends)

    def phase(self, step: Step) -> str:
        """alone, forked (both are there) or after (the child has ended)."""
        return "alone" if step.number <= self.forked else "forked" if step.number <= self.ended else "after"

    def of_phase(self, phase: str) -> list[Step]:
        return [step for step in self.steps if self.phase(step) == phase]

    def area_of(self, page: int) -> Area | None:
        return next((area for area in self.areas.values() if area.holds(page)), None)

    def step(self, number: int) -> Step:
        return self.steps[number - 1]

    def add(self, draft: Draft, ends: bool = False) -> None:
        page = draft.area.page(draft.page)
        begins = draft.access == EXECUTE and draft.area.name == "code"
        word = 0 if begins else self.words.setdefault(page, self.dice.randrange(1, 510) * 8)
        value = self.values.pop() if draft.access == WRITE else 0
        place = page_name(draft.area, draft.page)
        self.steps.append(Step(len(self.steps) + 1, draft.who, draft.access, page + word, place, value, ends))


def page_name(area: Area, page: int) -> str:
    if area.name == "stack":
        below = area.pages - 1 - page
        return f'page {below} below the first of "stack"' if below else 'the first page of "stack"'
    beyond = not 0 <= page < area.pages
    return f'page {page} of "{area.name}"' + (", where there is none" if beyond else "")


def drawn_areas(dice: random.Random) -> dict[str, Area]:
    heap, board = dice.randint(7, 9), dice.randint(2, 4)
    base = 0x700000000000 + dice.randrange(1 << 24) * PAGE
    apart = base + dice.choice((1 << 21, 1 << 30, 1 << 39)) * dice.randint(1, 3)
    areas = [
        Area("code", CODE_AT + PAGE, 2, "r-x", "the program's code: private pages of its file", 1),
        Area("data", CODE_AT + 3 * PAGE, FILE_PAGES, "rw-", "the program's data: private pages of its file", 3),
        Area("heap", base, heap, "rw-", "private memory, new"),
        Area("board", apart, board, "rw-", "shared memory, new", shared=True),
        Area("stack", STACK_AT - STACK_PAGES * PAGE, STACK_PAGES, "rw-", "the stack: private memory, that grows"),
    ]
    return {area.name: area for area in areas}


class Teller:
    """Draws a tale: rows of drafts, each in its order, are mixed."""

    def __init__(self, seed: str):
        dice = random.Random(f"tour {seed}")
        self.tale = Tale(seed, dice, drawn_areas(dice), values=dice.sample(range(0x1000, 0x10000), 40))
        self.dice = dice
        areas, roles = self.tale.areas, self.tale.roles
        for names, pages in (
            (["first", "second", "kept", "written", "zeroes", "untouched"], areas["heap"].pages),
            (["data", "own", "late"], FILE_PAGES),
        ):
            roles |= dict(zip(names, dice.sample(range(pages), len(names)), strict=True))
        roles |= {"notes": 0, "board": dice.randrange(1, areas["board"].pages)}
        far = dice.randint(5, 9)
        roles["far"], roles["near"] = STACK_PAGES - 1 - far, STACK_PAGES - 1 - dice.randint(1, far - 2)

    def draft(self, who: int, access: str, area: str, role: str) -> Draft:
        return Draft(who, access, self.tale.areas[area], self.tale.roles[role])

    def mixed(self, rows: list[list[Draft]]) -> list[Draft]:
        """All, each row in its own order."""
        order = [number for number, row in enumerate(rows) for _ in row]
        self.dice.shuffle(order)
        rows = [list(row) for row in rows]
        return [rows[number].pop(0) for number in order]

    def alone(self) -> list[Draft]:
        """The parent before the fork."""
        again = self.dice.choice((READ, WRITE))
        rows = [
            [self.draft(PARENT, WRITE, "heap", "first"), self.draft(PARENT, again, "heap", "first")],
            [self.draft(PARENT, WRITE, "heap", "second")],
            [self.draft(PARENT, WRITE, "heap", "kept")],
            [self.draft(PARENT, READ, "heap", "written"), self.draft(PARENT, WRITE, "heap", "written")],
            [self.draft(PARENT, READ, "heap", "zeroes")],
            [self.draft(PARENT, READ, "data", "data"), self.draft(PARENT, WRITE, "data", "data")],
            [self.draft(PARENT, WRITE, "data", "own")],
            [self.draft(PARENT, WRITE, "board", "board")],
            [self.draft(PARENT, WRITE, "stack", "far"), self.draft(PARENT, WRITE, "stack", "near")],
        ]
        return self.mixed(rows)

    def forked(self) -> list[Draft]:
        """Both; who stops and who goes on follows from the order."""
        eager, late = self.dice.sample((PARENT, CHILD), 2)
        reader = self.dice.choice((PARENT, CHILD))
        other = CHILD if reader == PARENT else PARENT
        rows = [
            [self.draft(who, WRITE, "heap", "first") for who in (eager, late)],
            [self.draft(who, WRITE, "heap", "second") for who in (late, eager)],
            [self.draft(CHILD, READ, "heap", "kept")],
            [self.draft(CHILD, WRITE, "heap", "zeroes"), self.draft(PARENT, READ, "heap", "zeroes")],
            [self.draft(CHILD, WRITE, "board", "board"), self.draft(PARENT, READ, "board", "board")],
            [self.draft(reader, READ, "data", "late"), self.draft(other, READ, "data", "late")],
            [self.draft(CHILD, WRITE, "stack", self.dice.choice(("far", "near")))],
        ]
        return self.mixed(rows)

    def refused(self) -> Draft:
        """What ends the child."""
        areas = self.tale.areas
        kept = self.tale.roles["kept"]
        return self.dice.choice([
            Draft(CHILD, WRITE, areas["code"], 0),
            Draft(CHILD, EXECUTE, areas["heap"], kept),
            Draft(CHILD, WRITE, areas["heap"], areas["heap"].pages),
            Draft(CHILD, READ, areas["board"], areas["board"].pages),
        ])  # fmt: skip

    def after(self) -> list[Draft]:
        """The parent, whose child has ended."""
        return self.mixed([
            [self.draft(PARENT, WRITE, "heap", "kept")],
            [self.draft(PARENT, WRITE, "heap", self.dice.choice(("zeroes", "untouched")))],
        ])  # fmt: skip

    def tell(self) -> Tale:
        tale, code = self.tale, self.tale.areas["code"]
        first = [Draft(PARENT, EXECUTE, code, 0), self.draft(PARENT, WRITE, "board", "notes")]
        for draft in [*first, *self.alone()]:
            tale.add(draft)
        tale.forked = len(tale.steps)
        for draft in [Draft(CHILD, EXECUTE, code, 1), *self.forked()]:
            tale.add(draft)
        tale.add(self.refused(), ends=True)
        for draft in self.after():
            tale.add(draft)
        return tale


def tell(seed: str) -> Tale:
    return Teller(seed).tell()
