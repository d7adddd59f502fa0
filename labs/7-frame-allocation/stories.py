"""The tests of the frame-allocation lab, each told from a seed.

Most are claims that are divided on this machine (tools/labbing/claiming.py); what is right is the model's business
(division.py). The others are programs in the booted kernel, in groups among which frames are divided (sharing.py).
"""

from __future__ import annotations

from pathlib import Path

from labbing import claiming, sharing
from labbing.division import MOST, Claim, Rules, divide, parts

SAMPLE, LARGE = "variant/leftovers.c", 1 << 31


# --- another rule ---

SPARE, MORE = ("2", "3", "4", "5", "6"), (("2", "16"), ("3", "16"), ("2", "8"), ("3", "12"))
ORDINALS = {2: "half", 3: "a third", 4: "a quarter", 5: "a fifth", 6: "a sixth", 8: "an eighth"}
ORDINALS |= {12: "a twelfth", 16: "a sixteenth"}
S8 = (
    "A group's part is frames · measure / (sum of measures), rounded down. What rounding leaves is given away frame "
    "by frame: one each to those whose parts lost most by it, and of equals to whose claim stands first; so all "
    "frames are used, unless S9 gives each group its minimum."
)
S10 = (
    "By working set, each group wishes its `working_set`, and {spare} of that (rounded down), and its minimum; "
    "4,294,967,295 at most. If all wishes together are at most the frames, each gets its wish."
)
S12 = (
    "By fault frequency, a group that is `judged` should have {more} of its share more, and one frame, if its rate "
    "is above the upper bound; {less} less, and one frame less, if it is below the lower (both parts are rounded "
    "down). At either bound and between them, and if it is not judged, it should have what it has. It should never "
    "have less than its minimum; one without a share is new, and should have that."
)


def every_use() -> list[dict[str, list[str]]]:
    return [
        {"parts": ["leftovers"], "wishes": [spare], "frequency": list(frequency)}
        for spare in SPARE
        for frequency in MORE
    ]


def rules_of(uses: dict[str, list[str]]) -> Rules:
    more, less = map(int, uses["frequency"])
    return Rules("leftovers" in uses["parts"], int(uses["wishes"][0]), more, less)


def use(uses: dict[str, list[str]]) -> None:
    """From now on these hold."""
    rules = rules_of(uses)

    class Claims(claiming.ClaimsStory):
        """With them."""

    class Shares(sharing.SharingStory):
        """With them."""

    Claims.rules = Shares.rules = rules
    global ClaimsStory, SharingStory
    ClaimsStory, SharingStory = Claims, Shares


def title(uses: dict[str, list[str]]) -> str:
    rules = rules_of(uses)
    return (
        f"rounding leaves nothing over; a working set has {ORDINALS[rules.spare]} to spare; who faults too often "
        f"has {ORDINALS[rules.more]} more, who seldom {ORDINALS[rules.less]} less"
    )


def sentences(uses: dict[str, list[str]]) -> dict[str, str]:
    rules = rules_of(uses)
    named = {"spare": ORDINALS[rules.spare], "more": ORDINALS[rules.more], "less": ORDINALS[rules.less]}
    return {"S8": S8, "S10": S10.format(**named), "S12": S12.format(**named)}


def solution(uses: dict[str, list[str]], title: str) -> str:
    """The sample's, with these numbers."""
    rules = rules_of(uses)
    text = (Path(__file__).parent / SAMPLE).read_text("utf-8")
    _, rest = text.split("*/", 1)
    for old, new in (("working_set / 4", rules.spare), ("share / 2 ", rules.more), ("share / 16 ", rules.less)):
        assert rest.count(old) == 1
        rest = rest.replace(old, f"{old.split(' / ')[0]} / {new}{' ' * old.endswith(' ')}")
    return f"/* {title}. */{rest}"


ClaimsStory: type[claiming.ClaimsStory] = claiming.ClaimsStory
SharingStory: type[sharing.SharingStory] = sharing.SharingStory


# --- without a machine ---


def niceness(seed: str) -> claiming.ClaimsStory:
    story = ClaimsStory("each step of niceness is a quarter", seed)
    story.phase("weighs what is not nice, and what is neither")
    for nice in range(0, -21, -1):
        story.weigh(nice)
    story.phase("weighs what is nice")
    for nice in range(1, 20):
        story.weigh(nice)
    story.phase("weighs some again")
    for nice in story.random.sample(range(-20, 20), 8):
        story.weigh(nice)
    return story


