"""How GDB prints the types of mm/: in the words of the kernel, and bit by bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import gdb

from vm import arrays, entry, groups, kernel, spaces
from vm.kernel import Record
from vm.words import NONE, many, rights

Child = tuple[str, object]


def _kernel_record(value: gdb.Value, kind: str) -> Record | None:
    """The structure at the value's place in the kernel; None for a copy that lies nowhere."""
    if value.address is None:
        return None
    return kernel.record(kind, int(value.address) & (1 << 64) - 1)


def _safely(words: Callable[[], str], otherwise: str) -> str:
    """A printer must not fail, whatever state the kernel is in."""
    try:
        return words()
    except (gdb.error, gdb.MemoryError, gdb.GdbError, ValueError):
        return otherwise


class Number:
    """frame_t, page_t, slot_t, mapper_t: what it names."""

    field = "number"

    def __init__(self, value: gdb.Value):
        self.number = int(value[self.field])

    def to_string(self) -> str:
        """frame 812 (RESIDENT, page 3)."""
        if self.number == NONE:
            return f"no {self.what}"
        more = _safely(self.more, "")
        return f"{self.what} {self.number}" + (f" ({more})" if more else "")

    what = "number"

    def more(self) -> str:
        return ""


class FrameNumber(Number):
    what = "frame"

    def more(self) -> str:
        return arrays.frame_is(self.number)


class PageId(Number):
    what = "page"
    field = "id"

    def more(self) -> str:
        return f"in {arrays.page_where(arrays.pages()[self.number])}"


class SlotNumber(Number):
    what = "slot"


class MapperNumber(Number):
    what = "mapper"

    def more(self) -> str:
        return (
            f"entry {self.number % 512} of the table in frame {self.number // 512}, "
            f"maps {arrays.mapper_address(self.number):#x}"
        )


class Pte:
    """pte_t, bit by bit."""

    def __init__(self, value: gdb.Value):
        self.bits = int(value["bits"]) & (1 << 64) - 1

    def to_string(self) -> str:
        return f"{self.bits:#018x} {entry.describe(self.bits)}"

    def children(self) -> Iterator[Child]:
        """Each bit with its name; of one that is not present, what it names."""
        if not self.bits:
            return
        if not entry.is_present(self.bits):
            yield "page", entry.page_of(self.bits)
            yield "age", entry.age_of(self.bits)
            return
        yield "frame", entry.frame_of(self.bits)
        for bit, name, _ in entry.BITS:
            if bit not in entry.WHERE_SET or self.bits >> bit & 1:
                yield name, self.bits >> bit & 1
        yield "age", entry.age_of(self.bits)


class Structure:
    """A structure in one line, and its fields."""

    kind = ""
    hidden: tuple[str, ...] = ()

    def __init__(self, value: gdb.Value):
        self.value = value

    def to_string(self) -> str:
        return _safely(self.line, self.kind)

    def line(self) -> str:
        record = _kernel_record(self.value, self.kind)
        return self.describe(record) if record is not None else self.kind

    def describe(self, record: Record) -> str:
        raise NotImplementedError

    def children(self) -> Iterator[Child]:
        """The fields that mean something now."""
        for field in self.value.type.strip_typedefs().fields():
            if field.name and field.name not in self.hidden:
                yield field.name, self.value[field]


class FrameEntry(Structure):
    kind = "struct frame"

    def describe(self, record: Record) -> str:
        index = (record.address - arrays.frames().start) // arrays.frames().layout.size
        return f"frame {index}: {arrays.frame_is(index)}"

    def children(self) -> Iterator[Child]:
        """Of the unions only what the state says is there."""
        names = kernel.enum("frame_state")
        state = names.get(int(self.value["state"]), "FRAME_?").removeprefix("FRAME_")
        yield "state", state
        always = ("dirty", "referenced", "recent", "admitted", "zeroed", "pins", "wired", "group")
        by_state = {
            "TABLE": ("links", "span", "used", "present"),
            "FREE": ("page", "next", "previous"),
            "RESIDENT": ("page", "mappers", "next", "previous", "history", "policy"),
            "BUSY": ("page", "history", "policy"),
        }
        for name in (*always, *by_state.get(state, ())):
            yield name, self.value[name]


class PageEntry(Structure):
    kind = "struct page"
    hidden = ("hash_next", "object_next", "object_previous", "audited")

    def describe(self, record: Record) -> str:
        index = (record.address - arrays.pages().start) // arrays.pages().layout.size
        whose = spaces.page_whose(record)
        return (
            f"page {index}: {whose}, {many(record.holders, 'holder')}, in"
            f" {arrays.page_where(record)}"
        )


class Region(Structure):
    kind = "struct region"
    hidden = ("left", "right", "priority", "next", "previous")

    def describe(self, record: Record) -> str:
        what = (
            f"{spaces.object_name(record.object)} from page {record.index}"
            if record.object
            else "from zeroes"
        )
        shared = "shared" if record.shared else "private"
        return f"{record.start:#x}-{record.end:#x} {rights(record.access)} {shared}, {what}"


class Space(Structure):
    kind = "struct space"
    hidden = ("tree", "recent", "next", "previous")

    def describe(self, record: Record) -> str:
        return spaces.space_name(record)


class Object(Structure):
    kind = "struct object"

    def describe(self, record: Record) -> str:
        return (
            f"{spaces.object_name(record.address)}, {many(record.page_count, 'page')} of"
            f" {record.size} bytes"
        )


class Group(Structure):
    kind = "struct group"
    hidden = ("state",)

    def describe(self, record: Record) -> str:
        if not record.in_use:
            return "group not in use"
        index = (record.address - groups.groups().start) // groups.groups().layout.size
        return (
            f"group {index}: policy {groups.policy_field(record, 'name')}, {record.charged} frames"
        )


TYPEDEFS = {
    "frame_t": FrameNumber,
    "page_t": PageId,
    "slot_t": SlotNumber,
    "mapper_t": MapperNumber,
    "pte_t": Pte,
}
STRUCTS = {
    "frame": FrameEntry,
    "page": PageEntry,
    "region": Region,
    "space": Space,
    "object": Object,
    "group": Group,
}


def printer_for(value: gdb.Value) -> object | None:
    """For values of the kernel's own types; user code may have others of the same names."""
    name = value.type.name
    if name in TYPEDEFS:
        return TYPEDEFS[name](value)
    kind = value.type.strip_typedefs()
    if kind.code == gdb.TYPE_CODE_STRUCT and kind.tag in STRUCTS:
        return STRUCTS[kind.tag](value)
    return None


def register() -> None:
    """GDB asks the printers of a file for the types that come from that file."""
    kernel.objfile().pretty_printers.append(printer_for)
