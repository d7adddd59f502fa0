"""The plugin, built for the interface that the QEMU here takes."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from faultline import options, project

SOURCE = Path(__file__).with_name("plugin.c")
FLAGS = ("-shared", "-fPIC", "-O2", "-ffreestanding", "-nostdlib")  # no headers, no library but QEMU's own
COMPILERS = (("cc",), ("gcc",), ("clang", "-fuse-ld=lld"), ("clang",))  # a student may have no linker but lld
FIRST, LAST = 1, 20  # versions of the interface that are tried
QEMU = "qemu-system-x86_64"


def compiled(version: int) -> Path:
    """build/witness/plugin-VERSION.so. ValueError: it cannot be made."""
    place = project.BUILD / "witness" / f"plugin-{version}.so"
    if place.exists() and place.stat().st_mtime >= SOURCE.stat().st_mtime:
        return place
    compilers = [words for words in COMPILERS if shutil.which(words[0])]
    if not compilers:
        raise ValueError("the plugin wants a C compiler, and there is none")
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as folder:  # several may want it at once
        made = Path(folder) / place.name
        for words in compilers:
            command = [*words, *FLAGS, f"-DVERSION={version}", "-o", str(made), str(SOURCE)]
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            if not result.returncode:
                break
        else:
            raise ValueError(f"the plugin does not compile: {result.stderr.strip()}")
        os.replace(made, place)
    return place


def refusal(plugin: Path) -> str:
    """What QEMU says against it; "": nothing."""
    command = [QEMU, "-M", "none", "-display", "none", "-nodefaults", "-S", "-monitor", "stdio"]
    command += ["-plugin", f"file={options.value(plugin)},low=0,high=0"]
    result = subprocess.run(command, input="quit\n", capture_output=True, text=True, check=False)
    return result.stderr.strip() if result.returncode else ""


@functools.cache
def fitting() -> Path:
    """The one that the QEMU here takes: it says which versions it knows. ValueError: none."""
    version, said = FIRST, ""
    while FIRST <= version <= LAST:
        plugin = compiled(version)
        said = refusal(plugin)
        if not said:
            return plugin
        wanted = re.search(r"minimum version of (\d+)", said)
        if not wanted or int(wanted[1]) <= version:
            break
        version = int(wanted[1])
    raise ValueError(f"this QEMU takes no plugin of ours: {said}")


def is_there() -> bool:
    """Can it be told which frames are behind pages?"""
    try:
        fitting()
    except (OSError, ValueError):
        return False
    return True


def words(window: tuple[int, int]) -> list[str]:
    """For QEMU: tell of the pages from the first address up to the second."""
    low, high = window[0] // 4096 * 4096, -(-window[1] // 4096) * 4096
    return ["-plugin", f"file={options.value(fitting())},low={low:x},high={high:x}"]
