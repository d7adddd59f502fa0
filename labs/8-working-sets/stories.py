"""The tests of the lab of working sets and thrashing, each told from a seed: which pages are used, which processes
there are, and how time passes.

Most call the functions on this machine (tools/labbing/host/), and what is right is the judge's business there. The last
ones are programs in the booted kernel, which together want more memory than there is: for them bounds hold.
"""

from __future__ import annotations

from labbing import crowds, load_rules
from labbing.host import ages_story, load_story
from labbing.host.ages import WIRED
from labbing.host.ages_story import EVERY
from labbing.host.bench import NAME, PAGE, ZERO_PAGE
from labbing.host.control import MS
from labbing.host.load_story import RUNS, WAITS

OTHER = 1  # the other space
NEVER = ("stopped", "essential", "ending", "shares", "space_ends", "traced")
BIG = (120, 200)  # pages: nobody is small beside another

# --- another rule for a course ---

every_use, sentences = load_rules.every_use, load_rules.sentences
title, solution = load_rules.title, load_rules.solution


class AgesStory(ages_story.AgesStory):
    """With the rule that holds."""


class LoadStory(load_story.LoadStory):
    """The same."""


def use(uses: dict[str, list[str]]) -> None:
    """From now on this one does."""
    AgesStory.rule, LoadStory.rule = load_rules.ages(uses), load_rules.load(uses)
    LoadStory.part = load_rules.part(uses)


# --- ages, without a machine ---


def older(seed: str) -> AgesStory:
    """Nobody uses anything."""
    story = AgesStory("what is not used grows older, and leaves the working set", seed)
    story.phase("pages and names of every age grow older")
    story.put_each()
    story.sample(loaded=story.random.random() < 0.5)
    story.phase("and so on, until all are old")
    for _ in range(3):
        story.sample()
    story.sample(rests=True)
    story.phase("the other space, and then the first again")
    for says in (PAGE, NAME):
        for address in story.addresses(10):
            if (OTHER, address) not in story.says:
                story.put(address, says, story.random.randint(0, 9), OTHER)
    for space in (OTHER, 0, OTHER, OTHER, 0):
        story.sample(space, loaded=story.random.random() < 0.5)
    story.phase("a space in which nothing has ever been used")
    for address in story.addresses(4):
        if (OTHER, address) not in story.says:
            story.put(address, PAGE, 15, OTHER)
    for _ in range(10):
        story.sample(OTHER)
    return story


def used(seed: str) -> AgesStory:
    """Pages of every age are."""
    story = AgesStory("what was used is young again, and the policy and the processor are told", seed)
    story.phase("pages of every age are used")
    story.put_each(many=2)
    for address in story.pages():
        story.touch(address)
    story.sample()
    story.phase("some are used, in a space that is not loaded, too")
    for loaded in (True, False, True):
        story.policy_asks()
        story.touch_some()
        story.sample(loaded=loaded)
    story.phase("more are used than the processor forgets one by one")
    story.policy_asks()
    for address in story.addresses(60):
        if (0, address) not in story.says:
            story.put(address, PAGE, story.random.randint(0, 15))
    story.touch_some(part=0.9)
    story.sample()
    story.sample(rests=True)
    story.phase("only a few are used, and others rest between tables")
    for _ in range(3):
        story.policy_asks()
        story.touch_some(part=0.1)
        story.sample(rests=True)
    return story


def left_out(seed: str) -> AgesStory:
    """Wired pages and the page of zeroes, used or not."""
    story = AgesStory("wired pages and the page of zeroes do not count, names do", seed)
    story.phase("a space with entries of all kinds")
    for address in story.addresses(48):
        story.put(address, story.random.choice(EVERY), story.random.randint(0, 15))
    story.sample()
    story.phase("all are used that can be")
    story.touch_some(part=1)
    story.sample()
    story.phase("wired pages alone, and then a page of zeroes beside them")
    story.touch_some(part=1)
    for says, many in ((WIRED, 5), (ZERO_PAGE, 5), (NAME, 1)):
        for address in story.addresses(many):
            if (OTHER, address) not in story.says:
                story.put(address, says, story.random.choice((0, 1, 7, 8, 15)), OTHER)
        story.touch_some(OTHER, part=0.7)
        story.sample(OTHER)
    story.sample()
    return story


