"""Processes that fork, read, write and end: how many faults, and how many frames, in each phase?

The story is told twice at once, to a program and to a model (labbing.story). The program runs in the live kernel;
QEMU tells how many faults each phase takes, and the page tables in RAM, read from outside, how many frames
there are behind the pages of all processes. The model must come to the same.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field

from labbing.memory import Area
from labbing.story import NAMES, Story
from witnessing.ram import Ram
from witnessing.seen import Seen

from exercising import stage, tables
from exercising.worksheet import Block, Number, Pairs, Question, Table, Worksheet, agree, listed

# What a touch is that takes a fault, in the words of the answers.
FIRST_TOUCH, COPY, REUSE = "a first touch", "a copy", "a reuse by the last owner"


@dataclass
class Told:
    """A phase as the worksheet tells it."""

    what: str
    kinds: Counter[str] = field(default_factory=Counter)  # faults, by what they are
    frames: int = 0  # behind the pages of all processes, when it has ended
    alive: frozenset[int] = frozenset()


class Play(Story):
    """A story that rests after each phase, so that it can be looked at."""

    def __init__(self, seed: str, processes: int):
        super().__init__("copy-on-write", seed, processes)
        self.alive = {0}
        self.plot: list[Told] = []
        self.actors: list[int] = []
        self.seen_frames: dict[int, int] = {}
        self.pages: Area | None = None

    def begin(self, who: int, what: str) -> None:
        self.actors.append(who)
        self.phase(who, what)
        self.plot.append(Told(f"{self.names[who].capitalize()} {what}."))

    def write_to(self, who: int, pages: list[int]) -> None:
        assert self.pages is not None
        for page in pages:
            cell = self.memory.cell(who, self.pages, page)
            if cell is None:
                self.plot[-1].kinds[FIRST_TOUCH] += 1
            elif who not in cell.writable:
                self.plot[-1].kinds[COPY if len(cell.holders) > 1 else REUSE] += 1
            self.write(who, self.pages, page)

    def read_from(self, who: int, pages: list[int]) -> None:
        assert self.pages is not None
        for page in pages:
            self.read(who, self.pages, page)

    def close(self) -> None:
        """The phase has ended: count, and rest."""
        cells = {id(cell) for (_, area, _), cell in self.memory.cells.items() if area is self.pages}
        self.plot[-1].frames, self.plot[-1].alive = len(cells), frozenset(self.alive)
        stage.rest(self.code, self.holder)

    def look(self, ram: Ram, seen: Seen) -> None:
        """The frames behind the pages of all who live, when a phase has ended: later looks replace earlier."""
        numbers = [mark.number for mark in seen.marks]
        if not numbers or numbers[-1] >= len(self.told):
            return
        assert self.pages is not None
        now, low, high = self.told[numbers[-1]].phase, self.pages.base, self.pages.base + self.pages.pages * 4096
        if now >= len(self.plot):
            return
        spaces = {self.actors[self.told[m.number].phase]: m.space for m in seen.marks if m.number < len(self.told)}
        frames = {
            frame
            for who in self.plot[now].alive & spaces.keys()
            for page, frame in tables.mapped(ram, spaces[who]).items()
            if low <= page < high
        }
        self.seen_frames[now] = len(frames)


def pages_told(pages: list[int]) -> str:
    """`pages 0 to 3 and 7`."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and runs[-1][-1] + 1 == page:
            runs[-1].append(page)
        else:
            runs.append([page])
    words = [word for run in runs for word in (map(str, run) if len(run) <= 2 else [f"{run[0]} to {run[-1]}"])]
    return f"page{'s' if len(pages) > 1 else ''} {listed(words)}"


def some(play: Play, most: int) -> list[int]:
    """A stretch, or pages here and there."""
    count = play.random.randint(1, most)
    if play.random.random() < 0.5:
        first = play.random.randint(0, most - count)
        return list(range(first, first + count))
    return sorted(play.random.sample(range(most), count))


def writes(play: Play, who: int, pages: list[int]) -> None:
    play.begin(who, f"writes to {pages_told(pages)}")
    play.write_to(who, pages)
    play.close()


def reads(play: Play, who: int, pages: list[int]) -> None:
    play.begin(who, f"reads {pages_told(pages)}")
    play.read_from(who, pages)
    play.close()


def forks(play: Play, parent: int, child: int, size: int) -> None:
    """And the child reads, so that it has been seen."""
    play.begin(parent, f"forks {play.names[child]}")
    play.fork(parent, child)
    play.alive.add(child)
    play.close()
    reads(play, child, list(range(size)) if play.random.random() < 0.5 else some(play, size))


def ends(play: Play, who: int, parent: int) -> None:
    play.begin(who, "ends")
    play.end(who, parent)
    play.alive.discard(who)
    play.close()


def scene(play: Play, size: int) -> None:
    """Somebody who lives writes; now and then somebody reads."""
    who = play.random.choice(sorted(play.alive))
    (reads if play.random.random() < 0.15 else writes)(play, who, some(play, size))


