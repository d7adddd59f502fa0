"""Which page goes, on paper: the clock, and enhanced second chance, from docs/replacement.md and the contract in
mm/replacement/policy.h. It shares nothing with the kernel, nor with the simulator.

The ring is a row that begins at the hand, so what is just behind the hand is the row's end.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass
class Page:
    """Of one group."""

    number: int
    of_file: bool = False
    referenced: bool = False
    modified: bool = False


class Clock:
    """A group under the policy `clock`."""

    name = "clock"
    tick_period = 0  # faults between ticks; none

    def __init__(self, frames: int):
        self.frames = frames
        self.slots = True  # there are free ones in the swap area
        self.ring: deque[Page] = deque()
        self.left: dict[int, str] = {}  # a page that is not there: why

    def resident(self, number: int) -> Page | None:
        return next((page for page in self.ring if page.number == number), None)

    def may_go(self, page: Page) -> bool:
        return self.slots or page.of_file

    def reference(self, number: int, write: bool, when: str, of_file: bool = False) -> bool:
        """Is it a fault?"""
        page = self.resident(number)
        fault = page is None
        if page is None:
            self.shrink(self.frames - 1, when)
            page = Page(number, of_file)
            self.admit(page)
        page.referenced = True
        page.modified |= write
        return fault

    def admit(self, page: Page) -> None:
        self.ring.append(page)

    def shrink(self, frames: int, when: str) -> None:
        """Until no more are left than so many."""
        while len(self.ring) > frames:
            page = self.victim()
            self.remove(page)
            self.left[page.number] = f"it went {when}"

    def limit(self, frames: int, when: str) -> None:
        """From now on it has no more than so many."""
        self.frames = frames
        self.shrink(frames, when)

    def give(self, frames: int, when: str) -> None:
        """So many go."""
        self.shrink(len(self.ring) - frames, when)

    def end(self, number: int, when: str) -> None:
        page = self.resident(number)
        if page is not None:
            self.remove(page)
        self.left[number] = f"it ended {when}"

    def remove(self, page: Page) -> None:
        """The hand stays where it is, or is on the next one of the round, which is first now."""
        self.ring.remove(page)

    def victim(self) -> Page:
        while self.ring[0].referenced or not self.may_go(self.ring[0]):
            self.leave_behind(self.ring[0])
            self.ring.rotate(-1)
        return self.ring[0]

    def leave_behind(self, page: Page) -> None:
        """The hand passes it, in a round that clears R."""
        page.referenced &= not self.may_go(page)


class Fifo(Clock):
    """Wrong: R is not asked."""

    def victim(self) -> Page:
        return next(filter(self.may_go, self.ring))


class AsksAll(Clock):
    """Wrong: who may not go loses R, too."""

    def leave_behind(self, page: Page) -> None:
        page.referenced = False


class HandHome(Clock):
    """Wrong: each search begins with the page longest there."""

    def victim(self) -> Page:
        for page in 2 * [page for page in self.ring if self.may_go(page)]:
            if not page.referenced:
                return page
            page.referenced = False
        return self.ring[0]


class AlwaysOn(Clock):
    """Wrong: the hand goes on, whichever page leaves."""

    def remove(self, page: Page) -> None:
        elsewhere = page is not self.ring[0]
        self.ring.remove(page)
        if elsewhere:
            self.ring.rotate(-1)


class ByIndex(Clock):
    """Wrong: the hand is a number of places, and does not follow when a page before it leaves. `ring` is a row that
    begins anywhere."""

    def __init__(self, frames: int):
        super().__init__(frames)
        self.hand = 0

    def admit(self, page: Page) -> None:
        self.ring.insert(self.hand, page)
        self.hand = (self.hand + 1) % len(self.ring)

    def victim(self) -> Page:
        self.ring.rotate(-self.hand)
        page = super().victim()
        self.ring.rotate(self.hand)
        self.hand = self.ring.index(page)
        return page


class EnhancedClock(Clock):
    """A group under the policy `clock-rm`, of fewer than 64 frames."""

    name = "clock-rm"

    def victim(self) -> Page:
        while True:
            for modified in (False, True):
                for _ in range(len(self.ring)):
                    page = self.ring[0]
                    if self.may_go(page) and page.modified == modified and not page.referenced:
                        return page
                    if modified:
                        self.leave_behind(page)
                    self.ring.rotate(-1)


class ClearsAll(AsksAll, EnhancedClock):
    """Wrong: who may not go loses R, too, where the round clears it."""


class DirtyFirst(EnhancedClock):
    """Wrong: of pages that were not used, those that must be written go first."""

    def victim(self) -> Page:
        for page in self.ring:
            page.modified = not page.modified
        page = super().victim()
        for each in self.ring:
            each.modified = not each.modified
        return page


class EnhancedAlwaysOn(AlwaysOn, EnhancedClock):
    """Wrong: the hand goes on, whichever page leaves."""


class MIgnored(Clock):
    """Wrong: the plain clock."""

    name = "clock-rm"


class BothIgnored(Fifo):
    """Wrong: neither R nor M is asked."""

    name = "clock-rm"


WRONG: dict[type[Clock], tuple[type[Clock], ...]] = {
    Clock: (Fifo, HandHome),
    EnhancedClock: (MIgnored, DirtyFirst, BothIgnored),
}