def window(seed: str) -> AgesStory:
    """For long: what enters, stays for eight periods and leaves."""
    story = AgesStory("a page belongs to the working set for a window after its last use", seed)
    for part in range(3):
        story.phase(f"periods of two programs, part {part + 1}")
        for address in story.addresses(12):
            for space in (0, OTHER):
                if (space, address) not in story.says:
                    story.put(address, story.random.choice((PAGE, PAGE, PAGE, NAME, ZERO_PAGE, WIRED)), 15, space)
        for period in range(12):
            space = story.random.choice((0, 0, OTHER))
            if period % 4 < 2:
                story.touch_some(space, part=0.25)
            for address in story.pages(space):
                chance = story.random.random()
                if chance < 0.1:
                    story.collect(address, space)
                elif chance < 0.13:
                    story.evict(address, space)
            if story.random.random() < 0.4:
                story.policy_asks()
            story.sample(space, loaded=story.random.random() < 0.7, rests=story.random.random() < 0.2)
    return story


# --- the criterion, without a machine ---


def too_high(seed: str) -> LoadStory:
    """At the bounds, and beyond them."""
    story = LoadStory("the load is too high when sets do not fit, and faults show it", seed)
    draw = story.random.randint
    story.phase("around the part of the time that faults may take")
    for _ in range(14):
        service, faults = draw(100_000, 9_000_000), draw(1, 30)
        elapsed = faults * service * story.part + story.random.choice((-1, 0, 0, 1, 1))
        story.overloaded(elapsed, faults, service, draw(1200, 1300), draw(900, 1100), fits=draw(0, 1) == 1)
    story.phase("around the frames that there are")
    for _ in range(14):
        frames = draw(300, 5000)
        sets = frames + story.random.choice((-1, 0, 0, 1, 1))
        story.overloaded(100 * MS, draw(3, 95), MS, sets, frames, fits=draw(0, 3) > 0)
    story.phase("sets that fit together, and shares into which they do not, or the reverse")
    for _ in range(10):
        frames = draw(300, 5000)
        story.overloaded(100 * MS, draw(0, 95), MS, frames + draw(-200, 200), frames, fits=draw(0, 1) == 1)
    story.phase("large machines, slow devices, nothing at all")
    for _ in range(8):
        frames = draw(1 << 20, 1 << 31)
        service = draw(1 << 30, 1 << 33)
        faults = draw(0, 40)
        elapsed = faults * service * story.part + draw(-5, 5) if faults else 100 * MS
        story.overloaded(elapsed, faults, service, frames + draw(-100, 100), frames, fits=draw(0, 3) > 0)
    story.overloaded(100 * MS, 0, MS, 0, 500, fits=True)
    return story


def one_more(seed: str) -> LoadStory:
    """It fits, or it does not."""
    story = LoadStory("one more may run if it fits with the rest", seed)
    draw = story.random.randint
    story.phase("around the frames that there are")
    for _ in range(24):
        frames, pages = draw(400, 5000), draw(0, 300)
        sets = frames - pages + story.random.choice((-1, 0, 0, 1, 1))
        story.admits(100 * MS, draw(0, 95), MS, sets, frames, pages, fits=draw(0, 3) > 0)
    story.phase("far from them, with faults or without")
    for _ in range(16):
        frames = draw(400, 5000)
        story.admits(100 * MS, draw(0, 95), MS, draw(0, 2 * frames), frames, draw(0, 600), fits=draw(0, 1) == 1)
    return story


# --- control, without a machine ---


