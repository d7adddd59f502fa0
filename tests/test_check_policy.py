"""A policy that breaks a rule is told by policy, rule and line, before and in the kernel."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from support import ROOT, find
from test_odd_paths import BUILT, copy_tree

MINE = "mm/replacement/policy/mine.c"
ADMIT = "queue_append(&mine_of(group)->queue, frame);\n}\n\n/* The page was used"
REMOVE = "    queue_remove(&mine_of(group)->queue, frame);\n}\n\n/* Which one"
LOOP = "for (uint32_t left = 2 * queue->count; left > 0; left--)"
ASKS = "if (policy_may_evict(frame) && !policy_test_referenced(frame))"
NAMES = "            return frame;"

# What is wrong with it: the text of mine.c, what stands there instead; the function, the rule.
WRONG = {
    "takes each page in twice": (ADMIT, f"queue_prepend(&mine_of(group)->queue, frame);\n    {ADMIT}", "mine_", ""),
    "keeps every second page": (
        REMOVE,
        "    if (frame.number % 2 == 0)\n    " + REMOVE,
        "mine_remove",
        "a frame is the policy's no more once remove() was called",
    ),
    "looks at one page only": (
        LOOP,
        "for (uint32_t left = 1; left > 0; left--)",
        "mine_victim",
        "as long as one may go",
    ),
    "goes round for ever": (LOOP, "for (;;)", "mine_victim", "no loop is longer"),
    "computes for ever": (
        LOOP,
        "for (volatile uint32_t i = 0; group->limit == 3; i++)\n        ;\n    " + LOOP,
        "mine_victim",
        "every call comes to its end",
    ),
    "does not ask who may go": (
        ASKS,
        "if (!policy_test_referenced(frame))",
        "mine_victim",
        "names a frame that policy_may_evict() allows",
    ),
    "names its neighbour": (
        NAMES,
        "            return (frame_t){frame.number + 1};",
        "mine_victim",
        "victim() names",
    ),
    "names no number": (NAMES, "            return (frame_t){1u << 30};", "mine_victim", "a frame of its group"),
    "takes the victim out": (
        NAMES,
        "            return queue_remove(queue, frame), frame;",
        "mine_",
        "remove() alone takes it out",
    ),
    "asks for R too early": (
        ADMIT,
        f"(void)policy_test_referenced(frame);\n    {ADMIT}",
        "mine_admit",
        "R is asked in victim() and referenced() only",
    ),
    "asks about a page that is none": (
        ASKS,
        "if (policy_may_evict(frame_get(frame)->previous) && !policy_test_referenced(frame))",
        "mine_victim",
        "only a frame of its group is asked about",
    ),
    "writes to the group": (ADMIT, f"group->charged = 0;\n    {ADMIT}", "mine_admit", "only state is the policy's"),
    "writes behind its state": (
        ADMIT,
        f"group->state[GROUP_STATE_WORDS + (group->limit > 900 ? 0 : 2)] = 1;\n    {ADMIT}",
        "mine_admit",
        "256 bytes",
    ),
    "marks the frame": (ADMIT, f"frame_get(frame)->pins++;\n    {ADMIT}", "mine_admit", "of a frame of its group"),
    "follows a pointer that was never set": (
        ADMIT,
        f"**(volatile int **)(group->state + 20) = 1;\n    {ADMIT}",
        "mine_admit",
        "its group's state and its frames only",
    ),
    "has no remove": ("    .remove = mine_remove,\n", "", "", "open, admit, remove and victim are there"),
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, to write in."""
    there = tmp_path_factory.mktemp("policies")
    return copy_tree(there, *BUILT, "obj", "policy_check", "policy_run")


