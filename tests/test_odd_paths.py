"""A tree, and a TMPDIR, whose paths have letters that mean something to a shell, to make, to QEMU or to GDB.

What is built here is copied there: a build takes long, and one file of it shows what the others would."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support import BUILD, ROOT

NAME = "it's (a), b: ü &c"
BUILT = (
    *("faultline.elf", "image.cpio", "user", "policysim", "node_modules"),
    *("debug/faultline.elf", "debug/image.cpio", "debug/user"),
)
SOURCES = ("Makefile", "linker.ld", "arch", "boot", "docs", "kernel", "lib", "mm", "tools", "user", "tests")


def copy_tree(there: Path, *built: str) -> Path:
    """The sources, and of build/ what is named, as far as it is here."""
    for name in (*SOURCES, *(f"build/{each}" for each in built)):
        (there / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, there / name)
        elif (ROOT / name).exists():
            shutil.copy2(ROOT / name, there / name)
    return there


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    there = copy_tree(tmp_path_factory.mktemp("odd") / NAME, *BUILT)
    (there / "tmp").mkdir()
    return there


def use(tree: Path, *words: str) -> str:
    """A command there; what it said."""
    plain = {key: value for key, value in os.environ.items() if key not in ("BUILD", "MAKEFLAGS")}
    environment = {**plain, "FAULTLINE_NO_BUILD": "1", "TMPDIR": str(tree / "tmp")}
    ended = subprocess.run(
        words, cwd=tree, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, f"{words}\n{ended.stdout[-3000:]}{ended.stderr[-3000:]}"
    return ended.stdout


def test_it_is_compiled_and_does_not_say_where(tree: Path):
    objects = ["build/obj/lib/string.c.o"]
    objects.append(f"build/obj/user/{next((ROOT / 'user').glob('*.c')).stem}.user.o")
    use(tree, "make", "-s", *objects)
    for name in objects:
        data = (tree / name).read_bytes()
        assert data[:4] == b"\x7fELF" and NAME.encode() not in data


LOOKING = "-ex 'vm audit' -ex list -ex 'break fault_install' -ex c -ex bt"


@pytest.mark.parametrize("words, says", [
    (("tools/boot", "--", "echo", "hello"), "hello"),
    (("tools/boot", "--add", "tools/boot:/bin/a,b", "--grub", "--", "ls", "/bin/a,b"), "/bin/a,b"),
    (("tools/policysim", "1", "2", "3"), "OPT"),
    (("make", "-s", "view", "PROGRAM=one-fault"),
     "/it%27s%20%28a%29%2C%20b%3A%20%C3%BC%20%26c/build/view/one-fault.html"),
    (("tools/trace", "faults", "build/view/one-fault.trace"), "one-fault"),
    (("make", "-s", "gdb", "GDB_ARGS=-batch -ex list -ex bt"), "#0  kernel_main ("),
    (("make", "-s", "gdb", "PROGRAM=demo-cow", f"GDB_ARGS=-batch {LOOKING}"), "in main ("),
    (("make", "-s", "record", "RECORDING=build/a, b"), ""),
    (("make", "-s", "replay", "RECORDING=build/a, b", "GDB_ARGS=-batch -ex bt"), "_start ()"),
    (("make", "-s", "loc"), "mm/ in all"),
])  # fmt: skip
def test_a_front_door(tree: Path, words: tuple[str, ...], says: str):
    assert says.lower() in use(tree, *words).lower()


def test_a_place_for_temporary_files_that_is_none(tree: Path):
    """Another one is taken, by what is called too."""
    use(tree, "env", "TMPDIR=/nonexistent", "tools/boot", "--grub", "--param", "audit=777", "--", "true")


def test_a_debuggers_place(tree: Path):
    """Its socket is made there, and not somewhere before the comma."""
    command = [str(ROOT / "tools/boot"), f"--gdb={tree.parent}/a,b c", "--timeout", "3", "--", "true"]
    ended = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert ended.returncode == 124, ended.stderr
