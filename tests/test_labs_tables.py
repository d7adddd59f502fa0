"""The lab of page tables: what judges it without a machine sees what is wrong, and believes nothing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from support import LONG, ROOT, commits
from without_machine import findings, kernel_of, of_host

from labbing import bodies, description, testing
from labbing.host import bench as benches
from labbing.host import geometry as geometries
from labbing.host import judge, process, tables
from labbing.host.bench import NAME, PAGE, Bench
from labbing.host.geometry import Geometry
from labbing.host.tables import MANY

LAB = description.find(ROOT, "1-page-tables")
HOST = of_host(LAB)
TABLE_C = "mm/page_tables/table.c"
SMALL = Geometry(3, 4, 12)
BUILD = "pte_t *table_build(struct page_table *tree, uintptr_t address)\n{\n%s\n}\n"
FORGED = "    void _exit(int);\n    (void)tree, (void)address;\n    _exit(0);"
STILL = "    int pause(void);\n    (void)tree, (void)address;\n    for (;;)\n        pause();"
# Short naps, and a question after each: whoever waits for it hears of it all the time.
NAPS = "    int usleep(unsigned);\n    void tlb_flush_user(void);\n"
NAPS += "    for (int nap = 0; nap < 1500; nap++)\n        usleep(20000), tlb_flush_user();\n"
NAPS += "    return table_find(tree, address);"
ASIDE = (
    "    frame_get(tree->root)->history++;\n"
    "    table_of(tree->root)[TABLE_ENTRIES - 1].bits ^= 2;\n"
    "    return table_find(tree, address);"
)


def variant(folder: Path, parts: dict[str, str]) -> Path:
    return kernel_of(folder, bodies.Bodies("", "", {TABLE_C: parts}))


def run_of(*operations: list) -> tables.Run:
    return tables.Run(SMALL, 1000, 60, [[0, *each] for each in operations])


def seen_of(kernel: Path, *operations: list) -> list[tuple[str, str]]:
    """What was wrong in one run."""
    run = run_of(*operations)
    due = testing.Expectation("", "", 0, 1, "0", "0", 0, [])
    due.runs = [{"geometry": [3, 4, 12], "first": run.first, "count": run.count, "operations": run.operations}]
    return [wrong[:2] for call in judge.tried(kernel, due).calls for wrong in call.wrong]


@pytest.mark.parametrize("name", HOST)
def test_the_solution_loses_no_call(name):
    for seed in ("1", "2"):
        assert findings(LAB, name, ROOT / "build/faultline.elf", seed) == []


@pytest.mark.parametrize("kind", ["right", "wrong"])
def test_solutions_without_a_machine(kind, tmp_path):
    """The right ones lose none, the wrong ones are seen. Each commit tries another, unless there is time."""
    every = LAB.solutions(kind)
    for given in every if LONG else [every[commits() % len(every)]]:
        kernel = kernel_of(tmp_path / given.name, given)
        wrong = []
        for name in ("together", "missing", "kept", "found"):
            wrong = findings(LAB, name, kernel)
            if wrong:
                break
        assert bool(wrong) == (kind == "wrong"), (given.name, wrong[:1])


@pytest.mark.parametrize("name", HOST)
def test_an_entry_that_becomes_zero_was_not(name):
    """Whatever addresses are drawn: what the judge is told to do can be done."""
    for seed in range(1000 if name == "kept" else 100):
        for run in LAB.tell(HOST[name], str(seed))[1].runs:
            page, there = Geometry(*run["geometry"]).page, set()
            for _, what, tree, address, *_ in run["operations"]:
                entry = (tree, address // page)
                if what == "enter":
                    there.add(entry)
                elif what == "leave":
                    assert entry in there, (seed, address)
                    there.remove(entry)


def test_geometries_are_none_of_the_processors():
    drawn = [each for seed in range(200) for each in geometries.draw(random.Random(seed), 3)]
    assert {each.levels for each in drawn} == {2, 3, 4, 5} and {each.bits for each in drawn} == set(range(4, 11))
    for each in drawn:
        assert geometries.fits(each) and (each.levels, each.bits, each.shift) != geometries.PROCESSORS
        assert each.address(each.indexes(each.end - 1)) == each.end - each.page


def test_an_address_on_paper():
    """Step 1 of the handout."""
    geometry = Geometry(3, 5, 13)
    assert geometry.indexes(0x1234567) == [2, 8, 26] and 0x1234567 % geometry.page == 0x567
    assert (geometry.span(2), geometry.span(3)) == (1 << 18, 1 << 23)


def test_who_ends_the_process_has_not_answered(tmp_path):
    kernel = variant(tmp_path, {"table_build": BUILD % FORGED})
    assert seen_of(kernel, ["build", 0, 0, MANY]) == [("S3", "the process ended of itself")]


def test_who_waits_for_ever_stands_still(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "STILL", 2)
    kernel = variant(tmp_path, {"table_build": BUILD % STILL})
    assert seen_of(kernel, ["build", 0, 0, MANY]) == [("S3", "it stood still")]


def test_who_naps_again_and_again_stands_still(tmp_path, monkeypatch):
    """Naps of all its life count, though none is long: not what it waits for the processor, on a busy machine."""
    monkeypatch.setattr(process, "STILL", 2)
    kernel = variant(tmp_path, {"table_build": BUILD % NAPS})
    assert seen_of(kernel, ["build", 0, 0, MANY]) == [("S3", "it stood still")]


def test_what_is_written_aside_is_seen(tmp_path):
    kernel = variant(tmp_path, {"table_build": BUILD % ASIDE})
    wrong = seen_of(kernel, ["grow", 0, 0], ["build", 0, 0, MANY])
    assert [sentence for sentence, _ in wrong] == ["S16"] and "table of level 3" in wrong[0][1]


def test_what_does_not_compile_is_told(tmp_path):
    kernel = variant(tmp_path, {"table_build": BUILD % "    return no_such_thing;"})
    wrong = seen_of(kernel, ["build", 0, 0, MANY])
    assert len(wrong) == 1 and "no_such_thing" in wrong[0][1]
    other = variant(tmp_path / "other", {"table_build": BUILD % "    int nobody(void);\n    return nobody() ? 0 : 0;"})
    assert "nobody" in seen_of(other, ["build", 0, 0, MANY])[0][1]


@pytest.fixture
def bench() -> Bench:
    return Bench(SMALL, random.Random(1), 1000, 60)


def test_a_table_may_go_when_it_is_forgotten(bench):
    """Not while an entry leads to it, nor while the processor may remember it."""
    tree = bench.trees[0]
    bench.grow(tree, 0)
    table, above = tree.table(0, 1), tree.table(0, 2)
    assert table and above

    def given(flush: bool, unlinked: bool, loaded: bool) -> list[str]:
        bench.keep()
        bench.expect(bench.trees[0], [0], may_take=False, refused_from=0, loaded=loaded)
        if unlinked:
            bench.memory.set_word(bench.memory.place(above.frame), 0)
        if flush:
            bench.answer(process.FLUSH_PAGE, 0, 0)
        bench.answer(process.FREE, table.frame, 0)
        bench.go_back()
        return [sentence for sentence, _ in bench.complaints]

    assert given(flush=True, unlinked=True, loaded=True) == given(flush=False, unlinked=True, loaded=False) == []
    assert given(flush=False, unlinked=True, loaded=True) == [benches.FORGOTTEN]
    assert given(flush=True, unlinked=False, loaded=False) == [benches.FORGOTTEN]


def test_a_name_keeps_its_table(bench):
    tree = bench.trees[0]
    for page, says in ((0, PAGE), (1, NAME)):
        bench.grow(tree, page * 4096)
        bench.enter(tree, page * 4096, says)
    assert [(table.used, table.present) for (level, _), table in tree.tables.items() if level == 1] == [(2, 1)]
    bench.leave(tree, 0)
    assert tree.empty(0) == []
    bench.leave(tree, 4096)
    assert tree.empty(0) == [1, 2]


def test_a_report_tells_the_call(tmp_path):
    kernel = variant(tmp_path, {"table_build": BUILD % "    return table_find(tree, address);"})
    due = LAB.tell(HOST["built"], "1")[1]
    tried = judge.tried(kernel, due)
    lines = judge.phase_lines(due, tried, 0)
    assert lines[0].startswith("-> phase 0: ") and lines[1].startswith("   ! table_build of 0x")
    assert judge.signature(tried) == judge.signature(judge.tried(kernel, due))


def test_several_kernels_are_judged_beside_each_other(tmp_path):
    """Each thread's tests without a machine in a process of its own, with the same findings."""
    kernel = variant(tmp_path, {"table_build": BUILD % "    return table_find(tree, address);"})
    tests = [testing.Test(kernel, LAB.tell(HOST[name], "1")[1]) for name in ("built", "trimmed")]
    here = [testing.witness(kernel, test, plugin=False) for test in tests]
    for each in testing.of_each([testing.Trial(lambda: kernel, tests)] * 2):
        assert each.result() == here and not all(verdict.passed for verdict in here)
