"""A test of page tables in the booted kernel, as a story: pages at addresses that only page tables have in common.

The mappings are those of demand paging (demand.py); which faults are due, and what is found, its model says.
"""

from __future__ import annotations

from labbing.assembly import ANONYMOUS, DONT_NEED, FIXED, MADVISE, MASK, MMAP, PRIVATE, READ_WRITE
from labbing.demand import UNRESERVED, DemandStory
from labbing.expectation import Expectation
from labbing.promises import Mapping
from labbing.story import NAMES
from labbing.touching import MUNMAP, PAGE

LOW, HIGH = 0x010000000000, 0x400000000000  # where pages are looked at one by one
VISITED = 0x510000000000  # where they are not
LEVELS, BITS = 4, 9  # the processor's
PLACES = 1500  # more than there are frames, if each takes a table and more
WIDE = 1 << 33  # pages: 32 TiB
# Sentences of the specification.
FAULTS, VALUES, COSTS = "S0", "S1", "S2"
VISIT = """    mov r12d, {count}
    movabs rbp, {start:#x}
{again}:
    {call}
    lea r10, [rip + {bad}]
    mov [rbp], r12
    mov rdx, [rbp]
    cmp rdx, r12
    jne {bad}
    mov rdi, rbp
    mov esi, {page}
    mov edx, {advice}
    mov eax, {gives_back}
    syscall
    cmp rax, -4095
    jae refused
    movabs rax, {stride:#x}
    add rbp, rax
    dec r12d
    jnz {again}
    mov edx, 1
    jmp {done}
{bad}:
    xor edx, edx
{done}:"""
MAP_THERE = """mov rdi, rbp
    mov esi, {page}
    mov edx, {rights}
    mov r10d, {how}
    mov r8, -1
    xor r9d, r9d
    mov eax, {mmap}
    syscall
    cmp rax, -4095
    jae refused"""


class ScatteredStory(DemandStory):
    """One test."""

    def __init__(self, title: str, seed: str, processes: int = 2):
        super().__init__(title, seed, processes, ("the program",) if processes == 1 else NAMES)

    # --- addresses ---

    def span(self, level: int) -> int:
        """Bytes that an entry of that level maps."""
        return PAGE << BITS * (level - 1)

    def anywhere(self) -> int:
        """Of two pages that have their entries in one table."""
        return self.random.randrange(LOW, HIGH // 2, 2 * PAGE)

    def beside_each_other(self) -> list[int]:
        """Of two pages each: they differ in one level alone, in every level."""
        base = self.anywhere()
        found = [base]
        for level in range(1, LEVELS + 1):
            index = base // self.span(level) % (1 << BITS)
            step = 2 if level == 1 else 1
            others = {index ^ step, index ^ 64, index // 2 + 128 & -step} - {index}
            found += [base + (other - index) * self.span(level) for other in sorted(others)]
        return [address for address in found if LOW <= address < HIGH]

    def ends_of_tables(self) -> list[int]:
        """Where a last-level table ends; and one above it, too; and so on."""
        return [
            self.random.randrange(LOW, HIGH // 4, self.span(level)) + (level - 1) * HIGH // 4
            for level in range(2, LEVELS + 1)
        ]

    # --- mappings ---

    def mapped_at(self, address: int, pages: int) -> Mapping:
        name = f"{address:#x}"
        mapping = Mapping(name, address, pages, shared=False)
        self.code.map(0, address, pages * PAGE, PRIVATE | ANONYMOUS | UNRESERVED)
        return self.mapped(0, mapping, READ_WRITE)

    def wide(self) -> Mapping:
        """Its pages are only known one by one (scattered)."""
        mapping = Mapping("wide", LOW + self.random.randrange(1 << 20) * PAGE, WIDE, shared=False)
        self.code.map(0, mapping.base, WIDE * PAGE, PRIVATE | ANONYMOUS | UNRESERVED)
        self.areas.append(mapping)
        self.promises.rights[0, mapping] = {}
        return mapping

    def scattered(self, wide: Mapping, count: int) -> list[int]:
        """Some of its pages, the first and the last among them, and some beside each other."""
        pages = {0, WIDE - 1}
        while len(pages) < count:
            page = self.random.randrange(WIDE - 1)
            pages |= {page, page + 1} if self.random.random() < 0.3 else {page}
        self.promises.rights[0, wide] = dict.fromkeys(sorted(pages), READ_WRITE)
        return self.random.sample(sorted(pages), len(pages))

    def protect_all(self, who: int, wide: Mapping, rights: int) -> None:
        self.code.protect(who, wide.base, WIDE * PAGE, rights)
        for page in list(self.promises.rights[who, wide]):
            self.promises.protect(who, wide, range(page, page + 1), rights)
        self.tell(who, self.stream[who], f"{self.names[who]} has changed the rights of all of it", COSTS)

    def unmap_all(self, who: int, wide: Mapping) -> None:
        self.code.unmap(who, wide.base, WIDE * PAGE)
        for page in list(self.promises.rights[who, wide]):
            self.promises.unmap(who, wide, range(page, page + 1))
        self.tell(who, self.stream[who], f"{self.names[who]} has given all of it back", COSTS)

    def visit(self, who: int, unmap: bool) -> None:
        """In very many places: a page is touched, and given back; with its mapping, or without."""
        stride = (self.random.randint(1 << 9, 1 << 11) * 512 + self.random.randrange(512)) * PAGE
        there = MAP_THERE.format(
            page=PAGE, rights=READ_WRITE, how=PRIVATE | ANONYMOUS | UNRESERVED | FIXED, mmap=MMAP
        )
        if not unmap:
            self.code.map(who, VISITED, PLACES * stride, PRIVATE | ANONYMOUS | UNRESERVED)
        self.code.code[who] += VISIT.format(
            count=PLACES,
            start=VISITED,
            stride=stride,
            page=PAGE,
            call=there if unmap else "",
            advice=DONT_NEED,
            gives_back=MUNMAP if unmap else MADVISE,
            again=self.code.label(),
            bad=self.code.label(),
            done=self.code.label(),
        ).splitlines()
        where = "where it has mapped a page" if unmap else "of a mapping"
        what = f"{self.names[who]} finds in {PLACES} places {where}, one after the other, what it wrote there"
        self.origins["1"] = "in each place what it wrote"
        self.tell(who, 1, what, COSTS, "rdx")

    # --- what that means ---

    def finish(
        self, test: str, points: int, judged: list[str], ram: str, swap: str, budget: int
    ) -> Expectation:
        """The sentences are this lab's: of faults, of values, of costs."""
        due = super().finish(test, points, judged, ram, swap, budget)
        due.window = [LOW, VISITED & MASK]
        for told in due.told:
            told.sentence = told.sentence if told.sentence == COSTS else VALUES
        for bounds in due.bounds:
            for bound in bounds:
                bound.sentence = FAULTS
        return due
