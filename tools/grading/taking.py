"""What is taken of a submission: the files that the lab names, and nothing else.

Its Makefile, tests and tools never run, and are not even read. A file is where the starter had it, or, as courses'
systems flatten folders, by its bare name at the top. Whatever is odd about one is said in words, and costs that
submission alone.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

MOST = 256 << 10  # bytes of a file: a solution has a tenth
BINARY = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")  # in what is not UTF-8: no text at all
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)  # a submission's name: a pseudonym

LISTED = 1000  # names of a folder that are looked at
ADDED = re.compile(r"\.txt$|copy|[\W\d_]")  # by browsers, editors and whoever keeps two of them

# Of this machine, and of no submission: a disk that fails, nothing left to open a file with, a file that whoever grades
# may not read.
OURS = (errno.EIO, errno.ESTALE, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EACCES, errno.EPERM)

NOT_ODD = "letters, digits, dots, - and _, at most 64, are not odd"
ODD = "odd-"  # so begin the names that are given here, and no other


class OddError(Exception):
    """This submission cannot be taken, for the reason told."""


@dataclass
class Taken:
    """A submission: its files' texts, or why there is nothing to be graded."""

    name: str
    files: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)  # the starter's stand in their place
    near: list[str] = field(default_factory=list)  # files that are there, and may be meant for these
    converted: list[str] = field(default_factory=list)  # of another encoding, which a compiler takes as well
    refused: str = ""


def key_of(name: str) -> str:
    """What a folder is called in reports: its name, if that is a plain one."""
    if PLAIN.fullmatch(name) and not name.startswith(ODD):
        return name
    return f"{ODD}{hashlib.sha256(os.fsencode(name)).hexdigest()[:12]}"


@contextlib.contextmanager
def opened_folder(name: str, within: int | None) -> Iterator[int]:
    """A descriptor of it. Nothing on the way may be a link."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=within)
    except NotADirectoryError:  # what Linux says of a link, too
        raise OddError("a link or a file stands where a folder should be") from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def read_file(folder: int, path: str) -> tuple[str, bool]:
    """The text of a file below that folder, and whether it had to be converted. OddError: it is none;
    FileNotFoundError."""
    first, *rest = PurePosixPath(path).parts
    if rest:
        with opened_folder(first, folder) as inner:
            return read_file(inner, "/".join(rest))
    about = os.stat(first, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISREG(about.st_mode):
        raise OddError(f"{first} is {'a link' if stat.S_ISLNK(about.st_mode) else 'no file'}: only files are taken")
    if about.st_nlink > 1:
        raise OddError(f"{first} has a second name elsewhere (a hard link): only files of its own are taken")
    descriptor = os.open(first, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    with open(descriptor, "rb") as file:
        data = file.read(MOST + 1)
    return text_of(first, data)


def text_of(name: str, data: bytes) -> tuple[str, bool]:
    """Who writes a comment with an editor of yesterday's has Latin-1: his compiler did not mind, nor do we."""
    if len(data) > MOST:
        raise OddError(f"{name} is too large: at most {MOST >> 10} KiB are taken")
    if not data.strip():
        raise OddError(f"{name} is empty")
    if b"\0" in data:
        raise OddError(f"{name} is no text: there are zero bytes in it")
    try:
        text, converted = data.decode("utf-8"), False
    except UnicodeDecodeError:
        text, converted = data.decode("latin-1"), True
        if BINARY.search(text):
            raise OddError(f"{name} is no text") from None
    return text.replace("\r\n", "\n"), converted


def files_of(folder: int, wanted: Sequence[str]) -> dict[str, tuple[str, bool]]:
    """Those that are there, and whether they had to be converted."""
    found = {}
    for path in wanted:
        for place in (path, PurePosixPath(path).name):
            with contextlib.suppress(FileNotFoundError):
                found[path] = read_file(folder, place)
                break
    return found


def plain(name: str) -> str:
    """What is left of "Clock (1).c.txt", and of "clock.c"."""
    return ADDED.sub("", name.casefold())


def near_names(folder: int, missing: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Files at the top that are called nearly as what is missing: whoever handed them in may think that they count."""
    bare = {PurePosixPath(path).name for path in wanted}
    meant = {plain(PurePosixPath(path).name) for path in missing}
    with os.scandir(folder) as there:
        names = [entry.name for entry, _ in zip(there, range(LISTED), strict=False)]
    return sorted(name for name in names if name not in bare and plain(name) in meant)


def take(folder: Path, wanted: Sequence[str], name: str = "") -> Taken:
    """A submission, from its folder. `name`: its pseudonym; "": that is what the folder is called. OSError: this
    machine is to blame that it cannot be read."""
    taken = Taken(name or key_of(folder.name))
    try:
        if not name and taken.name != folder.name:
            raise OddError(f"its folder has an odd name: {NOT_ODD}")
        with opened_folder(str(folder), None) as descriptor:
            found = files_of(descriptor, wanted)
            taken.missing = [path for path in wanted if path not in found]
            taken.near = near_names(descriptor, taken.missing, wanted)
        taken.files = {file: text for file, (text, _) in found.items()}
        taken.converted = [file for file, (_, converted) in found.items() if converted]
        if not taken.files:
            near = f" (but {', '.join(map(repr, taken.near))})" if taken.near else ""
            raise OddError(f"none of the files is there: {', '.join(wanted)}{near}")
    except OddError as error:
        return Taken(taken.name, refused=str(error))
    except OSError as error:
        if error.errno in OURS:
            raise
        return Taken(taken.name, refused=f"it cannot be read: {error.strerror}")
    return taken
