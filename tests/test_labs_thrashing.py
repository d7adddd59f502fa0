"""The lab of working sets and thrashing: its models know what is due, and its judges believe nothing."""

from __future__ import annotations

import pytest
from support import LONG, ROOT, commits
from without_machine import findings, kernel_of, of_all, of_host

from labbing import description, testing
from labbing.assembly import LAST
from labbing.expectation import Pace, Total
from labbing.host import control, judge
from labbing.host.ages import POLICY, Judge
from labbing.host.bench import PAGE
from labbing.host.calls import Wrong
from labbing.host.control import MS, RESUME, SUSPEND, Control, Event, Period, Program
from labbing.judge import Run
from labbing.judge import judge as judge_live
from witnessing.seen import Fault, Mark, Seen

LAB = description.find(ROOT, "8-working-sets")
HOST = of_host(LAB)
CONTROL_C = "kernel/thrashing/load_control.c"
RUNS = frozenset(("active", "wants"))


@pytest.mark.parametrize("test", HOST)
def test_the_solution_loses_no_call(test):
    for seed in ("1", "2"):
        assert findings(LAB, test, ROOT / "build/faultline.elf", seed) == []


@pytest.mark.parametrize("kind", ["right", "wrong"])
def test_solutions_without_a_machine(kind, tmp_path):
    """The right ones lose none, the wrong ones are seen, but for one that knows where it runs. Each commit tries
    others, unless there is time."""
    every = [given for given in LAB.solutions(kind) if given.name != "right-without-a-machine"]
    turn = commits() % len(every)
    for given in every if LONG else (every + every)[turn : turn + 3]:
        kernel = kernel_of(tmp_path / given.name, given)
        wrong = of_all(LAB, kernel, "3")
        assert bool(wrong) == (kind == "wrong"), (given.name, wrong[:1])


# --- control, on paper ---


def programs(*told: tuple[int, int, int, bool]) -> Control:
    """Each: its number, when it was let in or out, its pages, is it suspended?"""
    every = [Program(number, 0, since * MS, pages, set(RUNS), out) for number, since, pages, out in told]
    return Control({each.id: each for each in every})


def followed(control_: Control, period: Period, begin: int, *events: tuple[str, int]) -> tuple[str, str] | None:
    now = begin * MS
    return control_.follow(period, now, [Event(kind, number, now, now) for kind, number in events])


THREE = ((1, 100, 60, False), (2, 300, 60, False), (3, 200, 60, False))


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        ([(SUSPEND, 2)], ""),
        ([], control.HOW_MANY),
        ([(SUSPEND, 3)], control.WHOM),
        ([(SUSPEND, 9)], control.ENDS),
        ([(SUSPEND, 2), (SUSPEND, 3)], control.HOW_MANY),
        ([(RESUME, 2)], control.HOW_MANY),
    ],
)
def test_who_was_let_in_last_goes(events, sentence):
    wrong = followed(programs(*THREE), Period(120, "sets"), 500, *events)
    assert (wrong[0] if wrong else "") == sentence


@pytest.mark.parametrize(
    ("frames", "events", "sentence"),
    [
        (240, [(RESUME, 5)], ""),
        (240, [(RESUME, 4)], control.BACK),
        (300, [(RESUME, 5), (RESUME, 4)], ""),
        (300, [(RESUME, 5)], control.BACK),
        (239, [(RESUME, 5)], control.BACK),
        (239, [], ""),
    ],
)
def test_who_has_waited_longest_comes_back(frames, events, sentence):
    there = programs(*THREE, (4, 450, 60, True), (5, 400, 60, True))
    wrong = followed(there, Period(frames, "sets"), 500, *events)
    assert (wrong[0] if wrong else "") == sentence


@pytest.mark.parametrize(
    ("begin", "events", "sentence"),
    [
        (1199, [], ""),
        (1199, [(SUSPEND, 1), (RESUME, 4)], control.EXCHANGE),
        (1200, [(SUSPEND, 1), (RESUME, 4)], ""),
        (1200, [], control.EXCHANGE),
        (1200, [(SUSPEND, 3), (RESUME, 4)], control.WHO_LEAVES),
        (1200, [(SUSPEND, 1)], control.WHO_LEAVES),
        (1200, [(SUSPEND, 1), (SUSPEND, 3), (RESUME, 4)], control.WHO_LEAVES),
    ],
)
def test_places_are_changed(begin, events, sentence):
    wrong = followed(programs(*THREE, (4, 400, 60, True)), Period(180, "room"), begin, *events)
    assert (wrong[0] if wrong else "") == sentence


