"""The kernel's own names and types, whatever other symbols are loaded beside them.

User programs have names like `current` and `pages` too; so everything is looked up in the
kernel's file alone. Big arrays are read as bytes and taken apart here: GDB's own values would
take seconds for the frames of a small machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import gdb

from vm.words import MASK, Complaint

ENTRY = "kernel_main"  # a name that only the kernel has
T = TypeVar("T")
_caches: list[dict] = []


def forget(_event: object = None) -> None:
    """The machine has run, or memory was written: what was read of it counts no more."""
    for cache in _caches:
        cache.clear()


def remembered(call: Callable[..., T]) -> Callable[..., T]:
    """The result is kept for as long as the machine stands still."""
    cache: dict = {}
    _caches.append(cache)

    def wrapper(*words: object) -> T:
        if words not in cache:
            cache[words] = call(*words)
        return cache[words]

    return wrapper


# --- Symbols ---------------------------------------------------------------------------

_objfile: gdb.Objfile | None = None


def objfile() -> gdb.Objfile:
    """The kernel's symbols."""
    global _objfile
    if _objfile is None or not _objfile.is_valid():
        found = [each for each in gdb.objfiles() if each.lookup_global_symbol(ENTRY)]
        if not found:
            raise Complaint("the kernel's symbols are not loaded: file build/faultline.elf")
        _objfile = found[0]
    return _objfile


def attached() -> None:
    """Complain unless there is a machine to look at."""
    inferior = gdb.selected_inferior()
    if not inferior.pid or not inferior.threads():
        raise Complaint("no machine is attached: it has ended, or target remote is still to come")


def symbol(name: str) -> gdb.Symbol:
    found = objfile().lookup_global_symbol(name) or objfile().lookup_static_symbol(name)
    if found is None:
        raise Complaint(f"this kernel has no {name}: is it an older or a newer one?")
    return found


def has(name: str) -> bool:
    return bool(objfile().lookup_global_symbol(name) or objfile().lookup_static_symbol(name))


def value(name: str) -> gdb.Value:
    """A variable of the kernel; not read yet."""
    return symbol(name).value()


@remembered
def number(name: str) -> int:
    """A variable that is a number, a pointer, or one of the typed numbers."""
    attached()
    try:
        return scalar(value(name))
    except gdb.MemoryError:
        raise Complaint(
            "the kernel's memory is not there yet: paging is off, the kernel has not begun"
        ) from None


@remembered
def running() -> int:
    """The address of the thread that runs on the processor that GDB looks at (its threads are the processors); 0:
    threads are still to come."""
    attached()
    thread = gdb.selected_thread()
    return scalar(value("processors")[thread.num - 1 if thread else 0]["thread"])


def scalar(found: gdb.Value) -> int:
    """What a number, a pointer or a frame_t, page_t, … holds."""
    kind = found.type.strip_typedefs()
    if kind.code == gdb.TYPE_CODE_STRUCT:
        return scalar(found[kind.fields()[0]])
    return int(found) & MASK


def file_static(file: str, name: str) -> gdb.Value:
    """A static variable of one file."""
    try:
        return gdb.parse_and_eval(f"'{file}'::{name}")
    except gdb.error:
        raise Complaint(f"this kernel has no {name} in {file}") from None


def c_type(name: str, beside: str = "fault_handle_pinned") -> gdb.Type:
    """A type as the file that has the symbol `beside` knows it."""
    return gdb.lookup_type(name, symbol(beside).symtab.static_block())


_enums: dict[str, dict[int, str]] = {}


def enum(name: str, beside: str = "fault_handle_pinned") -> dict[int, str]:
    """Number → name of an enumeration."""
    if name not in _enums:
        fields = c_type(f"enum {name}", beside).fields()
        _enums[name] = {field.enumval: field.name for field in fields}
    return _enums[name]


# --- Memory ------------------------------------------------------------------------------


def read(at: int, length: int) -> bytes:
    """Bytes at a kernel address."""
    attached()
    try:
        return bytes(gdb.selected_inferior().read_memory(at, length))
    except gdb.MemoryError:
        raise Complaint(f"no memory can be read at {at:#x}") from None


def read_word(at: int) -> int:
    return int.from_bytes(read(at, 8), "little")


