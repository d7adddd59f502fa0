"""Parts that several stories of demand paging have: some pages in any order, each of them touched; and all of memory,
taken and given back.
"""

from __future__ import annotations

from collections.abc import Iterable

from labbing.demand import DemandStory
from labbing.promises import Mapping

PROGRAM = 0
HUGE = 8000  # pages: more than there is memory, several times
MOST = 1400  # pages: nearly all the memory there is for programs
HALF = MOST // 2
ROUNDS = 3  # of half the memory each: more than there is


def some(story: DemandStory, pages: Iterable[int], count: int = 0) -> list[int]:
    """Some of these pages, never all, in any order."""
    among = list(pages)
    return story.random.sample(among, count or story.random.randint(min(2, len(among) - 1), len(among) - 1))


def word(story: DemandStory) -> int:
    return story.random.randint(1, 511)


def load_each(story: DemandStory, who: int, mapping: Mapping, pages: Iterable[int]) -> None:
    for page in pages:
        story.load(who, mapping, page, word(story))


def load_word(story: DemandStory, who: int, mapping: Mapping, pages: Iterable[int], number: int = 0) -> None:
    """The same word of each."""
    for page in pages:
        story.load(who, mapping, page, number)


def store_each(story: DemandStory, who: int, mapping: Mapping, pages: Iterable[int]) -> None:
    for page in pages:
        story.store(who, mapping, page, word(story))


def needs_memory(story: DemandStory, pages: int = MOST) -> None:
    """Room is left for what was not touched only if nobody brought it."""
    most = story.anonymous("most of memory", pages, judged=False)
    story.phase(PROGRAM, "fills most of memory")
    story.store_all(PROGRAM, most)
    story.phase(PROGRAM, "reads that")
    story.load_all(PROGRAM, most)


def give_back(story: DemandStory, shared: bool = False) -> None:
    """More memory than there is, one piece after the other: each needs what the one before has left."""
    pieces = [story.anonymous(f"piece {number}", HALF, shared=shared, judged=False) for number in range(ROUNDS)]
    story.phase(PROGRAM, "writes to memory and gives it back, several times")
    for piece in pieces:
        story.store_all(PROGRAM, piece)
        story.unmap(PROGRAM, piece, range(piece.pages))