def use(tree: Path, *words: str) -> subprocess.CompletedProcess[str]:
    plain = {key: value for key, value in os.environ.items() if key not in ("BUILD", "MAKEFLAGS", "FAULTLINE_NO_BUILD")}
    return subprocess.run(
        words, cwd=tree, env=plain, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def write(tree: Path, text: str, instead: str) -> list[str]:
    """mine.c with something else at a place: its lines."""
    mine = (ROOT / MINE).read_text("utf-8")
    assert mine.count(text) == 1, text
    changed = mine.replace(text, instead)
    (tree / MINE).write_text(changed, "utf-8")
    return changed.splitlines()


@pytest.mark.parametrize("what", WRONG)
def test_a_broken_rule_is_told(tree: Path, what: str):
    text, instead, function, rule = WRONG[what]
    lines = write(tree, text, instead)
    ended = use(tree, "make", "-s", "check-policy", "POLICY=mine")
    assert ended.returncode != 0
    first, *rest = ended.stdout.splitlines()
    assert first.startswith("policy mine breaks a rule")
    assert rule in rest[0]
    assert [line.split(":")[0].strip() for line in rest if line[2] != " "] == ["due", "happened", "just so", "see"]
    if function:
        assert f"in {function}" in first
        at = int(find(rf"{MINE}:(\d+)$", first).group(1))
        opening = max(number for number, line in enumerate(lines[:at], 1) if line.startswith("static"))
        assert re.search(rf"\b{function}", lines[opening - 1])
    again = use(tree, "sh", "-c", find(r"see: +(tools/check-policy .*)$", ended.stdout).group(1))
    assert again.returncode == 1
    assert find(r"due: +(.*)$", again.stdout).group(1) in ended.stdout


def test_another_victim_is_told(tree: Path):
    """clock.c that is FIFO: victim by victim, and what it is instead."""
    clock = tree / "mm/replacement/policy/clock.c"
    text = clock.read_text("utf-8")
    asks = "!policy_test_referenced(clock->hand)"
    assert asks in text
    clock.write_text(text.replace(asks, "true"), "utf-8")
    ended = use(tree, "make", "-s", "check-policy", "POLICY=clock")
    clock.write_text(text, "utf-8")
    assert ended.returncode != 0
    assert "policy clock names another victim than docs/replacement.md" in ended.stdout
    assert "behaves fifo" in ended.stdout


def test_a_right_one_is_right(tree: Path):
    """Another right policy: it looks from the tail."""
    write(tree, "frame_t frame = queue->head;", "frame_t frame = queue->tail;")
    (tree / MINE).write_text(
        (tree / MINE).read_text("utf-8").replace("queue_append(queue, frame)", "queue_prepend(queue, frame)"), "utf-8"
    )
    ended = use(tree, "make", "-s", "check-policy")
    assert "no rule broken" in ended.stdout, ended.stdout


HALF = "dd if=/dev/zero of=/dev/null bs=17M count=1"
NINE = "refstring --frames 4 --policy mine --ticks 0 $(seq 1 9) $(seq 1 9)"


@pytest.mark.parametrize("what, job, words", [
    ("names no number", NINE, "victim() names frame 1073741824, of which there are not so many"),
    ("names its neighbour", NINE, "which is not the group's, or no more"),
    ("looks at one page only", NINE, "victim() names no frame, though frame"),
    ("does not ask who may go", f"{HALF} & {HALF}; wait", "which policy_may_evict() refuses"),
])  # fmt: skip
def test_the_kernel_tells_it_too(tree: Path, what: str, job: str, words: str):
    """A page that may not go: one that must be written, when all slots are taken."""
    text, instead, _, _ = WRONG[what]
    write(tree, text, instead)
    options = ("--ram", "32M", "--swap", "1M", "--policy", "mine")
    ended = use(tree, "tools/boot", *options, "--", "sh", "-c", job)
    assert "policy mine: victim() names" in ended.stderr
    assert words in ended.stderr
    assert "make check-policy POLICY=mine" in ended.stderr


def test_race_looks_first(tree: Path):
    text, instead, _, rule = WRONG["goes round for ever"]
    write(tree, text, instead)
    ended = use(tree, "tools/race", "--policy", "mine", "--workload", "zipf", "--frames", "64")
    assert ended.returncode == 1
    assert rule in ended.stderr


def test_the_simulator_says_that_it_does_not_know_it():
    ended = use(ROOT, "build/policysim", "--policy", "mine", "1", "2", "3")
    assert ended.returncode != 0
    assert "make check-policy" in ended.stderr


@pytest.mark.parametrize("words", [("nosuch",), ("--case", "3 0"), ("--case", "0 0 0 1w"), ("--case", "1 0 0 1z")])
def test_what_is_no_policy_or_case(words: tuple[str, ...]):
    ended = use(ROOT, "tools/check-policy", *words)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
