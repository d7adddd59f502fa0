"""Kernels with other bodies in the holes: the baseline's, and those of wrong and right solutions.

They are built from the tree's own objects, so each costs the files that it changes and a link.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

from labbing import bodies, build, testing
from labbing.compilers import Words, choose, words_of_makefile
from labbing.description import Lab

IDLE = '    __asm__ volatile("mov $500, %%ecx\\n1: dec %%ecx\\n   jnz 1b" ::: "ecx", "cc");\n'


class Workshop:
    """Builds kernels derived from the tree at `root`, whose kernel make has built."""

    folder = "labs"
    lean = True

    def __init__(self, root: Path, lab: Lab, words: Words):
        self.root, self.lab, self.words = root, lab, words
        self.base = build.Kernel(root, root / "build", choose("gcc"), words, root / "build/obj")

    def kernel(self, name: str, changed: dict[str, str], extra: tuple[str, ...] = ()) -> Path:
        """Its file. BuildError: it does not compile. `extra`: more for the compiler."""
        out = self.root / "build" / self.folder / self.lab.name / name
        base = self.base
        made = build.Kernel(
            self.root, out, base.compiler, self.words, base.assembled, extra, base, changed, self.lean
        )
        build.make(made)
        return made.elf

    def of(self, given: bodies.Bodies, kind: str) -> Path:
        """With these bodies in the tree's holes."""
        return self.kernel(f"{kind}-{given.name}", bodies.overlay(self.root, given))

    def trials(self, some: list[bodies.Bodies], kind: str, tests: list[testing.Test]) -> list[testing.Trial]:
        """Of kernels with each of these bodies."""
        return [testing.Trial(functools.partial(self.of, given, kind), tests) for given in some]

    def seen_of_wrong(self, tests: list[testing.Test]) -> dict[str, list[testing.Verdict]]:
        """What each wrong solution that is known does in the tests, by its name."""
        some = self.lab.solutions("wrong")
        each = testing.of_each(self.trials(some, "wrong", tests))
        return {given.name: verdicts.result() for given, verdicts in zip(some, each, strict=True)}

    def slowed(self, given: bodies.Bodies | None, name: str) -> Path:
        """The same with a thousand idle instructions in each hole."""
        changed = bodies.overlay(self.root, given) if given else {}
        for hole in self.lab.holes:
            text = changed.get(hole.file) or (self.root / hole.file).read_text("utf-8")
            changed[hole.file] = with_idling(text, hole.function)
        return self.kernel(f"slow-{name}", changed)


class NamedWorkshop(Workshop):
    """The same, and each kernel knows its functions' names: what is said of its end, and debuggers, need them."""

    lean = False


class SteppingWorkshop(Workshop):
    """The same for stepping through: every function is kept, as `make DEBUG=1` does. It makes its own objects."""

    folder = "labs-stepping"
    lean = False

    def __init__(self, root: Path, lab: Lab):
        super().__init__(root, lab, words_of_makefile(root, "DEBUG=1"))
        objects, tree = self.base.assembled, root / "build" / self.folder / "tree"
        self.base = build.Kernel(root, tree, choose("gcc"), self.words, objects)
        build.make(self.base)


def with_idling(text: str, function: str) -> str:
    """Idle at the beginning of that function's body."""
    head = re.compile(rf"^\w[^;{{}}]*\b{function}\([^;{{}}]*\n\{{\n", re.MULTILINE)
    return head.sub(lambda found: found[0] + IDLE, text, count=1)
