"""One change to one file of mm/."""

from __future__ import annotations

from typing import NamedTuple


class Mutation(NamedTuple):
    file: str
    what: str
    old: str
    new: str
