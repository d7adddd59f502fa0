"""Replacement policies in a few lines each, written from the rules on the worksheets: for tests/test_exercises.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable


class Pages:
    """Those in memory, in the order in which they came. FIFO, which asks nothing else."""

    def __init__(self, string: list[str], dice: list[int]):
        self.string, self.dice = string, list(dice)
        self.order: list[str] = []
        self.now = self.faults = 0
        self.referenced: set[str] = set()
        self.modified: set[str] = set()

    def page(self, step: int) -> str:
        return self.string[step].rstrip("rw")

    def fault(self) -> None:
        """Before somebody is chosen."""

    def victim(self) -> str:
        return self.order[0]

    def come(self, page: str) -> None:
        self.order.append(page)

    def go(self, page: str) -> None:
        self.order.remove(page)
        self.referenced.discard(page)
        self.modified.discard(page)

    def use(self, page: str) -> None:
        self.referenced.add(page)


class Lru(Pages):
    def victim(self) -> str:
        steps = {self.page(step): step for step in range(self.now)}
        return min(self.order, key=lambda page: steps[page])


class Opt(Pages):
    def victim(self) -> str:
        pages = [self.page(step) for step in range(len(self.string))]
        later = pages[self.now :]
        return max(self.order, key=lambda p: (later.index(p) if p in later else len(pages), -pages.index(p)))


class Counting(Pages):
    """Since they came."""

    choose: Callable = min

    def __init__(self, string: list[str], dice: list[int]):
        super().__init__(string, dice)
        self.count: Counter[str] = Counter()

    def victim(self) -> str:
        return type(self).choose(self.order, key=lambda page: self.count[page])

    def come(self, page: str) -> None:
        super().come(page)
        self.count[page] = 0

    def use(self, page: str) -> None:
        self.count[page] += 1


class Mfu(Counting):
    choose = max


class Aging(Counting):
    """`count` is the history."""

    def fault(self) -> None:
        if self.faults % 2 == 0:
            for page in self.order:
                self.count[page] = self.count[page] >> 1 | (128 if page in self.referenced else 0)
            self.referenced.clear()

    def come(self, page: str) -> None:
        super().come(page)
        self.count[page] = 128

    def use(self, page: str) -> None:
        self.referenced.add(page)


class Random(Pages):
    def victim(self) -> str:
        return self.order[self.dice.pop(0)]


class Clock(Pages):
    """The order is the circle, and the hand is at its beginning."""

    def victim(self) -> str:
        while self.order[0] in self.referenced:
            self.referenced.discard(self.order[0])
            self.order.append(self.order.pop(0))
        return self.order[0]


class ClockRM(Pages):
    def found(self) -> str | None:
        """Round A, then round B."""
        for page in self.order:
            if page not in self.referenced | self.modified:
                return page
        for page in self.order:
            if page not in self.referenced:
                return page
            self.referenced.discard(page)
        return None

    def victim(self) -> str:
        page = None
        while page is None:
            page = self.found()
        place = self.order.index(page)
        self.order = self.order[place:] + self.order[:place]
        return page


class Sieve(Pages):
    def __init__(self, string: list[str], dice: list[int]):
        super().__init__(string, dice)
        self.hand = 0
        self.new: set[str] = set()

    def victim(self) -> str:
        self.referenced -= self.new
        self.new.clear()
        self.hand %= len(self.order)
        while self.order[self.hand] in self.referenced:
            self.referenced.discard(self.order[self.hand])
            self.hand = (self.hand + 1) % len(self.order)
        return self.order[self.hand]

    def come(self, page: str) -> None:
        super().come(page)
        self.new.add(page)


POLICIES: dict[str, type[Pages]] = {
    "fifo": Pages, "lru": Lru, "opt": Opt, "lfu": Counting, "mfu": Mfu, "aging": Aging, "random": Random,
    "clock": Clock, "clock-rm": ClockRM, "sieve": Sieve,
}  # fmt: skip


def victims(policy: str, frames: int, string: list[str], dice: list[int]) -> tuple[int, list[str]]:
    """Faults, and who goes."""
    pages, gone = POLICIES[policy](string, dice), []
    for pages.now, word in enumerate(string):
        page = word.rstrip("rw")
        if page not in pages.order:
            pages.faults += 1
            pages.fault()
            if len(pages.order) == frames:
                gone.append(pages.victim())
                pages.go(gone[-1])
            pages.come(page)
        pages.use(page)
        if not word.endswith("r"):
            pages.modified.add(page)
    return pages.faults, gone
