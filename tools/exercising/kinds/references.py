"""Reference strings: which faults, which victims, what is in the frames, under every policy there is.

The simulator answers (`tools/policysim`), of which tests say that it agrees with the live kernel victim by victim.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from exercising import rules, sources
from exercising.worksheet import Block, Number, Pairs, Points, Question, Table, Words, Worksheet, agree

WORD_32 = (1 << 32) - 1
NAMES = {"lru": "LRU", "fifo": "FIFO", "opt": "OPT", "clock": "CLOCK", "lfu": "LFU", "mfu": "MFU", "wsclock": "WSClock",
         "sieve": "SIEVE", "clock-pro": "CLOCK-Pro"}  # fmt: skip
COMPARED = ("fifo", "lru", "opt", "clock", "lfu")
ANOMALOUS = (0, 1, 2, 3, 0, 1, 4, 0, 1, 2, 3, 4)  # Belady's own, but for the names of the pages


@dataclass(frozen=True)
class Case:
    """A string under a policy."""

    policy: str
    frames: int
    references: tuple[str, ...]  # 7, or 7r: only read
    dice: int = 0

    def command(self, shown: str) -> str:
        options = rules.RULES[self.policy].options
        seed = f"--seed {self.dice}" if self.dice else ""
        words = ["tools/policysim --policy", self.policy, "--frames", str(self.frames), options, seed, shown]
        return " ".join([*filter(None, words), *self.references])


@dataclass(frozen=True)
class Step:
    """One reference, and the frames behind it."""

    page: str
    fault: bool
    victim: str
    frames: tuple[str, ...]


def name(policy: str) -> str:
    return NAMES.get(policy, policy)


def steps_of(case: Case) -> list[Step]:
    """As the simulator's grid has them; its list of victims must say the same."""
    lines = [line for line in sources.run(case.command("--grid")).splitlines() if line]
    grid = {line[:10].strip(): line[10:] for line in lines if line.startswith(("reference", "frame ", "fault"))}
    count = len(case.references)

    def row(head: str) -> list[str]:
        return [grid[head].ljust(2 * count)[2 * i] for i in range(count)]

    frames = list(zip(*(row(f"frame {i}") for i in range(case.frames)), strict=True))
    found, before = [], (" ",) * case.frames
    for page, mark, now in zip(row("reference"), row("fault"), frames, strict=True):
        gone = [old for old, new in zip(before, now, strict=True) if old not in (" ", new)]
        found.append(Step(page, mark == "*", gone[0] if gone else "", tuple(now)))
        before = now
    told = sources.run(case.command("--tsv --victims")).splitlines()[-1].split("\t")[2:]
    agree("the victims, in the grid and in the list", [s.victim for s in found if s.victim], " ".join(told).split())
    return found


# --- Strings ---


def string(dice: random.Random, frames: int, length: int) -> list[int]:
    """Of more pages than frames: a loop, localities, or anything."""
    pages = dice.sample(range(10), frames + dice.randint(2, 3))
    kind = dice.choice(("any", "loop", "localities", "hot"))
    found: list[int] = []
    while len(found) < length:
        if kind == "loop":
            found += pages[: frames + 1] + ([dice.choice(pages)] if dice.random() < 0.5 else [])
        elif kind == "localities":
            some = dice.sample(pages, frames)
            found += [dice.choice(some) for _ in range(5)]
        elif kind == "hot":
            found += [pages[0] if dice.random() < 0.4 else dice.choice(pages[1:])]
        else:
            found += [dice.choice(pages)]
    found = [page for i, page in enumerate(found) if i == 0 or page != found[i - 1]]
    return found[:length]


def case_of(dice: random.Random, policy: str) -> Case:
    """A string in which at least three pages have to go."""
    frames = dice.choice((3, 3, 4))
    while True:
        references = string(dice, frames, dice.randint(13, 18))
        reads = rules.RULES[policy].reads
        words = tuple(f"{page}r" if reads and dice.random() < 0.6 else str(page) for page in references)
        case = Case(policy, frames, words, dice.randint(1, 10**6) if policy == "random" else 0)
        if len(set(references)) >= frames + 2 and sum(bool(step.victim) for step in steps_of(case)) >= 3:
            return case


