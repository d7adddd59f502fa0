"""Under a policy that is anybody's: did a stretch of references take too many faults, and had it more frames than it
may? Neither asks the kernel.

Each reference is one phase, so it is seen whether it was a fault. A page that was touched without one was there since
it was touched before: at each moment so many pages were surely there, and there may be no more than frames.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from labbing.expectation import Bound, Stretch

Faults = Mapping[tuple[int, int], Sequence[object]]  # of a phase and a page


def references(stretch: Stretch, bounds: list[list[Bound]], until: int) -> list[tuple[int, int]]:
    """Phase and page of each, before that phase."""
    phases = range(stretch.first, min(stretch.last + 1, until))
    return [(at, bound.page) for at in phases for bound in bounds[at] if stretch.low <= bound.page < stretch.high]


def taken(made: list[tuple[int, int]], faults: Faults) -> list[int]:
    """The phases in which there was a fault."""
    return [phase for phase, page in made if faults.get((phase, page))]


def frames_at(stretch: Stretch, phase: int) -> int:
    return next(frames for since, frames in reversed(stretch.frames) if since <= phase)


def surely_there(stretch: Stretch, made: list[tuple[int, int]], faults: Faults) -> list[int]:
    """At the end of each phase of the stretch: so many pages at least."""
    change = [0] * (stretch.last - stretch.first + 2)
    before: dict[int, int] = {}  # a page's last reference
    for phase, page in made:
        stayed = page in before and not faults.get((phase, page))
        change[(before[page] + 1 if stayed else phase) - stretch.first] += 1
        change[phase + 1 - stretch.first] -= 1
        before[page] = phase
    return list(itertools.accumulate(change[:-1]))


def too_many_pages(stretch: Stretch, made: list[tuple[int, int]], faults: Faults) -> tuple[int, int] | None:
    """The first phase at the end of which more pages were there than frames, and how many."""
    for number, pages in enumerate(surely_there(stretch, made, faults)):
        if pages > frames_at(stretch, stretch.first + number):
            return stretch.first + number, pages
    return None
