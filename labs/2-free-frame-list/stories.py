"""The tests of the lab of the free-frame list, each told from a seed: who takes frames, gives them back, sleeps.

What is right is told step by step, as rules about frames (tools/labbing/free_list.py, frame_rules.py); what each test
is worth stands in lab.toml. All run in 9 MiB, where FREE frames are free when the program begins, as near as one
can know: the kernel's own size is not the same with each compiler.
"""

from __future__ import annotations

from pathlib import Path

from labbing import expectation, free_list
from labbing.free_list import FROM_BACKING, KEPT_LAST, NO_LOSS, OLDEST, RESCUE, ZEROED
from labbing.memory import Area

FREE, OF_SLOTS = 1896, 36  # the latter are not, where there is a swap area
LEFT = 80  # frames that are left when most of memory is taken, about
EIGHTH = FREE // 8
LEAST, MOST = EIGHTH // 3, EIGHTH * 3 // 2  # frames that must be cleared, and may be
FAR = 1 << 21  # bytes that one table maps

# --- another rule for a course: some frames go to the head of their list ---

SAMPLE, OF_SAMPLE = "variant/even-first.c", "% 2 == 0"
HEAD = "those whose number leaves {rest} when it is divided by {of} come before all others, and of these the one"


def every_use() -> list[dict[str, list[str]]]:
    return [{"head": [str(of), str(rest)]} for of in (2, 3, 4) for rest in range(of)]


def title(uses: dict[str, list[str]]) -> str:
    of, rest = uses["head"]
    which = f"if its number leaves {rest} when it is divided by {of}"
    return f"a frame that becomes free goes to the head of its list, {which}"


def sentences(uses: dict[str, list[str]]) -> dict[str, str]:
    of, rest = uses["head"]
    head = HEAD.format(of=of, rest=rest)
    return {
        "S4": f"Of plain frames, {head} that was freed last; of the others, the one that has been free longest.",
        "S7": f"Kept frames are given last. Of these, too, {head} whose page left last; of the others, the one whose "
        "page left first.",
    }


def solution(uses: dict[str, list[str]], title: str) -> str:
    """The sample's, with these numbers."""
    _, rest = (Path(__file__).parent / SAMPLE).read_text("utf-8").split("*/", 1)
    assert rest.count(OF_SAMPLE) == 1
    return f"/* {title}. */{rest.replace(OF_SAMPLE, '% ' + ' == '.join(uses['head']))}"


class FreeListStory(free_list.FreeListStory):
    """With the rule that holds."""

    head: tuple[int, ...] = ()

    def tier(self, name: str, freed: free_list.Held, asleep: int = -1) -> expectation.Tier:
        """Frames that became free in this order, and are given in turn."""
        return expectation.Tier(name, freed, ordered=True, asleep=asleep, head=self.head)


def use(uses: dict[str, list[str]]) -> None:
    """From now on this one does."""
    FreeListStory.head = tuple(map(int, uses["head"]))


# --- the tests ---


def shuffled(story: FreeListStory, area: Area) -> list[int]:
    """Its pages, in any order."""
    return story.random.sample(range(area.pages), area.pages)


def soiled(story: FreeListStory, name: str, pages: int, judged: bool = True) -> Area:
    """New memory that has been written to."""
    area = story.new_memory(name, pages, judged)
    story.begins(f'writes to each page of "{name}"')
    story.soil(area)
    return area


def most_of_memory(story: FreeListStory, left: int = LEFT, judged: bool = True) -> Area:
    """All frames but so many, about. Those that were zeroed before are among them."""
    there = FREE - (OF_SLOTS if story.line else 0)
    taken = sum(1 for page in story.words if page not in story.gone)
    return soiled(story, "most of memory", there - left - taken, judged)


def leaving(story: FreeListStory, pages: int, file_pages: int = 0) -> list[Area]:
    """Pages that can be evicted, and have been written to, or read."""
    story.begins("makes a group")
    story.group()
    areas = [soiled(story, "leaving", pages)]
    if file_pages:
        file = story.data_file(file_pages)
        story.begins("reads a file")
        for number in range(file.pages):
            story.load(file, number)
        areas.append(file)
    story.begins("leaves the group")
    story.leave()
    return areas


def give_back(story: FreeListStory, area: Area) -> list[int]:
    """Page by page, in any order. In which."""
    order = shuffled(story, area)
    story.begins(f'gives "{area.name}" back, page by page')
    story.give_back(area, order)
    return [story.page(area, number) for number in order]


def zeroes(seed: str) -> FreeListStory:
    """New memory, from wherever its frames come."""
    story = FreeListStory("new memory is all zeroes, wherever its frames come from", seed)
    before = soiled(story, "before", 700)
    for name, asleep in (("at once", False), ("after a sleep", True), ("when no zeroed frame is left", False)):
        story.begins("gives memory back")
        story.give_back_all(before)
        if asleep:
            story.sleep()
        new = story.new_memory(name, story.random.randint(240, 330))
        story.begins(f'writes to each page of "{name}", and reads all of it')
        story.soil(new)
        story.add_up(new)
        story.begins("writes to what it gave back")
        story.soil(before)
        story.add_up(before)
        story.apart(story.held_of(before, new))
        story.begins("gives that back, too")
        story.give_back_all(new)
    return story