def places(case: Case, count: int) -> list[int]:
    """What the dice of `random` name, one after the other (docs/replacement.md)."""
    x, found = case.dice, []
    for _ in range(count):
        x ^= x << 13 & WORD_32
        x ^= x >> 17
        x ^= x << 5 & WORD_32
        found.append(x * case.frames >> 32)
    return found


def check_dice(case: Case, steps: list[Step], named: list[int]) -> None:
    """The places on the sheet lead to the simulator's victims."""
    queue: list[str] = []
    left = list(named)
    for step in steps:
        if step.fault:
            agree("what the dice take", queue.pop(left.pop(0)) if len(queue) == case.frames else "", step.victim)
            queue.append(step.page)


# --- Questions ---


def spoken(case: Case) -> str:
    if not any(word.endswith("r") for word in case.references):
        return " ".join(case.references)
    return " ".join(word if word.endswith("r") else f"{word}w" for word in case.references)


def contents(step: Step) -> list[str]:
    """Of the frames; empty ones are marked."""
    return [page.replace(" ", "-") for page in step.frames]


def filled_in(case: Case, steps: list[Step]) -> Table:
    head = ["step", "page", "fault", "goes", *(f"frame {number}" for number in range(1, case.frames + 1))]
    rows = [
        [str(number), word, "yes" if step.fault else "no", step.victim or "-", *contents(step)]
        for number, (word, step) in enumerate(zip(spoken(case).split(), steps, strict=True), 1)
    ]
    return Table(head, rows, frozenset(range(2, len(head))))


def trace(case: Case) -> list[Question]:
    """The whole grid; then what Moodle can ask of it."""
    steps = steps_of(case)
    rule = f"The policy is {name(case.policy)}. {rules.words_of(case.policy)}"
    if case.policy == "random":
        named = places(case, sum(bool(step.victim) for step in steps))
        check_dice(case, steps, named)
        rule += f" They name, one after the other: {' '.join(map(str, named))}."
    if any(word.endswith("r") for word in case.references):
        rule += " (r: the page is read; w: it is written.)"
    faults = [number for number, step in enumerate(steps, 1) if step.fault]
    victims = [step.victim for step in steps if step.victim]
    given: list[Block] = [rule, f"References: {spoken(case)}.", filled_in(case, steps)]
    return [
        Question(
            f"{case.frames} frames, all free at first, and {name(case.policy)}. Fill in what is in the frames behind "
            "each reference. How many faults are there?",
            Number(len(faults), "faults"),
            f"At steps {', '.join(map(str, faults))}.",
            case.command("--grid"),
            given,
        ),
        Question(
            f"Which pages go, in order, with {case.frames} frames and {name(case.policy)} for the references "
            f"{spoken(case)}? (With a space between.)",
            Words(" ".join(victims), [", ".join(victims), ",".join(victims)]),
            f"The column \"goes\" of the table has them; the first goes at step "
            f"{next(n for n, step in enumerate(steps, 1) if step.victim)}.",
            case.command("--victims"),
            [rule] if case.policy == "random" else [],
        ),
    ]


def faults_of(policy: str, frames: list[int], references: list[str]) -> tuple[str, list[int]]:
    """With each number of frames; and the command."""
    options = rules.RULES[policy].options
    listed = ",".join(map(str, frames))
    words = ["tools/policysim --table --tsv --policy", policy, "--frames", listed, options, *references]
    command = " ".join(filter(None, words))
    head, told = (line.split("\t") for line in sources.run(command).splitlines())
    counts = dict(zip(head, told, strict=True))
    return command, [int(counts[str(number)]) for number in frames]


