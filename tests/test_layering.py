"""Dependencies run down only: user -> (system calls) -> kernel -> mm -> arch -> lib."""

import re

import pytest
from support import ROOT

HEIGHT = {"lib": 0, "arch": 1, "boot": 1, "mm": 2, "kernel": 3}
FROM_EVERYWHERE = {"arch/types.h"}
SUFFIXES = {".c", ".h", ".asm"}


def includes(room: str) -> list[tuple[str, str]]:
    """(file, what it includes with quotes) for all of a room."""
    found = []
    for path in sorted((ROOT / room).rglob("*")):
        if path.suffix in SUFFIXES:
            name = str(path.relative_to(ROOT))
            text = path.read_text("utf-8")
            found += [(name, included) for included in re.findall(r'[#%] *include "(.*?)"', text)]
    return found


@pytest.mark.parametrize("room", HEIGHT)
def test_includes_run_downwards(room):
    for name, included in includes(room):
        target = included.split("/")[0]
        if included in FROM_EVERYWHERE:
            continue
        assert target in HEIGHT, f"{name} includes {included}: write it from the root"
        assert HEIGHT[target] <= HEIGHT[room], f"{name} includes {included}, which is above it"


def test_user_programs_know_only_system_calls():
    above = [(name, i) for name, i in includes("user") if not i.startswith("user/")]
    assert above == []


def test_fault_does_not_name_the_extras():
    assert "mm/more" not in (ROOT / "mm/fault.c").read_text("utf-8")
