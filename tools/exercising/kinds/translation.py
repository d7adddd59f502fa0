"""x86-64's page tables read by hand: from an address, through four tables, to a byte of a frame or to a fault.

The entries are those of a process of the live kernel, read from the machine's RAM; then that process makes the
accesses, and QEMU tells which faulted and how, and which frame was behind the others; RAM tells which
bits of the entries are others afterwards. The walk, done by the manual's rules, must come to all the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from labbing.assembly import MMAP, SIGACTION, Assembly
from tracing.words import DIRTY, NO_EXECUTE, PRESENT, REFERENCED, USER, WRITABLE
from witnessing.ram import Ram
from witnessing.seen import Fault, Seen

from exercising import stage, tables
from exercising.tables import PAGE, Entry
from exercising.worksheet import Block, Number, Pairs, Points, Question, Refused, Table, Words, Worksheet, agree

MPROTECT, SIGSEGV, READ_ONLY, PRIVATE, SHARED = 10, 11, 1, 0x32, 0x31
BEFORE, AFTER = 1, 2  # marks of the two rests; an access has the mark FIRST + its number
FIRST = 10
NO_FAULT = "no fault"
ABSENT = "fault: page not present"
READ_ONLY_PAGE = "fault: write to a read-only page"
KERNEL_PAGE = "fault: user access to a kernel page"
NO_FETCH = "fault: instruction fetch from a no-execute page"
OUTCOMES = (NO_FAULT, ABSENT, READ_ONLY_PAGE, KERNEL_PAGE, NO_FETCH)
BITS = {0: "none", REFERENCED: "A", DIRTY: "D", REFERENCED | DIRTY: "A and D"}
KERNEL_BASE = 0xFFFF800000000000
HANDLER = """refusal:
    mov rax, [rdx + 72]
    mov [rdx + 168], rax
    ret
    .balign 8
