"""In a museum of bugs: go to an exhibit, see how it fails, answer. Wants QEMU, Python, and GDB to look inside; no
compiler, and nothing of the tree that the museum was made from."""

from __future__ import annotations

import hashlib
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

EXHIBITS, SOURCES = "exhibits", "src"
HERE = "build/exhibit"  # the number of the one that a visitor is at
LETTERS = "abcd"
Mark = dict[str, Any]


@dataclass
class Case:
    """What is told of an exhibit, and asked."""

    test: str  # which shows it
    phase: int
    due: str
    happened: str
    choices: list[str]
    functions: list[str]
    sealed: list[str]  # the letter, the function
    calls: list[list[str]] = field(default_factory=list)  # of each phase, where there is no program


def sealed(seed: str, number: int, right: str) -> str:
    """A right answer, so that it can be told again and not be read."""
    return hashlib.sha256(f"{seed} {number} {right}".encode()).hexdigest()


def cases(mark: Mark) -> list[Case]:
    return [Case(**each) for each in mark["museum"]]


def case(mark: Mark, number: int) -> Case:
    """It ends us if there is none."""
    known = cases(mark)
    if not 1 <= number <= len(known):
        sys.exit(f"there is no exhibit {number}: they are 1 to {len(known)}")
    return known[number - 1]


def go_to(root: Path, number: int) -> None:
    """From now on tools/boot, tools/debug and tools/lab show take this kernel, and GDB its sources."""
    folder = root / EXHIBITS / str(number)
    (root / "build").mkdir(exist_ok=True)
    (root / HERE).write_text(f"{number}\n", "ascii")
    shutil.copy2(folder / "faultline.elf", root / "build/faultline.elf")
    shutil.copy2(root / "prebuilt/image.cpio", root / "build/image.cpio")
    for path in (folder / SOURCES).rglob("*.c"):
        shutil.copy2(path, root / path.relative_to(folder / SOURCES))


def exhibit(root: Path, mark: Mark, number: int) -> int:
    """Go there, and say what is known."""
    about = case(mark, number)
    go_to(root, number)
    lines = [
        f"exhibit {number}: tools/boot, tools/debug and tools/lab show now take this kernel",
        f"  due       {about.due}",
        f"  happened  {about.happened}",
        f"  see       tools/lab show {about.test} {about.phase}",
        "which is it? a kernel where",
        *(f"  {letter}) {words}" for letter, words in zip(LETTERS, about.choices, strict=True)),
        f"in which function? {', '.join(about.functions)}",
        f"answer: tools/lab answer {number} LETTER FUNCTION",
    ]
    print("\n".join(lines))
    return 0


def calls(root: Path, mark: Mark, test: str, phase: int) -> list[str]:
    """What was called and seen in a phase of the test, which needs no machine. It ends us if the exhibit that the
    visitor is at is shown by another one."""
    here = int((root / HERE).read_text("ascii"))
    about = case(mark, here)
    if test != about.test:
        sys.exit(f"of tests that need no machine exhibit {here} has only its own here: it is shown by {about.test}")
    if not 0 <= phase < len(about.calls):
        sys.exit(f"{test} has no phase {phase}: they are 0 to {len(about.calls) - 1}")
    return about.calls[phase]


def answer(mark: Mark, number: int, letter: str, function: str) -> int:
    """Is it so? 0 if both are right."""
    about = case(mark, number)
    if letter not in list(LETTERS[: len(about.choices)]):
        sys.exit(f"{letter} is none of {', '.join(LETTERS[: len(about.choices)])}")
    if function not in about.functions:
        sys.exit(f"{function} is none of {', '.join(about.functions)}")
    given = zip((letter, function), about.sealed, strict=True)
    right = [sealed(mark["seed"], number, said) == due for said, due in given]
    for what, said, is_right in zip(("behaviour", "function"), (letter, function), right, strict=True):
        print(f"the {what}: {said} is {'right' if is_right else 'not right'}")
    return 0 if all(right) else 1
