"""The TLB: which accesses hit, what a switch of processes costs, how far it reaches.

The modelled TLB (`tools/tlb --string`) says what becomes of each access; the rule, applied to the string,
must come to the same.
"""

from __future__ import annotations

import random

from exercising import sources
from exercising.worksheet import Block, Number, Pairs, Question, Table, Words, Worksheet, agree

HIT, MISS = "hit", "miss"
LEVELS = 4
Step = tuple[str, int]  # page, space or flush; and its number


def drawn(dice: random.Random) -> tuple[int, list[Step]]:
    """So many entries; and a story of two processes with a small locality each, and a flush somewhere."""
    entries = dice.choice((3, 4, 5))
    localities = {1: dice.sample(range(1, 10), entries + 1), 2: dice.sample(range(1, 10), dice.choice((2, 3)))}
    order = dice.choice(([1, 2, 1], [1, 2, 1, 2], [1, 1, 2, 1]))
    steps: list[Step] = []
    running = 1
    for space in order:
        if space != running:
            steps.append(("space", space))
            running = space
        pages = localities[space]
        hot = dice.sample(pages, min(2, len(pages)))
        visit = [*dice.sample(pages, len(pages)), *(dice.choice(hot + [dice.choice(pages)]) for _ in range(3))]
        steps += [("page", page) for page in visit]
    at = dice.randrange(3, len(steps))
    before = [number for kind, number in steps[:at] if kind == "page"]
    steps.insert(at, ("flush", before[-1]))
    return entries, steps


def words(steps: list[Step]) -> str:
    return " ".join(str(number) if kind == "page" else f"{kind}:{number}" for kind, number in steps)


def by_rule(entries: int, steps: list[Step], asids: bool) -> list[str]:
    """What becomes of each access: least recently used goes, and a switch empties all if there are no ASIDs."""
    there: list[tuple[int, int]] = []  # (space, page), the one used last at the end
    space, found = 1, []
    for kind, number in steps:
        entry = (space, number)
        if kind == "space":
            space = number
            there = there if asids else []
        elif kind == "flush":
            there = [each for each in there if each != entry]
        else:
            found.append(HIT if entry in there else MISS)
            there = [each for each in there if each != entry][-(entries - 1) :] if entry not in there else there
            there = [each for each in there if each != entry] + [entry]
    return found


def command(entries: int, steps: list[Step], asids: bool) -> str:
    named = " --asids 2" if asids else ""
    return f"{sources.TLB} --l1d {entries} --l2 0{named} --string {words(steps)}"


def outcomes(entries: int, steps: list[Step], asids: bool) -> list[str]:
    """As the model says; the rule agrees."""
    asked = command(entries, steps, asids)
    told = [line.split()[1] for line in sources.run(asked).splitlines()[:-2]]
    agree("accesses that hit" + (" with ASIDs" if asids else ""), by_rule(entries, steps, asids), told)
    return told


def told(steps: list[Step], column: list[str]) -> Table:
    rows, at = [], 0
    for kind, number in steps:
        if kind == "page":
            rows.append([f"reads page {number}", column[at]])
            at += 1
        else:
            rows.append([f"process {number} runs" if kind == "space" else f"INVLPG of page {number}", "-"])
    return Table(["what happens", "hit or miss"], rows, frozenset([1]))


def counted(entries: int, steps: list[Step], found: list[str]) -> Question:
    return Question(
        "Fill in the table. How many accesses miss, without ASIDs?",
        Number(found.count(MISS), "misses"),
        "A switch empties the TLB, so that whoever runs next begins with misses; INVLPG takes one entry out.",
        command(entries, steps, False),
        [told(steps, found)],
    )


def saved(entries: int, steps: list[Step], without: list[str], named: list[str]) -> Question:
    fewer = without.count(MISS) - named.count(MISS)
    return Question(
        "How many misses fewer are there with ASIDs, with which entries of both processes stay side by side?",
        Number(fewer, "misses"),
        f"{named.count(MISS)} instead of {without.count(MISS)}. What stays also takes room from the other process.",
        f"{command(entries, steps, True)}\n{command(entries, steps, False)}",
    )


