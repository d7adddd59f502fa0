"""The image of one run: the built one, with the files and the job that were asked for."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from faultline import cpio, packages, ranges


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
    try:
        return path, ranges.guest_path(guest)
    except ValueError as error:
        raise ValueError(f"--add {word}: {error}") from None


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
    """init's job: its arguments, each ended by a NUL, and its standard input. ValueError: which
    cannot be read."""
    arguments = [guest_path(program[0]), *program[1:]]
    words = b"".join(os.fsencode(argument) + b"\0" for argument in arguments)
    try:
        data = stdin.read_bytes() if stdin else b""
    except OSError as error:
        raise ValueError(f"--stdin {stdin}: {error.strerror}") from None
    return [cpio.file("etc/job", words), cpio.file("etc/job.stdin", data)]


def check_places(members: list[cpio.Member]) -> None:
    """ValueError: a file is to be where a directory is, or below another file."""
    kind = {member.name: stat.S_IFMT(member.mode) for member in members}
    for member in members:
        for above in cpio.parents(member.name):
            if kind.get(above) == stat.S_IFREG:
                raise ValueError(f"--add, --package: no place for /{member.name} in the image: /{above} is a file")


def compose(base: Path, members: list[cpio.Member]) -> bytes:
    """The built image with `members` added or put in place of those that bear their names.
    ValueError: not both can be."""
    archive = base.read_bytes()
    if not members:
        return archive
    present = cpio.unpack(archive)
    names = {member.name for member in present}
    known_folders = [m for m in members if not (m.name in names and m == cpio.directory(m.name))]
    everything = present + known_folders
    check_places(list({member.name: member for member in everything}.values()))
    return cpio.pack(everything)
