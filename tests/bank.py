"""The bank of real programs: what Faultline runs that nobody here wrote.

One line a program: a name, the Debian packages it comes from, the command, its input. Nothing of
them is in the tree. tools/setup installs the packages for the tests (so that the same command can
be run on this machine, whose output is the one expected), and tools/boot takes them from there.

    python3 tests/bank.py      the packages, for tools/setup
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

INPUTS = Path(__file__).parent / "bank"


@dataclass(frozen=True)
class Program:
    """A command whose output and exit status must be what they are on this machine."""

    name: str
    packages: tuple[str, ...]
    command: tuple[str, ...]
    stdin: str = ""  # a file in tests/bank/
    ram: str = "64M"
    swap: str = "64M"


def script(name: str) -> tuple[str, ...]:
    """A shell script of tests/bank/, for dash."""
    return ("/usr/bin/dash", "-c", (INPUTS / name).read_text("utf-8"))


BANK = (
    Program("busybox", ("busybox-static",), ("/bin/busybox", "sh"), "busybox.sh"),
    Program("sqlite3", ("sqlite3",), ("/usr/bin/sqlite3", "bank.db"), "sqlite3.sql"),
    Program("lua", ("lua5.4",), ("/usr/bin/lua5.4", "-"), "lua.lua"),
    Program("gzip", ("gzip", "dash"), script("gzip.sh")),
    Program("xz", ("xz-utils", "dash"), script("xz.sh")),
    Program("bc", ("bc",), ("/usr/bin/bc", "-l"), "bc.bc"),
    Program("gawk", ("gawk",), ("/usr/bin/gawk", "-f", "-"), "gawk.awk"),
    Program("dash", ("dash",), ("/usr/bin/dash",), "dash.sh"),
    Program("tcc", ("tcc", "libc6-dev", "linux-libc-dev", "dash"), script("tcc.sh")),
)


def packages() -> list[str]:
    """All packages of the bank, and stress-ng, which has its own test."""
    return sorted({name for program in BANK for name in program.packages} | {"stress-ng"})


if __name__ == "__main__":
    print(*packages())
