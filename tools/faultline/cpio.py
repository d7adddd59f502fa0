"""The program image: a cpio archive in the "newc" format, laid out for paging.

The kernel reads program files page by page from a disk that holds this archive. So that a page
of a file is exactly one page of the disk, every file's data starts on a page boundary: the
member's name is filled up with NULs until it does. Archives are deterministic: sorted names,
fixed times, owner root.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

PAGE = 4096
HEADER = 110
TRAILER = "TRAILER!!!"
MTIME = 1704067200  # 2024-01-01T00:00:00Z, where the deterministic clock starts


@dataclass(frozen=True)
class Member:
    """One member of an archive: a file, a directory or a symbolic link (data is its target)."""

    name: str
    mode: int
    data: bytes = b""


def file(name: str, data: bytes, executable: bool = False) -> Member:
    return Member(name.strip("/"), stat.S_IFREG | (0o755 if executable else 0o644), data)


def directory(name: str, mode: int = 0o755) -> Member:
    return Member(name.strip("/"), stat.S_IFDIR | mode)


def symlink(name: str, target: str) -> Member:
    return Member(name.strip("/"), stat.S_IFLNK | 0o777, target.encode())


def parents(name: str) -> list[str]:
    """The directories above a member, outermost first."""
    return [str(path) for path in reversed(Path(name.strip("/")).parents) if str(path) != "."]


def _header(inode: int, member: Member, name_size: int) -> bytes:
    links = 2 if stat.S_ISDIR(member.mode) else 1
    fields = [inode, member.mode, 0, 0, links, MTIME, len(member.data), 0, 0, 0, 0, name_size, 0]
    return b"070701" + b"".join(b"%08X" % field for field in fields)


def pack(members: list[Member]) -> bytes:
    """The archive of `members`; a later member replaces an earlier one of the same name."""
    unique = {member.name: member for member in members}
    out = bytearray()
    inode = 0
    for name in sorted(unique):
        member = unique[name]
        inode += 1
        encoded = name.encode() + b"\0"
        start = len(out) + HEADER + len(encoded)
        boundary = PAGE if stat.S_ISREG(member.mode) and member.data else 4
        encoded += bytes(-start % boundary)
        out += _header(inode, member, len(encoded)) + encoded
        out += member.data + bytes(-len(member.data) % 4)
    end = Member(TRAILER, 0)
    out += _header(0, end, len(TRAILER) + 1) + TRAILER.encode() + b"\0"
    out += bytes(-len(out) % PAGE)
    return bytes(out)


def unpack(archive: bytes) -> list[Member]:
    """The members of an archive made by `pack`."""
    members: list[Member] = []
    at = 0
    while True:
        if archive[at : at + 6] != b"070701":
            raise ValueError(f"no cpio header at byte {at}")
        mode = int(archive[at + 14 : at + 22], 16)
        size = int(archive[at + 54 : at + 62], 16)
        name_size = int(archive[at + 94 : at + 102], 16)
        name = archive[at + HEADER : at + HEADER + name_size].split(b"\0", 1)[0].decode()
        if name == TRAILER:
            return members
        at += HEADER + name_size
        at += -at % 4
        members.append(Member(name, mode, archive[at : at + size]))
        at += size
        at += -at % 4
