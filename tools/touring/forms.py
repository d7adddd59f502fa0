"""How an answer may be written: in any way that can mean only one thing.

Each form reads what stands in the file of answers, a number, a list or words, and gives the readings that it allows:
mostly one, none if it is empty. Unreadable: it cannot be an answer to such a question.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from touring.facts import (
    BIT_FETCH,
    BIT_PRESENT,
    BIT_USER,
    BIT_WRITE,
    COPY,
    FILE,
    INVALID,
    KINDS,
    NONE,
    REUSE,
    ZERO_FILL,
    ZERO_PAGE,
)

Answer = int | str | frozenset[int]
ABSENT = "none"  # rights of an entry that is not there
NOTHING = {"", "?", "todo"}
MOST = 100  # numbers from the first to the last of a range
LENGTH_MOST = 1000  # of an answer, in letters
OTHER_NAMES = {
    NONE: ("no", "nofault", "nopagefault", "nothing", "0"),
    ZERO_FILL: ("zerofilled", "zeros", "zeroes", "demandzero", "newzeroes"),
    ZERO_PAGE: ("sharedzeropage", "thezeropage"),
    FILE: ("filepage", "mapped", "object", "pageofafile"),
    COPY: ("cow", "copyonwrite", "copied", "privatecopy"),
    REUSE: ("reused", "lastowner", "lastholder"),
    INVALID: ("refused", "segfault", "sigsegv", "signal", "segmentationfault"),
}
OTHER_RIGHTS = {
    "r--": ("r", "ro", "readonly", "read"),
    "rw-": ("rw", "wr", "readwrite", "writable"),
    "r-x": ("rx", "xr", "readexecute", "executable"),
    ABSENT: ("none", "absent", "notpresent", "notthere", "noentry", "missing", "no", "---"),
}
BITS = {
    **dict.fromkeys(("p", "present", "protection"), BIT_PRESENT), **dict.fromkeys(("w", "write"), BIT_WRITE),
    **dict.fromkeys(("u", "user"), BIT_USER), **dict.fromkeys(("i", "id", "instruction", "fetch"), BIT_FETCH),
}  # fmt: skip
NUMBER = re.compile(r"(?:0x[0-9a-f]+|0b[01]+|[0-9]+)(?![0-9a-z])")


class Unreadable(ValueError):
    """What it should have been, in words."""


@dataclass(frozen=True)
class Form:
    """`example`: for the sheet."""

    name: str
    read: Callable[[Any], list[Answer]]
    example: str


def read(form: Form, raw: Any) -> list[Answer]:
    """Unreadable: it is no answer."""
    if len(str(raw)) > LENGTH_MOST:
        raise Unreadable("a short answer is wanted")
    return form.read(raw)


def plain(raw: Any) -> str:
    """Small letters without marks between them."""
    return re.sub(r"[\s_'`\".,;:-]+", "", str(raw).lower())


def is_empty(raw: Any) -> bool:
    return isinstance(raw, str) and raw.strip().lower() in NOTHING


def spaced(raw: Any) -> str:
    """A number's digits without marks between them."""
    return re.sub(r"(?<=[0-9a-fA-F])[_'`](?=[0-9a-fA-F])", "", str(raw).strip().strip("`\"'").lower())


def number(text: str) -> int:
    """Decimal, 0x or 0b."""
    base = {"0x": 16, "0b": 2}.get(text[:2], 10)
    return int(text, base)


def is_number(raw: Any) -> bool:
    return isinstance(raw, int) and not isinstance(raw, bool)


def count(raw: Any) -> list[Answer]:
    """How many: one number, whatever words are around it."""
    if is_number(raw):
        return [raw]
    found = {number(each) for each in NUMBER.findall(spaced(raw))}
    if len(found) != 1:
        raise Unreadable("one number is wanted")
    return list(found)


def code(raw: Any) -> list[Answer]:
    """A number, or its bits' names."""
    names = re.findall(r"[a-z]+", str(raw).lower())
    if names and all(name in BITS for name in names) and not re.search(r"\d", str(raw)):
        return [sum({BITS[name] for name in names})]
    return count(raw)


