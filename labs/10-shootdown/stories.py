"""The tests of the lab of shootdowns, each told from a seed: which processors there are, and what they are at.

Most call the functions on this machine, where one processor after the other goes on by some accesses to memory, and
what each remembers is the judge's business (tools/labbing/host/shootdown.py). The last ones are programs in the booted
kernel, on two processors.
"""

from __future__ import annotations

from labbing import beside, shootdown_rules
from labbing.host.shootdown_lives import Judge
from labbing.host.story import ListedStory

# --- another rule for a course ---

every_use, sentences = shootdown_rules.every_use, shootdown_rules.sentences
title, solution = shootdown_rules.title, shootdown_rules.solution


class ShootdownStory(ListedStory):
    """With the rule that holds."""

    judge = Judge

    def __init__(self, title: str, seed: str):
        super().__init__(title, seed)
        self.begin_run("shootdown")

    def asks(self, *begins: str, plays: int = 8, **scene: float) -> None:
        self.play("asks", begins, plays, scene)

    def answers(self, *begins: str, plays: int = 8, **scene: float) -> None:
        self.play("answers", begins, plays, scene)

    def play(self, kind: str, begins: tuple[str, ...], plays: int, scene: dict[str, float]) -> None:
        """One scene, so often, each time otherwise."""
        mixed = self.random.sample(begins, len(begins))
        told = {"kind": kind, "count": len(begins) + 1, "begins": mixed, "asks": 4, "most": 5, **scene}
        self.do("play", told, self.random.getrandbits(32), plays)


def use(uses: dict[str, list[str]]) -> None:
    """From now on this one does."""
    ShootdownStory.rule = shootdown_rules.rule(uses)


# --- who asks ---


def whom(seed: str) -> ShootdownStory:
    """Nobody moves, but who is interrupted."""
    story = ShootdownStory("those are interrupted that run user code of that space, and nobody else", seed)
    story.phase("processors that run user code, wait for a lock, idle")
    story.asks("user", "waits", "idle")
    story.asks("user", "user", "faults", "waits")
    story.phase("those of another space")
    story.asks("user", "elsewhere", "idle")
    story.asks("elsewhere", "elsewhere")
    story.phase("eight processors")
    story.asks("user", "user", "user", "user", "elsewhere", "waits", "idle", plays=4)
    return story


def awaited(seed: str) -> ShootdownStory:
    """Those that use memory are; others cannot be."""
    story = ShootdownStory("nobody remembers what is gone when shootdown returns", seed)
    story.phase("one who runs user code, and answers late")
    story.asks("user", prompt=0.02, asks=2)
    story.asks("user", whole=0.5, pages=48)
    story.phase("some of them, and some enter the kernel before")
    story.asks("user", "roams", "user")
    story.asks("roams", "roams", "waits", whole=0.2)
    story.phase("processors that wait until all is over")
    story.asks("waits", "faults", "user")
    return story


def copies(seed: str) -> ShootdownStory:
    """Who copies is not interrupted, and is waited for."""
    story = ShootdownStory("who copies from or to user memory is waited for", seed)
    story.phase("one who copies")
    story.asks("copies", copy=0.7)
    story.phase("several, beside others")
    story.asks("copies", "copies", "user", copy=0.7, whole=0.2)
    story.asks("copies", "roams", "waits", copy=0.5)
    return story


def elsewhere(seed: str) -> ShootdownStory:
    """Who lacks nothing need not forget, who lacks something must."""
    story = ShootdownStory("who lacks nothing has the request's number, who lacks something has not", seed)
    story.phase("processors with another space")
    story.asks("elsewhere", "roams-elsewhere", plays=10)
    story.phase("some change from space to space, and lack what they were asked before")
    story.asks("roams-elsewhere", "works", "roams", spaces=1, foreign=0.4, plays=10)
    story.phase("requests for any space")
    story.asks("elsewhere", "user", "works", any=0.5, foreign=0.3)
    story.phase("others ask, too, so that who asks has something to forget")
    story.asks("works", "works", "roams-elsewhere", behind=1, spaces=1, foreign=0.4, asks=6, plays=10)
    return story


