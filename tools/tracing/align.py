"""Two lists of what was done, aligned: as long as both are the same, place by place; where they are not, by the
shortest way to where they are again. It is not always the best way there is, but long lists take no longer than
their length, and what is near stays beside each other."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


def _nearest(
    a: Sequence[Thing], b: Sequence[Thing], i: int, j: int, where: dict[Thing, list[int]]
) -> tuple[int, int] | None:
    """How many steps of A's and of B's lie before the next that both do; None: there is none."""
    best: tuple[int, int] | None = None
    x = 0
    while i + x < len(a) and (best is None or x < sum(best)):
        places = where.get(a[i + x], [])
        at = bisect.bisect_left(places, j)
        if at < len(places) and (best is None or x + places[at] - j < sum(best)):
            best = (x, places[at] - j)
        x += 1
    return best


def aligned(a: Sequence[Thing], b: Sequence[Thing]) -> Iterator[tuple[int | None, int | None]]:
    """The places in both, in order: each once, together where the keys are the same."""
    where: dict[Thing, list[int]] = {}
    for place, key in enumerate(b):
        where.setdefault(key, []).append(place)
    i = j = 0
    while i < len(a) and j < len(b):
        x, y = (0, 0) if a[i] == b[j] else _nearest(a, b, i, j, where) or (len(a) - i, len(b) - j)
        yield from ((place, None) for place in range(i, i + x))
        yield from ((None, place) for place in range(j, j + y))
        i, j = i + x, j + y
        if i < len(a) and j < len(b):
            yield i, j
            i, j = i + 1, j + 1
    yield from ((place, None) for place in range(i, len(a)))
    yield from ((None, place) for place in range(j, len(b)))
