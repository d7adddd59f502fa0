"""The tests of the clock lab, each told from a seed: reference strings in groups of a few frames.

What is right is the model's business (tools/labbing/clocks.py); what each test is worth stands in lab.toml.
"""

from __future__ import annotations

from labbing import clocks, rules, rules_c
from labbing.clocks import AlwaysOn, AsksAll, BothIgnored, ByIndex, ClearsAll, EnhancedAlwaysOn, Fifo
from labbing.strings import Group, StringStory, telling

FEW, SOME, MANY = (2, 4), (4, 6), (6, 9)  # frames
SLOTS = 32  # of the swap area, where they run out

Clock: type[clocks.Clock] = clocks.Clock
EnhancedClock: type[clocks.Clock] = clocks.EnhancedClock
sentences, every_use, title, solution = rules.sentences, rules.every_use, rules.title, rules_c.solution


def use(uses: dict[str, list[str]]) -> None:
    """From now on these rules hold, and strings tell them from the book's."""
    global Clock, EnhancedClock
    Clock, EnhancedClock = (rules.model(piece, uses[piece]) for piece in ("clock", "clock_rm"))
    clocks.WRONG[Clock] = (clocks.Clock, *clocks.WRONG[clocks.Clock])
    clocks.WRONG[EnhancedClock] = (clocks.EnhancedClock, *clocks.WRONG[clocks.EnhancedClock])


def group(story: StringStory, policy: type[clocks.Clock], frames: tuple[int, int]) -> Group:
    """With some pages more than frames."""
    size = story.random.randint(*frames)
    return story.group(policy(size), size + story.random.randint(2, 5))


def a_page(story: StringStory, group: Group) -> int:
    """Low numbers are wanted more often."""
    return int(group.area.pages * story.random.random() ** 2)


def walk(story: StringStory, group: Group, count: int, writes: float = 1) -> None:
    """So many references, of which this part writes."""
    for _ in range(count):
        story.refer(group, a_page(story, group), story.random.random() < writes or not known(group))


def known(group: Group) -> bool:
    return all(group.words)


def everything(story: StringStory, policy: type[clocks.Clock], count: int, writes: float) -> StringStory:
    for frames in (FEW, SOME, MANY):
        walk(story, group(story, policy, frames), count, writes)
    return story


def in_turn(seed: str) -> StringStory:
    """Round and round: the oldest goes."""
    story = StringStory("where no page is used more than others, the oldest goes", seed, "S3")
    for frames in (FEW, SOME, MANY):
        one = group(story, Clock, frames)
        for _ in range(3):
            for page in range(one.area.pages):
                story.refer(one, page, write=True)
    return story


def strings(title: str, sentence: str, count: int, writes: float, policy: type[clocks.Clock], seed: str) -> StringStory:
    return telling(
        lambda attempt: everything(StringStory(title, attempt, sentence), policy, count, writes), seed, policy
    )


def second_chance(seed: str) -> StringStory:
    return strings("who was used since the hand passed stays", "S3", 60, 1, Clock, seed)


def any_use(seed: str) -> StringStory:
    return strings("a page that is only read is used, too", "S3", 60, 0.2, Clock, seed)


def leaving(story: StringStory, policy: type[clocks.Clock]) -> StringStory:
    """Pages end: those under the hand, and others."""
    for frames in (1, 1), FEW, MANY:
        one = group(story, policy, frames)
        for _ in range(14):
            for page in range(one.area.pages):
                if not one.words[page]:
                    story.refer(one, page, write=True)
            walk(story, one, story.random.randint(1, 4), 0.5)
            ring = one.model.ring
            there = ring[0].number if story.random.random() < 0.5 else story.random.choice(ring).number
            story.end_page(one, there)
            if story.random.random() < 0.5:
                story.refer(one, there, write=True)
    return story


def pages_end(seed: str) -> StringStory:
    title = "the hand goes on when its page ends"
    wrong = (*clocks.WRONG[Clock], AlwaysOn, ByIndex)
    return telling(lambda attempt: leaving(StringStory(title, attempt, "S5"), Clock), seed, Clock, wrong)


def making_room(story: StringStory, policy: type[clocks.Clock]) -> StringStory:
    """Pages go though none comes, and come though none goes."""
    for frames in (SOME, MANY):
        one = group(story, policy, frames)
        most = one.model.frames
        for _ in range(6):
            walk(story, one, story.random.randint(4, 8), 0.5)
            story.reclaim(one, story.random.randint(1, min(3, len(one.model.ring))))
            walk(story, one, story.random.randint(2, 5), 0.5)
            story.limit(one, story.random.randint(2, most))
    return story


def room(seed: str) -> StringStory:
    title = "pages go though none comes"
    return telling(lambda attempt: making_room(StringStory(title, attempt, "S6"), Clock), seed, Clock)


def kept(story: StringStory, policy: type[clocks.Clock]) -> StringStory:
    """Pages that may not go, for they must be written and there is no slot, among those of a file, which may. Then
    there are slots again."""
    frames = story.random.randint(4, 6)
    ballast = story.fill_swap(SLOTS)
    model = policy(frames)
    model.slots = False
    private = story.random.randint(2, frames - 2)
    one = story.group(model, private, frames - private + 4)
    pages = range(private + frames - private + 4)
    for _ in range(30):
        page = story.random.choice(pages)
        story.refer(one, page, write=page < private)
    story.free_swap(ballast, one)
    for _ in range(20):
        page = story.random.choice(pages)
        story.refer(one, page, write=page < private)
    return story


def may_not_go(seed: str) -> StringStory:
    title = "a page that may not go is passed over, and keeps R"
    return telling(lambda attempt: kept(StringStory(title, attempt, "S3"), Clock), seed, Clock, (Fifo, AsksAll))


def taking_turns(story: StringStory, policies: list[type[clocks.Clock]]) -> StringStory:
    """Groups in turn."""
    groups = [group(story, policy, SOME) for policy in policies]
    for _ in range(30):
        walk(story, story.random.choice(groups), story.random.randint(1, 6), 0.5)
    return story


def two_groups(seed: str) -> StringStory:
    title = "each group has a hand of its own"
    return telling(lambda attempt: taking_turns(StringStory(title, attempt, "S7"), [Clock] * 2), seed, Clock)


def enhanced_writes(seed: str) -> StringStory:
    def tell(attempt: str) -> StringStory:
        return everything(StringStory("where all pages are written", attempt, "S8"), EnhancedClock, 40, 1)

    return telling(tell, seed, EnhancedClock, (BothIgnored,))  # the plain clock is right here


def enhanced(seed: str) -> StringStory:
    return strings("the first page of the lowest class goes", "S8", 60, 0.4, EnhancedClock, seed)


def enhanced_reads(seed: str) -> StringStory:
    return strings("where few pages are written", "S9", 60, 0.1, EnhancedClock, seed)


def enhanced_leaving(seed: str) -> StringStory:
    def tell(attempt: str) -> StringStory:
        story = StringStory("pages end, pages go though none comes, and groups differ", attempt, "S10")
        leaving(story, EnhancedClock)
        making_room(story, EnhancedClock)
        return taking_turns(story, [EnhancedClock, Clock, EnhancedClock])

    return telling(tell, seed, EnhancedClock, (*clocks.WRONG[EnhancedClock], EnhancedAlwaysOn))


def enhanced_may_not_go(seed: str) -> StringStory:
    title = "a page that may not go is passed over, and keeps R"
    wrong = (BothIgnored, ClearsAll)
    return telling(lambda attempt: kept(StringStory(title, attempt, "S10"), EnhancedClock), seed, EnhancedClock, wrong)
