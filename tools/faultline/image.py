"""The image of one run: the built one, with the files and the job that were asked for."""

from __future__ import annotations

import os
from pathlib import Path

from faultline import cpio, packages


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


def added_members(words: list[str], names: list[str]) -> list[cpio.Member]:
    """Files of the host and packages of Debian's, with the folders above them and the libraries
    that they need."""
    collection = packages.Collection()
    for name in names:
        collection.add_package(name)
    for word in words:
        collection.add_file(*parse_add(word))
    return collection.all_members()


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
