"""What if …? The same program once more, with one thing different, and the page of both runs (view_two.py).

Different may be what the program does (its arguments), how the machine is set (an option of tools/boot), or
the kernel itself: one with other bodies in some functions, which lie in kernels/ beside this file, each told
in its first line, and are put in place as the labs' are (labbing/bodies.py).
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from faultline import project
from labbing import build
from labbing.compilers import choose, words_of_makefile
from tracing import view_two
from tracing.part import Compared
from tracing.reader import Trace

BODIES = Path(__file__).resolve().parent / "kernels"
OUT = project.ROOT / "build/view"
NOT_FOUND = 127  # a status, as a shell gives it
SETTINGS = ("policy", "alloc", "frames", "ram", "swap", "swap-latency", "image-latency")  # options of tools/boot


class NoSuchThing(Exception):
    """Nobody knows what that would be; the words say what there is."""


@dataclass(frozen=True)
class Setting:
    """How a run differs from the one that was asked for."""

    called: str = "as it is"
    arguments: tuple[str, ...] = ()  # more of the program's
    options: tuple[str, ...] = ()  # more of tools/boot's; a later one counts
    kernel: str = ""  # a file of bodies, without .c


@dataclass(frozen=True)
class WhatIf:
    """A question, and the two runs that answer it."""

    name: str
    question: str
    b: Setting
    a: Setting = field(default_factory=Setting)
    program: str = ""  # of which it can be asked; "": of any


PARENT_FIRST = ("--parent-first",)
KNOWN = (
    WhatIf(
        "parent-first",
        "the parent is the first to write, not the child?",
        Setting("the parent writes first", PARENT_FIRST),
        program="demo-cow",
    ),
    WhatIf(
        "no-flush",
        "fork takes the right to write away, but does not flush the parent's TLB?",
        Setting("the TLB not flushed", PARENT_FIRST, kernel="no-flush"),
        Setting("the TLB flushed", PARENT_FIRST),
        program="demo-cow",
    ),
    WhatIf("w-kept", "fork leaves W on, on both sides, in memory from mmap?", Setting("W kept", kernel="w-kept")),
    WhatIf(
        "copied-at-once",
        "there is no copy-on-write, and fork copies every page?",
        Setting("copied at once", kernel="copied-at-once"),
    ),
)


def listed() -> str:
    """What can be asked, a line each."""
    lines = []
    for each in KNOWN:
        of = f"PROGRAM={each.program}" if each.program else "any program that forks"
        lines.append(f"{each.name:15} What if {each.question} ({of})")
    options = ", ".join(SETTINGS)
    lines.append(f"{'OPTION=VALUE':15} What if the machine has another one? Of tools/boot: {options}")
    return "\n".join(lines)


def find(name: str, program: str) -> WhatIf:
    """The one of that name. NoSuchThing: there is none, or it is not of this program."""
    option, equals, value = name.partition("=")
    if equals and option in SETTINGS and value:
        return WhatIf(name, f"{option} is {value}?", Setting(f"{option} {value}", options=(f"--{option}", value)))
    found = next((each for each in KNOWN if each.name == name), None)
    if found is None:
        raise NoSuchThing(f"there is no {name!r}. What can be asked:\n{listed()}")
    if found.program not in ("", Path(program).name):
        raise NoSuchThing(f"{name} is a question about {found.program}, not about {program}")
    return found


def is_newer(file: Path, *others: Path) -> bool:
    """It is there, and was made after them."""
    return file.exists() and all(file.stat().st_mtime_ns > each.stat().st_mtime_ns for each in others)


def make_kernel(name: str, out: Path) -> None:
    """Build it, from the tree's own objects. BuildError: it cannot be made."""
    project.needs("what-if")
    from labbing import bodies  # wants libclang, which nothing else here does

    root = project.ROOT
    given = bodies.read(BODIES / f"{name}.c")
    base = build.Kernel(root, root / "build", choose("gcc"), words_of_makefile(root), root / "build/obj")
    changed = bodies.overlay(root, given)
    build.make(build.Kernel(root, out, base.compiler, base.words, base.assembled, (), base, changed))


def kernel_folder(name: str) -> Path:
    """A folder like build/, with a kernel that has those bodies, and the image. BuildError: it cannot be made."""
    out = project.ROOT / "build/what-if" / name
    out.mkdir(parents=True, exist_ok=True)
    with project.alone(f".what-if-{name}"):
        if not is_newer(out / "faultline.elf", BODIES / f"{name}.c", project.ROOT / "build/faultline.elf"):
            make_kernel(name, out)
        image = out / "image.cpio"
        if not image.is_symlink():
            image.symlink_to("../../image.cpio")
    return out


def run(setting: Setting, trace: Path, options: list[str], program: list[str]) -> int:
    """One run, traced; its output is ours. Its status, in which what is wrong may well show."""
    environment = dict(os.environ)
    if setting.kernel:
        environment |= {"BUILD": str(kernel_folder(setting.kernel)), "FAULTLINE_NO_BUILD": "1"}
    words = [str(project.ROOT / "tools/boot"), "--trace", str(trace), *options, *setting.options]
    print(f"--- {setting.called}", flush=True)
    return subprocess.run([*words, "--", *program, *setting.arguments], env=environment, check=False).returncode


def in_program(a: Trace, b: Trace, program: str) -> Compared:
    """Where they part in what that program does; a command that only starts others is none of them."""
    try:
        return Compared(a, b, program[:15])
    except LookupError:
        return Compared(a, b)


def both(name: str, options: list[str], program: list[str]) -> Path:
    """The page of both runs. NoSuchThing, BuildError; NotATrace: a machine did not start."""
    asked = find(name, program[0])
    project.build("kernel", "image")
    OUT.mkdir(parents=True, exist_ok=True)
    called = Path(program[0]).name
    files = [OUT / f"{called}.{name}.{side}.trace" for side in "ab"]
    for file, setting in zip(files, (asked.a, asked.b), strict=True):
        file.unlink(missing_ok=True)
        status = run(setting, file, options, program)
        if not file.exists():
            sys.exit("tools/what-if: the machine left no trace")
        if status == NOT_FOUND:
            sys.exit(f"tools/what-if: {program[0]} did not run")
    page = OUT / f"{called}.{name}.html"
    compared = in_program(Trace(files[0]), Trace(files[1]), called)
    print("---")
    print("\n".join(compared.where()))
    names = (f"{called}, {asked.a.called}", f"{called}, {asked.b.called}")
    with open(page, "w", encoding="utf-8") as out:
        view_two.write(compared, names, out)
    return page
