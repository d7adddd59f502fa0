"""The rules of the replacement policies, in words that suffice to do them with pencil and paper.

Those whose rule is long stand in docs/replacement.md, exactly; they are taken from there as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from faultline import project

from exercising.worksheet import Refused


@dataclass(frozen=True)
class Rule:
    """What goes; and how the simulator is told to go by it."""

    words: str = ""  # empty: the page of the docs has them
    options: str = ""
    reads: bool = False  # it matters who only reads


R_BIT = "Every reference sets the R bit of its page, that of a page which has just come in as well. "
COUNTS = "For each page its references since it came into memory are counted, the one that brought it in included. "
TIES = " Of several, the one that has been in memory longest."

RULES = {
    "fifo": Rule("The page that has been in memory longest goes."),
    "lru": Rule("The page that has not been used for longest goes.", "--exact"),
    "opt": Rule(
        "The page whose next use is farthest in the future goes. Of pages that are never used again, the one that "
        "came first in the string.",
        "--exact",
    ),
    "clock": Rule(
        f"{R_BIT}The pages stand in a circle, and a hand points to one of them, at first to the page that came first. "
        "On a fault, if no frame is free: if the page at the hand has R = 1, R becomes 0 and the hand goes on; if "
        "it has R = 0, it goes, the new page takes its place, and the hand goes on behind it. (Second chance.)"
    ),
    "clock-rm": Rule(
        f"{R_BIT}A write sets the M bit as well; a page comes in with M = 0. The pages stand in a circle, and a hand "
        "points to one of them, at first to the page that came first. Round A: once round from the hand, the "
        "first page with R = 0 and M = 0 goes; nothing is changed. If there is none, round B: once round from the "
        "hand, the first page with R = 0 and M = 1 goes; R of each page that is passed becomes 0. Then A again, "
        "and B, until one is found. The new page takes its place, and the hand goes on behind it. (Enhanced "
        "second chance.)",
        reads=True,
    ),
    "aging": Rule(
        "Every page has a history of eight bits. At every second fault, before a page is chosen, there is a tick: each "
        "history is shifted right by one, and its top bit becomes 1 if the page has been referenced since the last "
        f"tick, else 0. A new page begins with the top bit 1. The page with the smallest history goes.{TIES}",
        "--tick 2",
    ),
    "lfu": Rule(f"{COUNTS}The page with the smallest count goes.{TIES}", "--exact --tick 0"),
    "mfu": Rule(f"{COUNTS}The page with the largest count goes.{TIES}", "--exact --tick 0"),
    "random": Rule(
        "The pages stand in a queue, the one that has been in memory longest at place 0. Dice name the place of the "
        "page that goes."
    ),
    "sieve": Rule(
        f"{R_BIT}The pages stand in a queue in the order in which they came; a hand begins at the first. When a page "
        "must go: first R of all that have come in since the last time becomes 0. Then, at the hand: R = 1 becomes 0, "
        "and the hand goes on to the next that came, behind the last to the first; R = 0: this one goes, and the hand "
        "is on the next. New pages are put at the end; a hand behind the last is on the first the next time."
    ),
    "wsclock": Rule(),
    "clock-pro": Rule(),
    "distance": Rule(),
}
ASIDE = (
    "From docs/replacement.md: faults counts the faults so far, this one included; n is the "
    "number of pages in memory; / rounds down. Every reference here writes. "
)


def from_docs(policy: str) -> str:
    """The paragraph with the rule, with no marks of Markdown."""
    text = (project.ROOT / "docs/replacement.md").read_text("utf-8")
    found = re.search(rf"^\*\*{policy}\.\*\* (.*?)\n\n", text, re.MULTILINE | re.DOTALL)
    if not found:
        raise Refused(f"docs/replacement.md has no rule of {policy}")
    return re.sub(r"[*`]", "", re.sub(r"\n(?:- )? *", " ", found[1])).replace("\N{MINUS SIGN}", "-")


def words_of(policy: str) -> str:
    rule = RULES[policy]
    if rule.words:
        return rule.words
    ring = "The pages stand in a circle with a hand; a new page is put just behind it, with time = faults. "
    lead = ASIDE + R_BIT + (ring if policy == "wsclock" else "")
    return lead + from_docs(policy)


def find(policy: str) -> Rule:
    """Refused: there is no such policy."""
    if policy not in RULES:
        raise Refused(f"there is no policy {policy!r}; there are {', '.join(RULES)}")
    return RULES[policy]