def test_an_exchange_that_took_long_is_followed_by_rest():
    there = programs((1, 100, 60, False), (2, 200, 60, True), (3, 300, 60, True))
    slow = [Event(SUSPEND, 1, 2000 * MS, 2200 * MS), Event(RESUME, 2, 2200 * MS, 2400 * MS)]
    assert there.follow(Period(60, "room"), 2000 * MS, slow) is None
    assert there.next == 2800 * MS
    assert followed(there, Period(60, "room"), 2700, (SUSPEND, 2), (RESUME, 3)) == (
        control.HALF,
        "places were changed too soon after the exchange before",
    )


# --- ages ---


def sampled(*operations: list) -> list[Wrong]:
    """What the tree's functions did wrong."""
    due = testing.Expectation("", "", 0, 1, "0", "0", 0, [])
    due.runs = [{"kind": "ages", "first": 1000, "count": 60, "operations": [[0, *each] for each in operations]}]
    return [wrong for call in judge.tried(ROOT / "build/faultline.elf", due).calls for wrong in call.wrong]


def test_a_sample_of_pages_far_apart():
    pages = [0, 511 * 4096, 1 << 21, 0x7FFFFFFFE000]
    puts = [["put", 0, page, PAGE, 3] for page in pages]
    uses = [["touch", 0, page, True] for page in pages[1:3]]
    assert sampled(*puts, *uses, ["sample", 0, 0, 1], ["sample", 0, 1, 0]) == []


def test_the_judge_of_ages_sees_a_frame_that_was_told_of_in_vain():
    raw = {"first": 1000, "count": 60, "operations": []}
    bench = Judge(raw, "1").bench
    bench.put(bench.trees[0], 4096, PAGE, 3)
    bench.before_sample(0, loaded=True)
    entry = bench.entry(bench.tree, 4096)
    bench.tell(bench.frame(entry))
    bench.set_entry(bench.tree, 4096, bench.due(entry))
    bench.tree.entries[4096] = entry
    bench.after_sample(0, 1)
    assert [sentence for sentence, _ in bench.complaints] == [POLICY]
    assert bench.entry(bench.trees[0], 4096) >> 52 & 15 == 4


# --- programs ---


def live(name: str) -> testing.Expectation:
    return LAB.tell(next(test for test in LAB.tests if test.id == name), "1")[1]


def ideal(due: testing.Expectation, ms: int) -> Seen:
    """All that is told is as it was due, one mark after the other, in so many milliseconds."""
    marks = [Mark(number, told.value, 1, {"R9": number * ms * MS}) for number, told in enumerate(due.told)]
    return Seen(marks=[*marks, Mark(LAST, 0, 1, {})], end="done")


@pytest.mark.parametrize("name", ["enough", "cured", "everybody", "too-large"])
def test_bounds_hold_of_time(name):
    due = live(name)
    assert judge_live(due, ideal(due, 1)) == []
    wrong = judge_live(due, ideal(due, 10_000))
    assert len(wrong) == 1 and wrong[0].sentence in ("S0", "S2", "S4")


def test_faults_are_counted_between_marks():
    due = live("cured")
    seen = ideal(due, 1)
    total = due.totals[0]
    places = (total.begin - 1, total.begin, total.end - 1, total.end)
    seen.faults = [Fault(total.low, "write", False, 0, 1, place, place) for place in places]
    seen.faults.append(Fault(total.low - 1, "write", False, 0, 1, total.begin, total.begin))
    assert Run(due, seen).faults_of(total) == 2
    seen.faults = [Fault(total.low, "write", False, 0, 1, total.begin, total.begin)] * (total.most + 1)
    assert [found.sentence for found in judge_live(due, seen)] == ["S2"]


def test_who_does_not_come_to_its_mark_has_not_done_what_was_due():
    due = live("everybody")
    due.totals, due.paces = [Total("", "S2", 0, 1, 0, 1, 1)], [Pace("", "S4", [0, 1], 1)]
    assert judge_live(due, Seen(end="limit"))