refusal_action: .quad refusal, 0x4c000004, restore, 0"""


@dataclass(frozen=True)
class Access:
    """Of user code, to an address."""

    how: str  # read, write, execute
    address: int

    def told(self) -> str:
        return f"{self.how} {self.address:#018x}"


@dataclass
class Process:
    """A program whose pages are in various states, and what was seen of it."""

    accesses: list[Access]
    setup: list[Callable[[Assembly], None]]
    cr3: int = 0
    before: dict[int, list[Entry]] = field(default_factory=dict)  # walks by address
    after: dict[int, list[Entry]] = field(default_factory=dict)
    neighbours: list[Entry] = field(default_factory=list)
    seen: Seen = field(default_factory=Seen)

    def look(self, ram: Ram, seen: Seen) -> None:
        number = seen.marks[-1].number if seen.marks else 0
        if number in (BEFORE, AFTER):
            self.cr3 = seen.marks[-1].space
            walks = {access.address: tables.walk(ram, self.cr3, access.address) for access in self.accesses}
            if number == BEFORE:
                self.before = walks
                self.neighbours = neighbours(ram, walks)
            else:
                self.after = walks

    def program(self) -> Assembly:
        code = Assembly(1, 1)
        for step in self.setup:
            step(code)
        code.call(0, SIGACTION, SIGSEGV, "refusal_action", 0, 8)
        code.write_file(0, "/proc/self/clear_refs", "1")  # every A bit is 0
        code.mark(0, BEFORE)
        stage.rest(code, 0)
        for number, access in enumerate(self.accesses):
            code.mark(0, FIRST + number)
            perform(code, access)
        code.mark(0, AFTER)
        stage.rest(code, 0)
        stage.end(code, 0)
        code.code[0] += HANDLER.split("\n")
        return code


def neighbours(ram: Ram, walks: dict[int, list[Entry]]) -> list[Entry]:
    """The entries beside those of the last tables: on the sheet they must be passed over."""
    found = []
    for steps in walks.values():
        last = steps[-1]
        for place in (last.index - 1, last.index + 1):
            if last.level == 1 and 0 <= place < 512:
                value = int.from_bytes(ram.read(last.table + 8 * place, 8), "little")
                found.append(Entry(1, last.table, place, value))
    return found


def perform(code: Assembly, access: Access) -> None:
    """The access; if it is refused, the handler goes on behind it."""
    on = code.label()
    code.say(0, f"lea r12, [rip + {on}]", f"movabs rdi, {access.address:#x}")
    code.say(0, {"read": "mov rdx, [rdi]", "write": "mov [rdi], r13", "execute": "jmp rdi"}[access.how])
    code.code[0].append(f"{on}:")


# --- What the manual says ---


def rights(steps: list[Entry], bit: int) -> bool:
    """W and U hold only if each level has them."""
    return all(step.value & bit for step in steps)


def outcome(steps: list[Entry], how: str) -> str:
    if not steps[-1].value & PRESENT:
        return ABSENT
    if not rights(steps, USER):
        return KERNEL_PAGE
    if how == "write" and not rights(steps, WRITABLE):
        return READ_ONLY_PAGE
    if how == "execute" and any(step.value & NO_EXECUTE for step in steps):
        return NO_FETCH
    return NO_FAULT


def physical(steps: list[Entry], address: int) -> int:
    return steps[-1].value & tables.ADDRESS | address & PAGE - 1


def changed(steps: list[Entry], access: Access) -> int:
    """Bits of the last entry that the processor sets."""
    if outcome(steps, access.how) != NO_FAULT:
        return 0
    return (REFERENCED | (DIRTY if access.how == "write" else 0)) & ~steps[-1].value


# --- What the machine did ---


def fault_of(seen: Seen, number: int, access: Access) -> Fault | None:
    found = [f for f in seen.faults if f.phase == FIRST + number and f.address == access.address]
    return found[0] if found else None


def compare(process: Process, number: int, access: Access) -> None:
    """Refused: the walk came to something else than the machine."""
    steps, what = process.before[access.address], access.told()
    fault = fault_of(process.seen, number, access)
    computed = outcome(steps, access.how)
    agree(f"{what}: faults", computed != NO_FAULT, fault is not None)
    if fault:
        agree(f"{what}: the fault's access", access.how, fault.access)
        agree(f"{what}: the page is there", computed != ABSENT, fault.present)
        return
    page = access.address // PAGE * PAGE
    frames = {t.frame for t in process.seen.touches if t.phase == FIRST + number and t.address == page}
    agree(f"{what}: the frame", {physical(steps, access.address) // PAGE}, frames)
    agree(f"{what}: bits", changed(steps, access), process.after[access.address][-1].value ^ steps[-1].value)


def measure(process: Process) -> None:
    process.seen = stage.play(process.program(), process.look, frames=True)
    if not process.before or not process.after:
        raise Refused("the machine was not paused where it should be")
    for number, access in enumerate(process.accesses):
        compare(process, number, access)


# --- A process, drawn ---


def areas(dice: random.Random) -> list[int]:
    """Bases of four areas: the first anywhere, the others in reach of the same tables, down to some level, or
    not. No two are in the same 2 MiB."""
    first = dice.randint(0x10, 0x700) << 36 | dice.randint(0, 500) << 21
    apart = dice.sample([step * count for step in (1 << 21, 1 << 30, 1 << 39) for count in (1, 2, 3)], 3)
    return [base + (dice.randint(0, 400) << 12) for base in (first, *(first + distance for distance in apart))]


def mapping(base: int, flags: int = PRIVATE) -> Callable[[Assembly], None]:
    return lambda code: code.call(0, MMAP, base, 16 * PAGE, 3, flags, (1 << 64) - 1, 0)


def touch(base: int, page: int, how: str) -> Callable[[Assembly], None]:
    def step(code: Assembly) -> None:
        (code.write if how == "write" else code.read)(0, base + page * PAGE)

    return step


def seal(base: int) -> Callable[[Assembly], None]:
    return lambda code: code.call(0, MPROTECT, base, 16 * PAGE, READ_ONLY)


def offset(dice: random.Random) -> int:
    return dice.randint(0, 510) * 8


def drawn(dice: random.Random) -> Process:
    """Three areas: private, shared, read-only; and accesses of each outcome, in any order."""
    private, shared, sealed, untouched = areas(dice)
    setup = [mapping(private), mapping(shared, SHARED), mapping(sealed), mapping(untouched)]
    pages = dice.sample(range(1, 15), 8)
    setup += [touch(private, page, "write") for page in pages[:3]]
    setup += [touch(private, pages[3], "read"), touch(private, pages[4], "read")]
    setup += [touch(shared, page, "read") for page in pages[:3]] + [touch(shared, pages[3], "write")]
    setup += [touch(sealed, page, "write") for page in pages[:3]] + [seal(sealed)]

    def at(base: int, page: int) -> int:
        return base + page * PAGE + offset(dice)

    good = [
        Access("read", at(private, pages[0])), Access("write", at(private, pages[1])),
        Access("read", at(private, pages[3])), Access("read", at(shared, pages[0])),
        Access("write", at(shared, pages[1])), Access("write", at(shared, pages[3])),
        Access("read", at(sealed, pages[0])),
    ]  # fmt: skip
    bad = [
        Access("write", at(private, pages[4])), Access("write", at(sealed, pages[1])),
        Access(dice.choice(("read", "write")), at(private, pages[6])),
        Access(dice.choice(("read", "write")), at(untouched, pages[7])),
        Access("execute", at(private, pages[2])), Access("execute", at(shared, pages[2])),
        Access(dice.choice(("read", "write")), KERNEL_BASE + dice.randint(2, 400) * PAGE + offset(dice)),
    ]  # fmt: skip
    accesses = dice.sample(good, dice.randint(3, 4)) + dice.sample(bad, dice.randint(2, 4))
    dice.shuffle(accesses)
    return Process(accesses, setup)


# --- The worksheet ---


def entry_rows(process: Process, dice: random.Random) -> list[list[str]]:
    walked = {(step.table, step.index): step for steps in process.before.values() for step in steps}
    beside = [step for step in process.neighbours if (step.table, step.index) not in walked]
    for step in dice.sample(beside, min(3, len(beside))):
        walked[step.table, step.index] = step
    return [[f"{step.table:#x}", str(step.index), f"{step.value:#018x}"] for _, step in sorted(walked.items())]


def way(steps: list[Entry]) -> str:
    return ", ".join(f"entry {step.index} of {step.table:#x} is {step.value:#x}" for step in steps)


def why(steps: list[Entry], access: Access) -> str:
    told = outcome(steps, access.how)
    reason = {
        NO_FAULT: "present, and all levels allow it",
        ABSENT: f"P is 0 at level {steps[-1].level}",
        READ_ONLY_PAGE: "W is 0",
        KERNEL_PAGE: "U is 0",
        NO_FETCH: "NX is 1",
    }[told]
    return f"{access.told()}: {reason}"


def split_question(access: Access, source: str) -> Question:
    parts = [(f"index at level {level}", str(tables.index(access.address, level))) for level in tables.LEVELS]
    return Question(
        f"Split the address {access.address:#018x}: which entry of each table is used, and what is the offset? (In "
        "decimal.)",
        Pairs([*parts, ("offset in the page", str(access.address % PAGE))]),
        f"Bits 47 to 39, 38 to 30, 29 to 21, 20 to 12, and 11 to 0 of {access.address:#018x}.",
        source,
    )


def outcomes_question(process: Process, source: str) -> Question:
    answers = [(access.told(), outcome(process.before[access.address], access.how)) for access in process.accesses]
    also = [told for told in OUTCOMES if told not in {right for _, right in answers}]
    return Question(
        "User code makes each of these accesses. What does the processor do at its first try?",
        Pairs(answers, among=True, also=also),
        "; ".join(why(process.before[access.address], access) for access in process.accesses) + ".",
        source,
    )


def address_question(process: Process, access: Access, source: str) -> Question:
    steps = process.before[access.address]
    found = physical(steps, access.address)
    return Question(
        f"Which physical address does {access.told()} reach? (In hexadecimal.)",
        Words(f"{found:#x}", [f"{found:x}", f"{found:#010x}", f"{found:#018x}"]),
        f"{way(steps)}; then the offset {access.address % PAGE:#x}.",
        source,
    )


def bits_question(process: Process, accesses: list[Access], source: str) -> Question:
    answers = [(access.told(), BITS[changed(process.before[access.address], access)]) for access in accesses]
    also = [told for told in ("none", "A", "A and D") if told not in {right for _, right in answers}]
    return Question(
        "Which bits does the processor itself set in the last entry of the walk, that were 0?",
        Pairs(answers, among=True, also=also),
        "An access without a fault sets A, a write D as well, where they are 0; one that faults sets neither. (What "
        "the kernel then does is another matter.)",
        source,
    )


def level_question(process: Process, access: Access, source: str) -> Question:
    steps = process.before[access.address]
    return Question(
        f"At which level (4 to 1) does the walk for {access.address:#018x} end?",
        Number(steps[-1].level),
        f"{way(steps)}: P is 0.",
        source,
    )


def make(seed: str) -> Worksheet:
    dice = random.Random(f"translation {seed}")
    process, source = drawn(dice), stage.source("translation", seed)
    measure(process)
    given: list[Block] = [
        "An address of x86-64 has 9 bits of index for each of four levels of tables, from bit 47 down, and an offset "
        "of 12 bits; bits 63 to 48 repeat bit 47. A table has 512 entries of 8 bytes. The walk begins at level 4.",
        Points([
            "bit 0, P: present; if it is 0, nothing else in the entry counts",
            "bit 1, W: may be written; bit 2, U: user code may use it. Both must be 1 at every level",
            "bit 5, A: has been used; bit 6, D: has been written (last level). Set by the processor",
            "bit 63, NX: no instructions may be fetched, if it is 1 at any level",
            "bits 51 to 12: the physical address of the next table or of the page, with 12 zero bits behind",
        ]),
        f"CR3 is {process.cr3:#x}. These entries were found in memory, among others:",
        Table(["table at", "index", "entry"], entry_rows(process, dice)),
    ]  # fmt: skip
    good = [a for a in process.accesses if outcome(process.before[a.address], a.how) == NO_FAULT]
    bad = [a for a in process.accesses if a not in good]
    questions = [split_question(dice.choice(process.accesses), source), outcomes_question(process, source)]
    questions += [address_question(process, access, source) for access in dice.sample(good, 2)]
    kept = [a for a in bad if process.after[a.address][-1] == process.before[a.address][-1]]  # as far as can be seen
    mixed = [*good, *dice.sample(kept, min(1, len(kept)))]
    dice.shuffle(mixed)
    questions.append(bits_question(process, mixed, source))
    absent = [a for a in bad if outcome(process.before[a.address], a.how) == ABSENT]
    if absent:
        questions.append(level_question(process, dice.choice(absent), source))
    return Worksheet("translation", seed, "Address translation", given, questions)
