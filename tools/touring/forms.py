"""How an answer may be written: in any way that can mean only one thing.

Each form reads what stands in the file of answers, a number, a list or words, and gives the readings that it allows:
mostly one, none if it is empty. Unreadable: it cannot be an answer to such a question.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from touring.facts import COPY, FILE, INVALID, KINDS, NONE, REUSE, ZERO_FILL, ZERO_PAGE

Answer = int | str | frozenset[int]
ABSENT = "none"  # rights of an entry that is not there
NOTHING = {"", "?", "todo"}
OTHER_NAMES = {
    NONE: ("no", "nofault", "nothing", "0"),
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
NUMBER = re.compile(r"(?:0x[0-9a-f]+|0b[01]+|[0-9]+)(?![0-9a-z])")


class Unreadable(ValueError):
    """What it should have been, in words."""


@dataclass(frozen=True)
class Form:
    """`example`: for the sheet."""

    name: str
    read: Callable[[Any], list[Answer]]
    example: str


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


def count(raw: Any) -> list[Answer]:
    """How many: a number, perhaps with a word behind it."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return [raw]
    found = re.fullmatch(rf"({NUMBER.pattern})\s*[a-z ]*", spaced(raw))
    if not found:
        raise Unreadable("a number is wanted")
    return [number(found[1])]


def address(raw: Any) -> list[Answer]:
    """Hexadecimal, with 0x or without; decimal, if its digits allow that."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return [raw]
    text = spaced(raw)
    if re.fullmatch(r"0[xb][0-9a-f]+", text):
        return [number(text)]
    if not re.fullmatch(r"[0-9a-f]+h?", text):
        raise Unreadable("an address or a value is wanted, such as 0x7000a1b2c3d8")
    readings: list[Answer] = [int(text.rstrip("h"), 16)]
    return [*readings, int(text)] if text.isdecimal() else readings


def numbers(raw: Any) -> list[Answer]:
    """A list, in any order; `3-5` is 3, 4 and 5; words between do not matter. `none` and [] are the empty list."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return [frozenset({raw})]
    text = " ".join(map(str, raw)) if isinstance(raw, list) else str(raw)
    text = text.lower().replace("_", " ")
    if plain(text) in ("none", "no", "nopages", "nosteps", "[]", "{}") or (isinstance(raw, list) and not raw):
        return [frozenset()]
    found: set[int] = set()
    for first, last in re.findall(r"(\d+)\s*(?:-|–|\bto\b)\s*(\d+)", text):
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
        raise Unreadable("the number of a step is wanted, or fork")
    return list(found)


def one_of(names: dict[str, tuple[str, ...]], what: str) -> Callable[[Any], list[Answer]]:
    known = {plain(other) or other: name for name, others in names.items() for other in (name, *others)}

    def read(raw: Any) -> list[Answer]:
        text = plain(re.sub(r"\(.*\)", "", str(raw))) or str(raw).strip()
        if text not in known:
            raise Unreadable(what)
        return [known[text]]

    return read


COUNT = Form("a number", count, "12")
KIND = Form("a kind of fault, or none", one_of(OTHER_NAMES, f"one of {', '.join(KINDS)} is wanted"), ZERO_FILL)
STEPS = Form("a list of steps, in any order", numbers, "[4, 9]")
PAGES = Form("a list of pages, in any order", numbers, "[0, 2, 3]")
RIGHTS = Form("rw-, r--, r-x, or none", one_of(OTHER_RIGHTS, "rw-, r--, r-x or none is wanted"), "r--")
VALUE = Form("a value, hexadecimal or decimal", address, "0x5a17")
ADDRESS = Form("an address", address, "0x7000a1b2c3d8")
CODE = Form("the error code as a number: 6, 0x6 or 0b110", count, "6")
STEP = Form("a step, or fork", step, "17")