def compare(dice: random.Random) -> list[Question]:
    """One string, several policies."""
    frames, policies = dice.choice((3, 4)), dice.sample(COMPARED, 3)
    while True:
        references = [str(page) for page in string(dice, frames, dice.randint(14, 18))]
        told = [faults_of(policy, [frames], references) for policy in policies]
        if len({counts[0] for _, counts in told}) > 1:
            break
    ruled = Points([f"{name(policy)}: {rules.words_of(policy)}" for policy in policies])
    asked = Question(
        f"How many faults does each policy take for these references, with {frames} frames?",
        Pairs([(name(policy), f"{counts[0]} faults") for policy, (_, counts) in zip(policies, told, strict=True)]),
        "OPT is never beaten, and not every policy keeps near to it." if "opt" in policies else "The same string, so "
        "what differs is the choice of who goes.",
        "\n".join(command for command, _ in told),
        [ruled, f"References: {' '.join(references)}."],
    )
    return [asked]


def by_frames(dice: random.Random, policy: str) -> list[Question]:
    """More frames: fewer faults? Belady's anomaly, or none."""
    renamed = dice.sample(range(10), 5)
    if dice.random() < 0.5:
        more = [dice.choice(renamed) for _ in range(dice.randint(0, 3))]
        references = [str(page) for page in (*(renamed[page] for page in ANOMALOUS), *more)]
    else:
        references = [str(page) for page in string(dice, 3, dice.randint(12, 16))]
    command, counts = faults_of(policy, [2, 3, 4, 5], references)
    grows = [number for number, (few, more) in enumerate(zip(counts, counts[1:], strict=False), 3) if more > few]
    rule = f"The policy is {name(policy)}. {rules.words_of(policy)}"
    given: list[Block] = [rule, f"References: {' '.join(references)}."]
    by_number = zip((2, 3, 4, 5), counts, strict=True)
    verdict = f"With {grows[0]} frames there are more faults than with {grows[0] - 1}." if grows else "They never grow."
    return [
        Question(
            f"How many faults does {name(policy)} take with 2, 3, 4 and 5 frames?",
            Pairs([(f"{number} frames", f"{faults} faults") for number, faults in by_number]),
            verdict,
            command,
            given,
        ),
        Question(
            f"Does {name(policy)} show Belady's anomaly for the references {' '.join(references)} with 2 to 5 frames? "
            "(yes or no)",
            Words("yes" if grows else "no"),
            f"Faults with 2, 3, 4, 5 frames: {', '.join(map(str, counts))}. {verdict}",
            command,
        ),
    ]


def written(case: Case) -> list[Question]:
    """How many of those that go must be written first?"""
    command = case.command("--tsv")
    cells = sources.run(command).splitlines()[1].split("\t")
    asked = Question(
        f"How many of the pages that go with {case.frames} frames and {name(case.policy)} have to be written to the "
        f"swap area first, for the references {spoken(case)}? (r: read; w: written. A page comes in unmodified.)",
        Number(int(cells[4]), "pages"),
        "A page that goes is written only if it has been written to since it came in.",
        command,
    )
    return [asked]


def make(seed: str, policy: str | None = None) -> Worksheet:
    dice = random.Random(f"references {policy or ''} {seed}")
    if policy:
        rules.find(policy)
        chosen = [policy]
    else:
        chosen = dice.sample(sorted(rules.RULES.keys() - {"clock-pro", "distance", "wsclock"}), 2)
    cases = [case_of(dice, one) for one in chosen]
    questions = [question for case in cases for question in trace(case)]
    extras: list[Callable[[], list[Question]]] = [partial(compare, dice)]
    if policy not in ("random", "wsclock", "clock-pro", "distance", "clock-rm"):
        extras.append(lambda: by_frames(dice, policy or dice.choice(("fifo", "lru", "opt"))))
    extras += [partial(written, case) for case in cases if rules.RULES[case.policy].reads]
    for extra in dice.sample(extras, min(len(extras), dice.randint(1, 2))):
        questions += extra()
    given: list[Block] = ["A fault is counted for each reference to a page that is not in memory, first ones included."]
    return Worksheet("references", seed, "Reference strings", given, questions)
