"""docs/user-copies.md is about every copy from and to user memory that the kernel has."""

from __future__ import annotations

import re

import user_copies
from support import ROOT

TABLE = ROOT / "docs/user-copies.md"
ROW = re.compile(r"^\| (\S+: \w+)" + r" \| ([^|]+)" * 3 + r" \| ([^|]*)\|$", re.MULTILINE)


def rows() -> dict[str, tuple[str, ...]]:
    """`file: function` -> copies, what is kept, why that suffices, where two meet."""
    found = ROW.findall(TABLE.read_text("utf-8"))
    return {name: tuple(word.strip() for word in rest) for name, *rest in found}


def test_every_copy_is_entered():
    table = {name: words[0] for name, words in rows().items()}
    assert table == user_copies.calls(), "docs/user-copies.md: enter the copy, and why it is safe"


def test_what_is_named_is_there():
    """`program: step, step` in the last column: user/tests/program.c holds these steps."""
    for name, (_, _, why, tests) in rows().items():
        assert why, name
        for test in filter(None, tests.split("; ")):
            program, _, steps = test.partition(": ")
            text = (ROOT / f"user/tests/{program}.c").read_text("utf-8")
            for step in filter(None, steps.split(", ")):
                assert f'{{"{step}", ' in text, f"{name}: {program} holds no step {step}"
