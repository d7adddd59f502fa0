"""Which programs compile and link the kernel here, and with which words.

The words are the Makefile's own, asked of make once and kept in a starter, where there is no make.
Any clang with lld serves, on any machine; else a gcc for x86-64 with its linker.
"""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CLANG = ("clang", "--target=x86_64-elf")
CROSS = ("x86_64-linux-gnu-", "x86_64-elf-", "x86_64-linux-musl-")
CLEARED = "-ftrivial-auto-var-init=zero"
# Clang before 16 wants to be told twice that variables shall begin as zero.
SURE = "-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang"
SAID_MOST = 1 << 18  # bytes of the beginning, and of the end, of what a compiler says


class NoCompiler(Exception):
    """Nothing here makes code for x86-64."""


@dataclass(frozen=True)
class Compiler:
    """The words before those of the Makefile."""

    command: tuple[str, ...]
    linker: tuple[str, ...]

    @property
    def is_clang(self) -> bool:
        return "clang" in self.command[0]

    @property
    def name(self) -> str:
        return "clang" if self.is_clang else "gcc"


def clang() -> Compiler | None:
    both = shutil.which("clang") and shutil.which("ld.lld")
    return Compiler(CLANG, ("ld.lld",)) if both else None


def gcc() -> Compiler | None:
    prefixes = [*CROSS] + ([""] if platform.machine() in ("x86_64", "AMD64") else [])
    for prefix in prefixes:
        if shutil.which(f"{prefix}gcc") and shutil.which(f"{prefix}ld"):
            return Compiler((f"{prefix}gcc",), (f"{prefix}ld",))
    return None


def choose(name: str = "") -> Compiler:
    """The one that is asked for, or the first that is here."""
    finders = {"clang": [clang], "gcc": [gcc], "": [clang, gcc]}[name]
    for find in finders:
        found = find()
        if found:
            return found
    raise NoCompiler(f"no {name or 'compiler'} for x86-64 is here: install clang and lld")


@cache
def must_be_sure(compiler: Compiler) -> bool:
    words = [*compiler.command, CLEARED, SURE, "-Qunused-arguments", "-E", "-x", "c", "/dev/null"]
    return compiler.is_clang and subprocess.run(words, capture_output=True, check=False).returncode == 0


@dataclass(frozen=True)
class Words:
    """What the Makefile says to compiler and linker, whichever they are."""

    compile: tuple[str, ...]
    link: tuple[str, ...]

    def to_compile(self, compiler: Compiler, source: str, before: Sequence[str] = ()) -> list[str]:
        """`before`: folders in which it looks first."""
        words = [*compiler.command, *before, *self.compile]
        if source.startswith("kernel/"):  # there, what goes out to user memory is put together
            words += [CLEARED, *([SURE] if must_be_sure(compiler) else [])]
        return words + (["-Qunused-arguments"] if compiler.is_clang else [])

    def to_link(self, compiler: Compiler) -> list[str]:
        return [*compiler.linker, *self.link]


def ran(words: Sequence[str], folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """What a compiler or a linker says quotes names and strings, which may be no text; and where a file includes itself
    again and again it has no end, so what is kept of it is its beginning and its end."""
    with (
        tempfile.TemporaryFile() as out,
        subprocess.Popen(words, cwd=folder, stdout=out, stderr=subprocess.PIPE) as process,
    ):
        assert process.stderr
        first, last = process.stderr.read(SAID_MOST), b""
        while piece := process.stderr.read(SAID_MOST):
            last = (last + piece)[-SAID_MOST:]
        status = process.wait()
        out.seek(0)
        told, complained = (data.decode("utf-8", "replace") for data in (out.read(), first + last))
    return subprocess.CompletedProcess(words, status, told, complained)


def words_of_makefile(root: Path, *settings: str) -> Words:
    """Asked of make itself, which only says what it would do. `settings`: of its variables."""
    targets = ["build/none/obj/mm/lock.c.o", "build/none/stage1.elf"]
    command = ["make", "-C", str(root), "-n", "BUILD=build/none", "WERROR=", *settings, *targets]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    compiled = next(line for line in said.splitlines() if line.endswith(" mm/lock.c"))
    linked = next(line for line in said.splitlines() if " -o build/none/stage1.elf " in line)
    flags = re.sub(r"-ffile-prefix-map=\S+", "", compiled.split(" -MMD")[0])
    link = linked.split(" -o ")[0]
    own = {"-std=gnu11", "-nostdlib"}  # before these stands the program
    return Words(*(tuple(_from_first(line.split(), own)) for line in (flags, link)))


def _from_first(words: list[str], beginnings: set[str]) -> list[str]:
    at = next(i for i, word in enumerate(words) if word in beginnings)
    return words[at:]
