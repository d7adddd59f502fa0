"""The lab of demand paging: its tests cite what its table says, others run while a page is read, and its starter's
pages lead nowhere that is not there."""

from __future__ import annotations

import pytest
from support import ROOT

from labbing import bodies, description, expectation, handout, starter

LAB = description.find(ROOT, "3-demand-paging")
FORETELLS = "tools/gdb/vm/foretell.py"


@pytest.mark.parametrize("test", LAB.tests, ids=lambda test: test.id)
def test_a_test_cites_what_the_table_says(test):
    cited = set()
    for seed in range(4):
        cited |= expectation.cited(LAB.tell(test, str(seed))[1])
    assert cited == set(test.spec)


def test_what_one_changes_while_the_other_waits_is_refused_or_seen():
    _, due = LAB.tell(next(test for test in LAB.tests if test.id == "on-its-way"), "1")
    pages = [bound for each in due.bounds for bound in each]
    assert {bound.most for bound in pages if bound.sentence == "S6"} == {1}
    twice = [bound for bound in pages if bound.sentence == "S12" and bound.least == 2]
    assert twice and all(bound.why.endswith("while another process runs, more than once") for bound in twice)


def test_links_that_lead_nowhere_are_words():
    text = "[here](a.md#x), [there](../b.md), ![gone](c.svg), [far](https://example.org/), [below](#below)"
    assert handout.without_dead_links(text, "docs/page.md", {"docs/a.md"}) == (
        "[here](a.md#x), there, gone, [far](https://example.org/), [below](#below)"
    )


def test_nothing_in_a_starter_foretells_a_fault():
    files = starter.kept(ROOT, LAB)
    changed = starter.struck(ROOT, LAB, bodies.overlay(ROOT, LAB.baseline()))
    assert FORETELLS in starter.tracked(ROOT) and FORETELLS not in files
    for file in (file for file in files if file.startswith("tools/gdb/")):
        text = changed.get(file) or (ROOT / file).read_text("utf-8")
        assert "foretell" not in text, file
        compile(text, file, "exec")
