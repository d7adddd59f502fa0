"""The memory that the judge shares with the process; of tests of page tables: a desk with the trees, frames[], and RAM.

Where things stand is what tables.c states at its beginning. All that is read here may have been written by
anybody; only the judge's own copies can be relied on.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct

from labbing.host.geometry import ENTRY, Geometry

NONE = 0xFFFFFFFF
DESK, TREE_EACH, ACCOUNT_EACH, WORDS_AT, WORDS = 0x4000, 48, 1024, 4096, 200
RECORD = 40  # bytes of a frame's entry in frames[]
PRESENT, WRITABLE, USER, REFERENCED, DIRTY = 1, 2, 4, 0x20, 0x40
ADDRESS_END = 1 << 52
TABLE_RIGHTS = PRESENT | WRITABLE | USER
FREE, RESIDENT, TABLE = 1, 2, 4  # enum frame_state
ZEROED = 0x10  # in the second byte
# Fields of an entry of frames[]: where, and how written.
FIELDS = {"state": (0, "<B"), "flags": (1, "<B"), "links": (12, "<I"), "span": (16, "<I")}
FIELDS |= {"used": (20, "<H"), "present": (22, "<H")}
TABLES_HELD = 8  # of an account: held[ACCOUNT_TABLES]


class Shared:
    """Some memory, with a desk at its beginning."""

    def __init__(self, size: int, *numbers: int):
        """`numbers`: what the driver is told of it."""
        self.size, self.numbers = size, numbers
        self.file = os.memfd_create("judged", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.file, size)
        # Who cut it short would end the judge.
        fcntl.fcntl(self.file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
        self.map = mmap.mmap(self.file, size)

    def close(self) -> None:
        self.map.close()
        os.close(self.file)

    def words(self) -> str:
        """Of a panic."""
        return self.map[WORDS_AT : WORDS_AT + WORDS].split(b"\0")[0].decode("utf-8", "replace")


class Memory(Shared):
    """Frames are called by their numbers, the lowest is `first`; a *place* is an address in RAM."""

    def __init__(self, geometry: Geometry, first: int, count: int):
        self.geometry, self.first, self.count = geometry, first, count
        self.frames_at = DESK
        self.ram_at = -(-(DESK + count * RECORD) // 65536) * 65536
        super().__init__(self.ram_at + count * geometry.page, self.frames_at, self.ram_at, first, count)

    # --- RAM ---

    @property
    def start(self) -> int:
        """The lowest place."""
        return self.first << self.geometry.shift

    def place(self, frame: int, index: int = 0) -> int:
        return (frame << self.geometry.shift) + index * ENTRY

    def is_frame(self, frame: int) -> bool:
        return self.first <= frame < self.first + self.count

    def word(self, place: int) -> int:
        return struct.unpack_from("<Q", self.map, self.ram_at + place - self.start)[0]

    def set_word(self, place: int, value: int) -> None:
        struct.pack_into("<Q", self.map, self.ram_at + place - self.start, value)

    def ram(self) -> bytes:
        return self.map[self.ram_at :]

    def contents(self, frame: int) -> bytes:
        start = self.ram_at + (frame - self.first) * self.geometry.page
        return self.map[start : start + self.geometry.page]

    def fill(self, frame: int, data: bytes) -> None:
        start = self.ram_at + (frame - self.first) * self.geometry.page
        self.map[start : start + self.geometry.page] = data

    # --- frames[] ---

    def records(self) -> bytes:
        return self.map[self.frames_at : self.frames_at + self.count * RECORD]

    def field(self, frame: int, name: str) -> int:
        offset, form = FIELDS[name]
        return struct.unpack_from(form, self.map, self.frames_at + (frame - self.first) * RECORD + offset)[0]

    def set_field(self, frame: int, name: str, value: int) -> None:
        offset, form = FIELDS[name]
        struct.pack_into(form, self.map, self.frames_at + (frame - self.first) * RECORD + offset, value)

    # --- the desk ---

    def begin_tree(self, tree: int, root: int, frames: int) -> None:
        struct.pack_into("<III", self.map, tree * TREE_EACH, root, frames, tree + 1)
        self.set_held(tree, frames)

    def root(self, tree: int) -> int:
        return struct.unpack_from("<I", self.map, tree * TREE_EACH)[0]

    def tree_frames(self, tree: int) -> int:
        return struct.unpack_from("<I", self.map, tree * TREE_EACH + 4)[0]

    def set_tree_frames(self, tree: int, value: int) -> None:
        struct.pack_into("<I", self.map, tree * TREE_EACH + 4, value)

    def held(self, tree: int) -> int:
        return struct.unpack_from("<Q", self.map, (tree + 1) * ACCOUNT_EACH + TABLES_HELD)[0]

    def set_held(self, tree: int, value: int) -> None:
        struct.pack_into("<Q", self.map, (tree + 1) * ACCOUNT_EACH + TABLES_HELD, value)


def leads_to(entry: int, shift: int) -> int:
    """The frame that a present entry names."""
    return entry % ADDRESS_END >> shift


def table_entry(frame: int, shift: int) -> int:
    """An entry that leads to the table in that frame."""
    return TABLE_RIGHTS | frame << shift
