"""Labels of the kernel's assembly, which has no debugging information to ask."""

from __future__ import annotations

import bisect
from pathlib import Path

from symbols import text_symbols  # tools/symbols.py, which the kernel's own table comes from

from vm import kernel

_tables: dict[str, tuple[list[int], list[str]]] = {}


def _table() -> tuple[list[int], list[str]]:
    """Addresses, ascending, and the names there."""
    file = kernel.objfile().filename
    if file not in _tables:
        found = text_symbols(Path(file).read_bytes())
        _tables[file] = ([at for at, _ in found], [name for _, name in found])
    return _tables[file]


def at(pc: int) -> tuple[str, int] | None:
    """The label at or before an address, and where it is; None outside the kernel's text."""
    if pc >> 47 == 0:
        return None
    addresses, names = _table()
    place = bisect.bisect_right(addresses, pc) - 1
    if place < 0 or pc - addresses[place] > 0x10000:
        return None
    return names[place], addresses[place]


def address(name: str) -> int | None:
    addresses, names = _table()
    return addresses[names.index(name)] if name in names else None


def ranges() -> list[tuple[str, int, int]]:
    """(label, start, end) of everything in the kernel's text."""
    addresses, names = _table()
    return list(zip(names, addresses, [*addresses[1:], addresses[-1]], strict=True))
