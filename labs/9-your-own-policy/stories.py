"""The tests of a policy of one's own, each told from a seed: some of the rules, some of strings of a kind.

What is judged in each, the bounds, and where they come from: tools/labbing/contests.py. What each test is worth stands
in lab.toml.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from labbing.contests import BEST, CLOCK, FIFO, LRU, Bound, ContestStory, Reference, strings
from labbing.strings import Group

ONE, FEW, SOME, MANY = (1, 1), (2, 4), (5, 8), (12, 18)  # frames
SLOTS = 32  # of the swap area, where they run out
WRITES = 0.6  # of the references
SIMPLE = (FIFO, CLOCK, LRU)
Kind = Callable[[random.Random, int], list[int]]  # for so many frames: the pages of a string

UNEVEN = Bound(4, CLOCK, FIFO, misses=(FIFO,))
CHANGES = Bound(6, CLOCK, FIFO, misses=(FIFO,))
SCANS = Bound(5, BEST, LRU, misses=SIMPLE)
LOOPS = Bound(4, BEST, LRU, misses=SIMPLE)
MOVES = Bound(7, BEST, LRU, misses=SIMPLE)


# --- kinds of strings ---


def busy(chance: random.Random, frames: int, length: int, first: int, others: int) -> list[int]:
    """Four of five references go to the busy pages, half as many as frames, that begin with this one; the fifth to
    any of so many others, from 0 on."""
    pages = frames // 2
    return [
        first + chance.randrange(pages) if chance.random() < 0.8 else chance.randrange(others) for _ in range(length)
    ]


def uneven_pages(chance: random.Random, frames: int) -> list[int]:
    """Others are there before."""
    return list(range(frames)) + busy(chance, frames, 40 * frames, 4 * frames, 4 * frames)


def changing_pages(chance: random.Random, frames: int) -> list[int]:
    """Three times other pages are busy."""
    firsts = [4 * frames + turn * (frames // 2) for turn in range(3)]
    return [page for first in firsts for page in busy(chance, frames, 22 * frames, first, 4 * frames)]


def scanned_pages(chance: random.Random, frames: int, hot: int, first: int, each: int, rounds: int) -> list[int]:
    """A hot set beside scans: frames + 2 others, from 0 on, one after the other, of four times as many as frames; then
    each hot page so often. The next scan goes on where that ended."""
    pages, at = [], 0
    for _ in range(rounds):
        pages += [(at + step) % (4 * frames) for step in range(frames + 2)]
        pages += [first + chance.randrange(hot) for _ in range(each * hot)]
        at += frames + 2
    return pages


def scans_pages(chance: random.Random, frames: int) -> list[int]:
    return scanned_pages(chance, frames, frames * 3 // 4, 4 * frames, each=4, rounds=10)


def loop_pages(chance: random.Random, frames: int) -> list[int]:
    """Round and round: an eighth to three eighths more pages than frames."""
    return list(range(frames + chance.randint(frames // 8 + 1, frames * 3 // 8))) * 16


def moving_pages(chance: random.Random, frames: int) -> list[int]:
    """The hot set beside scans is another one, three times."""
    hot = frames * 5 // 8
    firsts = [4 * frames + turn * hot for turn in range(4)]
    return [page for first in firsts for page in scanned_pages(chance, frames, hot, first, each=5, rounds=4)]


def drawn(kind: Kind, frames: int, attempt: str) -> list[Reference]:
    """A string of a kind. Whoever is new is written."""
    chance = random.Random(attempt)
    string: list[Reference] = []
    there: set[int] = set()
    for page in kind(chance, frames):
        string.append((page, page not in there or chance.random() < WRITES))
        there.add(page)
    return string


def string_of(seed: str, kind: Kind, frames: int, bound: Bound) -> list[Reference]:
    return strings(seed, frames, bound, lambda attempt: drawn(kind, frames, attempt))


def alone(title: str, sentence: str, seed: str, kind: Kind, bound: Bound) -> ContestStory:
    """One group, and a string."""
    story = ContestStory(title, seed, sentence)
    frames = story.random.randint(12, 16)
    string = string_of(seed, kind, frames, bound)
    group = story.contest(frames, 1 + max(page for page, _ in string), bound=bound)
    for page, write in string:
        story.refer(group, page, write)
    return story


def uneven(seed: str) -> ContestStory:
    return alone("busy pages stay", "S6", seed, uneven_pages, UNEVEN)


def changes(seed: str) -> ContestStory:
    return alone("who was busy once does not stay for ever", "S7", seed, changing_pages, CHANGES)


def scans(seed: str) -> ContestStory:
    return alone("a scan does not push out the pages in use", "S8", seed, scans_pages, SCANS)


def loops(seed: str) -> ContestStory:
    return alone("of a loop that has no room a part stays", "S9", seed, loop_pages, LOOPS)


def moves(seed: str) -> ContestStory:
    return alone("pages in use change, and scans go by", "S10", seed, moving_pages, MOVES)


def two_groups(seed: str) -> ContestStory:
    """A loop in one, a hot set beside scans in the other; they take turns."""
    story = ContestStory("what one group does changes nothing in another", seed, "S11")
    runs: list[tuple[Group, list[Reference]]] = []
    for kind, bound in ((loop_pages, LOOPS), (scans_pages, SCANS)):
        frames = story.random.randint(9, 12)
        string = string_of(f"{seed} {len(runs)}", kind, frames, bound)
        runs.append((story.contest(frames, 1 + max(page for page, _ in string), bound=bound), string))
    while any(string for _, string in runs):
        group, string = story.random.choice([run for run in runs if run[1]])
        many = story.random.randint(1, 12)
        for page, write in string[:many]:
            story.refer(group, page, write)
        del string[:many]
    return story


# --- the rules ---


def walk(story: ContestStory, group: Group, count: int) -> None:
    """Low numbers are wanted more often."""
    for _ in range(count):
        page = int(group.area.pages * story.random.random() ** 2)
        story.refer(group, page, story.random.random() < WRITES)


def fill(story: ContestStory, group: Group) -> None:
    """Each page, in some order: then the group is at its limit."""
    for page in story.random.sample(range(group.area.pages), group.area.pages):
        story.refer(group, page, story.random.random() < WRITES)


def a_group(story: ContestStory, frames: tuple[int, int]) -> Group:
    size = story.random.randint(*frames)
    return story.contest(size, size + story.random.randint(2, 5))


def any_string(seed: str) -> ContestStory:
    story = ContestStory("all that is written is read", seed, "S3")
    for frames in (ONE, FEW, SOME, MANY):
        group = a_group(story, frames)
        fill(story, group)
        walk(story, group, 60)
    return story


def pages_end(seed: str) -> ContestStory:
    """One, some, or all: those that are there, and others. Their frames go to another group."""
    story = ContestStory("pages end at any time", seed, "S4")
    groups = [a_group(story, frames) for frames in (ONE, FEW, SOME, MANY)]
    for number in range(24):
        group, other = groups[number % 4], groups[(number + story.random.randint(1, 3)) % 4]
        fill(story, group)
        walk(story, group, story.random.randint(3, 8))
        ends = story.random.choice([1, 2, group.area.pages // 2, group.area.pages])
        for page in story.random.sample(range(group.area.pages), ends):
            story.end_page(group, page)
        fill(story, other)
        walk(story, group, story.random.randint(1, 6))
    return story


def room(seed: str) -> ContestStory:
    story = ContestStory("pages go though none comes, and come though none goes", seed, "S4")
    for frames in (FEW, SOME, MANY):
        group = a_group(story, frames)
        most = group.model.frames
        for _ in range(6):
            fill(story, group)
            walk(story, group, story.random.randint(3, 10))
            fill(story, group)
            story.reclaim(group, story.random.randint(1, group.model.frames))
            walk(story, group, story.random.randint(2, 8))
            story.limit(group, story.random.randint(1, most))
            walk(story, group, story.random.randint(2, 8))
    return story


def may_not_go(seed: str) -> ContestStory:
    """Pages that may not go, for they must be written and there is no slot, among those of a file, which may. Then
    there are slots again."""
    story = ContestStory("a page that may not go stays", seed, "S5")
    frames = story.random.randint(6, 10)
    ballast = story.fill_swap(SLOTS)
    private = story.random.randint(2, frames - 2)
    file_pages = frames - private + 4
    group = story.contest(frames, private, file_pages)
    for free in (False, True):
        if free:
            story.free_swap(ballast, group)
        for _ in range(60):
            page = story.random.randrange(private + file_pages)
            story.stays = page < private and not free
            story.refer(group, page, write=page < private and story.random.random() < WRITES)
    return story


def begins_anew(seed: str) -> ContestStory:
    """The group has another policy for a while. When it comes back to this one, pages are there already."""
    story = ContestStory("a group may begin with the policy at any time", seed, "S4")
    for frames in (FEW, SOME, MANY):
        group = a_group(story, frames)
        for policy in ("fifo", "mine", "clock", "mine"):
            fill(story, group)
            walk(story, group, story.random.randint(5, 15))
            story.change_policy(group, policy)
            walk(story, group, story.random.randint(5, 15))
    return story