def how_many(seed: str) -> LoadStory:
    """Whoever it is."""
    story = LoadStory("as many are suspended as it takes, and one is left", seed)
    draw = story.random.randint
    for part in range(3):
        story.scene(f"sets that do not fit, part {part + 1}")
        pages = [draw(*BIG) for _ in range(draw(4, 9))]
        for age, each in zip(story.ages(len(pages), 500), pages, strict=True):
            story.running(age, each)
        story.control(round(sum(pages) * (0.35, 0.6, 0.8)[part]), whom=False)
        story.pass_time(100)
        story.control(sum(pages), "neither", whom=False)
    story.scene("sets that fit, to the last frame, and one that does not")
    sizes = [draw(*BIG) for _ in range(4)]
    for age, each in zip(story.ages(4, 500), sizes, strict=True):
        story.running(age, each)
    story.control(sum(sizes), whom=False)
    story.control(sum(sizes) - 1, whom=False)
    story.scene("one alone that is too large, and nobody")
    story.running(700, draw(300, 400))
    story.control(100, whom=False)
    story.scene("two that are too large, each alone")
    for age in (1200, 600):
        story.running(age, draw(300, 400))
    story.control(200, whom=False)
    story.scene("a criterion that does not foresee: one at a time, and then it waits")
    story.some_running(6, BIG)
    for _ in range(13):
        story.control(500, "high", foresees=False, whom=False)
        story.pass_time(40)
    story.scene("the same, and then the load is not too high")
    story.some_running(5, BIG)
    for answers in ("neither", "high", "high", "neither", "neither", "neither", "high", "neither"):
        story.control(500, answers, foresees=False, whom=False)
        story.pass_time(40)
    story.scene("and always too high, until one is left")
    story.some_running(draw(3, 5), BIG)
    story.control(500, "high", whom=False)
    story.control(500, "high", whom=False)
    return story


def whom(seed: str) -> LoadStory:
    """And whom not."""
    story = LoadStory("the one that was let in last is suspended first", seed)
    draw = story.random.randint
    for part in range(3):
        story.scene(f"some were born later than others were let in, part {part + 1}")
        story.some_running(draw(5, 9), BIG, youngest=draw(20, 500))
        story.control(draw(250, 500))
        story.pass_time(100)
        story.control(200, "high")
    for part, never in enumerate(story.random.sample(NEVER, len(NEVER))):
        story.scene(f"one that is never suspended was let in last, part {part + 1}")
        story.process(draw(30, 80), 0, draw(*BIG), *RUNS, never)
        story.some_running(4, BIG)
        story.process(5000, draw(5, 25), draw(*BIG), *RUNS, never)
        story.control(draw(250, 500))
    story.scene("inactive ones, and small ones, were let in last")
    story.process(60, 0, draw(*BIG), "wants")
    story.process(40, 0, draw(3, 15))
    story.process(20, 0, draw(17, 24))
    story.some_running(5, BIG)
    story.process(5000, 10, 15)
    story.control(draw(300, 500))
    story.scene("sixteen pages, and fifteen")
    for age, pages in ((30, 16), (50, 15), (300, draw(20, 40)), (400, draw(20, 40))):
        story.process(age, 0, pages)
    story.control(60)
    story.scene("a quarter of the mean, and less")
    for age, pages in ((30, 19), (50, 20), (300, 100), (400, 100), (200, 161)):
        story.process(age, 0, pages)
    story.control(360)
    story.scene("a criterion that does not foresee")
    story.some_running(6, BIG)
    for _ in range(12):
        story.control(500, "high", foresees=False)
        story.pass_time(40)
    return story


