"""Other rules for a course's lab of paging: which of the pages that the policy names goes, and which pages are read
again although a free frame still holds them."""

from __future__ import annotations

import itertools
from pathlib import Path

from labbing.clocks import Fifo, Page

SAMPLE = Path(__file__).resolve().parents[2] / "labs/6-out-and-in/variant/third-goes.c"
OF_SAMPLE, AWAY_OF_SAMPLE = "PASSED = 2", "return page->object == NULL;"
ORDINALS = {1: "second", 2: "third", 3: "fourth"}
PRIVATE, STORED = "private", "stored"
AWAY = {
    PRIVATE: ("a private page", AWAY_OF_SAMPLE),
    STORED: ("a page that has a slot in the swap area", "return slot_is(page->slot);"),
}
S6 = (
    "When a frame is wanted in a group that is at its limit, one page goes: of those that the policy names one after "
    "the other, the {ordinal}. Those that were named before it stay, as if they had come just now, so a page can be "
    "named again, and that counts."
)
S10 = (
    "When {which} has gone, it is never taken back from the free list: it is read, as S12 says. Any other page that "
    "has gone, and is touched before its frame was used for anything else, has the same frame, at once: no disk is "
    "waited for."
)


class Queue(Fifo):
    """The policy fifo: who came first goes. What was never written needs no slot."""

    name = "fifo"
    passed = 0  # so many are named, and stay

    def may_go(self, page: Page) -> bool:
        return super().may_go(page) or not page.modified

    def victim(self) -> Page:
        for _ in range(self.passed):
            page = super().victim()
            self.ring.remove(page)
            self.ring.append(page)
        return super().victim()


def every_use() -> list[dict[str, list[str]]]:
    return [{"out": [str(passed)], "in": [which]} for passed, which in itertools.product(ORDINALS, AWAY)]


def passed(uses: dict[str, list[str]]) -> int:
    """So many pages are named, and stay, before one goes."""
    return int(uses["out"][0])


def title(uses: dict[str, list[str]]) -> str:
    ordinal, which = ORDINALS[passed(uses)], AWAY[uses["in"][0]][0]
    return f"of the pages that the policy names, the {ordinal} goes; {which} is never taken back from the free list"


def sentences(uses: dict[str, list[str]]) -> dict[str, str]:
    return {"S6": S6.format(ordinal=ORDINALS[passed(uses)]), "S10": S10.format(which=AWAY[uses["in"][0]][0])}


def solution(uses: dict[str, list[str]], said: str) -> str:
    """The sample's, with these."""
    _, rest = SAMPLE.read_text("utf-8").split("*/", 1)
    for old, new in ((OF_SAMPLE, f"PASSED = {passed(uses)}"), (AWAY_OF_SAMPLE, AWAY[uses["in"][0]][1])):
        assert rest.count(old) == 1
        rest = rest.replace(old, new)
    return f"/* {said}. */{rest}"
