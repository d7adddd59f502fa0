#!/usr/bin/env python3
"""Write the kernel's table of functions as C: tools/symbols.py stage1.elf > symbols.c

A panic names the functions it came through, so the kernel carries the names of its own text
symbols, sorted by address (arch/symbols.h). They are read from the ELF of a first link."""

import re
import struct
import sys

PLAIN = re.compile(r"[\w.$]+")  # an assembler takes others, a string of C would not


def text_symbols(elf: bytes) -> list[tuple[int, str]]:
    """(address, name) of every symbol in .text, ascending, one name an address."""
    section_offset = struct.unpack_from("<Q", elf, 40)[0]
    size, count, names_index = struct.unpack_from("<HHH", elf, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", elf, section_offset + i * size)
                for i in range(count)]

    def string(table: int, at: int) -> str:
        start = sections[table][4] + at
        return elf[start:elf.index(b"\0", start)].decode("utf-8", "replace")

    text = next(i for i, s in enumerate(sections) if string(names_index, s[0]) == ".text")
    symtab = next(s for s in sections if s[1] == 2)
    found: dict[int, tuple[int, str]] = {}
    for at in range(symtab[4], symtab[4] + symtab[5], 24):
        name, info, _, section, value, _ = struct.unpack_from("<IBBHQQ", elf, at)
        kind, bind = info & 15, info >> 4
        if section != text or kind > 2:  # no section or file names
            continue
        label = string(symtab[6], name)
        if PLAIN.fullmatch(label) and "." not in label.lstrip("."):
            rank = (kind != 2) * 2 + (bind == 0)  # functions first, then globals
            if value not in found or rank < found[value][0]:
                found[value] = (rank, label)
    return [(address, name) for address, (_, name) in sorted(found.items())]


def main() -> None:
    with open(sys.argv[1], "rb") as file:
        symbols = text_symbols(file.read())
    print('#include "arch/symbols.h"\n\n'
          '__attribute__((section(".symbols"), used)) static const struct symbol symbols[] = {')
    for address, name in symbols:
        print(f'    {{{address:#x}ul, "{name}"}},')
    print("};")


if __name__ == "__main__":
    main()
