"""A plugin of ours for QEMU, built for the interface that the QEMU here takes.

QEMU 7.2 takes version 1 of it, later ones other versions, and QEMU says which it wants. What is used
of it is declared in plugin.h, so any C compiler will do.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from faultline import options, project
from faultline.run import ends_with_us

COMMON = Path(__file__).with_name("plugin.h")
FLAGS = ("-shared", "-fPIC", "-O2", "-ffreestanding", "-nostdlib")  # no headers, no library but QEMU's own
COMPILERS = (("cc",), ("gcc",), ("clang", "-fuse-ld=lld"), ("clang",))  # a student may have no linker but lld
FIRST, LAST = 1, 20  # versions of the interface that are tried
QEMU = "qemu-system-x86_64"


def compiled(source: Path, version: int) -> Path:
    """build/plugins/FOLDER-VERSION.so. ValueError: it cannot be made."""
    place = project.BUILD / "plugins" / f"{source.parent.name}-{version}.so"
    newest = max(file.stat().st_mtime for file in (COMMON, *source.parent.glob("*.[ch]")))
    if place.exists() and place.stat().st_mtime >= newest:
        return place
    compilers = [words for words in COMPILERS if shutil.which(words[0])]
    if not compilers:
        raise ValueError("the plugin wants a C compiler, and there is none")
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as folder:  # several may want it at once
        made = Path(folder) / place.name
        for words in compilers:
            command = [*words, *FLAGS, f"-DVERSION={version}", "-o", str(made), str(source)]
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            if not result.returncode:
                break
        else:
            raise ValueError(f"the plugin does not compile: {result.stderr.strip()}")
        os.replace(made, place)
    return place


def refusal(plugin: Path) -> str:
    """What QEMU says against it; "": nothing. Told nothing, QEMU would wait for ever: it ends with us."""
    command = [QEMU, "-M", "none", "-display", "none", "-nodefaults", "-S", "-monitor", "stdio"]
    command += ["-plugin", f"file={options.value(plugin)}"]
    result = subprocess.run(
        command, input="quit\n", capture_output=True, text=True, check=False, preexec_fn=ends_with_us()
    )
    return result.stderr.strip() if result.returncode else ""


@functools.cache
def fitting(source: Path) -> Path:
    """The one that the QEMU here takes: it says which versions it knows. ValueError: none."""
    version, said = FIRST, ""
    while FIRST <= version <= LAST:
        plugin = compiled(source, version)
        said = refusal(plugin)
        if not said:
            return plugin
        wanted = re.search(r"minimum version of (\d+)", said)
        if not wanted or int(wanted[1]) <= version:
            break
        version = int(wanted[1])
    raise ValueError(f"this QEMU takes no plugin of ours: {said}")


def words(source: Path, **numbers: int) -> list[str]:
    """For QEMU: the plugin, with these numbers. ValueError: there is none to be had."""
    told = "".join(f",{name}={number:x}" for name, number in numbers.items())
    return ["-plugin", f"file={options.value(fitting(source))}{told}"]
