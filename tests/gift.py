"""A small reader of GIFT, as Moodle reads it, for tests. It knows what worksheets use: numbers, short answers, and
pairs to be matched."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

SIGN = re.compile(r"\\(n|.)", re.DOTALL)
QUESTION = re.compile(r"^::((?:\\.|[^\\:])*)::\[html\]((?:\\.|[^\\{}])*)\{((?:\\.|[^\\{}])*)\}$", re.DOTALL)


@dataclass
class Asked:
    title: str
    text: str
    kind: str  # number, short, matching
    right: list[str] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    tolerance: float = 0
    feedback: str = ""


class GiftError(ValueError):
    """That is no GIFT."""


def plain(text: str) -> str:
    """What stands for what; a sign of GIFT's that is not escaped is an error."""
    bare = re.sub(SIGN, "", text)
    if re.search(r"[~=#{}:]", bare):
        raise GiftError(f"a bare sign in {text!r}")
    return SIGN.sub(lambda found: "\n" if found[1] == "n" else found[1], text)


def split_bare(text: str, sign: str) -> list[str]:
    """At each such sign that is not escaped."""
    return re.split(rf"(?<!\\)(?:\\\\)*{re.escape(sign)}", text)


def answers(asked: Asked, body: str) -> None:
    given, _, feedback = body.partition("####")
    asked.feedback = plain(feedback.strip())
    given = given.strip()
    if given.startswith("#"):
        value, _, tolerance = given[1:].partition(":")
        asked.kind, asked.right, asked.tolerance = "number", [str(float(value))], float(tolerance)
        return
    parts = [part.strip() for part in split_bare(given, "=")]
    if parts[0]:
        raise GiftError(f"{parts[0]!r} before the first answer")
    for part in parts[1:]:
        left, arrow, right = part.partition("->")
        if arrow:
            asked.pairs.append((plain(left.strip()), plain(right.strip())))
        else:
            asked.right.append(plain(part))
    asked.kind = "matching" if asked.pairs else "short"
    if asked.pairs and (asked.right or len([left for left, _ in asked.pairs if left]) < 3):
        raise GiftError("Moodle matches three pairs at least, and nothing else beside them")


def read(text: str) -> list[Asked]:
    """All questions. GiftError: what is not one, or not written as it must be."""
    found = []
    for piece in re.split(r"\n\s*\n", text.strip()):
        if piece.startswith("$CATEGORY: "):
            piece = piece.partition("\n")[2]
        if not piece:
            continue
        matched = QUESTION.match(piece)
        if not matched:
            raise GiftError(f"no question: {piece[:200]!r}")
        asked = Asked(plain(matched[1]), plain(matched[2]), "")
        answers(asked, matched[3])
        found.append(asked)
    return found
