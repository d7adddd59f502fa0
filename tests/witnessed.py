"""A program made from a seed, and what a textbook kernel must do with it: copy-on-write, zero-fill, shared memory.

The model is a few lines, and knows nothing of the kernel's: a page of a private mapping is absent, or a
page of zeroes that only reads have asked for, or a process's own, or read-only since a fork."""

from __future__ import annotations

import random

from support import ROOT
from witnessing.seen import PAGE, Seen

COMPILER = ("musl-gcc", "-static", "-O1", f"-I{ROOT}")
PRIVATE, SHARED = 0x700000000000, 0x700000400000
WORD = 1 << 64
A, C = 6364136223846793005, 1442695040888963407

Step = tuple[str, str, list[int]]  # read or write, private or shared, pages


class Plan:
    """What is touched: before the fork, by the child, by the parent behind it."""

    def __init__(self, seed: int):
        dice = random.Random(seed)
        self.pages, self.shared = dice.randint(8, 60), dice.randint(2, 12)
        self.nonce = dice.getrandbits(63)
        self.window = (PRIVATE, SHARED + self.shared * PAGE)
        self.parts = [self.part(dice) for _ in ("before", "child", "parent")]

    def part(self, dice: random.Random) -> list[Step]:
        steps: list[Step] = []
        for _ in range(dice.randint(2, 5)):
            where = dice.choice(["private", "private", "shared"])
            among = self.pages if where == "private" else self.shared
            pages = dice.sample(range(among), dice.randint(1, among))
            steps.append((dice.choice(["read", "write"]), where, pages))
        return steps


def text(plan: Plan) -> str:
    """The program, in C."""
    parts = []
    for number, steps in enumerate(plan.parts):
        lines = [f"    step_{access}({where}, (int[]){{{', '.join(map(str, pages))}}}, {len(pages)});\n"
                 for access, where, pages in steps]
        parts.append(f"static void part{number}(void)\n{{\n{''.join(lines)}}}\n")
    return f"""
#include "tools/witnessing/mark.h"
#include <sys/wait.h>
#include <unistd.h>

#define private ((volatile uint64_t *){PRIVATE:#x})
#define shared ((volatile uint64_t *){SHARED:#x})
#define PAGES(where, count, how) \\
    mmap((void *)(where), (count) * {PAGE}ul, PROT_READ | PROT_WRITE, how | MAP_ANONYMOUS | MAP_FIXED, -1, 0)

static uint64_t sum = {plan.nonce}ul;

static void step_read(volatile uint64_t *from, const int *pages, int count)
{{
    for (int i = 0; i < count; i++)
        sum = (sum ^ from[pages[i] * 512]) * {A}ul + {C}ul;
}}

static void step_write(volatile uint64_t *to, const int *pages, int count)
{{
    for (int i = 0; i < count; i++)
        to[pages[i] * 512] = sum += i + 1;
}}
{"".join(parts)}
int main(void)
{{
    PAGES(private, {plan.pages}, MAP_PRIVATE);
    PAGES(shared, {plan.shared}, MAP_SHARED);
    mark_open();
    mark(0, sum);
    part0();
    mark(1, sum);
    if (fork() == 0) {{
        mark(2, sum);
        part1();
        mark(3, sum);
        _exit(0);
    }}
    int status;
    waitpid(-1, &status, 0);
    mark(4, sum);
    part2();
    mark_last(sum);
    return 0;
}}
"""


class Side:
    """A process: its private pages, and what its page table allows of each page."""

    def __init__(self, values: dict[int, int], allowed: dict[int, str], total: int):
        self.values, self.allowed, self.total = values, allowed, total

    def forked(self) -> Side:
        """Its child; from now on neither may write to what is private. What is shared, both may."""
        for address, how in self.allowed.items():
            if address < SHARED and how == "write":
                self.allowed[address] = "read"
        return Side(dict(self.values), dict(self.allowed), self.total)


class Model:
    """`marks`: numbers and values, in order; `faults`: by phase (page, access, present)."""

    def __init__(self, plan: Plan):
        self.marks: list[tuple[int, int]] = [(0, plan.nonce)]
        self.faults: dict[int, list[tuple[int, str, bool]]] = {}
        self.shared: dict[int, int] = {}
        parent = Side({}, {}, plan.nonce)
        self.play(parent, plan.parts[0], 0)
        self.marks.append((1, parent.total))
        child = parent.forked()
        self.marks.append((2, child.total))
        self.play(child, plan.parts[1], 2)
        self.marks += [(3, child.total), (4, parent.total)]
        self.play(parent, plan.parts[2], 4)
        self.marks.append((0xFFFFFFFF, parent.total))

    def play(self, side: Side, steps: list[Step], phase: int) -> None:
        faults = self.faults.setdefault(phase, [])
        for access, where, pages in steps:
            values, base = (side.values, PRIVATE) if where == "private" else (self.shared, SHARED)
            for turn, page in enumerate(pages):
                address = base + page * PAGE
                allowed = side.allowed.get(address)
                if allowed is None or (access == "write" and allowed == "read"):
                    faults.append((address, access, allowed is not None))
                    side.allowed[address] = "write" if where == "shared" else access
                if access == "read":
                    side.total = ((side.total ^ values.get(page, 0)) * A + C) % WORD
                else:
                    side.total = values[page] = (side.total + turn + 1) % WORD


def frames_at_fault(plan: Plan, seen: Seen) -> list[str]:
    """What is wrong with the frames: until somebody writes, parent and child have one; after it, two; of a shared
    page always one."""
    wrong = []
    written = {page for step in plan.parts[0] if step[:2] == ("write", "private") for page in step[2]}
    before = {touch.address: touch.frame for touch in seen.touches if touch.phase == 0}
    for touch in seen.touches:
        page = (touch.address - PRIVATE) // PAGE
        if touch.address >= SHARED and touch.frame != before.setdefault(touch.address, touch.frame):
            wrong.append(f"shared page {touch.address:#x} has another frame")
        if touch.phase == 2 and page in written and touch.access == "write" and touch.frame == before[touch.address]:
            wrong.append(f"the child writes to the parent's frame of page {page}")
    first: dict[int, tuple[str, int]] = {}
    for touch in seen.touches:
        if touch.phase == 2:
            first.setdefault(touch.address, (touch.access, touch.frame))
    for address, (access, frame) in first.items():
        if access == "read" and address in before and frame != before[address]:
            wrong.append(f"the child reads another frame of {address:#x}, and nobody has written")
    return wrong
