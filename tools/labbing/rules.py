"""Rules of clocks, put together from parts: a course may have one of its own.

A rule says where a page that comes is put, whether what was done with it before the next page must go counts, and what
the hand does at each page, round by round. As data it is the model that judges (Ruled), the words of the specification
(sentences), and a solution in C (rules_c.py): the tree holds no such solution but one sample.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from labbing.clocks import Clock, Page

# What is asked of a page, and what is done with it. The mark is one bit that a rule keeps with each page.
USED, UNUSED, MODIFIED, CLEAN, MARKED, UNMARKED = "used", "unused", "modified", "clean", "marked", "unmarked"
CLEAR, MARK, UNMARK, TAKE = "clear", "mark", "unmark", "take"


@dataclass(frozen=True)
class Case:
    """If all that is asked holds, these things are done; the first case of a round that holds counts."""

    asked: tuple[str, ...]
    done: tuple[str, ...]


Round = tuple[Case, ...]


@dataclass(frozen=True)
class Rule:
    """Of one policy."""

    policy: str  # as in memory.policy
    rounds: tuple[Round, ...]
    second: bool = False  # the hand comes to a new page second, not last
    first_use_free: bool = False  # when a page must go, R of the one that came last is 0


PLAIN: Round = (Case((USED,), (CLEAR,)), Case((), (TAKE,)))
TWO_CHANCES: Round = (Case((USED,), (CLEAR, MARK)), Case((MARKED,), (UNMARK,)), Case((), (TAKE,)))
WRITTEN_STAYS: Round = (Case((USED,), (CLEAR, UNMARK)), Case((MODIFIED, UNMARKED), (MARK,)), Case((), (TAKE,)))
A: Round = (Case((UNUSED, CLEAN), (TAKE,)),)
B: Round = (Case((UNUSED, MODIFIED), (TAKE,)), Case((), (CLEAR,)))
C: Round = (Case((CLEAN,), (TAKE,)),)

# What the hand does, by the name of the part. The first is the book's.
SEARCHES: dict[str, dict[str, tuple[Round, ...]]] = {
    "clock": {"": 2 * (PLAIN,), "two-chances": 3 * (TWO_CHANCES,), "written-stays": 3 * (WRITTEN_STAYS,)},
    "clock_rm": {"": (A, B, A, B), "clean-first": (A, C, B, B)},
}
SECOND, FIRST_USE_FREE = "second", "first-use-free"
POLICY = {"clock": "clock", "clock_rm": "clock-rm"}


def rule(piece: str, parts: list[str]) -> Rule:
    """Of a piece of the lab. ValueError: there is no such part."""
    searches = [name for name in SEARCHES[piece] if name and name in parts]
    unknown = set(parts) - {*searches, SECOND, FIRST_USE_FREE}
    if unknown or len(searches) > 1:
        raise ValueError(f"{piece} has no rule of {', '.join(parts)}")
    search = SEARCHES[piece]["".join(searches)]
    return Rule(POLICY[piece], search, SECOND in parts, FIRST_USE_FREE in parts)


def every(piece: str) -> list[list[str]]:
    """All that can be put together, but the book's own."""
    every_part = itertools.product(SEARCHES[piece], ("", SECOND), ("", FIRST_USE_FREE))
    return [[name for name in parts if name] for parts in every_part if any(parts)]


def every_use() -> list[dict[str, list[str]]]:
    """Of both policies."""
    return [dict(zip(SEARCHES, both, strict=True)) for both in itertools.product(*map(every, SEARCHES))]


TITLES = {
    SECOND: "a page that comes is the second that the hand comes to",
    FIRST_USE_FREE: "what was done with a page before the next one must go does not count",
    "two-chances": "a page that was used has two chances",
    "written-stays": "a page that must be written is passed once more",
    "clean-first": "clean pages go before written ones, used or not",
}


def title(uses: dict[str, list[str]]) -> str:
    """In a few words."""
    said = {POLICY[piece]: ", and ".join(TITLES[part] for part in parts) for piece, parts in uses.items()}
    return "; ".join(f"{policy}: {words}" for policy, words in said.items())


# --- the model ---


