"""A test of load control, told from a seed: which processes there are, what the criterion says, how time passes."""

from __future__ import annotations

from labbing.host.control import MS
from labbing.host.load import Judge
from labbing.host.story import ListedStory

RUNS, WAITS = ("active", "wants"), ("active", "wants", "suspended")


class LoadStory(ListedStory):
    """One test: scenes, which know nothing of each other."""

    judge = Judge
    part = 50  # of the time goes into faults when the load is too high

    def __init__(self, title: str, seed: str):
        super().__init__(title, seed)
        self.begin_run("load")
        self.ids = 0

    def scene(self, what: str, cost: int = MS // 50) -> None:
        """`cost`: what it takes to suspend or to resume, in ns a page."""
        self.phase(what)
        self.do("scene", cost)
        self.ids = self.random.randint(2, 40)

    # --- who is there ---

    def next_id(self) -> int:
        self.ids += self.random.randint(1, 3)
        return self.ids

    def process(self, born: float, since: float, pages: int, *bits: str, number: int = 0) -> int:
        """Times are milliseconds ago; since 0: it was never suspended. Its number."""
        number = number or self.next_id()
        self.do("process", number, round(born * MS), round(since * MS), pages, list(bits or RUNS))
        return number

    def becomes(self, number: int, pages: int, *bits: str) -> None:
        """One that is there: let in when it was, suspended if it is."""
        self.do("process", number, 0, None, pages, list(bits or RUNS))

    def some_running(self, count: int, pages: tuple[int, int], youngest: float = 500) -> list[int]:
        """At times of which no two are alike, born so or let in so; in any order of their numbers."""
        return [self.running(age, self.random.randint(*pages)) for age in self.ages(count, youngest)]

    def running(self, age: float, pages: int) -> int:
        """Let in so long ago: born then, or before."""
        if self.random.random() < 0.5:
            return self.process(age, 0, pages)
        return self.process(age + self.random.randint(500, 5000), age, pages)

    def some_fresh(self, count: int, pages: tuple[int, int]) -> list[int]:
        """They have come in just now, and leave for nobody."""
        ages = self.random.sample(range(10, 90, 5), count)
        return [self.process(age + 5000, age, self.random.randint(*pages)) for age in ages]

    def some_waiting(self, count: int, pages: tuple[int, int], youngest: float) -> list[int]:
        return [
            self.process(age + self.random.randint(500, 5000), age, self.random.randint(*pages), *WAITS)
            for age in self.ages(count, youngest)
        ]

    def ages(self, count: int, youngest: float) -> list[float]:
        steps = [youngest]
        for _ in range(count - 1):
            steps.append(steps[-1] + self.random.randint(90, 700))
        return self.random.sample(steps, count)

    # --- the student's functions ---

    def pass_time(self, ms: float) -> None:
        self.do("pass", round(ms * MS))

    def control(self, frames: int, answers: str = "sets", **more: object) -> None:
        self.do("control", {"frames": frames, "answers": answers, **more})

    def overloaded(self, elapsed: int, faults: int, service: int, sets: int, frames: int, *, fits: bool) -> None:
        """`fits`: each set into its share. For one more it is the other way round."""
        self.do("overloaded", elapsed, faults, service, sets, frames, int(fits), int(not fits))

    def admits(
        self, elapsed: int, faults: int, service: int, sets: int, frames: int, pages: int, *, fits: bool
    ) -> None:
        """`fits`: with one more. Without, it is the other way round."""
        self.do("admits", elapsed, faults, service, sets, frames, int(not fits), int(fits), pages)
