"""A test of many programs at once, as a story: each goes through pages of its own again and again, and tells from time
to time how far it has come.

What is right is not in which order they run. What they have counted at the end is told, and bounds hold: so many faults
in all, so much time, by the processor's own counter, from one mark of a program to its next.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from labbing.assembly import MADVISE, MASK, Assembly
from labbing.expectation import Expectation, Pace, Total
from labbing.memory import WHOLE, Area
from labbing.story import Story

NANOSLEEP = 35
DONT_FORK = 10
TIMESPEC = 0x3F20  # on a process's desk
MS = 1_000_000
STEPS_A_US = 31  # of a loop of two instructions, of which the machine does one in 16 ns
# Sentences of the specification.
ENOUGH, CURED, GOES_ON = "S0", "S2", "S4"


class Working(Assembly):
    """Parts of programs that compute, wait, and look at the clock.

    r9    the time at a mark     r12   rounds that are left
    """

    def time(self, process: int) -> None:
        self.say(process, "mov r8, rdx", "rdtsc", "shl rdx, 32", "or rax, rdx", "mov r9, rax", "mov rdx, r8")

    def set_wait(self, process: int, ns: int) -> None:
        place = self.desk(process) + TIMESPEC
        self.say(process, f"movabs rdi, {place:#x}", "mov qword ptr [rdi], 0", f"mov eax, {ns}", "mov [rdi + 8], rax")

    def work(self, process: int, address: int, pages: int, rounds: int, steps: int, waits: bool) -> None:
        """So often: add a new value to the first word of each page, compute, and at the end wait."""
        again, page, step = self.label(), self.label(), self.label()
        self.say(process, f"mov r12d, {rounds}")
        self.code[process].append(f"{again}:")
        self.say(process, f"movabs rdi, {address:#x}", f"mov esi, {pages}")
        self.code[process].append(f"{page}:")
        self.next_value(process)
        self.say(process, "add [rdi], r13", f"mov eax, {steps}")
        self.code[process].append(f"{step}:")
        self.say(process, "dec eax", f"jnz {step}", "add rdi, 4096", "dec esi", f"jnz {page}")
        if waits:
            self.call(process, NANOSLEEP, self.desk(process) + TIMESPEC, 0)
        self.say(process, "dec r12d", f"jnz {again}")


@dataclass
class Program:
    """One of those that run at once."""

    who: int
    area: Area
    rounds: int  # from one mark to the next
    stations: int  # marks
    compute: int  # us for each page
    wait: int  # ns after each round
    marks: list[int] = field(default_factory=list)


class ThrashingStory(Story):
    """One test. Most of memory is wired by so many pages that nobody asks for."""

    code: Working

    def __init__(self, title: str, seed: str, count: int, crowd: int):
        names = ("the parent", *(f"program {number + 1}" for number in range(count)))
        super().__init__(title, seed, count + 1, names)
        self.code = Working(self.nonce, count + 1)
        self.programs: list[Program] = []
        self.totals: list[Total] = []
        self.paces: list[Pace] = []
        self.phase(0, "wires most of memory")
        self.code.wire_all(0)
        area = self.area("crowd", crowd, judged=False)
        self.wire(0, area)
        self.code.call(0, MADVISE, area.base, crowd * 4096, DONT_FORK)

    def program(self, pages: int, rounds: int, stations: int, compute: int, wait: int) -> Program:
        """It runs when all do."""
        who = len(self.programs) + 1
        area = self.area(f"memory of program {who}", pages, judged=False)
        self.programs.append(Program(who, area, rounds, stations, compute, wait))
        return self.programs[-1]

    def run_all(self) -> tuple[int, int]:
        """All at once, until each has ended. The marks before and after."""
        self.phase(0, f"forks {len(self.programs)} programs")
        for program in self.programs:
            self.fork(0, program.who)
        self.phase(0, "has them run, all at once, and waits until each has ended")
        begin = len(self.told) - 1
        for program in self.programs:
            self.code.give_baton(0, program.who)
            self.run(program)
        for _ in self.programs:
            self.code.wait(0)
        self.phase(0, "finds that they have ended")
        return begin, len(self.told) - 1

    def run(self, program: Program) -> None:
        who, area, name = program.who, program.area, self.names[program.who]
        total = 0
        self.code.comment(who, f"{name}: {area.pages} pages, {program.rounds * program.stations} rounds")
        self.code.set_wait(who, program.wait)
        for station in range(program.stations + 1):
            program.marks.append(len(self.told))
            self.tell(who, self.stream[who], f"{name} has done {station * program.rounds} rounds", WHOLE)
            if station == program.stations:
                break
            steps = program.compute * STEPS_A_US
            self.code.work(who, area.base, area.pages, program.rounds, steps, program.wait > 0)
            for _ in range(program.rounds * area.pages):
                total += self.next_value(who)
        self.code.sum(who, area.base, area.pages)
        self.origins[f"{total & MASK:x}"] = f"the sum of all that {name} has counted"
        self.tell(who, total & MASK, f"{name} adds up its memory", WHOLE, "rdx")
        self.code.end(who)

    def tell(self, who: int, value: int, what: str, sentence: str, register: str = "r13") -> None:
        self.code.time(who)
        super().tell(who, value, what, sentence, register)

    # --- bounds ---

    def faults_at_most(self, most: int, begin: int, end: int, sentence: str) -> None:
        """Of all programs together, on their own pages."""
        areas = [program.area for program in self.programs]
        low, high = areas[0].base, areas[-1].base + areas[-1].pages * 4096
        self.totals.append(Total("faults of all programs together", sentence, low, high, begin, end, most))

    def each_within(self, most: int, sentence: str) -> None:
        """From a mark of each program to its next."""
        for program in self.programs:
            what = f"{self.names[program.who]}, from one mark to the next ({program.rounds} rounds)"
            self.paces.append(Pace(what, sentence, program.marks, most))

    def all_within(self, most: int, begin: int, end: int, sentence: str) -> None:
        self.paces.append(Pace("all programs together", sentence, [begin, end], most))

    def finish(self, test: str, points: int, judged: list[str], ram: str, swap: str, budget: int) -> Expectation:
        due = super().finish(test, points, judged, ram, swap, budget)
        due.totals, due.paces = self.totals, self.paces
        return due