class Layout:
    """Where the fields of a C structure lie; unnamed ones inside are looked through, and a field of
    a structure inside, `table.root`, is called `table_root`."""

    def __init__(self, kind: gdb.Type):
        self.size = kind.sizeof
        self.fields: dict[str, tuple[int, int, int, int]] = {}  # offset, size, shift, mask
        self._add(kind, 0)

    def _add(self, kind: gdb.Type, base: int, prefix: str = "") -> None:
        for field in kind.fields():
            bare = field.type.strip_typedefs()
            at = base + field.bitpos // 8
            while bare.code == gdb.TYPE_CODE_STRUCT and len(bare.fields()) == 1:
                bare = bare.fields()[0].type.strip_typedefs()
            if not field.name:
                self._add(bare, at, prefix)
                continue
            name = prefix + field.name
            if bare.code == gdb.TYPE_CODE_STRUCT:
                self._add(bare, at, f"{name}_")
            if field.bitsize:
                shift, mask = field.bitpos % 8, (1 << field.bitsize) - 1
                self.fields[name] = (at, 1 + (shift + field.bitsize - 1) // 8, shift, mask)
            else:
                self.fields[name] = (at, bare.sizeof, 0, 0)


class Record:
    """One structure, its fields as numbers."""

    __slots__ = ("_at", "_layout", "_raw", "address")

    def __init__(self, layout: Layout, raw: bytes, at: int, address: int):
        self._layout = layout
        self._raw = raw
        self._at = at
        self.address = address

    def bytes(self, name: str) -> bytes:
        offset, size, _, _ = self._layout.fields[name]
        return self._raw[self._at + offset : self._at + offset + size]

    def __getattr__(self, name: str) -> int:
        try:
            offset, size, shift, mask = self._layout.fields[name]
        except KeyError:
            raise Complaint(f"this kernel's structure has no {name}") from None
        at = self._at + offset
        found = int.from_bytes(self._raw[at : at + size], "little")
        return found >> shift & mask if mask else found

    def has(self, name: str) -> bool:
        return name in self._layout.fields

    def text(self, name: str) -> str:
        """A field that is an array of characters."""
        return self.bytes(name).split(b"\0")[0].decode("utf-8", "replace")


_layouts: dict[str, Layout] = {}


def layout(name: str, beside: str = "fault_handle_pinned") -> Layout:
    if name not in _layouts:
        _layouts[name] = Layout(c_type(name, beside))
    return _layouts[name]


@remembered
def record(name: str, at: int, beside: str = "fault_handle_pinned") -> Record:
    """The structure of that type at an address."""
    kind = layout(name, beside)
    return Record(kind, read(at, kind.size), 0, at)


def chain(name: str, first: int, beside: str, link: str = "next") -> Iterator[Record]:
    """The structures of a list; a list that runs in a circle is told, not followed."""
    seen: set[int] = set()
    while first:
        if first in seen:
            raise Complaint(f"the list of {name} runs in a circle at {first:#x}")
        seen.add(first)
        each = record(name, first, beside)
        yield each
        first = getattr(each, link)


class Array:
    """One of the kernel's arrays of structures: an entry read at a time, or all at once."""

    def __init__(self, name: str, kind: str, count: int, what: str):
        self.layout = layout(kind)
        self.start = number(name) if _is_pointer(name) else int(value(name).address)
        self.count = count
        self.what = what
        self._all: bytes | None = None
        self._some: dict[int, Record] = {}

    def __len__(self) -> int:
        return self.count

    def address(self, index: int) -> int:
        return self.start + index * self.layout.size

    def __getitem__(self, index: int) -> Record:
        if not 0 <= index < self.count:
            raise Complaint(f"there is no {self.what} {index}: they go from 0 to {self.count - 1}")
        if self._all is not None:
            return Record(self.layout, self._all, index * self.layout.size, self.address(index))
        if index not in self._some:
            raw = read(self.address(index), self.layout.size)
            self._some[index] = Record(self.layout, raw, 0, self.address(index))
        return self._some[index]

    def __iter__(self) -> Iterator[Record]:
        if self._all is None:
            self._all = read(self.start, self.count * self.layout.size)
        return (self[index] for index in range(self.count))


def _is_pointer(name: str) -> bool:
    return value(name).type.strip_typedefs().code == gdb.TYPE_CODE_PTR


def watch_the_machine() -> None:
    """From now on, forget what was read whenever the machine or memory changes."""
    for event in (
        gdb.events.stop,
        gdb.events.cont,
        gdb.events.memory_changed,
        gdb.events.new_objfile,
    ):
        event.connect(forget)
    gdb.events.new_objfile.connect(_forget_types)
    gdb.events.exited.connect(forget)


def _forget_types(event: gdb.NewObjFileEvent) -> None:
    """Another kernel: its types are its own."""
    if event.new_objfile.lookup_global_symbol(ENTRY):
        _layouts.clear()
        _enums.clear()
