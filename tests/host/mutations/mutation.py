"""One change to one file of the kernel."""

from __future__ import annotations

from typing import NamedTuple


class Mutation(NamedTuple):
    file: str
    what: str
    old: str
    new: str
    tests: tuple[str, ...] = ()  # live ones: what should notice, the likeliest first
