"""The tests of the lab of paging, each told from a seed: what goes, who touches it first when it comes back, and how.

What is right is the model's business (tools/labbing/leaving.py); what each test is worth stands in lab.toml.
"""

from __future__ import annotations

from collections.abc import Iterable

from labbing import paging, paging_rules
from labbing.memory import Area
from labbing.paging import CROWD, READ_AGAIN, RESCUED
from labbing.story import Story
from labbing.strings import StringStory

PARENT, CHILD, SECOND = 0, 1, 2
SLOTS = 32  # of the swap area, where they run out
FULL_SLOTS = 1000
FEW, SOME, MANY = (2, 4), (4, 6), (6, 9)  # frames


# --- another rule for a course ---

every_use, sentences = paging_rules.every_use, paging_rules.sentences
title, solution = paging_rules.title, paging_rules.solution


class Queue(paging_rules.Queue):
    """With the rule that holds."""


class PagingStory(paging.PagingStory):
    """The same."""


def use(uses: dict[str, list[str]]) -> None:
    """From now on this one does."""
    Queue.passed = paging_rules.passed(uses)
    PagingStory.read_again = uses["in"][0]


# --- the tests ---


def some(story: PagingStory, area: Area, least: int = 2) -> list[int]:
    """Some of its pages, never all."""
    return sorted(story.random.sample(range(area.pages), story.random.randint(least, area.pages - 1)))


def mixed(story: Story, pages: range) -> list[int]:
    """All of them, in any order."""
    return story.random.sample(pages, len(pages))


def write_each(story: PagingStory, who: int, area: Area, pages: Iterable[int], word: int = 0) -> None:
    story.phase(who, f'writes to pages of "{area.name}"')
    for page in pages:
        story.write(who, area, page, word)


def read_each(story: PagingStory, who: int, area: Area, pages: Iterable[int], words: Iterable[int] = (0,)) -> None:
    story.phase(who, f'reads pages of "{area.name}"')
    for page in pages:
        for word in words:
            story.read(who, area, page, word)


