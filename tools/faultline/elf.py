"""What a program file says of itself: its interpreter, the shared libraries that it needs, its symbols.

Read from the file itself (System V ABI, chapters 4 and 5), nothing is run: so a program of
another system, or of a package that is not installed, can be asked as well.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

EM_X86_64 = b"\x3e\0"
PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3
PF_EXECUTE = 1
SHT_SYMTAB, STT_OBJECT, STT_FUNC = 2, 1, 2
DT_NULL, DT_NEEDED, DT_STRTAB, DT_RPATH, DT_RUNPATH = 0, 1, 5, 15, 29


@dataclass
class Needs:
    """Names as they stand in the file."""

    interpreter: str = ""
    libraries: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)  # DT_RUNPATH, DT_RPATH; may hold $ORIGIN


def _text(data: bytes, at: int) -> str:
    return data[at : data.index(b"\0", at)].decode()


def _segments(data: bytes) -> list[tuple[int, ...]]:
    """The program headers."""
    (headers,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    return [struct.unpack_from("<IIQQQQQQ", data, headers + i * size) for i in range(count)]


def code(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The address and the bytes of each part that may be executed."""
    for kind, flags, offset, start, _, length, _, _ in _segments(data):
        if kind == PT_LOAD and flags & PF_EXECUTE:
            yield start, data[offset : offset + length]


def is_static_x86_64(data: bytes) -> bool:
    """Can Faultline run this program without any library?"""
    found = needs(data)
    return found is not None and data[18:20] == EM_X86_64 and not found.interpreter


def needs(data: bytes) -> Needs | None:
    """None: no ELF file of 64 bits."""
    found = Needs()
    if data[:5] != b"\x7fELF\x02":
        return None
    segments = _segments(data)

    def place(address: int) -> int:
        """Where in the file an address's byte is."""
        for kind, _, offset, start, _, length, _, _ in segments:
            if kind == PT_LOAD and start <= address < start + length:
                return offset + address - start
        raise ValueError(f"no byte of the file is at {address:#x}")

    entries: list[tuple[int, int]] = []
    for kind, _, offset, _, _, length, _, _ in segments:
        if kind == PT_INTERP:
            found.interpreter = _text(data, offset)
        if kind == PT_DYNAMIC:
            for at in range(offset, offset + length, 16):
                tag, value = struct.unpack_from("<qQ", data, at)
                if tag == DT_NULL:
                    break
                entries.append((tag, value))
    strings = next((place(value) for tag, value in entries if tag == DT_STRTAB), 0)
    for tag, value in entries:
        if tag == DT_NEEDED:
            found.libraries.append(_text(data, strings + value))
        if tag in (DT_RPATH, DT_RUNPATH):
            found.folders += _text(data, strings + value).split(":")
    return found


@dataclass(frozen=True)
class Symbol:
    """A variable or a function of a program that is linked to fixed addresses."""

    address: int
    bytes: int


def symbols(data: bytes) -> dict[str, Symbol]:
    """By their names; none where the file is stripped, or no ELF file of 64 bits."""
    if data[:5] != b"\x7fELF\x02":
        return {}
    (headers,) = struct.unpack_from("<Q", data, 40)
    size, count = struct.unpack_from("<HH", data, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", data, headers + i * size) for i in range(count)]
    found: dict[str, Symbol] = {}
    for _, kind, _, _, offset, length, link, _, _, each in sections:
        if kind != SHT_SYMTAB or not each:
            continue
        for at in range(offset, offset + length, each):
            name, info, _, section, value, extent = struct.unpack_from("<IBBHQQ", data, at)
            if info & 15 in (STT_OBJECT, STT_FUNC) and section and name:
                found[_text(data, sections[link][4] + name)] = Symbol(value, extent)
    return found
