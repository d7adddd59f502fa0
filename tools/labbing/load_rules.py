"""Other rules for a course's lab of working sets and thrashing: how old a page is after a use, which part of the time
goes into faults when the load is too high, and who is suspended then."""

from __future__ import annotations

import itertools
from pathlib import Path

from labbing.host.control import LARGEST, LEAVES, SMALLEST

SAMPLE = Path(__file__).resolve().parents[2] / "labs/8-working-sets/variant/largest-goes.c"
AGES, PARTS = ("2", "3", "4"), {"100": "1 %", "25": "4 %", "20": "5 %"}
CHOICE = {LARGEST: "p->load_set > chosen->load_set", SMALLEST: "p->load_set < chosen->load_set"}
S5 = (
    "A page that was used in that period has A in its entry, which is present. A goes, and the age is {age}: so it "
    "leaves the working set after {periods} periods in which it is not used."
)
S11 = (
    "The load is too high if the faults of the period took more than {part} of its time to serve (`faults` times "
    "`service`, against `elapsed`), and besides the sum of the working sets exceeds the frames, or, with local "
    "allocation, some set does not fit into its share (`allocation_fits(NULL)`)."
)
S14 = "It is the candidate {whom}."


def every_use() -> list[dict[str, list[str]]]:
    return [
        {"ages": [age], "criterion": [part], "control": [whom]}
        for age, part, whom in itertools.product(AGES, PARTS, CHOICE)
    ]


def ages(uses: dict[str, list[str]]) -> dict[str, int | str]:
    """What the judge of ages is told."""
    return {"from_use": int(uses["ages"][0])}


def part(uses: dict[str, list[str]]) -> int:
    """One in so many of the time goes into faults when the load is too high."""
    return int(uses["criterion"][0])


def load(uses: dict[str, list[str]]) -> dict[str, int | str]:
    """What the judge of load control is told."""
    return {"part": part(uses), "leaves": uses["control"][0]}


def title(uses: dict[str, list[str]]) -> str:
    age, part, whom = uses["ages"][0], PARTS[uses["criterion"][0]], LEAVES[uses["control"][0]]
    return (
        f"a page that was used has age {age}; the load is too high when faults take {part} of the time; the one "
        f"{whom} is suspended"
    )


def sentences(uses: dict[str, list[str]]) -> dict[str, str]:
    age = int(uses["ages"][0])
    return {
        "S5": S5.format(age=age, periods=9 - age),
        "S11": S11.format(part=PARTS[uses["criterion"][0]]),
        "S14": S14.format(whom=LEAVES[uses["control"][0]]),
    }


def solution(uses: dict[str, list[str]], said: str) -> str:
    """The sample's, with these."""
    _, rest = SAMPLE.read_text("utf-8").split("*/", 1)
    for old, new in (
        ("AGE_FROM_USE = 3", f"AGE_FROM_USE = {uses['ages'][0]}"),
        ("service * 25 >", f"service * {uses['criterion'][0]} >"),
        (CHOICE[LARGEST], CHOICE[uses["control"][0]]),
    ):
        assert rest.count(old) == 1
        rest = rest.replace(old, new)
    return f"/* {said}. */{rest}"
