"""Compile and link a kernel without make: what a starter builds itself with.

A kernel may be *derived*: a tree in which some files have another text. Its folder comes before the tree
wherever the compiler looks. Only what differs is compiled, the rest is the base's objects.
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from faultline.progress import Progress
from labbing.compilers import Compiler, Words, ran

FEW = 20  # so many files are compiled before anybody wonders
FLOORS = ("boot", "arch", "lib", "mm", "kernel")


class BuildError(Exception):
    """What the compiler or the linker said."""


@dataclass
class Kernel:
    """A kernel to be made: `root` has the sources, `objects` where assembled objects are."""

    root: Path
    out: Path
    compiler: Compiler
    words: Words
    assembled: Path  # a folder with boot/boot.asm.o and so on
    extra: tuple[str, ...] = ()  # more for the compiler
    base: Kernel | None = None  # of which this is derived
    changed: dict[str, str] = field(default_factory=dict)  # file: its text here
    lean: bool = False  # nobody will step through it, or read its words

    @property
    def elf(self) -> Path:
        return self.out / "faultline.elf"

    def sources(self) -> list[str]:
        found = (path for floor in FLOORS for path in (self.root / floor).rglob("*.c"))
        return sorted(str(path.relative_to(self.root)) for path in found)

    def object(self, source: str) -> Path:
        return self.out / "obj" / f"{source}.o"

    def place(self, source: str) -> Path:
        """Of a source file: the derived one's own, or the tree's."""
        return (self.out / "src" if source in self.changed else self.root) / source


def needed_files(dependencies: Path) -> list[str]:
    """Of the rule that the compiler wrote down: all it has read."""
    rule = dependencies.read_text("utf-8").replace("\\\n", " ").splitlines()[0]
    return rule.split(":", 1)[1].split()


def made_of(kernel: Kernel, source: str) -> str:
    """All that its object is made of, in a few letters: the compiler's words, and every file that it has read. Times of
    files tell nothing: one that is copied here may be older than what was made before. Empty: nobody knows."""
    result = kernel.object(source)
    dependencies = result.with_suffix(".d")
    if not (result.exists() and dependencies.exists()):
        return ""
    try:
        files = [(kernel.root / file).read_bytes() for file in needed_files(dependencies)]
    except FileNotFoundError:
        return ""
    found = hashlib.sha256(repr((command(kernel, source), list(map(len, files)))).encode())
    for text in files:
        found.update(text)
    return found.hexdigest()


def is_fresh(kernel: Kernel, source: str) -> bool:
    """Would its object become the same again?"""
    stamp = kernel.object(source).with_suffix(".made")
    return stamp.exists() and stamp.read_text("ascii") == made_of(kernel, source) != ""


def command(kernel: Kernel, source: str) -> list[str]:
    """The words that compile it."""
    place = kernel.place(source)
    shown = source if place.is_relative_to(kernel.root / source) else str(place)
    folders = [f"-I{kernel.out / 'src'}"] if kernel.changed else []
    return [
        *kernel.words.to_compile(kernel.compiler, source, folders),
        f"-ffile-prefix-map={kernel.root}=.",
        f"-ffile-prefix-map={kernel.out / 'src'}=.",
        *kernel.extra,
        *("-MMD", "-c", "-o", str(kernel.object(source)), shown),
    ]


def compile_one(kernel: Kernel, source: str) -> str:
    """Its object; what the compiler complains of, or nothing."""
    result = kernel.object(source)
    result.parent.mkdir(parents=True, exist_ok=True)
    stamp = result.with_suffix(".made")
    stamp.unlink(missing_ok=True)
    done = ran(command(kernel, source), kernel.root)
    if done.returncode:
        result.unlink(missing_ok=True)
        return done.stderr or f"the compiler ended with {done.returncode}"
    if done.stderr:  # a warning stops nobody, for each compiler has others
        print(done.stderr, end="", file=sys.stderr)
    stamp.write_text(made_of(kernel, source), "ascii")
    return ""


def compile_all(kernel: Kernel, sources: list[str]) -> None:
    """Of several files, as many at once as there are processors. BuildError: the first that fails."""
    progress = Progress()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for done, said in enumerate(pool.map(lambda source: compile_one(kernel, source), sources)):
            if said:
                pool.shutdown(cancel_futures=True)
                progress.end()
                raise BuildError(said.strip())
            if len(sources) > FEW:
                progress.say(f"compiled {done + 1} of {len(sources)}: {sources[done]}")
    progress.end()


def touched(kernel: Kernel) -> list[str]:
    """Of a derived kernel: the sources that differ, or include one that does."""
    assert kernel.base is not None
    headers = {file for file in kernel.changed if file.endswith(".h")}
    found = []
    for source in kernel.sources():
        includes = headers and headers & set(needed_files(kernel.base.object(source).with_suffix(".d")))
        if source in kernel.changed or includes:
            found.append(source)
    return found


def link(kernel: Kernel, objects: list[Path]) -> None:
    """As the Makefile does: once without the names of functions, then with them; a lean kernel needs none, for nobody
    reads what it says of its own end."""
    names = [str(path) for path in objects]
    linked = kernel.words.to_link(kernel.compiler)
    if kernel.lean:
        _run(kernel, [*linked, "--strip-debug", "-o", str(kernel.elf), *names])
        return
    stage, table = kernel.out / "stage1.elf", kernel.out / "symbols.c"
    _run(kernel, [*linked, "--strip-debug", "-o", str(stage), *names])
    table.write_text(_run(kernel, [sys.executable, str(kernel.root / "tools/symbols.py"), str(stage)]), "utf-8")
    compiled = kernel.words.to_compile(kernel.compiler, "symbols.c")
    _run(kernel, [*compiled, "-c", "-o", str(table.with_suffix(".o")), str(table)])
    _run(kernel, [*linked, "-o", str(kernel.elf), *names, str(table.with_suffix(".o"))])


def _run(kernel: Kernel, words: list[str]) -> str:
    done = ran(words, kernel.root)
    if done.returncode:
        raise BuildError(done.stderr.strip() or f"{words[0]} ended with {done.returncode}")
    return done.stdout


def objects_of(kernel: Kernel, own: list[str]) -> list[Path]:
    """All that is linked: sources of its own, the base's others, what was assembled."""
    base = kernel.base or kernel
    compiled = [(kernel if source in own else base).object(source) for source in kernel.sources()]
    return compiled + sorted(path for floor in FLOORS for path in (kernel.assembled / floor).rglob("*.asm.o"))


