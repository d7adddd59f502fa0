"""tools/cost: the call tree of one operation, from outside; and the figures of docs/cost.md."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import support
from support import BUILD, LAST_RESORT, ROOT, in_turn

from costing import run, tell, tree
from costing.operations import OPERATIONS

PAGE = (ROOT / "docs/cost.md").read_text("utf-8")
VMBENCH = ("--shift", "0", "--ram", "512M", "--qemu-arg=-cpu", "--qemu-arg=qemu64")
NEAR = 12  # instructions: vmbench's loop, and what comes once in many times
# The rest of vmbench has more memory when it forks, and times include what others do.
COMPARED = [name for name, each in OPERATIONS.items() if each.row and "fork" not in name]
EXACT = {"null-call", "zero-fill", "zero-read", "reuse", "pipe-self", "pipe-pingpong", "sigsegv", "clock-gettime"}


def cost(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "tools/cost", *words], capture_output=True, text=True, check=False, timeout=LAST_RESORT
    )


def found(*words: str) -> dict:
    result = cost("--json", *words)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def owns(node: dict) -> int:
    return node["own"] + sum(owns(each) for each in node["below"])


def sums_hold(node: dict) -> bool:
    below = sum(each["all"] for each in node["below"])
    return node["all"] == node["own"] + below and all(sums_hold(each) for each in node["below"])


def names(node: dict) -> set[str]:
    return {node["name"]}.union(*(names(each) for each in node["below"]))


@pytest.fixture(scope="module")
def rows() -> dict[str, float]:
    result = support.run_boot(*VMBENCH, "--add", str(BUILD / "bench/vmbench"), "--", "vmbench", "-r", "3")
    lines = [line.split("\t") for line in result.text.splitlines()]
    return {line[0]: float(line[1]) for line in lines if len(line) == 3 and line[2] != "err"}


@pytest.mark.parametrize("name", in_turn(COMPARED, 3))
def test_it_is_what_vmbench_measures(name, rows):
    operation = OPERATIONS[name]
    a_unit = found(name)["all"] / operation.units
    measured = rows[f"{operation.row}.tmed"]
    slack = NEAR if name in EXACT else max(NEAR, 0.1 * measured)  # regions lie otherwise there
    assert abs(a_unit - measured) <= slack, (a_unit, measured)


@pytest.mark.parametrize("name", ["zero-fill", "fork-exit-wait", "page-in"])
def test_own_counts_add_up_and_runs_are_equal(name):
    first = found(name)
    assert sums_hold(first) and owns(first) == first["all"] > 500
    assert found(name) == first


def test_a_fault_is_the_drawing():
    path = ["user: zero_fill", "page_fault", "kernel_page_fault", "fault_handle_pinned"]
    node = found("zero-fill")
    for name in path:
        node = next(each for each in node["below"] if each["name"] == name)
    assert {"region_find", "page_in_zeroes"} <= {each["name"] for each in node["below"]}


def test_another_process_is_seen_too():
    """The one that answers, in its own calls; and each thread goes on where it was."""
    ping = found("pipe-pingpong")
    top = [each["name"] for each in ping["below"]]
    assert "user: pipe_pingpong" in top and "user: do_pipe_pingpong" in top and len(top) <= 3


def test_what_is_inlined_has_rows():
    plain, told = found("zero-fill"), found("--inlined", "zero-fill")
    assert told["all"] == plain["all"] and sums_hold(told)
    assert "fault_install (inlined)" in names(told)


def test_the_text_is_narrow_and_leaves_out_what_is_small():
    whole, short = cost("fork-exit-wait").stdout, cost("--least", "5", "fork-exit-wait").stdout
    assert max(map(len, whole.splitlines())) <= 80
    assert 5 < len(short.splitlines()) < len(whole.splitlines()) / 3 and "smaller" in short


def test_lines_of_a_function():
    text = cost("--lines", "fault_region", "zero-fill").stdout
    assert text.startswith("mm/demand_paging/fault.c, fault_region: ")
    said = re.search(r": ([\d,]+) instr", text)
    counts = [int(row[:9].replace(",", "") or 0) for row in text.splitlines()[1:] if row[:9].strip()]
    assert counts and said and sum(counts) == int(said.group(1).replace(",", ""))


def test_a_flame_graph(tmp_path):
    file = tmp_path / "copy.json"
    assert cost("--flame", str(file), "copy").returncode == 0
    flame = json.loads(file.read_text("utf-8"))
    profile, frames = flame["profiles"][0], flame["shared"]["frames"]
    assert profile["endValue"] == sum(profile["weights"]) and len(profile["weights"]) == len(profile["samples"])
    assert all(0 <= at < len(frames) for stack in profile["samples"] for at in stack)
    assert {"name": "frame_copy"} in frames


# --- A program of one's own ------------------------------------------------------------------------

MINE = """
#include <stdlib.h>
__attribute__((noinline)) int work(int deep) { return deep ? work(deep - 1) + deep : 1; }
__attribute__((noinline)) void leaves(void) { exit(3); }
int main(int count, char **words)
{
    if (count > 2)
        leaves();
    return work(count > 1 ? atoi(words[1]) : 5) == 0;
}
"""


@pytest.fixture(scope="module")
def mine(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("mine")
    (folder / "mine.c").write_text(MINE)
    words = ["musl-gcc", "-static", "-O0", "-o", folder / "mine", folder / "mine.c"]
    subprocess.run(words, check=True)
    return str(folder / "mine")


def test_a_program_of_ones_own(mine):
    five = found("--program", mine, "--at", "work")
    assert five["below"][0]["name"] == "user: work" and five["all"] == five["below"][0]["all"]
    assert found("--program", mine, "--at", "work", "--", "9")["all"] > five["all"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "OPERATION"),
        (("zero-fil",), "there is no operation zero-fil"),
        (("--program", "/no/such", "--at", "main"), "there is no such file"),
        (("--program", "MINE"), "go together"),
        (("--program", "MINE", "--at", "wor"), "the program has no function wor; it has work"),
        (("--program", "/bin/busybox", "--at", "main"), "no symbols"),
        (("--program", "MINE", "--at", "work", "--nth", "40"), "work was called only 6 times"),
        (("--program", "MINE", "--at", "leaves"), "leaves was never called"),
        (("--program", "MINE", "--at", "leaves", "--", "1", "2"), "leaves did not return"),
        (("--nth", "0", "copy"), "counts from 1"),
        (("--lines", "sys_reboot", "zero-fill"), "no instruction of sys_reboot was executed"),
    ],
)
def test_errors_are_clear(words, said, mine):
    result = cost(*(mine if word == "MINE" else word for word in words))
    assert result.returncode == 2 and said in result.stderr, result.stderr


def test_operations_are_listed():
    listed = cost("--list").stdout.splitlines()
    assert [line.split()[0] for line in listed] == list(OPERATIONS)


# --- The tree by itself ------------------------------------------------------------------------------


def traced(*steps: tuple[int, int]) -> tree.Node:
    """Of (address, kind); a function is a hundred bytes, an instruction one."""
    return tree.tree("all", [run.Instruction(at, kind, 1) for at, kind in steps], lambda at: f"f{at // 100}")


def test_calls_returns_and_jumps():
    root = traced((100, run.PLAIN), (101, run.CALL), (200, run.JUMP), (300, run.RETURN), (102, run.PLAIN))
    assert [(path[1:], node.own) for path, node in root.walk() if node.own] == [
        (("f1",), 3),
        (("f1", "f2"), 1),
        (("f1", "f3"), 1),
    ]


def test_a_switch_goes_on_where_the_other_was():
    """f1 calls f2, which switches to a thread that f5 has begun, and that one back."""
    root = traced(
        (100, run.CALL), (200, run.RETURN), (500, run.CALL), (600, run.RETURN), (101, run.PLAIN),
    )  # fmt: skip
    assert {path[1:]: node.own for path, node in root.walk() if node.own} == {
        ("f1",): 2, ("f1", "f2"): 1, ("f5",): 1, ("f5", "f6"): 1,
    }  # fmt: skip


def test_a_row_is_cut_at_the_edge():
    root = tree.Node("all")
    node = root.child("f" * 100)
    node.own = 5
    assert max(map(len, tell.text(root).splitlines())) <= tell.COLUMNS


# --- The page ------------------------------------------------------------------------------------------

CEILING = re.compile(r"^\| `tools/cost ([\w-]+)` \| ([\d,]+) \| ([\d,]+) \|", re.MULTILINE)


def test_the_page_has_rows():
    assert {name for name, _, _ in CEILING.findall(PAGE)} >= {"zero-fill", "copy", "reuse", "page-in"}


@pytest.mark.parametrize(("name", "was", "most"), CEILING.findall(PAGE))
def test_the_pages_figures(name, was, most):
    """What stands on it was measured with one compiler; others' may not be above the ceiling."""
    now = found(name)["all"] / OPERATIONS[name].units
    assert 0.7 * float(was.replace(",", "")) < now <= float(most.replace(",", ""))


def test_the_pages_tree_is_one(tmp_path: Path):
    """The functions in the page's tree are those of a run."""
    block = re.search(r"```text\n *own.*?```", PAGE, re.DOTALL)
    assert block
    shown = {row.split("%")[1].strip() for row in block.group().splitlines() if "%" in row}
    assert {re.sub(r" \(\d+ times\)", "", name) for name in shown} <= names(found("zero-fill"))
