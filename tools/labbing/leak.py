"""How much of a function that was taken away stands elsewhere, under other names.

Its text becomes a row of tokens in which all identifiers are equal; each run of TEN of them is a shingle.
The leak to a file is the part of the function's shingles that the file has too. What stands in MANY files is an
idiom of the house, as three calls in a row, and gives nothing away.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

LENGTH = 10
MANY = 8
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


def idioms(files: Iterable[set[Shingle]]) -> set[Shingle]:
    """What stands in many of them."""
    count = Counter(shingle for each in files for shingle in each)
    return {shingle for shingle, files_with in count.items() if files_with >= MANY}


def leak(hole: set[Shingle], other: set[Shingle]) -> float:
    """From 0, nothing of it, to 1, all."""
    return len(hole & other) / len(hole) if hole else 0.0
