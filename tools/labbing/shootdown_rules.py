"""Other rules for a course's lab of shootdowns: in which order processors are interrupted, and from how many addresses
on all is forgotten."""

from __future__ import annotations

import itertools
from pathlib import Path

SAMPLE = Path(__file__).resolve().parents[2] / "labs/10-shootdown/variant/down-eight.c"
DOWN, IN_TURN = "down", "in-turn"
FEW = ("4", "8", "16")
TITLES = {
    DOWN: "processors are interrupted from the one with the highest number down",
    IN_TURN: "a processor is interrupted when the one before has forgotten",
}
S5 = (
    "An interrupt goes to each processor that runs user code of that space (of any, if the root is none) and may not "
    "have forgotten, by the id of its LAPIC, with the vector `VECTOR_SHOOTDOWN`; once for each request, and to nobody "
    "else. {order}"
)
ORDERS = {
    DOWN: "They go to the processor with the highest number first, then to lower ones.",
    IN_TURN: "The next one goes only when the processor before has forgotten, or uses user memory no more.",
}
S8 = (
    "`trap_shootdown` tells the LAPIC that the interrupt is over. If the processor runs user code and has something to "
    "forget, it forgets the addresses of the request, where these are {few} or fewer, and goes on remembering all "
    "others; where they are more, it forgets all of the space. Else it forgets nothing."
)


def every_use() -> list[dict[str, list[str]]]:
    return [{"asks": [order], "answers": [few]} for order, few in itertools.product(TITLES, FEW)]


def rule(uses: dict[str, list[str]]) -> dict[str, int | str]:
    """What the judge is told."""
    return {"order": uses["asks"][0], "few": int(uses["answers"][0])}


def title(uses: dict[str, list[str]]) -> str:
    return f"{TITLES[uses['asks'][0]]}; of more than {uses['answers'][0]} addresses all are forgotten"


def sentences(uses: dict[str, list[str]]) -> dict[str, str]:
    return {"S5": S5.format(order=ORDERS[uses["asks"][0]]), "S8": S8.format(few=uses["answers"][0])}


def solution(uses: dict[str, list[str]], said: str) -> str:
    """The sample's, with these."""
    _, rest = SAMPLE.read_text("utf-8").split("*/", 1)
    below = "        if (asked[i])\n            continue; /* it is waited for below */\n"
    at_once = "        while (asked[i] && !has_forgotten(&processors[i]))\n            cpu_relax();\n"
    changes = [("FEW = 8", f"FEW = {uses['answers'][0]}")]
    if uses["asks"][0] == IN_TURN:
        changes.append((below, at_once))
    for old, new in changes:
        assert rest.count(old) == 1
        rest = rest.replace(old, new)
    return f"/* {said}. */{rest}"
