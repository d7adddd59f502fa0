"""One call of a function, as QEMU has executed it: the run, and what the plugin has written down."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from faultline import elf, options, plugin, project

SOURCE = Path(__file__).with_name("plugin.c")
KINDS = 56  # where the kind stands in a word
PLAIN, CALL, RETURN, ENTER, LEAVE, JUMP = range(6)
TOLD = re.compile(r"^cost (\d+) ([01])$", re.MULTILINE)


@dataclass(frozen=True)
class Instruction:
    address: int
    kind: int
    size: int

    @property
    def next(self) -> int:
        """Where the one behind it is."""
        return self.address + self.size

    @property
    def is_users(self) -> bool:
        return self.address < 1 << 47


def address_of(program: bytes, name: str) -> elf.Symbol:
    """ValueError: there is no such function."""
    found = elf.symbols(program)
    if not found:
        raise ValueError("the program has no symbols: it is stripped, or no program for x86-64")
    if name not in found:
        near = sorted(each for each in found if name.lower() in each.lower())[:5]
        raise ValueError(f"the program has no function {name}" + (f"; it has {', '.join(near)}" if near else ""))
    return found[name]


def code_at(program: bytes, address: int) -> int:
    """The first eight bytes of it, as the plugin compares them."""
    for start, text in elf.code(program):
        if start <= address < start + len(text):
            return int.from_bytes(text[address - start :][:8], "little")
    raise ValueError(f"{address:#x} is no code of the program")


def instructions(data: bytes) -> list[Instruction]:
    """Bits 56 to 63 of an address repeat bit 55."""
    known: dict[int, Instruction] = {}
    found = []
    for word in struct.unpack(f"<{len(data) // 8}Q", data):
        if word not in known:
            sign = 255 << KINDS if word >> 55 & 1 else 0
            known[word] = Instruction(word & ~(255 << KINDS) | sign, word >> KINDS & 15, word >> KINDS + 4)
        found.append(known[word])
    return found


def run(program: Path, function: str, nth: int, boot: list[str], words: list[str]) -> list[Instruction]:
    """ValueError: there is nothing to tell, and why."""
    data = program.read_bytes()
    place = address_of(data, function).address
    with tempfile.TemporaryDirectory() as folder:
        out, log = Path(folder) / "instructions", Path(folder) / "log"
        extra = plugin.words(SOURCE, at=place, code=code_at(data, place), nth=nth)
        extra[-1] += f",out={options.value(out)}"
        extra += ["-d", "plugin", "-D", str(log)]
        command = [str(project.ROOT / "tools/boot"), *boot, *(f"--qemu-arg={word}" for word in extra)]
        command += ["--add", str(program), "--", program.name, *words]
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False).returncode
        told = TOLD.search(log.read_text("utf-8", "replace")) if log.exists() else None
        if not told:
            raise ValueError(f"the machine did not run to its end: status {ended}")
        calls, whole = int(told[1]), told[2] == "1"
        if calls < nth:
            times = f"was called only {calls} times" if calls else "was never called"
            raise ValueError(f"{function} {times}; the program ended with status {ended}")
        if not whole:
            raise ValueError(f"{function} did not return; the program ended with status {ended}")
        return instructions(out.read_bytes())
