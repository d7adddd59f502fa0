"""Frames divided among processes: equal parts, parts by size, parts by priority.

The live kernel divides them among real processes (`/test/book-shares`), and the formula must come to the
same shares. What rounding leaves stays free, and nobody gets less than the minimum: the worksheet says so.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from exercising import sources
from exercising.worksheet import Answer, Block, Number, Pairs, Question, Refused, Table, Worksheet, agree, listed

MINIMUM = 4
SCHEMES = {
    "equal": "equal parts",
    "proportional": "parts in proportion to the sizes",
    "priority": "parts in proportion to the weights of the priorities",
}
SHARE = re.compile(r"^p\d+: size (\d+) minimum (\d+) share (\d+) max \d+(?: weight (\d+))?$", re.MULTILINE)
KEPT = re.compile(r"^p\d+: most (\d+) faults (\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """A scheme, so many frames, and processes of so many pages and such niceness."""

    scheme: str
    frames: int
    sizes: tuple[int, ...]
    nice: tuple[int, ...]

    def command(self) -> str:
        words = [f"{size}@{nice}" if nice else f"{size}" for size, nice in zip(self.sizes, self.nice, strict=True)]
        return f"tools/boot --ram 24M --swap 16M -- /test/book-shares {self.scheme} {self.frames} {' '.join(words)}"


@dataclass(frozen=True)
class Division:
    """What became of it."""

    shares: list[int]
    weights: list[int]
    most: list[int]


def by_formula(frames: int, parts: list[int]) -> list[int]:
    """So many frames, in proportion; who would come out below the minimum gets it, and the others divide
    what is left."""
    shares: dict[int, int] = {}
    while True:
        open_ = [i for i in range(len(parts)) if i not in shares]
        left, total = frames - sum(shares.values()), sum(parts[i] for i in open_)
        below = [i for i in open_ if left * parts[i] // total < MINIMUM]
        if not below:
            shares |= {i: left * parts[i] // total for i in open_}
            return [shares[i] for i in range(len(parts))]
        shares |= {i: MINIMUM for i in below}


def divided(case: Case) -> Division:
    """By the live kernel, and the formula agrees."""
    output = sources.run(case.command())
    told = [[int(word or 0) for word in row] for row in SHARE.findall(output)]
    most = [int(frames) for frames, _ in KEPT.findall(output)]
    if len(told) != len(case.sizes) or len(most) != len(told):
        raise Refused(f"{case.command()} has said:\n{output}")
    sizes, minimums, shares, weights = (list(column) for column in zip(*told, strict=True))
    agree("the processes' sizes", list(case.sizes), sizes)
    agree("their minimum", {MINIMUM}, set(minimums))
    parts = {"equal": [1] * len(sizes), "proportional": sizes, "priority": weights}[case.scheme]
    agree(f"{case.scheme} shares of {case.frames} frames", by_formula(case.frames, parts), shares)
    agree("the most frames that they had", [min(pair) for pair in zip(shares, sizes, strict=True)], most)
    return Division(shares, weights, most)


def drawn(dice: random.Random) -> Case:
    """Three to five processes; sizes of different orders."""
    count = dice.randint(3, 5)
    sizes = [dice.choice((dice.randint(8, 20), dice.randint(30, 70), dice.randint(90, 240))) for _ in range(count)]
    nice = [0] + [dice.choice((-4, -3, -2, -1, 1, 2, 3, 4, 5)) for _ in range(count - 1)]
    dice.shuffle(nice)
    frames = dice.randint(6 * count, max(8 * count, sum(sizes) * 2 // 3))
    return Case("", frames, tuple(sizes), tuple(nice))


def pairs(shares: list[int]) -> Pairs:
    return Pairs([(f"process {number}", f"{share} frames") for number, share in enumerate(shares, 1)])


def why(case: Case, division: Division) -> str:
    frames, shares = case.frames, division.shares
    if case.scheme == "equal":
        return f"{frames} / {len(shares)} = {frames / len(shares):.2f}. Sizes play no part."
    parts = list(case.sizes if case.scheme == "proportional" else division.weights)
    poor = [i for i in range(len(parts)) if frames * parts[i] // sum(parts) < MINIMUM]
    sums = "; ".join(f"{frames} x {part} / {sum(parts)} = {frames * part / sum(parts):.2f}" for part in parts)
    if not poor:
        return f"{sums}. Parts of a frame are no frame."
    names = listed([f"process {i + 1}" for i in poor])
    rest = "the others divide what is left, again in proportion"
    return f"{sums}. {names} would be below {MINIMUM} and gets {MINIMUM}; {rest}."


def shares(case: Case, division: Division) -> Question:
    equal = case.scheme == "equal"
    answer: Answer = Number(division.shares[0], "frames") if equal else pairs(division.shares)
    how = f"{SCHEMES[case.scheme]} (the {case.scheme} scheme)"
    asked = f"The frames are divided in {how}. How many does each process get?"
    return Question(asked, answer, why(case, division), case.command())


def left_over(case: Case, division: Division) -> Question:
    left = case.frames - sum(division.shares)
    return Question(
        f"How many of the {case.frames} frames does nobody get under the {case.scheme} scheme?",
        Number(left, "frames"),
        f"{case.frames} - ({' + '.join(map(str, division.shares))}) = {left}: what rounding leaves stays free.",
        case.command(),
    )


def room(case: Case, division: Division) -> Question:
    """Whose pages all fit?"""
    count = sum(share >= size for share, size in zip(division.shares, case.sizes, strict=True))
    return Question(
        f"Under the {case.scheme} scheme, how many of the processes have room for all of their pages?",
        Number(count, "processes"),
        "Compare each share with the size: " + "; ".join(
            f"process {i + 1}: {share} of {size}"
            for i, (share, size) in enumerate(zip(division.shares, case.sizes, strict=True))
        ) + ".",
        case.command(),
    )


def make(seed: str) -> Worksheet:
    dice = random.Random(f"allocation {seed}")
    drawn_case = drawn(dice)
    cases = {scheme: Case(scheme, drawn_case.frames, drawn_case.sizes, drawn_case.nice) for scheme in SCHEMES}
    by_priority = divided(cases["priority"])
    claims = zip(drawn_case.sizes, drawn_case.nice, by_priority.weights, strict=True)
    rows = [
        [str(number), str(size), f"{nice:+d}" if nice else "0", str(weight)]
        for number, (size, nice, weight) in enumerate(claims, 1)
    ]
    given: list[Block] = [
        f"A system has {drawn_case.frames} frames for the pages of {len(rows)} processes. A part of a frame is no "
        f"frame: shares are rounded down, and what is left stays free. Each process needs at least {MINIMUM} frames, "
        f"so who would get fewer gets {MINIMUM}, and the others divide what is left by the same rule.",
        "A process that is nicer counts for less: niceness 0 has weight 1024, and each step is a quarter more or "
        "less (rounded down).",
        Table(["process", "size in pages", "niceness", "weight"], rows),
    ]
    schemes = dice.sample(list(SCHEMES), dice.randint(2, 3))
    questions = []
    for scheme in schemes:
        division = by_priority if scheme == "priority" else divided(cases[scheme])
        extra = dice.choice((left_over, room))
        questions += [shares(cases[scheme], division), extra(cases[scheme], division)]
    return Worksheet("allocation", seed, "Allocation of frames", given, questions)
