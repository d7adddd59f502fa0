"""The lab of paging: its model knows who must fault, and each half of a solution has the points of that half."""

from __future__ import annotations

import pytest
from support import ROOT

from labbing import bodies, checking, description
from labbing.leaving import LeavingMemory
from labbing.memory import Area
from labbing.paging import RESCUED, PagingStory

PRIVATE = Area("private", 0x700000000000, 4)
SHARED = Area("shared", 0x700000400000, 4, shared=True)
OUT = ("evict", "evict_unmap", "reclaim_round", "harvest_protect", "harvest_modified_finally")


def bounds(due) -> tuple[int, int]:
    return due.least, due.most


@pytest.mark.parametrize("area", [PRIVATE, SHARED])
def test_the_first_who_comes_back_pays(area: Area):
    memory = LeavingMemory()
    memory.write(0, area, 1, 0, 17)
    memory.fork(0, 1)
    assert bounds(memory.read(0, area, 1)) == (0, 0)
    memory.leave(area)
    assert bounds(memory.read(1, area, 1)) == (1, 1)
    assert bounds(memory.read(0, area, 1)) == (0, 1)
    assert bounds(memory.read(1, area, 1)) == bounds(memory.read(0, area, 1)) == (0, 0)


def test_who_writes_to_a_page_that_went_may_have_to_copy_it_then():
    memory = LeavingMemory()
    memory.write(0, PRIVATE, 0, 0, 17)
    memory.fork(0, 1)
    memory.leave(PRIVATE)
    assert bounds(memory.write(1, PRIVATE, 0, 0, 18)) == (1, 2)
    memory.leave(PRIVATE)
    assert bounds(memory.write(1, PRIVATE, 0, 0, 19)) == (1, 1)  # its own: the right comes back with the page
    cells = [memory.cell(process, PRIVATE, 0) for process in (0, 1)]
    assert [cell.words[0] for cell in cells if cell] == [17, 19]


def test_the_same_frame_is_due_until_there_was_a_flood():
    story = PagingStory("", "seed")
    story.flood_area()
    story.begin_group()
    area = story.area("private", 2)
    story.phase(0, "writes")
    for page in range(2):
        story.write(0, area, page)
    story.take_out(area, kept=True)
    story.phase(0, "reads")
    story.read(0, area, 0)
    assert [(each.same, each.sentence) for each in story.relations] == [(True, RESCUED)]
    story.flood()
    story.phase(0, "reads")
    story.read(0, area, 1)
    assert len(story.relations) == 1


@pytest.mark.parametrize(("out", "least", "most"), [(True, 55, 70), (False, 0, 15)])
def test_points_of_a_half(out: bool, least: int, most: int):
    """Out alone, the baseline in place of in; and the reverse: what never goes cannot come back."""
    lab = description.find(ROOT, "6-out-and-in")
    check = checking.Check(ROOT, lab, ["1"], print)
    rest = {
        file: {name: text for name, text in parts.items() if (name in OUT) != out}
        for file, parts in lab.baseline().parts.items()
    }
    half = bodies.Bodies(f"half-{out}", "", {file: parts for file, parts in rest.items() if parts})
    verdicts = check.judged(check.workshop.of(half, "alone"), "1", plugin=False)
    assert least <= sum(each.points for each in verdicts) <= most