def hit_rate(entries: int, steps: list[Step], found: list[str]) -> Question:
    rate = 100 * found.count(HIT) / len(found)
    return Question(
        "What is the hit rate without ASIDs, in percent?",
        Number(round(rate, 2), "percent", 0.5),
        f"{found.count(HIT)} of {len(found)} accesses hit.",
        command(entries, steps, False),
    )


def access_time(entries: int, steps: list[Step], found: list[str], dice: random.Random) -> Question:
    memory, look = dice.choice((50, 80, 100, 120)), dice.choice((1, 2, 5))
    each = [look + memory + (LEVELS * memory if what == MISS else 0) for what in found]
    rate = found.count(HIT) / len(found)
    computed = rate * (look + memory) + (1 - rate) * (look + (LEVELS + 1) * memory)
    agree("effective access time", round(computed, 6), round(sum(each) / len(each), 6))
    return Question(
        f"Memory takes {memory} ns, a look into the TLB {look} ns, and on a miss the processor reads an entry in each "
        "of four tables. What is the effective access time of these accesses without ASIDs, in ns?",
        Number(round(computed, 2), "ns", 1),
        f"h = {found.count(HIT)}/{len(found)}; h ({look} + {memory}) + (1 - h) ({look} + 5 x {memory}).",
        command(entries, steps, False),
    )


def reach(entries: int, dice: random.Random, steps: list[Step]) -> Question:
    count = dice.choice((16, 32, 64, 128, 512, 1536))
    pairs = [
        (f"{count} entries, 4 KiB pages", f"{count * 4} KiB"),
        (f"{count} entries, 2 MiB pages", f"{count * 2048} KiB"),
        (f"{2 * count} entries, 4 KiB pages", f"{count * 8} KiB"),
    ]
    return Question(
        "How much memory can be reached without a miss, if all entries are of that size?",
        Pairs(pairs),
        "The reach is the number of entries times the page size.",
        f"{sources.TLB} --l1d {count} --l2 0 --page 2M demo-tlb",
    )


def replaced(entries: int, steps: list[Step], found: list[str]) -> Question:
    """Up to the first switch nothing but replacement takes entries."""
    pages = [number for kind, number in steps[: next(i for i, step in enumerate(steps) if step[0] != "page")]]
    last = list(dict.fromkeys(reversed(pages)))[:entries]
    text = " ".join(map(str, sorted(last)))
    return Question(
        f"Which pages have an entry after the first {len(pages)} accesses? (In rising order, with a space between.)",
        Words(text, [text.replace(" ", ","), text.replace(" ", ", ")]),
        f"The {entries} entries hold the pages used last: of those used {' '.join(map(str, pages))}.",
        command(entries, steps, False),
    )


def make(seed: str) -> Worksheet:
    dice = random.Random(f"tlb {seed}")
    entries, steps = drawn(dice)
    without, named = (outcomes(entries, steps, asids) for asids in (False, True))
    given: list[Block] = [
        f"A TLB has {entries} entries, each of which can hold any page; the one that was used least recently goes. "
        "It is empty at first, and process 1 runs. Each process has its own pages: page 5 of process 1 is not page 5 "
        "of process 2. INVLPG takes the entry of that page of the running process out, if there is one.",
    ]
    questions = [counted(entries, steps, without), saved(entries, steps, without, named)]
    extras = [
        lambda: hit_rate(entries, steps, without),
        lambda: access_time(entries, steps, without, dice),
        lambda: reach(entries, dice, steps),
        lambda: replaced(entries, steps, without),
    ]
    questions += [extra() for extra in dice.sample(extras, 3)]
    return Worksheet("tlb", seed, "The TLB", given, questions)