def contents(seed: str) -> PagingStory:
    """More than there are frames for, round and round."""
    story = PagingStory("a program larger than memory finds what it has written", seed, crowd=CROWD)
    area = story.area("large", 1050 + story.random.randint(0, 200), judged=False)
    story.phase(PARENT, "writes to more pages than there are frames")
    story.fill(PARENT, area)
    for pages in (area.pages // 3, area.pages // 2):
        story.phase(PARENT, "reads all of it")
        story.sum(PARENT, area)
        story.phase(PARENT, "writes to a part of it again")
        story.fill(PARENT, area, pages)
    story.phase(PARENT, "reads all of it, and some pages alone")
    story.sum(PARENT, area)
    for page in some(story, area)[:40]:
        story.read(PARENT, area, page)
        story.read(PARENT, area, page, story.random.randint(1, 511))
    return story


def in_turn(seed: str) -> StringStory:
    """Where each miss is known: who came first goes, one for one."""
    story = StringStory("the page that the policy names goes, and no other", seed, "S6")
    for frames in (FEW, SOME, MANY):
        size = story.random.randint(*frames)
        one = story.group(Queue(size), size + story.random.randint(2, 5))
        for _ in range(2):
            for page in range(one.area.pages):
                story.refer(one, page, write=story.random.random() < 0.5)
        for _ in range(30):
            page = int(one.area.pages * story.random.random() ** 2)
            story.refer(one, page, write=story.random.random() < 0.5)
        story.reclaim(one, story.random.randint(1, size - 1))
        for _ in range(6):
            story.refer(one, story.random.randrange(one.area.pages), write=story.random.random() < 0.5)
    return story


def everywhere(seed: str) -> PagingStory:
    """Shared memory of three processes; who wrote last is any of them, and who comes back first, too."""
    story = PagingStory("a page goes from every process, with what the last of them wrote", seed, 3, crowd=CROWD)
    story.flood_area()
    story.begin_group()
    area = story.area("shared", story.random.randint(8, 14), shared=True)
    everybody = [PARENT, CHILD, SECOND]
    write_each(story, PARENT, area, range(area.pages))
    story.phase(PARENT, "forks twice")
    story.fork(PARENT, CHILD)
    story.fork(PARENT, SECOND)
    for round_ in range(3):
        for who in story.random.sample(everybody, 3):
            read_each(story, who, area, mixed(story, range(area.pages)))
        for who in story.random.sample(everybody, 2):
            write_each(story, who, area, some(story, area), story.random.randint(0, 511))
        story.take_out(area)
        if round_ == 1:
            story.flood()
        pages = mixed(story, range(area.pages))
        parts = [pages[0::3], pages[1::3], pages[2::3]]
        for who, part in zip(story.random.sample(everybody, 3), parts, strict=True):
            read_each(story, who, area, part)
    for who in everybody:
        read_each(story, who, area, range(area.pages))
    story.end(SECOND, PARENT)
    story.end(CHILD, PARENT)
    return story


def copy_on_write(seed: str) -> PagingStory:
    """Private pages that two hold: one page when they have come back, and one for each who writes."""
    story = PagingStory("who shared a page shares it when it is back, and copies it to write", seed, 2, crowd=CROWD)
    story.flood_area()
    story.begin_group()
    area = story.area("private", story.random.randint(10, 16))
    write_each(story, PARENT, area, range(area.pages))
    write_each(story, PARENT, area, range(area.pages), 300)
    story.phase(PARENT, "forks")
    story.fork(PARENT, CHILD)
    write_each(story, CHILD, area, some(story, area)[:3])
    for flooded in (False, True):
        story.take_out(area)
        if flooded:
            story.flood()
        pages = mixed(story, range(area.pages))
        half = len(pages) // 2
        read_each(story, CHILD, area, pages[:half], (0, 300))
        read_each(story, PARENT, area, pages, (0, 300))
        read_each(story, CHILD, area, pages, (0, 300))
        write_each(story, PARENT, area, pages[half : half + 2])
        story.take_out(area)
        write_each(story, CHILD, area, pages[-2:], 7)
        read_each(story, PARENT, area, pages, (7, 300))
    story.take_out(area)
    story.end(CHILD, PARENT)
    write_each(story, PARENT, area, range(area.pages))
    read_each(story, PARENT, area, range(area.pages), (0, 300))
    return story


def files(seed: str) -> PagingStory:
    """Of the image's file, and of one without a name: shared, and private."""
    story = PagingStory("pages of files go and come back, and keep their rights", seed, crowd=CROWD)
    story.flood_area()
    story.begin_group()
    shared, private = story.file("file", story.random.randint(6, 10))
    data = story.data_file("data", story.random.randint(6, 10))
    kept = story.area("read-only", 5)
    write_each(story, PARENT, kept, range(kept.pages))
    story.protect(PARENT, kept)
    write_each(story, PARENT, shared, some(story, shared))
    read_each(story, PARENT, private, some(story, private))
    write_each(story, PARENT, private, some(story, private), 2)
    for flooded in (False, True):
        read_each(story, PARENT, kept, range(kept.pages))
        story.phase(PARENT, 'reads pages of "data"')
        for page in mixed(story, range(data.pages)):
            story.read(PARENT, data, page)
        story.take_out(shared, private, data, kept)
        if flooded:
            story.flood()
        read_each(story, PARENT, private, mixed(story, range(private.pages)), (0, 2))
        read_each(story, PARENT, shared, mixed(story, range(shared.pages)))
        write_each(story, PARENT, shared, some(story, shared), 1)
        story.phase(PARENT, "writes to what may only be read")
        for page in range(kept.pages):
            if page % 2:
                story.read(PARENT, kept, page)
            story.refused_write(PARENT, kept, page)
    return story


def clean(seed: str) -> StringStory:
    """While the swap area is full: pages of files, and those that nobody has written since they were zeroes."""
    story = StringStory("what need not be written goes, though no slot is free", seed, "S7")
    frames = story.random.randint(6, 8)
    story.fill_swap(SLOTS)
    model = Queue(frames)
    model.slots = False
    written, only_read = story.random.randint(2, 3), story.random.randint(3, 4)
    one = story.group(model, written + only_read, frames, written)
    pages = range(written + only_read + frames)
    for page in [*mixed(story, pages), *(story.random.choice(pages) for _ in range(40))]:
        story.refer(one, page, write=page < written)
    return story


def cannot_go(seed: str) -> StringStory:
    """One slot is a resident page's, so it looks as if each page could go; but only the first can."""
    story = StringStory("a page that cannot go stays, and another goes", seed, "S9", exact=False)
    ballast = story.fill_swap(SLOTS - 1)
    story.read(PARENT, ballast, 0)
    frames = story.random.randint(6, 8)
    private = story.random.randint(2, frames - 3)
    one = story.group(Queue(frames), private, frames + 3)
    pages = range(private + frames + 3)
    for page in [*mixed(story, pages), *(story.random.choice(pages) for _ in range(40))]:
        story.refer(one, page, write=page < private and story.random.random() < 0.5)
    story.read(PARENT, ballast, 0)
    return story


def wired(seed: str) -> PagingStory:
    """Beside them everything goes."""
    story = PagingStory("wired pages stay, for whoever maps them", seed, processes=2)
    story.begin_group()
    other = story.area("other", story.random.randint(4, 8))
    areas = [story.area("wired", 6), story.area("wired shared", 6, shared=True)]
    for area in (other, *areas):
        write_each(story, PARENT, area, range(area.pages))
    story.phase(PARENT, "wires some, and forks")
    for area in areas:
        story.wire(PARENT, area)
    story.fork(PARENT, CHILD)
    read_each(story, CHILD, areas[1], range(6))
    for _ in range(2):
        story.take_out(other)
        for who in story.random.sample((PARENT, CHILD), 2):
            for area in areas:
                read_each(story, who, area, mixed(story, range(area.pages)))
        write_each(story, PARENT, areas[1], some(story, areas[1]))
        read_each(story, PARENT, other, range(other.pages))
    story.end(CHILD, PARENT)
    return story


def rescue(seed: str) -> PagingStory:
    """Its frame is free, and nobody has used it: no disk is needed, and none is waited for."""
    story = PagingStory("a page that comes back before its frame was used is there at once", seed, 2, latency=5000)
    story.begin_group()
    shared = story.area("shared", story.random.randint(4, 7), shared=True)
    private = story.area("private", story.random.randint(4, 7))
    data = story.data_file("data", story.random.randint(4, 7))
    for area in (shared, private):
        write_each(story, PARENT, area, range(area.pages))
    story.phase(PARENT, 'reads pages of "data"')
    for page in mixed(story, range(data.pages)):
        story.read(PARENT, data, page)
    story.phase(PARENT, "forks")
    story.fork(PARENT, CHILD)
    for _ in range(2):
        story.take_out(shared, private, data, kept=True)
        story.phase(PARENT, 'reads pages of "data"')
        for page in mixed(story, range(data.pages)):
            story.read_timed(PARENT, data, page, False, RESCUED)
        for who, area in story.random.sample(((PARENT, private), (CHILD, shared)), 2):
            story.phase(who, f'reads pages of "{area.name}"')
            for page in mixed(story, range(area.pages)):
                story.read_timed(who, area, page, story.is_read_again(area), RESCUED)
        read_each(story, CHILD, private, range(private.pages))
        write_each(story, PARENT, shared, some(story, shared))
    write_each(story, CHILD, private, some(story, private))
    read_each(story, PARENT, private, range(private.pages))
    story.end(CHILD, PARENT)
    return story


def read_again(seed: str) -> PagingStory:
    """Its frame is another's: the disk has it, and is waited for."""
    story = PagingStory("a page whose frame was used is read from its slot", seed, 2, 5000, crowd=CROWD)
    story.reserve(64)
    story.flood_area()
    story.begin_group()
    shared = story.area("shared", story.random.randint(4, 7), shared=True)
    private = story.area("private", story.random.randint(5, 8))
    words = [story.random.randrange(first, first + 128) for first in (0, 192, 384)]
    for area in (shared, private):
        for word in words:
            write_each(story, PARENT, area, range(area.pages), word)
    story.phase(PARENT, "forks")
    story.fork(PARENT, CHILD)
    for round_ in range(2):
        story.take_out(shared, private)
        story.flood()
        for who, area in story.random.sample(((PARENT, private), (CHILD, shared)), 2):
            story.phase(who, f'reads pages of "{area.name}", and again')
            for page in mixed(story, range(area.pages)):
                story.read_timed(who, area, page, True, READ_AGAIN)
                story.read_timed(who, area, page, False, READ_AGAIN)
                for word in words:
                    story.read(who, area, page, word)
        read_each(story, CHILD, private, range(private.pages), words)
        if round_ == 0:
            write_each(story, CHILD, private, some(story, private), words[1])
            write_each(story, PARENT, shared, some(story, shared), words[2])
    story.end(CHILD, PARENT)
    return story


def at_once(seed: str) -> PagingStory:
    """Two processes touch the same pages while these are on their way, out or in."""
    story = PagingStory("two processes at once lose nothing", seed, 2, crowd=CROWD)
    story.begin_group(story.random.randint(24, 32))
    shared = story.area("shared", story.random.randint(820, 880), shared=True, judged=False)
    small = story.area("small", story.random.randint(40, 50), shared=True, judged=False)
    private = story.area("private", story.random.randint(80, 110), judged=False)
    story.phase(PARENT, "writes to each page")
    story.fill(PARENT, private)
    story.phase(PARENT, "forks")
    story.fork(PARENT, CHILD)
    for area, rounds in ((small, 6), (shared, 1), (private, 1)):
        story.count_together(area, rounds + story.random.randint(0, rounds // 4))
        for who in (CHILD, PARENT):
            story.phase(who, f'adds up what was counted in "{area.name}"')
            for word in (1, 2):
                story.sum_words(who, area, word)
    story.end(CHILD, PARENT)
    return story


def slots_again(seed: str) -> PagingStory:
    """More than the swap area has, again and again."""
    story = PagingStory("slots of pages that have ended are used again", seed, crowd=CROWD + 256)
    story.begin_group(story.random.randint(24, 32))
    kept = story.area("kept", story.random.randint(100, 130), judged=False)
    area = story.area("private", story.random.randint(740, 800), judged=False)
    story.phase(PARENT, "writes to each page of what it keeps")
    story.fill(PARENT, kept)
    for _ in range(3):
        story.phase(PARENT, "writes to each page")
        story.fill(PARENT, area)
        story.phase(PARENT, "adds them up")
        story.sum(PARENT, area)
        story.phase(PARENT, "gives them back")
        story.end_pages(PARENT, area)
    story.phase(PARENT, "adds up what it has kept")
    story.sum(PARENT, kept)
    return story


def full(seed: str) -> StringStory:
    """As many pages as there are frames and slots, but one: one slot is to spare, mostly a resident page's."""
    story = StringStory("frames and slots together hold what the program has", seed, "S13")
    frames = story.random.randint(3, 6)
    one = story.group(Queue(frames), SLOTS + frames - 1)
    for _ in range(70):
        story.refer(one, story.random.randrange(one.area.pages), write=story.random.random() < 0.5)
    return story


def last_slots(seed: str) -> PagingStory:
    """The same where frames are few, so that contents come from slots."""
    frames = 40
    story = PagingStory("what is in the last slots is not lost", seed, crowd=CROWD)
    story.begin_group(frames)
    area = story.area("private", FULL_SLOTS + frames - 1, judged=False)
    story.phase(PARENT, "writes to each page, gives them back, and writes to each again")
    story.fill(PARENT, area)
    story.end_pages(PARENT, area)
    story.fill(PARENT, area)
    for _ in range(2):
        story.phase(PARENT, "adds them up")
        story.sum(PARENT, area)
        story.phase(PARENT, "writes to some, and reads some")
        for _ in range(60):
            page = story.random.randrange(area.pages)
            if story.random.random() < 0.5:
                story.write(PARENT, area, page, story.random.randint(0, 511))
            story.read(PARENT, area, page)
    story.phase(PARENT, "adds them up")
    story.sum(PARENT, area)
    return story


def disk_fails(seed: str) -> PagingStory:
    """The third read fails, and the second write."""
    story = PagingStory("what the disk cannot read is told, and not lost", seed, crowd=CROWD)
    story.flood_area()
    story.begin_group()
    area = story.area("private", story.random.randint(6, 10))
    write_each(story, PARENT, area, range(area.pages))
    story.take_out(area)
    story.flood()
    story.phase(PARENT, "reads every page, of which the disk fails one")
    for number, page in enumerate(mixed(story, range(area.pages))):
        if number == 2:
            story.failing_read(PARENT, area, page)
        story.read(PARENT, area, page)
    write_each(story, PARENT, area, some(story, area))
    story.take_out(area)
    story.flood()
    read_each(story, PARENT, area, mixed(story, range(area.pages)))
    return story
