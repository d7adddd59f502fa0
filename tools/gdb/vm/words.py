"""What every command shares: how its arguments are read, and how it complains."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import gdb

MASK = (1 << 64) - 1
NONE = 0xFFFFFFFF  # FRAME_NONE, PAGE_NONE, SLOT_NONE, MAPPER_NONE
PAGE_SIZE = 4096


class Complaint(gdb.GdbError):
    """What is wrong, in one sentence; GDB prints it without a traceback."""


def one_word(path: Path | str) -> str:
    """A path for a command of GDB's, as the one word that it is, whatever letters are in it."""
    return '"' + re.sub(r'(["\\])', r"\\\1", str(path)) + '"'


def arguments(text: str, most: int, keys: Iterable[str] = ()) -> tuple[list[str], dict[str, str]]:
    """The plain words of a command line, and its key=value words."""
    plain: list[str] = []
    named: dict[str, str] = {}
    known = list(keys)
    for word in gdb.string_to_argv(text):
        key, equals, value = word.partition("=")
        if not (equals and key.isidentifier()):
            plain.append(word)
        elif key not in known:
            may = (
                f"it may be {', '.join(k + '=' for k in known)}" if known else "none is taken here"
            )
            raise Complaint(f"{key}= is not known: {may}")
        elif not value:
            raise Complaint(f"{key}= needs a value")
        else:
            named[key] = value
    if len(plain) > most:
        raise Complaint(f"too many words: {' '.join(plain[most:])}")
    return plain, named


def address(text: str) -> int:
    """An address: any expression of GDB whose value is one."""
    try:
        value = gdb.parse_and_eval(text)
        code = value.type.strip_typedefs().code
        if code in (gdb.TYPE_CODE_ARRAY, gdb.TYPE_CODE_FUNC):
            return int(value.address) & MASK
        if code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION, gdb.TYPE_CODE_FLT):
            raise Complaint(f"{text!r} is a {value.type}, not an address")
        return int(value) & MASK
    except (gdb.error, gdb.MemoryError, OverflowError) as error:
        raise Complaint(f"{text!r} is not an address: {error}") from None


def number(text: str, what: str, end: int | None = None) -> int:
    """A number below `end`: any expression of GDB."""
    try:
        found = int(gdb.parse_and_eval(text))
    except (gdb.error, gdb.MemoryError, OverflowError):
        raise Complaint(f"{text!r} is not {what}") from None
    if found < 0 or (end is not None and found >= end):
        limit = f": they go from 0 to {end - 1}" if end else ""
        raise Complaint(f"there is no {what.split(' ', 1)[-1]} {found}{limit}")
    return found


def one(plain: Sequence[str], usage: str) -> str:
    if not plain:
        raise Complaint(f"say what: {usage}")
    return plain[0]


def canonical(at: int) -> bool:
    return at >> 47 in (0, 0x1FFFF)


def many(count: int, thing: str) -> str:
    """3 pages, 1 page, no page."""
    if count == 1:
        return f"1 {thing}"
    plural = thing[:-1] + "ies" if thing.endswith("y") else thing + "s"
    return f"{count or 'no'} {plural}"


def size(count: int) -> str:
    """Bytes as a person says them."""
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if count >= unit and count % unit == 0:
            return f"{count // unit} {name}"
    return f"{count} bytes"


def rights(access: int) -> str:
    """ACCESS_READ, _WRITE, _EXECUTE as rwx."""
    return "".join(
        letter if access & bit else "-" for letter, bit in (("r", 1), ("w", 2), ("x", 4))
    )


def say(text: str = "") -> None:
    gdb.write(text + "\n")


class Command(gdb.Command):
    """A subcommand of vm; its documentation is the class's."""

    name = ""
    keys: Sequence[str] = ()
    most = 1  # plain words at most

    def __init__(self) -> None:
        super().__init__(f"vm {self.name}", gdb.COMMAND_DATA)

    def invoke(self, argument: str, _from_tty: bool) -> None:
        """Read the words, do it, and tell what is wrong in words, whatever happens."""
        try:
            plain, named = arguments(argument, self.most, self.keys)
            self.run(plain, named)
        except gdb.MemoryError as error:
            raise Complaint(f"vm {self.name}: {error}") from None
        except gdb.error as error:
            raise Complaint(f"vm {self.name}: {error}") from None
        except ValueError as error:  # two words for an unfinished quotation
            raise Complaint(f"vm {self.name}: {error}") from None

    def run(self, plain: list[str], named: dict[str, str]) -> None:
        raise NotImplementedError
