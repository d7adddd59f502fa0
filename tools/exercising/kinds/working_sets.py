"""Working sets: the pages among the last D references.

The live kernel has every reference trap (exact mode) and says after each which pages these were
(`demo-ws --window`); the definition, applied to the string, must give the same sets.
"""

from __future__ import annotations

import random

from exercising import sources
from exercising.worksheet import Block, Number, Pairs, Question, Refused, Table, Words, Worksheet, agree

PAGES_MOST = 9


def phase(dice: random.Random, pages: list[int], length: int) -> list[int]:
    return [dice.choice(pages) for _ in range(length)]


def string(dice: random.Random) -> list[int]:
    """Localities that follow each other, as programs have them: wide ones and narrow ones."""
    found: list[int] = []
    pages = list(range(1, PAGES_MOST))
    sizes = [dice.choice((1, 2)), dice.choice((3, 4)), dice.choice((2, 3)), dice.choice((5, 6))]
    for size in dice.sample(sizes, dice.randint(3, 4)):
        found += phase(dice, dice.sample(pages, size), size + dice.randint(2, 5))
    return found[:26]


def text(pages: set[int]) -> str:
    return "{" + ",".join(map(str, sorted(pages))) + "}"


def spoken(pages: set[int]) -> str:
    return " ".join(map(str, sorted(pages)))


def at(references: list[int], time: int, window: int) -> set[int]:
    return set(references[max(0, time - window) : time])


def command(references: list[int], window: int) -> str:
    return f"tools/boot --ram 64M -- demo-ws --window {window} {' '.join(map(str, references))}"


def sets(references: list[int], window: int) -> list[set[int]]:
    """After each reference, as the kernel says; the definition agrees."""
    lines = [line.split() for line in sources.run(command(references, window)).splitlines()]
    if [line[:2] for line in lines] != [[str(t), str(page)] for t, page in enumerate(references, 1)]:
        raise Refused(f"{command(references, window)} did not tell of each reference")
    computed = [text(at(references, t, window)) for t in range(1, len(references) + 1)]
    agree(f"working sets with a window of {window}", computed, [line[2] for line in lines])
    return [at(references, t, window) for t in range(1, len(references) + 1)]


def times(dice: random.Random, found: list[set[int]], window: int) -> list[int]:
    """Three moments whose sets differ, from when the window is full."""
    candidates = list(range(window, len(found) + 1))
    dice.shuffle(candidates)
    chosen: list[int] = []
    for time in candidates:
        if all(found[time - 1] != found[other - 1] for other in chosen):
            chosen.append(time)
    return sorted(chosen[:3])


def window_of(references: list[int], time: int, window: int) -> str:
    return " ".join(map(str, references[max(0, time - window) : time]))


def which(references: list[int], window: int, found: list[set[int]], moments: list[int]) -> list[Question]:
    return [
        Question(
            f"Which pages are in the working set at t = {t} with a window of D = {window} references? (In rising "
            "order, with a space between.)",
            Words(spoken(found[t - 1]), [",".join(map(str, sorted(found[t - 1]))), text(found[t - 1])]),
            f"The last {window} references up to t = {t} are {window_of(references, t, window)}.",
            command(references, window),
        )
        for t in moments
    ]


def largest(references: list[int], window: int, found: list[set[int]]) -> Question:
    sizes = [len(pages) for pages in found]
    first = sizes.index(max(sizes)) + 1
    return Question(
        f"How large is the working set at its largest, with D = {window}?",
        Number(max(sizes), "pages"),
        f"It is first so large at t = {first}: {text(found[first - 1])}.",
        command(references, window),
    )


def other_window(references: list[int], time: int, windows: list[int]) -> Question:
    """The same moment through several windows."""
    measured = [(window, len(sets(references, window)[time - 1])) for window in windows]
    return Question(
        f"How many pages are in the working set at t = {time} if the window is another?",
        Pairs([(f"D = {window}", f"{size} pages" if size > 1 else "1 page") for window, size in measured]),
        "A longer window never holds fewer pages. The references before that moment, the latest last: "
        f"{window_of(references, time, max(windows))}.",
        "\n".join(command(references, window) for window in windows),
    )


def new_locality(references: list[int], window: int, found: list[set[int]]) -> Question:
    sizes = [len(pages) for pages in found]
    smallest = min(sizes[window - 1 :])
    first = sizes.index(smallest, window - 1) + 1
    return Question(
        f"From t = {window} on, how small does the working set get with D = {window}?",
        Number(smallest, "page" if smallest == 1 else "pages"),
        f"It is first so small at t = {first}: {text(found[first - 1])}. The process keeps to few pages there.",
        command(references, window),
    )


def drawn(seed: str) -> tuple[random.Random, list[int], int]:
    dice = random.Random(f"working-sets {seed}")
    return dice, string(dice), dice.choice((4, 5, 6, 8))


def make(seed: str) -> Worksheet:
    dice, references, window = drawn(seed)
    found = sets(references, window)
    moments = times(dice, found, window)
    rows = [[str(t), str(page)] for t, page in enumerate(references, 1)]
    half = -(-len(rows) // 2)
    beside = [[*row, *(rows[half + i] if half + i < len(rows) else ["", ""])] for i, row in enumerate(rows[:half])]
    beside = [[cell or "-" for cell in row] for row in beside]
    given: list[Block] = [
        f"A process refers to these pages, one at each t from 1 to {len(rows)}: {' '.join(map(str, references))}.",
        "The working set at time t is the set of pages among the last D references, that at t included.",
        Table(["t", "page", "t", "page"], beside),
    ]
    questions = which(references, window, found, moments)
    extras = [
        lambda: largest(references, window, found),
        lambda: new_locality(references, window, found),
        lambda: other_window(references, moments[-1], sorted(dice.sample([2, 3, 7, 9, 10, 12], 3))),
    ]
    questions += [extra() for extra in dice.sample(extras, 2)]
    return Worksheet("working-sets", seed, "Working sets", given, questions)
