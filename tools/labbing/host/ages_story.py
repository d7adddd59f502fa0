"""A test of ages, told from a seed: what entries say, which pages are used, and when a sample is taken."""

from __future__ import annotations

from labbing.host.ages import AGE_MAX, WIRED, Judge
from labbing.host.bench import NAME, PAGE, ZERO_PAGE
from labbing.host.geometry import PROCESSORS, Geometry
from labbing.host.story import ListedStory

FRAMES = 200
GEOMETRY = Geometry(*PROCESSORS)


class AgesStory(ListedStory):
    """One test, of two spaces."""

    judge = Judge

    def __init__(self, title: str, seed: str):
        super().__init__(title, seed)
        self.begin_run("ages", first=self.random.randint(1, 1 << 20), count=FRAMES)
        self.says: dict[tuple[int, int], str] = {}  # of each entry, by space and address

    # --- addresses ---

    def addresses(self, count: int) -> list[int]:
        """In a few tables, some of them beside each other, and at their ends."""
        span = GEOMETRY.span(2)
        tables = [self.random.randrange(1, GEOMETRY.end // span - 2) * span for _ in range(3)]
        tables.append(tables[0] + span)
        found: dict[int, None] = {}
        while len(found) < count:
            index = self.random.choice((0, GEOMETRY.entries - 1, *self.random.choices(range(GEOMETRY.entries), k=6)))
            found[self.random.choice(tables) + index * GEOMETRY.page] = None
        return list(found)

    def pages(self, space: int = 0, *kinds: str) -> list[int]:
        return [address for (of, address), says in self.says.items() if of == space and says in (kinds or (PAGE,))]

    # --- the judge's own hands ---

    def put(self, address: int, says: str, age: int, space: int = 0) -> None:
        self.says[space, address] = says
        self.do("put", space, address, says, age)

    def put_each(self, space: int = 0, many: int = 1, says: tuple[str, ...] = (PAGE, NAME)) -> None:
        """Of every age and kind so many."""
        ages = [age for age in range(AGE_MAX + 1) for _ in range(many)]
        kinds = [kind for kind in says for _ in ages]
        for address, kind, age in zip(self.addresses(len(kinds)), kinds, ages * len(says), strict=True):
            self.put(address, kind, age, space)

    def touch(self, address: int, space: int = 0) -> None:
        if self.says[space, address] != NAME:
            self.do("touch", space, address, self.random.random() < 0.5)

    def touch_some(self, space: int = 0, part: float = 0.3) -> None:
        for address in self.pages(space, PAGE, WIRED, ZERO_PAGE):
            if self.random.random() < part:
                self.touch(address, space)

    def collect(self, address: int, space: int = 0) -> None:
        self.do("collect", space, address)

    def evict(self, address: int, space: int = 0) -> None:
        self.says[space, address] = NAME
        self.do("evict", space, address)

    def policy_asks(self) -> None:
        self.do("ask", 0)

    # --- the student's functions ---

    def sample(self, space: int = 0, loaded: bool = True, rests: bool = False) -> None:
        self.do("sample", space, int(rests), int(loaded))


EVERY = (PAGE, NAME, WIRED, ZERO_PAGE)
