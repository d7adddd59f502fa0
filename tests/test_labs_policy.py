"""The lab of a policy of one's own: what its bounds are made of, and that more frames than the limit are seen."""

from __future__ import annotations

import pytest
from support import ROOT

from labbing import bodies, contests, description, judge, report, starter, stretches, testing
from labbing.contests import BEST, CLOCK, FIFO, LRU, Bound
from labbing.expectation import Bound as Due
from labbing.expectation import Expectation, Phase, Stretch
from witnessing.seen import Seen

LAB = description.find(ROOT, "9-your-own-policy")
PAGE = 4096
COUNTED = [test for test in LAB.tests if test.points >= 10]


def stretch(frames: list[tuple[int, int]], last: int, most: int = 99) -> Stretch:
    return Stretch("group0", 0, 16 * PAGE, 0, last, most, "S6", {BEST: 2}, frames)


def made_of(pages: list[int]) -> list[tuple[int, int]]:
    """A reference a phase; -1: none."""
    return [(phase, page * PAGE) for phase, page in enumerate(pages) if page >= 0]


def faults_in(pages: list[int], phases: list[int]) -> dict[tuple[int, int], list[object]]:
    return {(phase, pages[phase] * PAGE): [None] for phase in phases}


@pytest.mark.parametrize(
    ("pages", "faults", "frames", "told"),
    [
        ([1, 2, 3, 1], [0, 1, 2, 3], 1, None),
        ([1, 2, 1], [0, 1], 2, None),
        ([1, 2, 1], [0, 1], 1, (1, 2)),  # while 2 was there, 1 was, too
        ([1, 2, 3, 1, 2], [0, 1, 2], 3, None),
        ([1, 2, 3, 1, 2], [0, 1, 2], 2, (2, 3)),
        ([1, 2, 3, 1, 2], [0, 1, 2, 4], 2, None),  # 2 may have gone
        ([1, -1, 1], [0], 1, None),
    ],
)
def test_who_did_not_fault_was_there(pages, faults, frames, told):
    one = stretch([(0, frames)], len(pages) - 1)
    assert stretches.too_many_pages(one, made_of(pages), faults_in(pages, faults)) == told


def test_a_limit_that_falls_holds_from_then_on():
    """Two pages stay while the group has one frame for a phase."""
    pages = [1, 2, -1, 1, 2]
    one = stretch([(0, 2), (2, 1), (3, 2)], 4)
    assert stretches.too_many_pages(one, made_of(pages), faults_in(pages, [0, 1])) == (2, 2)
    assert stretches.too_many_pages(one, made_of(pages), faults_in(pages, [0, 1, 3])) is None


def test_no_policy_that_keeps_to_its_frames_is_told_of_more():
    """OPT's own faults are few, and no fewer are possible."""
    string = [(page, True) for page in [0, 1, 2, 3, 0, 1, 4, 0, 1, 2, 3, 4]]
    assert [contests.known_of(3, string)[name] for name in (FIFO, LRU, BEST)] == [9, 10, 7]


def test_a_bound_is_a_whole_number_between():
    known = {FIFO: 30, CLOCK: 21, LRU: 20, BEST: 10}
    assert Bound(4, CLOCK, FIFO, ()).most(known) == 25
    assert Bound(7, BEST, LRU, ()).most(known) == 18


@pytest.mark.parametrize("test", COUNTED, ids=[test.id for test in COUNTED])
def test_strings_tell(test):
    """Whom the specification says to miss the bound misses it; what a report says is what the simulator does."""
    for seed in ("1", "2"):
        _, due = LAB.tell(test, seed)
        for each in due.stretches:
            assert each.known[BEST] < each.most < each.known[FIFO]
            assert (each.known[LRU] > each.most) == (test.id not in ("uneven", "changes"))


def told(pages: list[int], most: int) -> Expectation:
    due = Expectation("it", "a title", 10, 1, "", "", 0, ["faults"], window=[0, 16 * PAGE])
    due.phases = [Phase("the program", "refers") for _ in pages]
    due.bounds = [[Due(page * PAGE, f"page {page}", 0, 1, "S0", "")] for page in pages]
    due.stretches = [stretch([(0, 2)], len(pages) - 1, most)]
    return due


def seen_of(due: Expectation, pages: list[int], faults: list[int]) -> judge.Run:
    run = judge.Run(due, Seen(end="done"))
    run.faults = faults_in(pages, faults)  # type: ignore[assignment]
    return run


def test_too_many_faults_are_told_where_it_was_one_too_many():
    pages = [1, 2, 3, 1]
    due = told(pages, 2)
    (found,) = judge.stretch_findings(seen_of(due, pages, [0, 1, 2, 3]))
    assert (found.phase, found.sentence, found.happened) == (2, "S6", "4 faults")
    assert "at most 2 faults" in found.due and "(OPT 2)" in found.due
    assert judge.stretch_findings(seen_of(told(pages, 4), pages, [0, 1, 2, 3])) == []


def test_who_is_how_far_from_the_best(monkeypatch):
    pages = [1, 2, 3, 1]
    due = told(pages, 4)
    run = seen_of(due, pages, [0, 1, 2])
    monkeypatch.setattr(report, "Run", lambda due, seen: run)
    (line,) = report.beside_the_best([testing.Verdict(due, [], Seen(end="done"))])
    assert line == "faults, as times OPT's: it 1.50; in the mean 1.50"


def test_what_is_dropped_is_named_nowhere():
    kept = starter.kept(ROOT, LAB)
    changed = starter.struck(ROOT, LAB, bodies.overlay(ROOT, LAB.baseline()))
    listed = changed["mm/replacement/policy.c"]
    for name in ("wsclock", "clock_pro", "sieve", "distance"):
        assert f"mm/replacement/policy/{name}.c" not in kept
        assert f"policy_{name}" not in listed
    assert "make check" not in listed + changed["mm/replacement/policy/mine.c"]


def test_what_solves_it_stands_nowhere_in_a_starter():
    """The tree's own functions are a template: what must not leak are the right solutions."""
    names = set(starter.parts_of_holes(ROOT, LAB))
    assert names and names < {given.name for given in LAB.solutions("right")}