def comes_back(seed: str) -> LoadStory:
    """Those that wait come in their order, as long as there is room. All that run have come in just now."""
    story = LoadStory("who has waited longest comes back when there is room", seed)
    draw = story.random.randint
    for part in range(3):
        story.scene(f"room for some, part {part + 1}")
        story.some_fresh(2, BIG)
        waiting = story.some_waiting(draw(3, 5), BIG, youngest=30)
        frames = draw(400, 900)
        story.control(frames)
        story.pass_time(20)
        story.becomes(waiting[0], draw(*BIG))
        story.control(frames + draw(100, 300))
    story.scene("the one that has waited longest is too large, and nobody passes it")
    story.some_fresh(2, BIG)
    story.process(9000, 700, draw(300, 350), *WAITS)
    story.process(9000, 500, draw(20, 30), *WAITS)
    story.control(500)
    story.scene("to the last frame")
    one, other = draw(*BIG), draw(*BIG)
    story.process(5000, 10, one)
    story.process(5000, 400, other, *WAITS)
    story.control(one + other - 1)
    story.control(one + other)
    story.scene("those that want to run come first")
    story.some_fresh(2, BIG)
    story.process(9000, 3000, draw(50, 90), "suspended")
    story.process(9000, 500, draw(50, 90), *WAITS)
    story.process(9000, 400, draw(50, 90), *WAITS)
    story.control(draw(480, 520))
    story.pass_time(20)
    story.control(2000)
    story.scene("who does not want to run comes, too, if there is room")
    story.some_fresh(2, BIG)
    for since in (3000, 2000):
        story.process(9000, since, draw(50, 90), "suspended")
    story.control(420)
    story.control(2000)
    story.scene("those without memory are not looked at")
    story.some_fresh(2, BIG)
    story.process(9000, 3000, draw(50, 90), *WAITS, "no_space")
    story.process(9000, 700, draw(50, 90), *WAITS)
    story.control(700)
    story.scene("a criterion that does not foresee: one at a time")
    story.some_fresh(2, BIG)
    story.some_waiting(3, (50, 90), youngest=100)
    for _ in range(7):
        story.control(900, "low", foresees=False)
        story.pass_time(3)
    return story


def nobody_left(seed: str) -> LoadStory:
    """Somebody has to run."""
    story = LoadStory("when nobody else is left, who waits comes back, room or not", seed)
    draw = story.random.randint
    for times in ((300,), (300, 500)):
        story.scene(f"{len(times)} too large, and nobody else")
        for since in times:
            story.process(9000, since, draw(900, 1000), *WAITS)
        story.control(500)
    story.scene("small ones run, and init, and one that is stopped")
    story.process(9000, 0, draw(60, 90), *RUNS, "essential")
    story.process(9000, 0, draw(3, 15))
    story.process(9000, 0, draw(200, 300), *RUNS, "stopped")
    story.some_waiting(2, (300, 400), youngest=100)
    story.control(400)
    story.scene("a candidate runs: who is too large has to wait")
    story.some_fresh(1, (200, 300))
    story.process(9000, 300, draw(900, 1000), *WAITS)
    story.control(500)
    story.scene("nobody runs, and who waits does not want to")
    story.process(9000, 300, draw(900, 1000), "suspended")
    story.control(500)
    story.scene("those that ran sleep")
    runs = story.process(9000, 200, draw(200, 300))
    waits = story.process(9000, 300, draw(400, 450), *WAITS)
    story.control(500)
    story.pass_time(100)
    story.becomes(runs, draw(200, 300), "wants")
    story.control(300)
    story.becomes(waits, draw(400, 450))
    story.control(300, "neither")
    story.scene("a criterion that says no")
    story.some_waiting(2, (50, 60), youngest=100)
    story.control(500, "neither", foresees=False)
    story.control(500, "neither", foresees=False)
    return story


