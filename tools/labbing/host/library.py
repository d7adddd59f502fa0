"""The student's functions as a library for this machine, with what stands around them (tables.c, claims.c, ages.c,
load.c, several.c). Where addresses matter, they are taken apart as the test wants.

Only what every starter needs is wanted: a clang with lld, or a gcc, for the machine that it runs on. There is no
C library in it, and no assembly.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import threading
from functools import cache
from pathlib import Path

from faultline import project
from labbing.compilers import ran
from labbing.host.geometry import Geometry

# What is tried, by the name of the driver.
SOURCES = {
    "tables": ("mm/page_tables/table.c", "mm/page_tables/flush.c"),
    "claims": ("mm/frame_allocation/allocation.c",),
    "ages": (
        *("mm/working_sets/working_set.c", "mm/page_tables/position.c", "mm/page_tables/table.c"),
        "mm/page_tables/flush.c",
    ),
    "load": ("kernel/thrashing/load_control.c", "kernel/thrashing/load_criteria.c"),
    "shootdown": ("arch/shootdown.c", "arch/kernel_lock.c"),
}
# What stands around it, where that is not the driver's own file alone.
DRIVERS = {"ages": ("tables.c", "ages.c"), "shootdown": ("several.c", "shootdown.c")}
INCLUDED = ("shootdown",)  # the driver includes the sources
# Each access to memory is told (several.c). Nothing else of a sanitizer is wanted, its library neither.
MORE_WORDS = {"shootdown": ("-fsanitize=thread",)}
# Headers of the kernel's own processor, and what stands in their place.
MACHINE = """#ifndef ARCH_MACHINE_H
#define ARCH_MACHINE_H
#include "arch/types.h"
uint64_t tsc_read(void);
#endif
"""
SEVERAL = """#ifndef ARCH_MACHINE_H
#define ARCH_MACHINE_H
#include "arch/types.h"
#define CR4_PGE 0x80ul
uint64_t tsc_read(void);
uint64_t cr4_read(void);
void cr4_write(uint64_t value);
void cpu_relax(void);
_Noreturn void halt_for_ever(void);
#endif
"""
INTERRUPTS = """#ifndef ARCH_INTERRUPTS_H
#define ARCH_INTERRUPTS_H
#include "arch/types.h"
#define LAPIC_EOI 0x0b0
#define MESSAGE_FIXED 0x4000u
void lapic_write(unsigned reg, uint32_t value);
void lapic_send(uint32_t id, uint32_t message);
#endif
"""
# Of a driver that has others, in a folder of its own.
HEADERS = {"shootdown": {"machine.h": SEVERAL, "interrupts.h": INTERRUPTS}}
WORDS = (
    *("-std=gnu11", "-O1", "-w", "-ffreestanding", "-fno-builtin", "-fno-stack-protector", "-fPIC"),
    *("-shared", "-nostdlib", "-DFAULTLINE_HOST"),
)
MAKING: dict[str, threading.Lock] = {}  # each library is made by one at a time, and several libraries at once
LIBRARIES, READY = "host", "ready"  # a folder beside a kernel; a file there


class LibraryError(Exception):
    """It cannot be made, for the reason told. `complaint`: all that the compiler has said."""

    def __init__(self, why: str, complaint: str = ""):
        super().__init__(why)
        self.complaint = complaint


def compiler() -> list[str]:
    """For this machine, not for the kernel's. On ARM a compiler may leave atomic steps to a library, unless told."""
    more = ["-mno-outline-atomics"] if platform.machine() in ("aarch64", "arm64") else []
    if shutil.which("clang") and shutil.which("ld.lld"):
        return ["clang", "-fuse-ld=lld", *more]
    for name in ("gcc", "cc"):
        if shutil.which(name):
            return [name, *more]
    raise LibraryError(f"there is no compiler for this machine ({platform.machine()}): install clang and lld")


def place_of(folder: Path, driver: str, geometry: Geometry | None) -> Path:
    """Where it is, of a kernel in that folder."""
    taken_apart = f"{geometry.levels}-{geometry.bits}-{geometry.shift}" if geometry else "as-it-is"
    return folder / LIBRARIES / taken_apart / f"{driver}.so"


def of(kernel: Path, driver: str, geometry: Geometry | None = None) -> Path:
    """Of that kernel's sources. A variant's lie beside it (build.py); all others are the tree's. Where the kernel came
    with its libraries (READY), none is made."""
    if not hasattr(os, "memfd_create"):
        raise LibraryError("tests without a machine want Linux")
    if (kernel.parent / LIBRARIES / READY).exists():
        library = place_of(kernel.parent, driver, geometry)
        if not library.exists():
            raise LibraryError("it cannot be compiled for that")
        return library
    own = kernel.parent / "src"
    places = [own / file if (own / file).exists() else project.ROOT / file for file in SOURCES[driver]]
    with MAKING.setdefault(str(place_of(kernel.parent, driver, geometry)), threading.Lock()):
        times = tuple(place.stat().st_mtime_ns for place in places)
        return made(kernel.parent, driver, geometry, tuple(places), times)


@cache
def made(
    folder: Path, driver: str, geometry: Geometry | None, places: tuple[Path, ...], times: tuple[int, ...]
) -> Path:
    """`times`: when the sources were written."""
    del times
    library = place_of(folder, driver, geometry)
    out = library.parent
    headers = out / driver if driver in HEADERS else out
    (headers / "arch").mkdir(parents=True, exist_ok=True)
    for name, text in HEADERS.get(driver, {"machine.h": MACHINE}).items():
        (headers / "arch" / name).write_text(text, "ascii")
    if geometry:
        (headers / "arch/geometry.h").write_text(geometry.header(), "ascii")
    new = out / f"{driver}-{os.getpid()}.so"
    command = [*compiler(), *WORDS, *MORE_WORDS.get(driver, ())]
    command += [f"-I{place}" for place in (headers, folder / "src", project.ROOT)]
    command += [f"-ffile-prefix-map={root}/=" for root in (project.ROOT, folder / "src")]
    around = [Path(__file__).with_name(name) for name in DRIVERS.get(driver, (f"{driver}.c",))]
    alone = places if driver not in INCLUDED else ()
    command += ["-o", str(new), *map(str, around), *map(str, alone)]
    done = ran(command)
    if done.returncode:
        first = re.search(r"error: (.*)", done.stderr)
        said = first[1] if first else done.stderr.strip()[:200]
        raise LibraryError(f"it cannot be compiled for that: {said}", done.stderr)
    os.replace(new, library)
    return library