def all_memory(seed: str) -> FreeListStory:
    """Zeroed frames, plain ones, and those that keep a page: in the end all are wanted."""
    story = FreeListStory("who wants all of memory gets it, the last frames too", seed)
    (gone,) = leaving(story, story.random.randint(120, 160))
    free = soiled(story, "free", story.random.randint(560, 640))
    most = most_of_memory(story)
    for _ in range(3):
        story.evict(gone.pages)
        story.begins("reads the pages that left")
        story.enter()
        story.add_up(gone)
        story.leave()
    story.evict(gone.pages)
    story.begins("gives memory back")
    story.give_back_all(free)
    story.sleep()
    again = soiled(story, "again", free.pages + gone.pages + LEFT + 60)  # more than there is: others leave
    for area in (again, most, gone):
        story.begins(f'reads all of "{area.name}"')
        story.add_up(area, FROM_BACKING)
    story.begins("gives it back, and takes it again")
    story.give_back_all(again)
    story.soil(again)
    story.add_up(again, NO_LOSS)
    return story


def given_back(seed: str) -> FreeListStory:
    """Many more frames are taken and given back than there are; and there is no swap area."""
    story = FreeListStory("no frame is ever lost", seed)
    most = most_of_memory(story, left=380)
    often = story.new_memory("often", story.random.randint(280, 300))
    far = story.new_memory("far", story.random.randint(30, 40) * FAR // 4096)
    for area, apart in ((often, 4096), (far, FAR), (often, 4096)):
        story.begins(f'takes "{area.name}" and gives it back, many times')
        story.soil_often(area, 6, apart)
    story.begins("takes it again, and reads all")
    story.soil(often)
    story.add_up(often, NO_LOSS)
    story.add_up(most, NO_LOSS)
    story.apart(story.held_of(most, often))
    return story


def order(seed: str) -> FreeListStory:
    """Who has been free longest is given first."""
    story = FreeListStory("the frame that has been free longest is given first", seed)
    first = soiled(story, "first", story.random.randint(150, 180))
    second = soiled(story, "second", story.random.randint(150, 180))
    most = most_of_memory(story)
    freed = give_back(story, first) + give_back(story, second)
    before = story.held(freed)
    taken = soiled(story, "next", LEFT + first.pages + second.pages - 80)
    due = "plain frames are given in their turn, which hangs on when they were given back"
    story.in_order(OLDEST, due, [story.tier("that was given back", before)], story.held_of(taken))
    story.apart(story.held_of(most, taken))
    story.add_up(taken)
    return story


def kept_frames_last(story: FreeListStory) -> tuple[Area, list[int], Area, Area]:
    """Pages leave, others end later, and more is taken than all that was free otherwise."""
    (gone,) = leaving(story, story.random.randint(200, 220))
    ended = soiled(story, "ended", story.random.randint(120, 150))
    most = most_of_memory(story)
    left = story.evict(gone.pages)
    kept, free = story.held(left), story.held(give_back(story, ended))
    taken = soiled(story, "next", LEFT + ended.pages + 100)
    due = "a frame that keeps a page is given after all others, and in the turn in which these pages left"
    tiers = [story.tier("that was given back", free), story.tier("that keeps a page", kept)]
    story.in_order(KEPT_LAST, due, tiers, story.held_of(taken))
    return gone, left, most, taken


def kept_last(seed: str) -> FreeListStory:
    """Frames that keep a page, and others."""
    story = FreeListStory("frames that keep a page are given last", seed)
    _, _, most, taken = kept_frames_last(story)
    story.apart(story.held_of(most, taken))
    story.add_up(taken)
    return story


def rescued_late(seed: str) -> FreeListStory:
    """Some pages have lost their frames meanwhile, the others come back in theirs."""
    story = FreeListStory("who lost no frame to others is rescued, however late", seed)
    gone, left, most, taken = kept_frames_last(story)
    before = story.held(left)
    story.begins("gives some memory back")
    story.give_back_all(most, 0, 250)
    story.begins("reads all pages that left, the last first")
    for page in reversed(left):
        story.sum_page(gone, (page - gone.base) // 4096, FROM_BACKING)
    story.rescued(before, story.held_of(taken), slack=30)
    story.add_up(gone)
    story.add_up(taken)
    return story


def idle(seed: str) -> FreeListStory:
    """What was free is cleared, and not too much of it."""
    story = FreeListStory("while nobody runs, free frames are cleared", seed)
    free = soiled(story, "free", story.random.randint(560, 640))
    most_of_memory(story)
    sleeps(story, free)
    return story


def sleeps(story: FreeListStory, free: Area) -> None:
    """It gives that back first."""
    values, before = story.values(free), story.held_of(free)
    give_back(story, free)
    phase = story.sleep()
    story.cleared(phase, before, values, LEAST, MOST)


def idle_again(seed: str) -> FreeListStory:
    """As often as the zeroed frames are used up."""
    story = FreeListStory("what was used of the zeroed frames is made up for", seed)
    free = soiled(story, "free", story.random.randint(560, 640))
    most = most_of_memory(story)
    for _ in range(3):
        sleeps(story, free)
        story.begins('writes to each page of "free" again, and reads all')
        story.soil(free)
        story.add_up(free)
        story.apart(story.held_of(most, free))
    return story


def zeroed_first(seed: str) -> FreeListStory:
    """For who wants zeroes."""
    story = FreeListStory("who wants zeroes gets a zeroed frame, as long as there is one", seed)
    free = soiled(story, "free", story.random.randint(560, 640))
    most_of_memory(story)
    values, before = story.values(free), story.held(give_back(story, free))
    phase = story.sleep()
    story.cleared(phase, before, values, LEAST, MOST)
    taken = soiled(story, "next", LEFT + EIGHTH + 100)
    zeroed = expectation.Tier("that was cleared", before, asleep=phase, cleared=True)
    plain = story.tier("that was not cleared", before, asleep=phase)
    due = "new memory is given the frames that were cleared, then the others"
    story.in_order(ZEROED, due, [zeroed, plain], story.held_of(taken))
    story.add_up(taken)
    return story


def rescue(seed: str) -> FreeListStory:
    """A page that left comes back from the free list, without a read: the swap area cannot be read."""
    story = FreeListStory("a page that left comes back without a read, in its frame", seed)
    (gone,) = leaving(story, story.random.randint(16, 24))
    left = story.evict(story.random.randint(8, gone.pages - 2))
    before = story.held(left)
    story.begins("reads every page")
    for number in shuffled(story, gone):
        story.sum_page(gone, number, RESCUE)
    story.rescued(before, [])
    story.begins("writes to every page, and reads it")
    for number in shuffled(story, gone):
        story.store(gone, number, 7)
        story.sum_page(gone, number)
    return story


def rescued_again(seed: str) -> FreeListStory:
    """Again and again, written to or not; some pages end instead; in the end all memory is taken."""
    story = FreeListStory("a page that came back is as any other", seed)
    (gone,) = leaving(story, story.random.randint(50, 60))
    most = most_of_memory(story, left=300, judged=False)
    story.wire(0, most)
    for _ in range(7):
        left = story.evict(story.random.randint(30, 45))
        numbers = [(page - gone.base) // 4096 for page in left]
        ends = story.random.sample(numbers, 15)
        stay = story.random.sample([number for number in numbers if number not in ends], len(numbers) - 15)
        story.begins("ends some of the pages that left")
        story.give_back(gone, ends)
        before = story.held(story.page(gone, number) for number in stay)
        story.begins("touches the others")
        story.enter()
        for number in stay:
            if story.random.random() < 0.5:
                story.store(gone, number, story.random.randint(1, 254))
            story.sum_page(gone, number, RESCUE)
        story.rescued(before, [])
        story.begins("makes new pages of those that ended")
        for number in ends:
            story.store(gone, number)
            story.sum_page(gone, number)
        story.leave()
    taken = soiled(story, "what is left", 300 - LEFT)
    story.apart(story.held_of(taken, gone))
    story.begins("reads every page")
    for number in shuffled(story, gone):
        story.sum_page(gone, number, "S9")
    story.add_up(taken)
    return story


def within_limit(seed: str) -> FreeListStory:
    """A group of few frames, whose pages leave for each other and come back."""
    story = FreeListStory("a page that comes back counts against the limit of its group", seed)
    frames = story.random.randint(4, 7)
    story.begins("makes a group")
    story.group(frames)
    pages = soiled(story, "pages", frames + story.random.randint(3, 5))
    for _ in range(60):
        number = story.random.randrange(pages.pages)
        story.begins(f"touches {story.name(pages, number)}")
        if story.random.random() < 0.4:
            story.store(pages, number, story.random.randint(1, 254))
        story.sum_page(pages, number, RESCUE)
    return story


def rescued_file(seed: str) -> FreeListStory:
    """Pages of a file go without being written; they come back all the same."""
    story = FreeListStory("pages of a file come back in their frames, too", seed)
    gone, file = leaving(story, story.random.randint(4, 8), story.random.randint(16, 24))
    left = story.evict(gone.pages + file.pages)
    before = story.held(left)
    story.begins("reads every page")
    for area in (file, gone):
        for number in shuffled(story, area):
            story.sum_page(area, number, RESCUE)
    story.rescued(before, [])
    return story


def rescued_after_sleep(seed: str) -> FreeListStory:
    """Few plain frames are free, so that not enough can be zeroed; those that keep a page are left alone."""
    story = FreeListStory("frames that keep a page are not cleared", seed)
    (gone,) = leaving(story, story.random.randint(50, 70))
    free = soiled(story, "free", story.random.randint(60, 80))
    most_of_memory(story, left=60, judged=False)
    left = story.evict(gone.pages)
    before = story.held(left)
    give_back(story, free)
    story.sleep()
    story.begins("reads every page that left")
    for number in shuffled(story, gone):
        story.sum_page(gone, number, RESCUE)
    story.rescued(before, [])
    return story