def turns(seed: str) -> LoadStory:
    """Places are changed with those that have run longest."""
    story = LoadStory("who has waited for long changes places with those that have run longest", seed)
    draw = story.random.randint
    for part in range(3):
        story.scene(f"one waits, part {part + 1}")
        story.some_running(draw(3, 5), BIG, youngest=draw(300, 500))
        story.process(9000, 500, draw(*BIG), *WAITS)
        story.control(200, "room")
        story.pass_time(400)
        story.control(draw(350, 450), "room")
    story.scene("a large one waits: several leave for it")
    story.some_running(5, BIG, youngest=300)
    story.process(9000, 1200, draw(450, 500), *WAITS)
    story.control(draw(800, 850), "room")
    story.scene("small ones wait: who has run longest leaves, however large, and for one only")
    story.process(9000, 0, draw(180, 200))
    story.some_running(3, (120, 140), youngest=300)
    for since in (1000, 1200):
        story.process(9000, since, draw(30, 40), *WAITS)
    story.control(560, "room")
    story.scene("several wait: who has waited longest comes, and only one")
    story.some_running(3, BIG, youngest=300)
    story.some_waiting(3, BIG, youngest=1000)
    story.control(draw(350, 420), "room")
    story.scene("who does not want to run changes places with nobody")
    story.some_running(3, BIG, youngest=300)
    story.process(9000, 2000, draw(*BIG), "suspended")
    story.control(350, "room")
    story.process(9000, 1000, draw(*BIG), *WAITS)
    story.control(350, "room")
    story.scene("all have come in just now, or are never suspended")
    story.process(5000, 40, draw(*BIG))
    story.process(draw(90, 110), 0, draw(*BIG))
    story.process(5000, 0, draw(*BIG), *RUNS, story.random.choice(NEVER))
    story.process(9000, 1500, draw(*BIG), *WAITS)
    story.control(300, "room")
    story.pass_time(150)
    story.control(300, "room")
    story.scene("there are not enough to leave: who waits comes when they have left")
    story.some_running(2, BIG, youngest=400)
    story.process(60, 0, draw(*BIG))
    story.process(9000, 1500, draw(900, 950), *WAITS)
    story.control(700, "room")
    story.scene("a criterion that does not foresee: one for one")
    story.some_running(4, BIG, youngest=300)
    story.some_waiting(2, (300, 340), youngest=900)
    story.control(400, "neither", foresees=False)
    return story


def half(seed: str) -> LoadStory:
    """Exchanges cost the device's time."""
    story = LoadStory("no more than half of the time goes into exchanges", seed)
    draw = story.random.randint
    for part, cost in enumerate((MS // 20, MS // 5)):
        story.scene(f"a device that is {('quick', 'slow')[part]}", cost=cost)
        story.some_running(4, (150, 200), youngest=2000)
        story.some_waiting(4, (150, 200), youngest=2000)
        once = 350 * cost / MS  # ms: one leaves, one comes
        for wait in (0, 0, 0.5 * once, 0.8 * once, 1.5 * once, 0.1 * once, 0.5 * once, 2 * once):
            story.pass_time(wait)
            story.control(680, "room", whom=False)
    story.scene("without prepaging, the faults that are to come count, too")
    pages = draw(150, 200)
    story.some_running(4, (150, 200), youngest=2000)
    story.process(20000, 9000, pages, *WAITS)
    story.some_waiting(3, (150, 200), youngest=2000)
    story.control(680, "room", prepages=False, whom=False)
    for wait in (20, pages / 2, pages * 2):
        story.pass_time(wait)
        story.control(680, "room", prepages=False, whom=False)
    return story


def ends(seed: str) -> LoadStory:
    """Whoever sleeps may find that others have ended."""
    story = LoadStory("processes end while others are suspended", seed)
    draw = story.random.randint
    for part in range(2):
        story.scene(f"the one that was to come has ended, part {part + 1}")
        leaves = story.process(8000, 0, draw(*BIG), "active")
        for age in (300, 500):
            story.process(age, 0, draw(*BIG), "active")
        comes = story.process(9000, 1500, draw(*BIG), *WAITS)
        if part:
            story.process(9000, 1200, draw(*BIG), *WAITS)
        story.control(320, "room", ends={str(leaves): comes})
        story.pass_time(500)
        story.control(320, "room")
    story.scene("the one that leaves has ended")
    leaves = story.process(8000, 0, draw(*BIG))
    story.some_running(2, BIG, youngest=300)
    story.process(9000, 1500, draw(*BIG), *WAITS)
    story.control(350, "room", ends={str(leaves): leaves})
    story.scene("one that is suspended first has ended")
    story.some_running(3, BIG, youngest=300)
    last = story.process(20, 0, draw(*BIG))
    story.control(300, ends={str(last): last})
    story.scene("one that comes back has ended")
    story.some_fresh(2, BIG)
    waits = story.process(9000, 700, draw(20, 30), *WAITS)
    story.process(9000, 650, draw(20, 30), *WAITS)
    story.control(2000, ends={str(waits): waits})
    return story


# --- in the booted kernel ---

enough, cured, everybody, too_large = crowds.enough, crowds.cured, crowds.everybody, crowds.too_large