class Ruled(Clock):
    """A group under a rule."""

    rule: Rule

    def __init__(self, frames: int):
        super().__init__(frames)
        self.marked: set[int] = set()
        self.newest = -1

    def reference(self, number: int, write: bool, when: str, of_file: bool = False) -> bool:
        fault = super().reference(number, write, when, of_file)
        if fault:
            self.marked.discard(number)
            self.newest = number
            if self.rule.second:
                self.ring.insert(1, self.ring.pop())
        return fault

    def victim(self) -> Page:
        newest = self.resident(self.newest)
        if self.rule.first_use_free and newest and self.may_go(newest):
            newest.referenced = False
        for each in self.rule.rounds:
            for _ in range(len(self.ring)):
                if self.may_go(self.ring[0]) and self.passed(each, self.ring[0]):
                    return self.ring[0]
                self.ring.rotate(-1)
        raise AssertionError("no page may go")

    def holds(self, page: Page, what: str) -> bool:
        return {
            USED: page.referenced,
            UNUSED: not page.referenced,
            MODIFIED: page.modified,
            CLEAN: not page.modified,
            MARKED: page.number in self.marked,
            UNMARKED: page.number not in self.marked,
        }[what]

    def passed(self, each: Round, page: Page) -> bool:
        """What the round does with the page. True: it goes."""
        done = next((case.done for case in each if all(self.holds(page, what) for what in case.asked)), ())
        if CLEAR in done:
            page.referenced = False
        if MARK in done:
            self.marked.add(page.number)
        if UNMARK in done:
            self.marked.discard(page.number)
        return TAKE in done


def model(piece: str, parts: list[str]) -> type[Clock]:
    """What judges that rule."""
    chosen = rule(piece, parts)
    return type(f"Ruled{piece}", (Ruled,), {"rule": chosen, "name": chosen.policy})


# --- the words ---

LOOKS = "When a page must go, the hand looks at the page that it is on."
FREE = """Before anything is looked at, R of the page that came last becomes 0, if that page is still there and may go:
so what was done with a page before the next one must go does not count."""
SEARCH_WORDS = {
    "": """If its R is 0, it goes. If its R is 1, R becomes 0, and the hand goes on to the next; and so on, until one
goes.""",
    "two-chances": """If its R is 1, R becomes 0, the page gets a second chance, and the hand goes on. If its R is 0 and
it has a second chance, that is taken away, and the hand goes on. If its R is 0 and it has none, it goes. So a page that
was used is passed twice before it goes; a use gives a second chance anew, and never more than one. A page that
comes has none yet.""",
    "written-stays": """If its R is 1, R becomes 0, and the hand goes on. If its R is 0 and its M is 1 (it was written
since it came into its frame), it is passed once: it goes when the hand comes to it again, if R is still 0 then; a use
in between begins this anew. If R and M are 0, it goes at once.""",
}
STAYS = """R of pages that the hand has not passed stays. A page that may not go is passed over, and keeps its
R: `policy_may_evict` tells which (for one, a page that must be written while the swap area is full)."""
LAST = """A page that comes is put just behind the hand: the hand comes to it last. After a victim, that is the
victim's place."""
AFTER = """A page that comes is put right after the page that the hand is on: the hand comes to it second. After a
victim, the hand is on the next page, and the new one comes right after that."""
FIRST = """The first page that comes into an empty ring has the hand on it. The instruction that faulted runs again, so
a page that has come has R = 1 when the next victim is looked for."""
ROUNDS_WORDS = {
    "": """When a page must go, there are up to four rounds: A, B, A, B. Each begins at the hand and looks at each page
once. A looks for the first page with R = 0 and M = 0; B for the first with R = 0 and M = 1.""",
    "clean-first": """When a page must go, there are up to four rounds: A, C, B, B. Each begins at the hand and looks
at each page once. A looks for the first page with R = 0 and M = 0; C for the first with M = 0, used or not; B
for the first with R = 0 and M = 1.""",
}
FOUND = """The first that is found goes, and the hand is on it. After a round that found none, the hand is where
it was."""
R_LOST = {
    "": "R of a page becomes 0 only when B passes it (and when the page leaves). A round A changes no R at all.",
    "clean-first": "R of a page becomes 0 only when B passes it (and when the page leaves). A and C change no R.",
}
M_KEPT = """M is 1 if the page was written since it came into its frame; looking at it changes nothing. A page that is
read again from the swap area comes with M = 0."""
OTHERS = """S5 to S7 hold for enhanced second chance, too, also where groups with one policy and with the other take
turns; and so does what S3 says of pages that may not go, and S4 of an empty ring and of the instruction that
faulted."""


def sentences(uses: dict[str, list[str]]) -> dict[str, str]:
    """Those of the specification that such rules change, by number."""
    clock, enhanced = uses["clock"], uses["clock_rm"]
    search = next((name for name in SEARCH_WORDS if name in clock), "")
    rounds = next((name for name in ROUNDS_WORDS if name in enhanced), "")
    free = [[FREE] if FIRST_USE_FREE in parts else [] for parts in (clock, enhanced)]
    newest = ["What S8 says of the page that came last stands besides."] if free[1] else []
    place = [AFTER if SECOND in parts else LAST for parts in (clock, enhanced)]
    return {
        "S3": " ".join([*free[0], LOOKS, SEARCH_WORDS[search], STAYS]),
        "S4": " ".join([place[0], FIRST]),
        "S8": " ".join([*free[1], ROUNDS_WORDS[rounds], FOUND]),
        "S9": " ".join([R_LOST[rounds], *newest, M_KEPT]),
        "S10": " ".join([place[1], OTHERS]),
    }
