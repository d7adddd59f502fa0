"""What the processor is told to enforce, read from the processor: control registers, and every
translation of the kernel's half (DESIGN's invariant: nothing both writable and executable)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from support import BUILD, RawMachine, symbols

PAGE = 4096
DIRECT_MAP = 0xFFFF800000000000
IMAGE = 0xFFFFFFFF80000000
TSS_AT = 24  # bytes into a struct processor (arch/processor.h)
CR0_WP = 1 << 16
CR0_AM = 1 << 18
CR4 = {"MCE": 6, "OSFXSR": 9, "OSXMMEXCPT": 10, "UMIP": 11, "SMEP": 20, "SMAP": 21}
CR4_FSGSBASE = 1 << 16
EFER_NX = 1 << 11


class Translation(NamedTuple):
    """One leaf entry, as QEMU's `info tlb` prints it."""

    address: int
    physical: int
    flags: str  # X(not executable) G P(large) D A C T U W

    @property
    def size(self) -> int:
        return 1 << 21 if "P" in self.flags else PAGE

    def may(self, letter: str) -> bool:
        return letter in self.flags

    def reaches(self, start: int, end: int) -> bool:
        return self.physical < end and start < self.physical + self.size


class Seen(NamedTuple):
    registers: dict[str, int]
    kernel: list[Translation]
    user: list[Translation]
    gates: bytes  # the IDT, 16 bytes each
    tss: bytes


def translations(text: str) -> Iterator[Translation]:
    for address, physical, flags in re.findall(r"^([0-9a-f]{16}): ([0-9a-f]{16}) (\S+)", text, re.M):
        yield Translation(int(address, 16), int(physical, 16), flags)


def memory(machine: RawMachine, address: int, length: int) -> bytes:
    said = machine.ask(f"x /{length}xb {address:#x}")
    return bytes(int(byte, 16) for byte in re.findall(r"\b0x([0-9a-f]{2})\b", said.split("\n", 1)[1]))


@pytest.fixture(scope="module")
def seen() -> Seen:
    """Of a machine that has started its shell, and waits."""
    image = (BUILD / "image.cpio").read_bytes()
    with RawMachine(image) as machine:
        machine.wait_for("/ # ")
        registers = re.findall(r"\b(CR0|CR4|EFER)=([0-9a-f]+)", machine.ask("info registers"))
        every = list(translations(machine.ask("info tlb").replace("\r", "")))
        gates = memory(machine, symbols()["idt"], 256 * 16)
        tss = memory(machine, symbols()["processors"] + TSS_AT, 104)
    kernel = [one for one in every if one.address >> 47]
    user = [one for one in every if not one.address >> 47]
    return Seen({name: int(value, 16) for name, value in registers}, kernel, user, gates, tss)


def test_control_registers(seen):
    assert seen.registers["CR0"] & CR0_WP, "the kernel writes through read-only entries"
    assert not seen.registers["CR0"] & CR0_AM, "AC makes user code fault where it is not aligned"
    for name, bit in CR4.items():
        assert seen.registers["CR4"] >> bit & 1, f"{name} is off"
    assert not seen.registers["CR4"] & CR4_FSGSBASE, "user code sets bases behind our back"
    assert seen.registers["EFER"] & EFER_NX, "NX is off"


def test_nothing_is_writable_and_executable(seen):
    assert len(seen.kernel) > 100
    both = [one for one in seen.kernel if one.may("W") and not one.may("X")]
    assert both == []


def test_no_kernel_address_is_user_codes(seen):
    assert [one for one in seen.kernel if one.may("U")] == []
    assert seen.user, "no user program is loaded: nothing was tested"
    assert all(one.may("U") for one in seen.user)


def test_text_and_constants_cannot_be_written_by_any_way(seen):
    place = symbols()
    start, end = place["kernel_start"] - IMAGE, place["rodata_end"] - IMAGE
    ways = [one for one in seen.kernel if one.reaches(start, end)]
    assert {one.address >= IMAGE for one in ways} == {True, False}, "image and direct map"
    assert [one for one in ways if one.may("W")] == []


def test_only_the_text_is_executable(seen):
    place = symbols()
    for one in seen.kernel:
        if not one.may("X"):
            assert place["text_start"] <= one.address < place["text_end"], hex(one.address)
    found = {one.address for one in seen.kernel}
    assert set(range(place["text_start"], place["text_end"], PAGE)) <= found


def test_kernel_entries_are_global(seen):
    assert [one for one in seen.kernel if not one.may("G")] == []


def test_guard_pages_are_holes(seen):
    """Below every stack: those in the image, and those of threads."""
    place = symbols()
    mapped = {one.address for one in seen.kernel}
    fixed = range(place["stacks_start"], place["stacks_end"], PAGE)
    holes = [page for page in fixed if page not in mapped]
    assert place["stacks_start"] in holes
    assert len(holes) == 5, "boot, #DF, NMI, #MC and #DB have one each"
    area = sorted(page for page in mapped if 0xFFFFC00000000000 <= page < IMAGE)
    assert area
    runs = [page for page in area if page - PAGE not in mapped]
    assert len(area) == 4 * len(runs), "four pages, and a hole below them"


def test_devices_are_not_cached(seen):
    devices = [one for one in seen.kernel if one.physical in (0xFEE00000, 0xFEC00000)]
    assert len(devices) == 2
    assert all(one.may("C") and one.may("T") and one.may("X") for one in devices)


DEBUG, DOUBLE_FAULT, NMI, MACHINE_CHECK = 1, 8, 2, 18


def test_what_may_come_when_no_stack_can_be_trusted_has_its_own(seen):
    """#DF, NMI, #MC and #DB, by the gate that the processor reads (SDM 3A, 6.14.1); and #PF has none."""
    stacks = {vector: seen.gates[vector * 16 + 4] & 7 for vector in range(256)}
    own = {vector: ist for vector, ist in stacks.items() if ist}
    assert set(own) == {DEBUG, DOUBLE_FAULT, NMI, MACHINE_CHECK}
    tops = [int.from_bytes(seen.tss[28 + 8 * ist : 36 + 8 * ist], "little") for ist in own.values()]
    assert len(set(tops)) == len(own)
    place, mapped = symbols(), {one.address for one in seen.kernel}
    for top in tops:
        assert place["stacks_start"] < top <= place["stacks_end"] and top % 16 == 0
        assert top - PAGE in mapped, "its stack is not there"


UNCORRECTED = 0xB200000000000000  # valid, uncorrected, enabled (SDM 3B, 15.3.2.2)
IN_PROGRESS = 0x5


@pytest.mark.parametrize(
    ("command", "vector"),
    [("nmi", NMI), (f"mce 0 0 {UNCORRECTED:#x} {IN_PROGRESS:#x} 0 0", MACHINE_CHECK)],
    ids=["NMI", "machine check"],
)
def test_what_cannot_be_masked_is_told(command, vector):
    """On its own stack: the one that was interrupted is untouched, as the report shows."""
    image = (BUILD / "image.cpio").read_bytes()
    with RawMachine(image) as machine:
        machine.wait_for("# \x1b")
        machine.ask(command)
        text = machine.wait_for("faultline: stopped")
    assert re.search(rf"panic: .*\(vector {vector},.*in the kernel", text), text