def make(kernel: Kernel) -> bool:
    """Bring the kernel up to date. False: it was. BuildError: it cannot be made."""
    kernel.out.mkdir(parents=True, exist_ok=True)
    for file, text in kernel.changed.items():
        place = kernel.out / "src" / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    own = touched(kernel) if kernel.base else kernel.sources()
    stale = [source for source in own if not is_fresh(kernel, source)]
    objects, linked = objects_of(kernel, own), kernel.out / "linked"
    if not stale and kernel.elf.exists() and linked.exists() and linked.read_text("utf-8") == said_of(objects):
        return False
    linked.unlink(missing_ok=True)  # who is killed from here on has no kernel
    compile_all(kernel, stale)
    link(kernel, objects)
    linked.write_text(said_of(objects), "utf-8")
    return True


def said_of(objects: list[Path]) -> str:
    """Which they are, and as they were made."""
    times = (path.stat().st_mtime_ns if path.exists() else 0 for path in objects)
    return "\n".join(f"{path} {time}" for path, time in zip(objects, times, strict=True))


def lend(given: Kernel, to: Kernel) -> None:
    """Objects of one kernel serve another, whose sources are the same and lie elsewhere. That one treats warnings as
    errors and the other does not makes no other object."""

    def words(kernel: Kernel, source: str) -> list[str]:
        own = (word.replace(str(kernel.out), "OUT").replace(str(kernel.root), ".") for word in command(kernel, source))
        return [word for word in own if word != "-Werror"]

    def same(file: str) -> bool:
        return (to.root / file).exists() and (to.root / file).read_bytes() == (given.root / file).read_bytes()

    for source in to.sources():
        mine, theirs = to.object(source), given.object(source)
        rule = theirs.with_suffix(".d")
        if mine.exists() or not is_fresh(given, source) or words(given, source) != words(to, source):
            continue
        if all(map(same, needed_files(rule))):
            mine.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(theirs, mine)
            shutil.copy2(rule, mine.with_suffix(".d"))
            mine.with_suffix(".made").write_text(made_of(to, source), "ascii")
