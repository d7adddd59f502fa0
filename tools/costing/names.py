"""What an address is called: a function of the kernel's or of the program's; and by the debugger's tables, what was
inlined there, and which line it is of."""

from __future__ import annotations

import bisect
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from faultline import elf
from symbols import text_symbols

LENT = range(0x7FFFF8100000, 0x7FFFF8102000)  # mm/address_spaces/shared_code.h
PART = re.compile(r"\.(cold|part|isra|constprop|lto_priv|localalias)\b.*")


@dataclass(frozen=True)
class Line:
    function: str
    file: str
    line: int


class Names:
    """Of a kernel and a program."""

    def __init__(self, kernel: Path, program: Path):
        self._kernel_file = kernel
        kernel_symbols = [(at, name) for name, at in self._every(kernel.read_bytes(), True)]
        self._kernel = sorted(kernel_symbols)
        self._program = sorted((at, name) for name, at in self._every(program.read_bytes(), False))
        self._known: dict[int, str] = {}

    @staticmethod
    def _every(data: bytes, kernel: bool) -> Iterable[tuple[str, int]]:
        found = [(name, symbol.address) for name, symbol in elf.symbols(data).items() if symbol.bytes]
        if kernel:  # those of NASM's have no size; of those, ".." begins a place within a function
            found += [(name, address) for address, name in text_symbols(data)]
        return [(name, address) for name, address in found if not name.startswith(".")]

    def of(self, address: int) -> str:
        """Parts that the compiler has moved away are called as the whole."""
        if address not in self._known:
            self._known[address] = self._look(address)
        return self._known[address]

    def _look(self, address: int) -> str:
        if address in LENT:
            return "[vdso]"
        table = self._kernel if address >> 63 else self._program
        at = bisect.bisect(table, (address, "\x7f")) - 1
        name = PART.sub("", table[at][1]) if at >= 0 else f"{address:#x}"
        return name if address >> 63 else f"user: {name}"

    def lines(self, addresses: Iterable[int]) -> dict[int, list[Line]]:
        """Of addresses in the kernel: the innermost function first, of those that are inlined in each other.
        ValueError: addr2line is not here."""
        every = sorted(set(addresses))
        if not shutil.which("addr2line"):
            raise ValueError("addr2line is not here (package binutils): it knows what is inlined, and lines")
        asked = "".join(f"{address:#x}\n" for address in every)
        command = ["addr2line", "-a", "-f", "-i", "-e", str(self._kernel_file)]
        told = subprocess.run(command, input=asked, capture_output=True, text=True, check=True).stdout
        found: dict[int, list[Line]] = {}
        rows = iter(told.splitlines())
        current: list[Line] = []
        for row in rows:
            if row.startswith("0x"):
                current = found.setdefault(int(row, 16), [])
                continue
            file, _, number = next(rows).partition(" ")[0].rpartition(":")
            current.append(Line(PART.sub("", row), file.removeprefix("./"), int(number) if number.isdigit() else 0))
        return found
