"""The lab of the free-frame list: which frame may follow which, on paper, and what half a solution is worth."""

from __future__ import annotations

import pytest

from labbing import frame_rules, leak
from labbing.expectation import FrameRule, Tier
from labbing.frame_rules import Memory

FREED = [(0, page) for page in range(100)]
TAKEN = [(1, page) for page in range(100)]


def rule(kind: str, **more) -> FrameRule:
    return FrameRule(kind, 1, "S4", "due", **more)


def frames(order: list[int]) -> frame_rules.Frames:
    """Page N had frame N; then the pages are touched that get frames in this order."""
    return {**{page: page[1] for page in FREED}, **dict(zip(TAKEN, order, strict=False))}


def holds(tiers: list[Tier], order: list[int], slack: int = 0, asleep: dict | None = None) -> bool:
    told = rule("order", tiers=tiers, taken=TAKEN[: len(order)], slack=slack)
    return not frame_rules.broken([told], frames(order), asleep or {}, 2)


QUEUE = [Tier("", FREED, ordered=True)]
TWO = [Tier("", FREED[50:]), Tier("", FREED[:50], ordered=True)]


@pytest.mark.parametrize(
    ("tiers", "order", "slack", "right"),
    [
        (QUEUE, list(range(100)), 0, True),
        (QUEUE, list(range(40)), 0, True),
        (QUEUE, [*range(900, 930), *range(40)], 0, True),  # others were free before
        (QUEUE, list(reversed(range(100))), 16, False),
        (QUEUE, [*range(50, 90)], 16, False),  # fifty were passed over
        (QUEUE, [*range(3, 90)], 0, False),
        (QUEUE, [*range(3, 90)], 3, True),  # the kernel took three
        (TWO, [*reversed(range(50, 100)), *range(50)], 0, True),
        (TWO, [*range(100)], 16, False),
        (TWO, [*range(50, 100), *reversed(range(50))], 16, False),
    ],
)
def test_order(tiers, order, slack, right):
    assert holds(tiers, order, slack) == right


def test_what_was_cleared_comes_first():
    asleep = {1: Memory(set(), set(range(30, 60)))}
    tiers = [Tier("", FREED, asleep=1, cleared=True), Tier("", FREED, asleep=1, ordered=True)]
    assert holds(tiers, [*reversed(range(30, 60)), *range(30), *range(60, 100)], 0, asleep)
    assert not holds(tiers, [*range(100)], 16, asleep)


def test_nobody_shares_a_frame():
    apart = rule("apart", taken=TAKEN[:3])
    assert not frame_rules.broken([apart], frames([5, 6, 7]), {}, 2)
    assert frame_rules.broken([apart], frames([5, 6, 5]), {}, 2)
    assert not frame_rules.broken([apart], frames([5, 6, 5]), {}, 1)  # it was not gone through


def test_who_lost_the_frame_to_another_need_not_have_it_back():
    given = [(2, 7)]
    kept = rule("kept", tiers=[Tier("", FREED[:3]), Tier("", given)], taken=TAKEN[:3])
    assert not frame_rules.broken([kept], {**frames([0, 9, 2]), given[0]: 1}, {}, 2)
    assert frame_rules.broken([kept], {**frames([0, 9, 2]), given[0]: 8}, {}, 2)


@pytest.mark.parametrize(("zeroes", "right"), [(range(29), False), (range(40), True), (range(60), False)])
def test_so_many_are_cleared(zeroes, right):
    cleared = rule("cleared", taken=FREED, words=list(range(100)), least=30, most=50)
    asleep = {1: Memory(set(), set(zeroes))}
    assert (frame_rules.broken([cleared], frames([]), asleep, 2) == []) == right


def test_where_frames_are_not_told_junk_passes_for_zeroes():
    cleared = rule("cleared", taken=FREED, words=list(range(100)), least=30, most=50)
    assert not frame_rules.broken([cleared], {}, {1: Memory(set(range(20)))}, 2)
    assert frame_rules.broken([cleared], {}, {1: Memory(set(range(90)))}, 2)


def test_memory_is_looked_at_frame_by_frame():
    data = bytes(4096) + (17).to_bytes(8, "little") * 512 + bytes(4088) + (1).to_bytes(8, "little")
    seen = frame_rules.looked_at(data)
    assert seen == Memory({0, 17}, {0})


def test_an_idiom_gives_nothing_away():
    often = leak.shingles("{ take(one); take(another); take(a_third); }")
    rare = leak.shingles("{ a = b * c + d / e - f; }")
    files = [often] * leak.MANY + [often | rare]
    assert leak.idioms(files) == often
