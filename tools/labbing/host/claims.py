"""Claims for frames, without a machine: let a student's functions divide frames among claims, or weigh a nice value,
and hold what came of it against what was due.

The claims lie in a memory of the judge's, with junk around them. After each call all of it is compared, and written
anew for the next. What is due stands in the test: between which numbers each share must lie, and by which sentence.
"""

from __future__ import annotations

import random
import struct
from typing import Any

from labbing.host import calls
from labbing.host.calls import Call, Wrong
from labbing.host.memory import DESK, WORDS, WORDS_AT, Shared
from labbing.host.process import Process

DIVIDE, WEIGH = range(2)  # as in claims.c
SCHEMES = ("global", "equal", "proportional", "priority", "fault-frequency", "working-set")  # as in the kernel
NOTHING_ELSE, WITHIN, WEIGHT = "S4", "S5", "S6"  # sentences of the specification
MOST = 256  # claims
BESIDE = 4096  # bytes of junk before them, and behind
CLAIM = struct.Struct("<HxxIIIIIBxxxI")
MINIMUM_AT, SHARE_AT = 8, 28
MASK = (1 << 64) - 1
# What counts in each scheme, beside the minimum.
FIELDS = {
    "equal": (),
    "proportional": ("size",),
    "priority": ("weight",),
    "working-set": ("working_set",),
    "fault-frequency": ("share", "fault_rate"),
}


def claim_words(scheme: str, claim: dict[str, int]) -> str:
    """What it says of itself, as far as it counts."""
    named = [f"{name} {claim[name]}" for name in (*FIELDS[scheme], "minimum")]
    unjudged = scheme == "fault-frequency" and not claim["judged"]
    return ", ".join([*named, *(["not judged"] if unjudged else [])])


def words_of(operation: dict[str, Any]) -> str:
    if operation["call"] == "weigh":
        return f"allocation_weight({operation['nice']})"
    count = len(operation["claims"])
    rates = f", rates {operation['lower']} to {operation['upper']}" if operation["scheme"] == "fault-frequency" else ""
    whom = {0: "nobody", 1: "one claim"}.get(count, f"{count} claims")
    return f"allocation_divide, {operation['scheme']}{rates}: {operation['frames']} frames among {whom}"


def due_words(due: dict[str, Any]) -> str:
    number = f"{due['least']}" if due["least"] == due["most"] else f"{due['least']} to {due['most']}"
    return f"{number} ({due['why']})"


class Judge(calls.Judge):
    """Of one run."""

    driver = "claims"

    def __init__(self, operations: list[dict[str, Any]], seed: str):
        super().__init__(operations)
        self.dice = random.Random(seed)
        self.at = DESK + BESIDE
        self.memory = Shared(self.at + MOST * CLAIM.size + BESIDE, self.at)

    def phase_of(self, operation: dict[str, Any]) -> int:
        return operation["phase"]

    def in_words(self, operation: dict[str, Any]) -> str:
        return words_of(operation)

    def do(self, process: Process, operation: dict[str, Any], call: Call) -> None:
        call.asked = True
        call.wrong = getattr(self, operation["call"])(process, operation)

    def answer(self, *_: int) -> int:
        """Nothing is asked here, but to be told of a panic (process.py)."""
        return 0

    def write(self, claims: list[dict[str, int]]) -> bytearray:
        """Junk, and the claims in it. How memory looks then."""
        text = bytearray(self.dice.randbytes(self.memory.size))
        text[:DESK] = bytes(DESK)
        for number, claim in enumerate(claims):
            CLAIM.pack_into(
                text,
                self.at + number * CLAIM.size,
                *(self.dice.getrandbits(8), claim["size"], claim["minimum"], claim["weight"], claim["working_set"]),
                *(claim["fault_rate"], claim["judged"], claim["share"]),
            )
        self.memory.map[:] = bytes(text)
        return text

    def field(self, number: int, at: int) -> int:
        return struct.unpack_from("<I", self.memory.map, self.at + number * CLAIM.size + at)[0]

    def elsewhere(self, before: bytearray, claims: list[dict[str, int]]) -> list[Wrong]:
        """What was written that is no share: a minimum of 0 becomes 1."""
        now = bytearray(self.memory.map[:])
        now[WORDS_AT : WORDS_AT + WORDS] = before[WORDS_AT : WORDS_AT + WORDS]
        for number, claim in enumerate(claims):
            place = self.at + number * CLAIM.size
            struct.pack_into("<I", before, place + MINIMUM_AT, claim["minimum"] or 1)
            before[place + SHARE_AT : place + CLAIM.size] = now[place + SHARE_AT : place + CLAIM.size]
        if now == before:
            return []
        first = next(at for at in range(len(now)) if now[at] != before[at]) - self.at
        inside = 0 <= first < len(claims) * CLAIM.size
        where = f"something else of claim {first // CLAIM.size}" if inside else "something beside the claims"
        return [Wrong(NOTHING_ELSE, f"{where} was written", "nothing but shares is written")]

    def divide(self, process: Process, operation: dict[str, Any]) -> list[Wrong]:
        claims, frames, scheme = operation["claims"], operation["frames"], operation["scheme"]
        before = self.write(claims)
        words = [SCHEMES.index(scheme), operation["upper"], operation["lower"], len(claims), frames]
        suffices, _ = process.call([DIVIDE, *words], self.answer)
        shares = [self.field(number, SHARE_AT) for number in range(len(claims))]
        wrong = self.elsewhere(before, claims)
        if suffices & 0xFF != operation["suffices"]:
            said = "they suffice" if suffices & 0xFF else "they do not suffice"
            wrong.append(Wrong(WITHIN, f"it answers that {said}", "it answers whether frames suffice for all minimums"))
        for number, (share, due) in enumerate(zip(shares, operation["due"], strict=True)):
            if not due["least"] <= share <= due["most"]:
                whose = f"claim {number} ({claim_words(scheme, claims[number])})"
                wrong.append(Wrong(due["sentence"], f"it gets {share}", f"{whose} gets {due_words(due)}"))
        if operation["suffices"] and sum(shares) > frames:
            more = "the shares together are more than the frames"
            wrong.append(Wrong(WITHIN, more, "the shares together are at most the frames"))
        return wrong

    def weigh(self, process: Process, operation: dict[str, Any]) -> list[Wrong]:
        before = self.write([])
        weight, _ = process.call([WEIGH, operation["nice"] & MASK], self.answer)
        wrong = self.elsewhere(before, [])
        if not operation["least"] <= weight <= operation["most"]:
            due = f"{operation['least']} to {operation['most']}"
            wrong.append(Wrong(WEIGHT, f"it answers {weight}", due))
        return wrong
