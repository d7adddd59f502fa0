"""What make makes depends on all that it is made of, as make itself sees it (`make -pn`).

Nothing is touched for that: two runs may test the same tree."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from support import ROOT

from faultline import project

ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")}


def needs(*words: str) -> dict[str, set[str]]:
    """Each file that make knows, and what it depends on, to begin with."""
    command = ["make", "-pn", "--no-print-directory", *words]
    text = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env=ENVIRONMENT
    ).stdout
    found: dict[str, set[str]] = {}
    for line in text.splitlines():
        if match := re.match(r"([^\s#:=%][^\s:=%]*):(?!=)([^=]*)$", line):
            found.setdefault(match.group(1), set()).update(match.group(2).replace("|", " ").split())
    return found


def missing(wanted: set[str], target: str, *words: str) -> set[str]:
    """What of that it does not depend on, however far."""
    rules, found, waiting = needs(target, *words), set(), [target]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += rules.get(name, ())
    return wanted - found


def sources(*patterns: str) -> set[str]:
    return {str(path.relative_to(ROOT)) for pattern in patterns for path in ROOT.glob(pattern)}


ROOMS = [f"{room}/**/*.{kind}" for room in ("boot", "arch", "lib", "mm", "kernel") for kind in ("c", "h", "asm", "inc")]
USER = [f"user/**/*.{kind}" for kind in ("c", "h", "asm", "inc")]
MADE = {
    "build/faultline.elf": (*ROOMS, "linker.ld", "tools/symbols.py", "Makefile"),
    "build/untraced/faultline.elf": (*ROOMS, "linker.ld", "tools/symbols.py", "Makefile"),
    "build/image.cpio": (*USER, "tools/mkimage", "tools/faultline/*.py", "Makefile"),
    "build/faultline.iso": (*ROOMS, *USER, "boot/grub.cfg", "tools/mkiso", "tools/faultline/*.py"),
    "build/bench/vmbench": ("tests/bench/vmbench.c", "Makefile"),
    "build/bench/operation": ("tests/bench/operation.c", "Makefile"),
    "build/policysim": ("tools/simulator/*.cpp", "tools/simulator/*.h", "Makefile"),
}
HOST = {
    "build/host/unit": ("mm/**/*.c", "mm/**/*.h", "tests/host/unit.c"),
    "build/host/fuzz_vm": ("mm/**/*.c", "mm/**/*.h", "tests/host/fuzz*.h", "tests/host/fuzz_vm.c"),
}


@pytest.mark.parametrize("target", MADE)
def test_depends_on_its_sources(target: str):
    wanted = sources(*MADE[target])
    assert wanted and not missing(wanted, target)


@pytest.mark.parametrize("target", HOST)
def test_depends_on_its_sources_on_the_host(target: str):
    wanted = sources(*HOST[target], "tests/host/Makefile")
    assert wanted and not missing(wanted, target, "-f", "tests/host/Makefile")


USED = ["arch/frame.inc", "arch/smap.inc", "arch/layout.h", "linker.ld", "mm/demand_paging/fault.c"]


@pytest.mark.parametrize("file", USED)
def test_make_would_build_it_again(file: str):
    """As the dependencies say, so make does."""
    command = ["make", "-q", "-W", file, "build/faultline.elf"]
    assert subprocess.run(command, cwd=ROOT, check=False, env=ENVIRONMENT).returncode == 1
    assert Path(ROOT / file).exists()


def test_a_source_that_went_goes(tmp_path: Path):
    """What is made of a list of files is made again when the list is shorter."""
    (tmp_path / "Makefile").write_text(
        f"BUILD := build\ninclude {ROOT}/tools/list.mk\n"
        "sources := $(wildcard *.txt)\n"
        "all: $(sources) $(call list,all,$(sources))\n\tcat $(sources) > $@\n"
    )
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text(name)

    def make() -> str:
        subprocess.run(["make", "-s"], cwd=tmp_path, check=True, env=ENVIRONMENT)
        return (tmp_path / "all").read_text()

    assert make() == "ab"
    assert subprocess.run(["make", "-q"], cwd=tmp_path, check=False, env=ENVIRONMENT).returncode == 0
    (tmp_path / "b.txt").unlink()
    assert make() == "a"


def test_a_step_that_takes_long_is_not_silent(capfd: pytest.CaptureFixture[str]):
    """The line that says which file is being made comes again, with the seconds, while nothing else does."""
    stands_in = ["sh", "-c", "echo cc -o long.o -c long.c; sleep 5; echo ld -o all; exit 3"]
    assert project.run_make(stands_in, ENVIRONMENT, 2) == 3
    told = capfd.readouterr().err
    assert re.match(r"building 1 of 2: long\.c\n(building 1 of 2: long\.c, \d s\n){2}", told), told