def leaves(play: Play, parents: dict[int, int]) -> list[int]:
    """Who may end: children without living children."""
    return [who for who in sorted(play.alive) if who and not any(parents.get(c) == who for c in play.alive)]


def tell(seed: str) -> Play:
    play = Play(f"copy-on-write {seed}", 3)
    size = play.random.randint(5, 12)
    play.pages = play.area("heap", size)
    parents = {1: 0}
    writes(play, 0, list(range(size)))
    forks(play, 0, 1, size)
    scene(play, size)
    if play.random.random() < 0.6:
        parents[2] = play.random.choice((0, 1))
        forks(play, parents[2], 2, size)
        scene(play, size)
    for _ in range(play.random.randint(0, 2)):
        scene(play, size)
    who = play.random.choice(leaves(play, parents))
    ends(play, who, parents[who])
    survivor = play.random.choice(sorted(play.alive))
    writes(play, survivor, some(play, size))
    for last in sorted(play.alive - {0}, reverse=True):
        play.turn(parents[last])
        play.end(last, parents[last])
    return play


def worth_telling(seed: str) -> Play:
    """The first of such stories in which something is copied."""
    for number in itertools.count():
        play = tell(f"{seed} {number}")
        if any(told.kinds[COPY] for told in play.plot):
            return play
    raise AssertionError


def measure(play: Play) -> list[int]:
    """Faults in each phase, as QEMU saw them."""
    plot = len(play.plot)
    play.finish("exercise", 0, [], stage.RAM, "0", 0)
    assert play.pages is not None
    low, high = play.pages.base, play.pages.base + play.pages.pages * 4096
    seen = stage.play(play.code, play.look)
    faults = [0] * plot
    for fault in seen.faults:
        if low <= fault.address < high and 0 <= fault.phase < len(play.told):
            faults[play.told[fault.phase].phase] += 1
    for number, told in enumerate(play.plot):
        agree(f"phase {number + 1}: faults", sum(told.kinds.values()), faults[number])
        agree(f"phase {number + 1}: frames", told.frames, play.seen_frames.get(number))
    return faults


def because(play: Play) -> str:
    parts = []
    for number, told in enumerate(play.plot, 1):
        kinds = listed([f"{count} x {kind}" for kind, count in told.kinds.items()])
        if kinds:
            parts.append(f"phase {number}: {kinds}")
    return f"{'; '.join(parts)}. In all other phases there is none."


def frames_because(play: Play) -> str:
    parts, before = [], 0
    for number, told in enumerate(play.plot, 1):
        if told.frames != before:
            parts.append(f"phase {number}: {told.frames - before:+d}")
        before = told.frames
    return (
        f"A first touch and a copy take a frame, a fork and a reuse none; who ends gives back what nobody else holds. "
        f"{'; '.join(parts)}."
    )


def total_question(play: Play, source: str) -> Question:
    copies = sum(told.kinds[COPY] for told in play.plot)
    return Question(
        "How many pages are copied in the whole story?",
        Number(copies, "pages"),
        "The faults that are copies: writes to a page that another process holds too.",
        source,
    )


def saved_question(play: Play, faults: list[int], source: str) -> Question:
    assert play.pages is not None
    forked = sum("forks" in told.what for told in play.plot)
    copies, all_copies = sum(told.kinds[COPY] for told in play.plot), forked * play.pages.pages
    return Question(
        "How many copies of pages does the story save against a fork that copies every page at once?",
        Number(all_copies - copies, "pages"),
        f"Such forks would copy {forked} x {play.pages.pages} pages; {copies} were copied.",
        source,
    )


def make(seed: str) -> Worksheet:
    play, source = worth_telling(seed), stage.source("copy-on-write", seed)
    faults = measure(play)
    assert play.pages is not None
    rows = [
        (f"phase {number}", told.what, str(count), str(told.frames))
        for number, (told, count) in enumerate(zip(play.plot, faults, strict=True), 1)
    ]
    given: list[Block] = [
        f"A process has mapped {play.pages.pages} pages of private memory, numbered from 0, and has touched none of "
        "them. A fork copies no page: both processes get the same frames, read-only. The first write to a page that "
        "another process holds too takes a fault and makes a copy. If nobody else holds it any more, the first write "
        "since the fork takes a fault as well (the entry is still read-only), but nothing is copied. Only faults on, "
        "and frames behind, these pages count; frames are those of all processes together, when the phase has ended.",
        Table(["when", "what happens"], [row[:2] for row in rows]),
    ]
    questions = [
        Question(
            "How many faults does each phase take?",
            Pairs([(row[0], row[2]) for row in rows]),
            because(play),
            source,
        ),
        Question(
            "How many frames are behind these pages when each phase has ended?",
            Pairs([(row[0], row[3]) for row in rows]),
            frames_because(play),
            source,
        ),
        play.random.choice([total_question(play, source), saved_question(play, faults, source)]),
    ]
    return Worksheet("copy-on-write", seed, "Copy-on-write", given, questions)
