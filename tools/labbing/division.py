"""Who gets how many frames, on paper: from docs/allocation.md and the lab's specification. It shares nothing with the
kernel, and is not in a starter.

Of each share it says between which numbers it must lie: mostly it is one number. `Rules` are what another rule for a
course changes; as it is they are the book's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST = (1 << 32) - 1  # what a share can be
EXACT = 1024  # the weight of a nice value of 0
PART, LEAST, WISH, CUT, RATE, GROWTH, FEWER = "S8", "S9", "S10", "S11", "S12", "S13", "S14"  # sentences
WITHIN = "S5"


@dataclass(frozen=True)
class Rules:
    """What may be otherwise."""

    leftovers: bool = False  # what rounding leaves is given to those whose parts lost most
    spare: int = 8  # a working set is wished with one part in so many more
    more: int = 4  # who faults too often has one part in so many more
    less: int = 16  # who faults seldom has one part in so many less


@dataclass(frozen=True)
class Claim:
    """As in the kernel."""

    size: int = 0
    minimum: int = 1
    weight: int = EXACT
    working_set: int = 0
    fault_rate: int = 0
    judged: bool = False
    share: int = 0


@dataclass(frozen=True)
class Share:
    """What a claim gets: one number, mostly."""

    least: int
    most: int
    sentence: str
    why: str


def exactly(number: int, sentence: str, why: str) -> Share:
    return Share(number, number, sentence, why)


def weight(nice: int) -> tuple[int, int]:
    """Between which numbers the weight of a nice value lies: within one, or within one in fifty. Of 0, exactly."""
    above, below = EXACT * 5 ** max(-nice, 0) * 4 ** max(nice, 0), 4 ** max(-nice, 0) * 5 ** max(nice, 0)
    whole = above // below
    slack = max(1, whole // 50) if nice else 0
    return whole - slack, -(-above // below) + slack


# --- in proportion ---


def parts(measures: Sequence[int], claims: Sequence[Claim], frames: int, rules: Rules) -> list[Share]:
    """Whoever would have less than the minimum gets that, and the others divide the rest."""
    still = list(range(len(claims)))
    left, found = frames, {}
    while still:
        total = sum(measures[each] for each in still)
        low = [each for each in still if total == 0 or left * measures[each] < claims[each].minimum * total]
        if not low:
            break
        for each in low:
            part = f"{left} · {measures[each]} / {total}" if total else "of nothing that counts"
            found[each] = exactly(claims[each].minimum, LEAST, f"its part, {part}, would be less than its minimum")
        left -= sum(claims[each].minimum for each in low)
        still = [each for each in still if each not in low]
    total = sum(measures[each] for each in still)
    for each in still:
        found[each] = exactly(left * measures[each] // total, PART, f"{left} · {measures[each]} / {total}")
    if rules.leftovers and still:
        over = left - sum(found[each].least for each in still)
        for each in sorted(still, key=lambda each: (-(left * measures[each] % total), each))[:over]:
            known = found[each]
            found[each] = exactly(known.least + 1, PART, f"{known.why}, and one that was left over")
    return [found[each] for each in range(len(claims))]


# --- wishes ---


def cut(wishes: Sequence[Share], claims: Sequence[Claim], frames: int, sentence: str) -> list[Share]:
    """If they are more than there is: each its minimum, and the same part of what it wished beyond."""
    numbers = [wish.least for wish in wishes]
    if sum(numbers) <= frames:
        return list(wishes)
    room = frames - sum(claim.minimum for claim in claims)
    beyond = sum(numbers) - sum(claim.minimum for claim in claims)
    return [
        exactly(
            claim.minimum + (number - claim.minimum) * room // beyond,
            sentence,
            f"{claim.minimum} and {room} / {beyond} of {number - claim.minimum}",
        )
        for number, claim in zip(numbers, claims, strict=True)
    ]


def working_sets(claims: Sequence[Claim], frames: int, rules: Rules) -> list[Share]:
    wishes = []
    for claim in claims:
        used, spare = claim.working_set, claim.working_set // rules.spare
        wish = used + spare + claim.minimum
        most = "" if wish <= MOST else f", but {MOST} at most"
        wishes.append(exactly(min(wish, MOST), WISH, f"{used} and {spare} and {claim.minimum}{most}"))
    return cut(wishes, claims, frames, CUT)


# --- by fault frequency ---


def adjusted(claim: Claim, upper: int, lower: int, rules: Rules) -> tuple[int, str]:
    """What its share should become, and why."""
    share = claim.share
    if share == 0:
        return claim.minimum, "it is new"
    why = "it is not judged" if not claim.judged else "its rate is right"
    if claim.judged and claim.fault_rate > upper:
        share, why = share + share // rules.more + 1, f"{share} and {share // rules.more} and one more"
    elif claim.judged and claim.fault_rate < lower:
        share, why = share - share // rules.less - 1, f"{share} less {share // rules.less} and less one"
    if share < claim.minimum:
        return claim.minimum, "not less than its minimum"
    return share, why


def adjust(claims: Sequence[Claim], frames: int, upper: int, lower: int, rules: Rules) -> list[Share]:
    """Who shrinks, stays or is new is served first."""
    should = [adjusted(claim, upper, lower, rules) for claim in claims]
    held = sum(min(to, claim.share or to) for claim, (to, _) in zip(claims, should, strict=True))
    growth = [max(to - claim.share, 0) if claim.share else 0 for claim, (to, _) in zip(claims, should, strict=True)]
    room, wished = max(frames - held, 0), sum(growth)
    if wished > room and any(0 < claim.share < claim.minimum for claim in claims):
        # Whose minimum has grown beyond its share has that; what it costs the others is left free.
        loose = "not less than its minimum"
        return [Share(claim.minimum, frames, WITHIN, loose) for claim in claims]
    shares = []
    for claim, more, (to, why) in zip(claims, growth, should, strict=True):
        if more and wished > room:
            part = f"{claim.share} and {room} / {wished} of {more}"
            shares.append(exactly(claim.share + more * room // wished, GROWTH, part))
        else:
            shares.append(exactly(to, RATE, why))
    return cut(shares, claims, frames, FEWER)


# --- all of it ---


def divide(
    scheme: str, claims: Sequence[Claim], frames: int, upper: int = 1000, lower: int = 100, rules: Rules = Rules()
) -> list[Share]:
    """Needs frames for all minimums, and no minimum of 0."""
    if scheme == "working-set":
        return working_sets(claims, frames, rules)
    if scheme == "fault-frequency":
        return adjust(claims, frames, upper, lower, rules)
    measures = {
        "equal": [1 for _ in claims],
        "proportional": [claim.size for claim in claims],
        "priority": [claim.weight for claim in claims],
    }
    return parts(measures[scheme], claims, frames, rules)
