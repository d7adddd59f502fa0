"""QEMU's options: words in which a comma separates."""

from __future__ import annotations

from pathlib import Path


def value(path: str | Path) -> str:
    """A path as the value of one: a comma in it is written twice."""
    return str(path).replace(",", ",,")