def some(story: claiming.ClaimsStory, least: int = 2, most: int = 9, **said: int) -> list[Claim]:
    return [story.claim(**said) for _ in range(story.random.randint(least, most))]


def equal(seed: str) -> claiming.ClaimsStory:
    story = ClaimsStory("equal parts, where these are enough for each", seed)
    story.phase("divides frames among a few")
    for _ in range(6):
        claims = some(story)
        story.divide("equal", claims, len(claims) * 8 + story.random.randint(0, 3000))
    story.phase("divides frames that do not come out even")
    for count in (2, 3, 7):
        each = story.random.randint(8, 400)
        story.divide("equal", [story.claim() for _ in range(count)], count * each + story.random.randint(1, count - 1))
    story.phase("gives all to one, and divides among as many as there can be")
    story.divide("equal", [story.claim()], story.random.randint(8, 5000))
    story.divide("equal", [story.claim(minimum=1) for _ in range(256)], story.random.randint(300, 5000))
    story.phase("divides among nobody")
    story.divide("equal", [], story.random.randint(1, 5000))
    return story


def measured(scheme: str, claims: list[Claim]) -> list[int]:
    return [claim.size if scheme == "proportional" else claim.weight if scheme == "priority" else 1 for claim in claims]


def enough(scheme: str, claims: list[Claim]) -> int:
    """The fewest frames of which each one's part is at least its minimum."""
    measures = measured(scheme, claims)
    pairs = zip(claims, measures, strict=True)
    return max(-(-claim.minimum * sum(measures) // measure) for claim, measure in pairs)


def in_proportion(seed: str) -> claiming.ClaimsStory:
    story = ClaimsStory("parts in proportion to size, and to weight", seed)
    story.phase("divides the textbook's 62 frames")
    story.divide("proportional", [story.claim(size=10, minimum=4), story.claim(size=127, minimum=4)], 62)
    story.phase("divides by size, where each one's part is enough")
    for _ in range(6):
        claims = [story.claim(size=story.random.randint(40, 900)) for _ in range(story.random.randint(2, 9))]
        story.divide("proportional", claims, enough("proportional", claims) + story.random.randint(0, 900))
    story.phase("divides by weight")
    for _ in range(6):
        claims = [story.claim(weight=story.random.randint(300, 9000)) for _ in range(story.random.randint(2, 9))]
        story.divide("priority", claims, enough("priority", claims) + story.random.randint(0, 900))
    story.phase("divides among those who are measured alike")
    for scheme in ("proportional", "priority"):
        claims = [story.claim(size=300, weight=820) for _ in range(7)]
        story.divide(scheme, claims, 56 + story.random.randint(1, 6))
    story.phase("divides among one, by either, and among nobody")
    for scheme in ("proportional", "priority"):
        story.divide(scheme, [story.claim()], story.random.randint(8, 5000))
        story.divide(scheme, [], story.random.randint(8, 5000))
    return story


def at_once(scheme: str, claims: list[Claim], frames: int) -> list[int]:
    """Wrong: who gets the minimum is found out once, and not again when the others' parts have become smaller."""
    measures = measured(scheme, claims)
    low = [frames * m < claim.minimum * sum(measures) for m, claim in zip(measures, claims, strict=True)]
    left = frames - sum(claim.minimum for is_low, claim in zip(low, claims, strict=True) if is_low)
    total = sum(m for m, is_low in zip(measures, low, strict=True) if not is_low)
    return [
        claim.minimum if is_low else left * m // total for m, claim, is_low in zip(measures, claims, low, strict=True)
    ]


def in_a_row(story: claiming.ClaimsStory, scheme: str) -> tuple[list[Claim], int]:
    """Claims of which one comes below the minimum only because another has got it."""
    while True:
        claims = [
            story.claim(size=story.random.randint(5, 400), weight=story.random.randint(50, 4000),
                        minimum=story.random.randint(4, 60))
            for _ in range(story.random.randint(3, 9))
        ]  # fmt: skip
        frames = sum(claim.minimum for claim in claims) + story.random.randint(10, 200)
        due = [each.least for each in parts(measured(scheme, claims), claims, frames, Rules())]
        free = sum(share > claim.minimum for share, claim in zip(due, claims, strict=True))
        if free > 1 and at_once(scheme, claims, frames) != due:
            return claims, frames


def minimums(seed: str) -> claiming.ClaimsStory:
    story = ClaimsStory("nobody has less than the minimum, and the others divide what is left", seed)
    story.phase("divides where one part is too small")
    story.divide("proportional", [story.claim(size=10), story.claim(size=127)], 62)
    for scheme in ("proportional", "priority", "equal"):
        claims = [story.claim(size=500, weight=5000, minimum=story.random.randint(2, 8)) for _ in range(4)]
        small = story.claim(size=9, weight=90, minimum=story.random.randint(60, 90))
        claims.insert(story.random.randint(0, 4), small)
        story.divide(scheme, claims, story.random.randint(200, 280))
    story.phase("divides where the minimum of one makes others' parts too small")
    for scheme in ("proportional", "priority", "equal") * 2:
        claims, frames = in_a_row(story, scheme)
        story.divide(scheme, claims, frames)
    story.phase("divides where some are measured 0, and where all are")
    for nobody in (1, 2, 4):
        claims = [story.claim(size=0, minimum=story.random.randint(1, 9)) for _ in range(nobody)]
        claims += [story.claim() for _ in range(4 - nobody)]
        story.random.shuffle(claims)
        story.divide("proportional", claims, story.random.randint(300, 900))
    story.phase("divides where frames just suffice, and where they do not")
    for scheme in ("equal", "proportional", "priority"):
        claims = [story.claim(minimum=story.random.randint(0, 40)) for _ in range(story.random.randint(2, 9))]
        least = sum(claim.minimum or 1 for claim in claims)
        for frames in (least, least + 1, least + story.random.randint(2, 30), least - 1):
            story.divide(scheme, claims, frames)
    return story


def large(seed: str) -> claiming.ClaimsStory:
    story = ClaimsStory("numbers as large as these can be", seed)
    story.phase("divides many frames")
    for scheme in ("proportional", "priority", "equal"):
        claims = [
            story.claim(size=story.random.randint(LARGE, MOST), weight=story.random.randint(LARGE // 64, LARGE // 16))
            for _ in range(story.random.randint(2, 5))
        ]
        story.divide(scheme, claims, story.random.randint(LARGE, MOST))
    story.phase("divides few frames among the large")
    for _ in range(3):
        claims = [
            story.claim(size=story.random.randint(LARGE // 2, MOST), minimum=story.random.randint(1, 300))
            for _ in range(story.random.randint(3, 7))
        ]
        frames = sum(claim.minimum for claim in claims) + story.random.randint(100, 3000)
        story.divide("proportional", [*claims, story.claim(size=1, minimum=20)], frames + 20)
    return story


def wished(story: claiming.ClaimsStory, claims: list[Claim]) -> int:
    """All that they wish, together."""
    return sum(each.least for each in divide("working-set", claims, MOST, rules=story.rules))


def users(story: claiming.ClaimsStory) -> list[Claim]:
    claims = [
        story.claim(
            working_set=story.random.choice((story.random.randint(0, 40), story.random.randint(40, 3000))),
            minimum=story.random.randint(1, 20),
        )
        for _ in range(story.random.randint(2, 8))
    ]
    return claims


def wishes(seed: str) -> claiming.ClaimsStory:
    story = ClaimsStory("what is in use and some more, where there are frames for all that", seed)
    story.phase("divides where there is more than is wished")
    for _ in range(6):
        claims = users(story)
        story.divide("working-set", claims, wished(story, claims) + story.random.randint(1, 5000))
    story.phase("divides exactly what is wished")
    for _ in range(3):
        claims = users(story)
        story.divide("working-set", claims, wished(story, claims))
    story.phase("divides among those who use next to nothing")
    used = [story.claim(working_set=each, minimum=story.random.randint(0, 9)) for each in (0, 1, 7, 8, 9, 15, 16, 17)]
    story.divide("working-set", used, story.random.randint(300, 900))
    story.phase("divides among one, and among nobody")
    story.divide("working-set", [story.claim(working_set=100)], 400)
    story.divide("working-set", [], 400)
    return story


def cut(seed: str) -> claiming.ClaimsStory:
    story = ClaimsStory("where more is wished than there is, all are cut alike beyond the minimum", seed)
    story.phase("divides less than is wished")
    for _ in range(8):
        claims = users(story)
        least = sum(claim.minimum for claim in claims)
        story.divide("working-set", claims, story.random.randint(least + 1, max(wished(story, claims) - 2, least + 1)))
    story.phase("divides one frame less than is wished, the minimums alone, and less")
    for _ in range(3):
        claims = users(story)
        least = sum(claim.minimum for claim in claims)
        for frames in (wished(story, claims) - 1, least, least - 1):
            story.divide("working-set", claims, frames)
    story.phase("divides among large ones")
    for _ in range(3):
        claims = [story.claim(working_set=story.random.randint(LARGE // 16, LARGE // 2)) for _ in range(4)]
        story.divide("working-set", claims, story.random.randint(LARGE // 32, LARGE // 16))
    story.divide("working-set", [story.claim(working_set=MOST - story.random.randint(0, 99))], MOST)
    return story


def all_rates(story: claiming.ClaimsStory, upper: int, lower: int, least: int, most: int) -> list[Claim]:
    """Judged or not, at the bounds and beyond, with shares so large."""
    rates = (0, lower - 1, lower, lower + 1, (upper + lower) // 2, upper - 1, upper, upper + 1, 3 * upper)
    claims = [
        story.claim(share=story.random.randint(least, most), fault_rate=rate, judged=True, minimum=1) for rate in rates
    ]
    claims += [
        story.claim(share=story.random.randint(least, most), fault_rate=rate, judged=False, minimum=1)
        for rate in (0, 3 * upper)
    ]
    return story.random.sample(claims, len(claims))


def between(seed: str) -> claiming.ClaimsStory:
    story = ClaimsStory("between the bounds nothing moves; outside, shares do", seed)
    for least, most in ((100, 900), (1, 40)):
        upper = story.random.randint(200, 2000)
        lower = story.random.randint(10, upper // 2)
        story.phase(f"divides where there is room for all: shares of {least} to {most}")
        for _ in range(3):
            story.divide("fault-frequency", all_rates(story, upper, lower, least, most), 20_000, upper, lower)
    story.phase("divides where there are new ones, and some at their minimum, or below it")
    for _ in range(3):
        claims = [
            story.claim(share=share, minimum=minimum, fault_rate=story.random.choice((0, 5000)), judged=judged)
            for share, minimum in ((0, 8), (0, 30), (8, 8), (9, 8), (12, 30), (28, 30))
            for judged in (True, False)
        ]
        story.divide("fault-frequency", story.random.sample(claims, len(claims)), 5000)
    story.phase("divides among one, and among nobody")
    story.divide("fault-frequency", [story.claim(share=100, fault_rate=5000, judged=True)], 400)
    story.divide("fault-frequency", [], 400)
    return story


def growers(story: claiming.ClaimsStory, most: int = 3) -> list[Claim]:
    """Some who fault too often, some seldom, some who are right, and new ones."""
    dice = story.random
    claims = [
        story.claim(fault_rate=rate, judged=True, share=dice.randint(20, 900), minimum=dice.randint(1, 20))
        for rate in (5000, 0, 500)
        for _ in range(dice.randint(1, most))
    ]
    claims += [story.claim(fault_rate=5000, judged=False, share=dice.randint(20, 900))]
    claims += [story.claim(share=0, minimum=dice.randint(1, 20)) for _ in range(dice.randint(0, 2))]
    return dice.sample(claims, len(claims))


def held(story: claiming.ClaimsStory, claims: list[Claim]) -> tuple[int, int]:
    """What those who shrink, stay or are new have together with what the others had; and what all should have."""
    should = [each.least for each in divide("fault-frequency", claims, MOST, rules=story.rules)]
    return sum(min(to, claim.share or to) for to, claim in zip(should, claims, strict=True)), sum(should)


def growth(seed: str) -> claiming.ClaimsStory:
    story = ClaimsStory("who grows gets what the others leave", seed)
    story.phase("divides where there is room for a part of what should grow")
    for _ in range(8):
        claims = growers(story)
        least, most = held(story, claims)
        story.divide("fault-frequency", claims, story.random.randint(least + 1, most - 1))
    story.phase("divides where there is room for all of it, and for one frame less")
    for _ in range(3):
        claims = growers(story)
        _, most = held(story, claims)
        story.divide("fault-frequency", claims, most)
        story.divide("fault-frequency", claims, most - 1)
    story.phase("divides where there is no room at all")
    for _ in range(3):
        claims = growers(story)
        least, _ = held(story, claims)
        story.divide("fault-frequency", claims, least)
    story.phase("divides many frames")
    for _ in range(2):
        claims = [
            story.claim(share=story.random.randint(LARGE // 64, LARGE // 16), fault_rate=rate, judged=True)
            for rate in (5000, 5000, 0, 500)
        ]
        least, most = held(story, claims)
        story.divide("fault-frequency", claims, story.random.randint(least + 1, most - 1))
    story.phase("divides where the minimum of one has grown")
    for _ in range(3):
        claims = [*growers(story), story.claim(share=10, minimum=40, judged=False)]
        least, most = held(story, claims)
        story.divide("fault-frequency", claims, most)
        story.divide("fault-frequency", claims, story.random.randint(least, most - 1))
    return story


def fewer(seed: str) -> claiming.ClaimsStory:
    story = ClaimsStory("where there are fewer frames than there were, all are cut", seed)
    story.phase("divides less than the groups have")
    for _ in range(6):
        claims = growers(story)
        least, _ = held(story, claims)
        bottom = sum(claim.minimum for claim in claims)
        story.divide("fault-frequency", claims, story.random.randint(bottom, least - 1))
    story.phase("divides one frame less, the minimums alone, and less")
    for _ in range(2):
        claims = growers(story)
        least, _ = held(story, claims)
        bottom = sum(claim.minimum for claim in claims)
        for frames in (least - 1, bottom, bottom - 1):
            story.divide("fault-frequency", claims, frames)
    story.phase("divides less where nobody is judged")
    claims = [story.claim(share=story.random.randint(20, 900), judged=False) for _ in range(5)]
    story.divide("fault-frequency", claims, sum(claim.share for claim in claims) - story.random.randint(20, 90))
    return story


# --- in the booted kernel ---


def by_size(seed: str) -> sharing.SharingStory:
    story = SharingStory("groups are held to parts in proportion to their size", seed, processes=4)
    dice = story.random
    small, middle, big = dice.randint(9, 12), dice.randint(30, 45), dice.randint(110, 130)
    for who, size in enumerate((small, big), 1):
        story.joins(who, size)
    story.divide("proportional", dice.randint(62, 70))
    for who in dice.sample((1, 2), 2):
        story.is_held(who)
    story.joins(3, middle)
    story.divide("proportional", dice.randint(80, 90))
    for who in dice.sample((1, 2, 3), 3):
        story.is_held(who)
    story.divide("proportional", dice.randint(22, 26))  # the smallest one's part is less than its minimum
    for who in dice.sample((1, 2, 3), 3):
        story.is_held(who)
    story.divide("equal", dice.randint(40, 50))
    for who in (2, 3):
        story.is_held(who)
    story.leave()
    return story


def by_niceness(seed: str) -> sharing.SharingStory:
    story = SharingStory("groups are held to parts by how nice their processes are", seed, processes=3)
    dice = story.random
    for who, nice in enumerate(dice.sample((dice.randint(-6, -4), 0, dice.randint(3, 5)), 2), 1):
        story.joins(who, (110, 190)[who - 1], nice)
    story.divide("priority", dice.randint(60, 80))
    for who in (1, 2):
        story.is_held(who)
    story.divide("priority", dice.randint(81, 99))
    for who in (2, 1):
        story.is_held(who)
    story.leave()
    return story


def by_use(seed: str) -> sharing.SharingStory:
    """The large one uses all that it has, the other a few of as many pages: for more than twice the window, which is
    160 ms here, so the others have left its working set, however long a sample takes with this compiler."""
    story = SharingStory("who uses much gets what others do not use", seed, processes=3)
    dice = story.random
    pages, few = dice.randint(56, 64), dice.randint(4, 6)
    uses, idles = dice.sample((1, 2), 2)
    for who in (1, 2):
        story.joins(who, pages + 10)
    frames = sum(each.least for each in divide("working-set", [Claim(working_set=pages, minimum=4),
                 Claim(working_set=few, minimum=4)], MOST, rules=story.rules)) + 16  # fmt: skip
    story.divide("working-set", frames)
    story.loops(idles, pages, 1)
    for milliseconds in (400, 50):
        story.loops(uses, pages, 3)
        story.loops(idles, few, story.rounds_of(few, milliseconds))
        story.divide("working-set", frames)
    story.loops(uses, pages, 2)
    story.stays(uses, pages, "S10")
    story.stays(idles, few, "S10")
    story.leave()
    return story


def by_faults(seed: str) -> sharing.SharingStory:
    """First one needs nearly all, then the other."""
    story = SharingStory("who faults too often grows, who seldom gives", seed, processes=3)
    pages, frames = story.grown()
    few = story.random.randint(2, 3)
    uses, idles = story.random.sample((1, 2), 2)
    for who in (1, 2):
        story.joins(who, pages + 10)
    story.divide("fault-frequency", frames)
    for needs in (pages, pages * 2 // 3):
        for _ in range(20):
            story.loops(uses, needs, 2)
            story.loops(idles, few, story.rounds_of(few, 12))
            story.divide("fault-frequency", frames)
        story.shrinks(False)
        story.loops(uses, needs, 1)
        story.stays(uses, needs, "S13")
        story.shrinks(True)
        uses, idles = idles, uses
    story.leave()
    return story
