"""A real run at several degrees of multiprogramming, to be read: where does thrashing begin, why, what helps?

The table is the live kernel's (`thrash --csv`). That it begins where the working sets first need more frames than
there are must be seen in it, and each proposal that is asked about is tried: the same work, the same degree,
one thing changed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from exercising import sources
from exercising.worksheet import Block, Number, Pairs, Question, Refused, Table, Words, Worksheet, agree

ROUNDS = 48
COMPUTE = 100  # microseconds a page
UTILISATION = 0.85  # of the processor, at the best degree
HELPS, HARDLY = 0.6, 0.8  # of the time that it took before


@dataclass(frozen=True)
class Load:
    """The same work, on such a machine."""

    pages: int  # of each process
    frames: int
    wait: int  # microseconds after each round
    compute: int = COMPUTE
    latency: int = 1000
    swap: int = 64
    control: str = "off"

    def command(self, degrees: list[int]) -> str:
        return (
            f"tools/boot --ram 20M --swap {self.swap}M --swap-latency {self.latency} -- thrash --csv "
            f"--pages {self.pages} --frames {self.frames} --rounds {ROUNDS} --compute {self.compute} "
            f"--wait {self.wait} --control {self.control} {' '.join(map(str, degrees))}"
        )

    def changed(self, **others: int | str) -> Load:
        return replace(self, **others)


@dataclass(frozen=True)
class Row:
    """One degree."""

    degree: int
    cpu: float
    device: float
    rate: float  # faults a second
    seconds: float
    frames: int


def run(load: Load, degrees: list[int]) -> list[Row]:
    rows = [
        Row(int(row["degree"]), float(row["cpu_percent"]), float(row["device_percent"]),
            float(row["faults_per_second"]), float(row["seconds"]), int(row["frames"]))
        for row in sources.rows(load.command(degrees), ",")
    ]  # fmt: skip
    agree("the degrees that were run", degrees, [row.degree for row in rows])
    return rows


def drawn(dice: random.Random) -> tuple[Load, int]:
    """A machine, and how many of such processes it has room for: clearly so many, and not one more."""
    fit, pages = dice.randint(2, 4), dice.choice((200, 220, 250, 280, 300))
    frames = int(pages * (fit + dice.uniform(0.35, 0.65)))
    each = pages * COMPUTE
    return Load(pages, frames, int(each * (fit / UTILISATION - 1)) // 1000 * 1000), fit


def first_drop(rows: list[Row]) -> int:
    """The first degree at which the processor is less busy than with one process fewer."""
    for before, row in zip(rows, rows[1:], strict=False):
        if row.degree == before.degree + 1 and row.cpu < before.cpu:
            return row.degree
    raise Refused("the processor never became less busy")


PROPOSALS = {
    "another process is let in": False,
    "a processor twice as fast": False,
    "a swap area twice as large": False,
    "a paging disk four times as fast": True,
    "frames for the working sets of all": True,
    "load control, which suspends some processes for a while": True,
}


def tried(load: Load, proposal: str, base: Row) -> tuple[float, str]:
    """How long the same work then takes; the command."""
    if proposal == "another process is let in":
        return one(load, base.degree + 1)
    changes: dict[str, dict[str, int | str]] = {
        "a processor twice as fast": {"compute": COMPUTE // 2},
        "a swap area twice as large": {"swap": 2 * load.swap},
        "a paging disk four times as fast": {"latency": load.latency // 4},
        "frames for the working sets of all": {"frames": base.degree * (load.pages + 20)},
        "load control, which suspends some processes for a while": {"control": "working-set"},
    }
    return one(load.changed(**changes[proposal]), base.degree)


def one(load: Load, degree: int) -> tuple[float, str]:
    return run(load, [degree])[0].seconds, load.command([degree])


def verdict(seconds: float, base: float) -> str:
    if HELPS * base < seconds < HARDLY * base:
        return "that depends on whom one asks"
    return "helps" if seconds <= HELPS * base else "does not help"


def two_of(dice: random.Random, load: Load, base: Row, good: bool) -> list[tuple[str, float, str]]:
    """Proposals that help, or do not, with what they made of the time, and the command. One with which this
    machine disagrees (a run may be too short for load control) is passed over. Refused: too few are left."""
    found = []
    for proposal in dice.sample([name for name, helps in PROPOSALS.items() if helps == good], 3):
        seconds, command = tried(load, proposal, base)
        if verdict(seconds, base.seconds) == ("helps" if good else "does not help"):
            found.append((proposal, seconds, command))
        if len(found) == 2:
            return found
    raise Refused(f"with {load.command([base.degree])} there are not two proposals that {'help' if good else 'do not'}")


def cures(dice: random.Random, load: Load, base: Row) -> Question:
    proposals = two_of(dice, load, base, True) + two_of(dice, load, base, False)
    dice.shuffle(proposals)
    answers = [(proposal, verdict(seconds, base.seconds)) for proposal, seconds, _ in proposals]
    told = [f"{proposal}: {seconds:.1f} s" for proposal, seconds, _ in proposals]
    return Question(
        f"With {base.degree} processes the work takes {base.seconds:.1f} s. Which of these would help, so that the "
        f"same work took less than {int(HELPS * 100)} % of that time? (Each alone.)",
        Pairs(answers, among=True),
        "What helps is what brings the working sets and the frames together again, or makes waiting for pages shorter. "
        f"Each was tried: {'; '.join(told)}.",
        "\n".join(command for _, _, command in proposals),
    )


def reading(load: Load, fit: int, rows: list[Row], command: str) -> list[Question]:
    best, worst = next(row for row in rows if row.degree == fit), rows[-1]
    begins = first_drop(rows)
    agree("where thrashing begins", fit + 1, begins)
    agree("that the paging disk is what they wait for", True, worst.device > 90 and worst.cpu < 50)
    frames = best.frames
    agree("for how many working sets there is room", fit, frames // load.pages)
    return [
        Question(
            "From which degree on is the processor less busy than with one process fewer?",
            Number(begins, "processes"),
            f"{best.cpu:.0f} % with {fit} processes, {rows[fit].cpu:.0f} % with {begins}; the paging disk begins to "
            "work.",
            command,
        ),
        Question(
            f"Each process goes round and round through {load.pages} pages. How many such working sets fit in "
            f"{frames} frames?",
            Number(fit, "working sets"),
            f"{fit} x {load.pages} = {fit * load.pages}, {begins} x {load.pages} = {begins * load.pages}: with "
            f"{begins} each takes from the others what it needs next. That is why it begins there, as the table shows.",
            command,
        ),
        Question(
            f"With {worst.degree} processes the processor is busy {worst.cpu:.0f} % of the time. What are the "
            "processes waiting for?",
            Words("the paging disk", ["paging disk", "the disk", "disk", "pages", "page faults", "paging"]),
            f"The paging disk is busy {worst.device:.0f} % of the time: the processor is idle because there is too "
            "much to do, and not too little.",
            command,
        ),
    ]


def slower(rows: list[Row], fit: int, command: str) -> Question:
    best, worst = min(row.seconds for row in rows), rows[-1]
    times = float(f"{worst.seconds / best:.2g}")
    return Question(
        f"How many times as long as at its best does the same work take with {worst.degree} processes? (To two "
        "figures.)",
        Number(times, "times", float(f"{times * 0.05:.1g}")),
        f"{worst.seconds:.2f} s against {best:.2f} s.",
        command,
    )


def disk_limit(load: Load, rows: list[Row], command: str) -> Question:
    worst = rows[-1]
    limit = 10**6 // load.latency
    agree("more faults than the disk can serve", False, worst.rate > limit)
    return Question(
        f"The disk takes {load.latency / 1000:g} ms for a page. How many faults a second can it serve at most?",
        Number(limit, "faults a second"),
        f"1 s / {load.latency / 1000:g} ms. With {worst.degree} processes there were {worst.rate:.0f} a second, and "
        "pages had to be written, too.",
        command,
    )


def make(seed: str) -> Worksheet:
    dice = random.Random(f"thrashing {seed}")
    load, fit = drawn(dice)
    degrees = [*range(1, fit + 2), max(2 * fit, fit + 2), 2 * fit + 2]
    rows, command = run(load, degrees), load.command(degrees)
    cells = [
        [f"{r.degree}", f"{r.cpu:.0f} %", f"{r.device:.0f} %", f"{r.rate:.0f}", f"{r.seconds:.2f} s", chart(r.cpu)]
        for r in rows
    ]
    given: list[Block] = [
        f"A machine with {next(row.frames for row in rows if row.degree == fit)} frames for pages of programs runs the "
        f"same work with one process, with two, and so on: {ROUNDS} rounds in all, divided among the processes. Each "
        f"has {load.pages} pages of its own, computes {COMPUTE} microseconds on each page, and after each round waits "
        f"{load.wait / 1000:g} ms for its user. This was measured:",
        Table(["processes", "processor", "paging disk", "faults/s", "work took", "processor, a # for 5 %"], cells),
    ]
    extra = dice.choice((lambda: slower(rows, fit, command), lambda: disk_limit(load, rows, command)))
    base = rows[-1]
    questions = [*reading(load, fit, rows, command), extra(), cures(dice, load, base)]
    return Worksheet("thrashing", seed, "Thrashing", given, questions)


def chart(percent: float) -> str:
    return "#" * round(percent / 5) or "-"
