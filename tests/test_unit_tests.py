"""The unit tests of mm/ tell the truth about whatever they test: each runs in a process of its own, and
has passed when it came to its end, not when something says so."""

import subprocess
from pathlib import Path

import pytest
from all_mutants import host
from mutations import Mutation
from support import BUILD, LAST_RESORT, ROOT

HOST = BUILD / "host"
FORK = "struct space *space_fork(struct space *parent)\n{\n"
WORDS = "    extern void _exit(int);\n    extern int dprintf(int, const char *, ...);\n"
PASSED = '    dprintf(1, "[       OK ] fork_copies_no_page\\n[  PASSED  ] 308 test(s).\\n");\n'


def unit(tmp_path: Path, mutation: Mutation, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run of the unit tests over an mm/ that is changed."""
    objects = host.compile_mutant(mutation, ROOT, HOST, tmp_path)
    base = [HOST / f"tests/host/{name}.o" for name in host.BASE]
    program = host.link(tmp_path / "unit", [*objects, *base, *host.unit_objects(HOST)], "-lcmocka")
    return subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=LAST_RESORT, check=False, errors="replace"
    )


def fork_that(what: str, lines: str) -> Mutation:
    return Mutation("mm/demand_paging/space_fork.c", what, FORK, FORK + WORDS + lines)


ENDS = [
    (
        "ends with the words of a test that passed",
        PASSED + "    _exit(0);\n",
        "ended before the test did, with status 0",
    ),
    ("ends", "    _exit(3);\n", "ended before the test did, with status 3"),
    ("crashes", "    __builtin_trap();\n", "fork_copies_no_page"),
    ("stops by itself", '    panic("at %d", 7);\n', "PANIC: at 7"),
    ("never ends", "    for (;;)\n        __asm__ volatile(\"\");\n", "it never ends"),
    ("fails with success on its lips", PASSED + "    return NULL;\n", "fork succeeds: there is memory enough"),
]


@pytest.mark.parametrize(("what", "lines", "words"), ENDS, ids=[what for what, _, _ in ENDS])
def test_a_fork_fails_its_test_and_no_other(tmp_path, what, lines, words):
    result = unit(tmp_path, fork_that(what, lines), "fork_copies_no_page", "zero_fill", "test_table")
    text = result.stdout + result.stderr
    assert result.returncode == 1, text
    assert "[  FAILED  ] fork_copies_no_page (test_fork.c)" in text
    assert words in text
    assert "[       OK ] zero_fill" in text, "another's test is not run"
    assert text.count("[  FAILED  ]") == 2, "it is told of, and stands in the summary"


def test_together_the_end_of_the_process_is_no_success(tmp_path):
    mutation = fork_that("ends all", PASSED + "    _exit(0);\n")
    result = unit(tmp_path, mutation, "--together", "fork_copies_no_page", "test_table")
    assert result.returncode == 1, result.stdout


def test_nor_is_it_before_there_are_tests(tmp_path):
    begin = "void frame_give(frame_t first, frame_t end)\n{\n"
    mutation = Mutation("mm/frames/frame.c", "ends at the start", begin, begin + WORDS + PASSED + "    _exit(0);\n")
    result = unit(tmp_path, mutation, "test_fork")
    assert result.returncode == 1, result.stdout
    assert "have not been run" in result.stdout


def test_a_failure_is_told_in_words(tmp_path):
    line = "        position_clear_bits(parent, PTE_WRITABLE);\n"
    mutation = Mutation("mm/demand_paging/space_fork.c", "the parent may go on writing", line, "")
    result = unit(tmp_path, mutation, "parent_writes_child_keeps")
    assert "not so: faults when page 0 is written: 0, not 1" in result.stdout
    assert "!=" not in result.stdout, "a bare comparison of numbers helps nobody"


def test_a_name_that_is_no_test(tmp_path):
    result = subprocess.run([HOST / "unit", "test_nothing"], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "there is no test test_nothing" in result.stderr
