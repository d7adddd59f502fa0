"""How much of a function that was taken away stands elsewhere, under other names.

Its text becomes a row of tokens in which all identifiers are equal; each run of TEN of them is a shingle.
The leak to a file is the part of the function's shingles that the file has too.
"""

from __future__ import annotations

import re

LENGTH = 10
MOST = 0.25
TOKEN = re.compile(r'[A-Za-z_]\w*|\d+\w*|"(?:\\.|[^"])*"|->|\+\+|--|<<|>>|[<>=!&|+*/-]=|&&|\|\||\S')
KEPT = frozenset("if else for while return do switch case break continue sizeof".split())
Shingle = tuple[str, ...]


def tokens(text: str) -> list[str]:
    text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.DOTALL)
    return [word if not re.match(r"[A-Za-z_]", word) or word in KEPT else "x" for word in TOKEN.findall(text)]


def shingles(text: str) -> set[Shingle]:
    row = tokens(text)
    return {tuple(row[i : i + LENGTH]) for i in range(len(row) - LENGTH + 1)}


def leak(hole: set[Shingle], other: set[Shingle]) -> float:
    """From 0, nothing of it, to 1, all."""
    return len(hole & other) / len(hole) if hole else 0.0
