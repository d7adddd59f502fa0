"""The image of one run: the built one, with the files and the job that were asked for."""

from __future__ import annotations

import os
from pathlib import Path

from faultline import cpio


def guest_path(program: str) -> str:
    """Where a program named without a slash lies."""
    return program if "/" in program else f"/bin/{program}"


def parse_add(word: str) -> tuple[Path, str]:
    """HOST[:GUEST] of --add. GUEST starts with a slash, so a colon in HOST does no harm."""
    host, colon, guest = word.rpartition(":")
    if not colon or not guest.startswith("/"):
        host, guest = word, f"/bin/{Path(word).name}"
    path = Path(host)
    if not path.is_file():
        raise ValueError(f"--add {word}: no file {host}")
    return path, guest


def added_members(words: list[str]) -> list[cpio.Member]:
    """Files of the host, with the folders above them."""
    members = []
    for word in words:
        host, guest = parse_add(word)
        members += [cpio.directory(name) for name in cpio.parents(guest)]
        members.append(cpio.file(guest, host.read_bytes(), os.access(host, os.X_OK)))
    return members


def job_members(program: list[str], stdin: Path | None) -> list[cpio.Member]:
    """init's job: its arguments, each ended by a NUL, and its standard input."""
    arguments = [guest_path(program[0]), *program[1:]]
    words = b"".join(os.fsencode(argument) + b"\0" for argument in arguments)
    return [
        cpio.file("etc/job", words),
        cpio.file("etc/job.stdin", stdin.read_bytes() if stdin else b""),
    ]


def compose(base: Path, members: list[cpio.Member]) -> bytes:
    """The built image with `members` added or put in place of those that bear their names."""
    archive = base.read_bytes()
    if not members:
        return archive
    present = cpio.unpack(archive)
    names = {member.name for member in present}
    known_folders = [m for m in members if not (m.name in names and m == cpio.directory(m.name))]
    return cpio.pack(present + known_folders)
