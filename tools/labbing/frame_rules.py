"""Rules about which frame was given when. They compare frames with each other, never with a number.

    order     the frames that were free are given in the order of the tiers, and within an ordered tier in its own
    apart     pages are there at the same time: each has a frame of its own
    kept      whose frame was given to nobody meanwhile has it again
    cleared   of the frames that were behind these pages, so many have been cleared when the program slept

A kernel takes frames for itself, too: for tables, and for what it must remember. Which, nobody sees; so in each rule
some frames may be missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from labbing.expectation import FrameRule, Tier

PAGE_SIZE = 4096
Frames = dict[tuple[int, int], int]  # phase, page: the frame behind it


@dataclass
class Memory:
    """What the host saw in RAM while the program slept."""

    words: set[int] = field(default_factory=set)  # the first of each frame
    zeroes: set[int] = field(default_factory=set)  # frames that hold nothing else


def looked_at(data: bytes) -> Memory:
    """Memory as it is now."""
    words = memoryview(data).cast("Q")[:: PAGE_SIZE // 8].tolist()
    empty = bytes(PAGE_SIZE)
    zeroes = (frame for frame, word in enumerate(words) if word == 0)
    return Memory(
        set(words), {frame for frame in zeroes if data[frame * PAGE_SIZE : (frame + 1) * PAGE_SIZE] == empty}
    )


def ranks(rule: FrameRule, frames: Frames, asleep: dict[int, Memory]) -> dict[int, tuple[int, int]]:
    """Of each frame that was free: its tier, and its place there."""
    found: dict[int, tuple[int, int]] = {}
    for number, tier in enumerate(rule.tiers):
        for place, frame in enumerate(members(tier, frames, asleep)):
            found[frame] = (number, place if tier.ordered else 0)
    return found


def in_turn(tier: Tier, freed: list[int]) -> list[int]:
    """Frames that became free in this order: in which they are due. Some may go to the head of their list."""
    if not tier.head:
        return freed
    of, rest = tier.head
    head = [frame for frame in reversed(freed) if frame % of == rest]
    return head + [frame for frame in freed if frame % of != rest]


def members(tier: Tier, frames: Frames, asleep: dict[int, Memory]) -> list[int]:
    held = in_turn(tier, [frames[held] for held in tier.held if held in frames])
    if tier.asleep < 0:
        return held
    zeroes = asleep[tier.asleep].zeroes if tier.asleep in asleep else set()
    return [frame for frame in held if (frame in zeroes) == tier.cleared]


def out_of_order(rule: FrameRule, frames: Frames, asleep: dict[int, Memory]) -> str:
    """None is given while more than `slack` wait that come before it; but for `slack` of them. Else: what happened."""
    rank = ranks(rule, frames, asleep)
    waiting = sorted(rank.values())
    early = []
    for frame in taken(rule, frames):
        if frame not in rank:
            continue
        place = rank.pop(frame)
        if sum(1 for each in waiting[: rule.slack + 1] if each < place) > rule.slack:
            early.append((place[0], waiting[0][0]))
        waiting.remove(place)
    return passed_over(rule, *early[0]) if len(early) > rule.slack else ""


def passed_over(rule: FrameRule, given: int, waits: int) -> str:
    """In words, by tiers."""
    kind = rule.tiers[given].name
    if given == waits:
        return f"a frame {kind} was given before others whose turn it was"
    return f"a frame {kind} was given while others waited: one {rule.tiers[waits].name} was due"


def taken(rule: FrameRule, frames: Frames) -> list[int]:
    return [frames[held] for held in rule.taken if held in frames]


def apart(rule: FrameRule, frames: Frames) -> str:
    held = taken(rule, frames)
    return "" if len(held) == len(set(held)) else "two pages have the same frame"


def kept(rule: FrameRule, frames: Frames) -> str:
    """Of each page in `tiers[0]` the frame, unless it was given to one of `tiers[1]`, is there again in `taken`."""
    before, others = rule.tiers
    given = {frames[held] for held in others.held if held in frames}
    lost = 0
    for was, now in zip(before.held, rule.taken, strict=True):
        if was in frames and now in frames and frames[was] not in given:
            lost += frames[was] != frames[now]
    return "" if lost <= rule.slack else "it came back in another frame"


def cleared(rule: FrameRule, frames: Frames, asleep: dict[int, Memory]) -> str:
    """Where frames are not told: what was written there is gone; but junk may stand there as well as zeroes."""
    if rule.phase not in asleep:
        return ""  # it did not come there, which another finding tells
    seen, held = asleep[rule.phase], taken(rule, frames)
    if held:
        count = sum(1 for frame in held if frame in seen.zeroes)
    else:
        count = sum(1 for word in rule.words if word not in seen.words)
    if count < rule.least:
        return "fewer were cleared" if count else "none was cleared"
    return "more were cleared" if held and count > rule.most else ""


def happened(rule: FrameRule, frames: Frames, asleep: dict[int, Memory]) -> str:
    """What is against the rule; nothing, if it holds."""
    if rule.kind == "order":
        return out_of_order(rule, frames, asleep)
    if rule.kind == "cleared":
        return cleared(rule, frames, asleep)
    return {"apart": apart, "kept": kept}[rule.kind](rule, frames)


def broken(
    rules: Iterable[FrameRule], frames: Frames, asleep: dict[int, Memory], phases: int
) -> list[tuple[FrameRule, str]]:
    """Those that do not hold, of the phases that were gone through, with what happened."""
    told = ((rule, happened(rule, frames, asleep)) for rule in rules if rule.phase < phases)
    return [(rule, words) for rule, words in told if words]