def comes_back(seed: str) -> ShootdownStory:
    """Between any two steps of who asks."""
    story = ShootdownStory("others come from the kernel while they are asked", seed)
    story.phase("faults, which come and go without the kernel's lock")
    story.asks("passes", plays=10)
    story.asks("passes", "passes", "user", plays=10)
    story.phase("all that there is")
    story.asks("passes", "roams", "copies", "roams-elsewhere", copy=0.4, any=0.2, spaces=1, whole=0.2, plays=10)
    return story


# --- who answers ---


def interrupt(seed: str) -> ShootdownStory:
    """User code is interrupted."""
    story = ShootdownStory("who is interrupted forgets what was asked, and then has the request's number", seed)
    story.phase("a few addresses, one processor and two")
    story.answers("user", plays=10)
    story.answers("user", "user", most=8)
    story.phase("more or less addresses")
    story.answers("user", whole=0.4, most=20, pages=40, plays=10)
    story.answers("user", "elsewhere", whole=0.2, most=12, pages=20, any=0.3)
    return story


def late(seed: str) -> ShootdownStory:
    """It was in the kernel meanwhile, and perhaps left it again."""
    story = ShootdownStory("an interrupt that comes late finds nothing to do", seed)
    story.phase("processors that go in and out")
    story.answers("roams", plays=10)
    story.answers("roams", "passes", whole=0.2, plays=10)
    return story


def way_out(seed: str) -> ShootdownStory:
    """Requests that were made while it was in the kernel."""
    story = ShootdownStory("who begins to use memory has forgotten what was asked meanwhile", seed)
    story.phase("many requests, one after the other")
    story.answers("works", asks=6, plays=10)
    story.answers("works", "works", asks=7, whole=0.2, copy=0.3, spaces=1)
    story.phase("it lacks nothing")
    story.answers("elsewhere", "roams-elsewhere", plays=10)
    return story


def at_once(seed: str) -> ShootdownStory:
    """While it is on its way out."""
    story = ShootdownStory("requests come while a processor is on its way out", seed)
    story.phase("to user code")
    story.answers("passes", asks=9, plays=24)
    story.answers("passes", "passes", "works", asks=6, plays=10)
    story.phase("to copies")
    story.answers("copies", "works", copy=0.9, asks=6, plays=10)
    return story


# --- all of it ---


def together(seed: str) -> ShootdownStory:
    """Every processor asks and answers."""
    story = ShootdownStory("four processors ask and answer, and do whatever comes next", seed)
    story.phase("one space")
    story.play("together", (), 6, {"count": 3, "steps": 200})
    story.phase("two spaces")
    for count in (2, 4, 6):
        story.play("together", (), 6, {"count": count, "steps": 240, "any": 0.15, "whole": 0.1, "foreign": 0.1})
    return story


# --- in the booted kernel ---


def taken_away(seed: str) -> beside.BesideStory:
    """Pages of which another processor knows."""
    story = beside.BesideStory("what has been taken away no processor finds", seed)
    story.begin(writes=False, calls=False)
    for how in story.random.sample(("gives up", "maps anew") * 3, 6):
        story.take_away(how)
    return story


def forked(seed: str) -> beside.BesideStory:
    """Children are born meanwhile."""
    story = beside.BesideStory("what is written behind a fork the child does not find", seed, children=3)
    story.begin(writes=True, calls=False)
    for _ in range(3):
        story.fork_beside()
    return story


def in_and_out(seed: str) -> beside.BesideStory:
    """It calls the kernel all the time."""
    story = beside.BesideStory("who comes from the kernel finds nothing of what has gone", seed)
    story.begin(writes=False, calls=True)
    for how in story.random.sample(("gives up", "maps anew") * 3, 6):
        story.take_away(how)
    return story