def address(raw: Any) -> list[Answer]:
    """Hexadecimal, with 0x or without; decimal, if its digits allow that. What GDB says behind it does not matter."""
    if is_number(raw):
        return [raw]
    text = re.sub(r":?\s*(<.*>)?\s*$", "", spaced(raw))
    if text in ("zero", "zeroes", "zeros"):
        return [0]
    if re.fullmatch(r"0x[0-9a-f]+|0b[01]+", text):
        return [number(text)]
    if not re.fullmatch(r"[0-9a-f]+h?", text):
        raise Unreadable("an address or a value is wanted, such as 0x7000a1b2c3d8")
    readings: list[Answer] = [int(text.rstrip("h"), 16)]
    return [*readings, int(text)] if text.isdecimal() else readings


def numbers(raw: Any) -> list[Answer]:
    """A list, in any order; `3-5` is 3, 4 and 5; words between do not matter. `none` and [] are the empty list."""
    if is_number(raw):
        return [frozenset({raw})]
    text = " ".join(map(str, raw)) if isinstance(raw, list) else str(raw)
    text = text.lower().replace("_", " ")
    if plain(text) in ("none", "no", "nopages", "nosteps", "[]", "{}") or (isinstance(raw, list) and not raw):
        return [frozenset()]
    found: set[int] = set()
    for first, last in re.findall(r"(\d+)\s*(?:-|–|\bto\b)\s*(\d+)", text):
        if int(last) - int(first) > MOST:
            raise Unreadable("that is a long list")
        found |= set(range(int(first), int(last) + 1))
    found |= {number(each) for each in NUMBER.findall(text)}
    if not found:
        raise Unreadable("a list of numbers is wanted, such as [3, 5], or none")
    return [frozenset(found)]


def step(raw: Any) -> list[Answer]:
    """One step: 7, `step 7`, `step_7`; or `fork`."""
    if "fork" in str(raw).lower():
        return [0]
    found = {number(each) for each in NUMBER.findall(spaced(str(raw).replace("_", " ")))}
    if len(found) != 1:
        raise Unreadable("the number of one step is wanted, or fork")
    return list(found)


def one_of(names: dict[str, tuple[str, ...]], what: str) -> Callable[[Any], list[Answer]]:
    known = {plain(other) or other: name for name, others in names.items() for other in (name, *others)}

    def read(raw: Any) -> list[Answer]:
        whole = plain(raw).replace("/", "") or str(raw).strip()
        first = plain(re.split(r"[(,;/]", str(raw))[0])
        for text in (whole, first):
            for ending in ("", "fault", "pagefault"):
                if text.removesuffix(ending) in known:
                    return [known[text.removesuffix(ending)]]
        raise Unreadable(what)

    return read


SAID_RIGHTS = re.compile(r"([r-][w-][x-])[ps]?(?![a-z-])")
RIGHTS_IN_WORDS = one_of(OTHER_RIGHTS, "rw-, r--, r-x or none is wanted")


def rights(raw: Any) -> list[Answer]:
    """Three letters, as GDB and /proc say them with more behind; or words."""
    said = SAID_RIGHTS.match(str(raw).strip().lower())
    return RIGHTS_IN_WORDS(said[1] if said else raw)


COUNT = Form("a number", count, "12")
KIND = Form("a kind of fault, or none", one_of(OTHER_NAMES, f"one of {', '.join(KINDS)} is wanted"), ZERO_FILL)
STEPS = Form("a list of steps, in any order", numbers, "[4, 9]")
PAGES = Form("a list of pages, in any order", numbers, "[0, 2, 3]")
RIGHTS = Form("rw-, r--, r-x, or none", rights, "r--")
VALUE = Form("a value, hexadecimal or decimal", address, "0x5a17")
ADDRESS = Form("an address", address, "0x7000a1b2c3d8")
CODE = Form("the error code: 6, 0x6, 0b110 or its bits, \"W U\"", code, "6")
STEP = Form("a step, or fork", step, "17")
