"""The judge of ages: a student's functions take samples of a space, and we, who see its entries, know what each says
before and after. We are the processor, too: it sets A again only for a translation that it was told to forget."""

from __future__ import annotations

import random

from labbing.host import calls
from labbing.host import memory as at
from labbing.host.bench import NAME, PAGE, Bench
from labbing.host.calls import COMES_BACK, Call
from labbing.host.geometry import PROCESSORS, Geometry
from labbing.host.memory import PRESENT, REFERENCED
from labbing.host.model import Tree
from labbing.host.process import FLUSH_ALL, FLUSH_PAGE, Process

WIRED = "a wired page"
AGE_SHIFT, AGE_MAX, PERIODS = 52, 15, 8
WIRED_BIT, NO_EXECUTE = 1 << 9, 1 << 63
TOLD = 2 | 4  # `referenced` and `recent`, in the second byte of an entry of frames[]
ADMITTED, MODIFIED = 8, 1
SAMPLE = 4  # as in tables.c
# Sentences of the specification.
USED, OLDER, LEFT_OUT, POLICY, FORGOTTEN, COUNT = "S5", "S6", "S7", "S8", "S9", "S10"


def age(entry: int) -> int:
    return entry >> AGE_SHIFT & AGE_MAX


def with_age(entry: int, value: int) -> int:
    return entry & ~(AGE_MAX << AGE_SHIFT) | value << AGE_SHIFT


class AgesBench(Bench):
    """Each page has a frame of its own."""

    def __init__(self, dice: random.Random, first: int, count: int, from_use: int = 1):
        self.from_use = from_use  # the age of a page that was used
        self.page_frames: set[int] = set()
        super().__init__(Geometry(*PROCESSORS), dice, first, count)
        self.zeroes = self.pages[1]

    # --- the judge's own hands ---

    def put(self, tree: Tree, address: int, says: str, old: int) -> None:
        """The page's entry, which was zero, says that, and has this age."""
        self.grow(tree, address)
        table = tree.table(address, 1)
        assert table
        frame, rights = self.pages[1], at.USER
        if says in (PAGE, WIRED):
            frame = self.free.pop()
            self.page_frames.add(frame)
            self.memory.set_field(frame, "state", at.RESIDENT)
            self.memory.set_field(frame, "flags", ADMITTED | self.dice.choice((0, MODIFIED)))
            rights |= self.dice.choice((0, at.WRITABLE)) | (WIRED_BIT if says == WIRED else 0)
            table.present += 1
        value = PRESENT | rights | frame << self.geometry.shift | NO_EXECUTE
        if says == NAME:
            value = ~(self.dice.getrandbits(20) << self.geometry.shift) & -self.geometry.page & at.ADDRESS_END - 1
        table.used += 1
        self.set_entry(tree, address, with_age(value, old))
        self.write_records(tree)

    def set_entry(self, tree: Tree, address: int, value: int) -> None:
        table = tree.table(address, 1)
        assert table
        tree.entries[address] = value
        self.memory.set_word(self.memory.place(table.frame, self.geometry.index(address, 1)), value)

    def entry(self, tree: Tree, address: int) -> int:
        """As memory has it now."""
        table = tree.table(address, 1)
        assert table
        return self.memory.word(self.memory.place(table.frame, self.geometry.index(address, 1)))

    def touch(self, tree: Tree, address: int, writes: bool) -> None:
        """The processor uses the page: it sets A, and D if it may write."""
        value = tree.entries[address]
        dirty = at.DIRTY if writes and value & at.WRITABLE else 0
        self.set_entry(tree, address, value | REFERENCED | dirty)

    def collect(self, tree: Tree, address: int) -> None:
        """Replacement takes A, and leaves age 0: since the last sample."""
        value = tree.entries[address]
        if value & REFERENCED:
            self.set_entry(tree, address, with_age(value & ~REFERENCED, 0))
            self.tell(self.frame(value))

    def evict(self, tree: Tree, address: int) -> None:
        """Its name keeps the age."""
        value, table = tree.entries[address], tree.table(address, 1)
        assert table
        self.collect(tree, address)
        kept = age(tree.entries[address])
        name = ~(self.dice.getrandbits(20) << self.geometry.shift) & -self.geometry.page & at.ADDRESS_END - 1
        self.page_frames.discard(self.frame(value))
        table.present -= 1
        self.set_entry(tree, address, with_age(name, kept))
        self.write_records(tree)

    def frame(self, entry: int) -> int:
        return at.leads_to(entry, self.geometry.shift)

    def tell(self, frame: int) -> None:
        self.memory.set_field(frame, "flags", self.memory.field(frame, "flags") | TOLD)

    def policy_asks(self) -> None:
        """It has what it was told, and forgets it."""
        for frame in self.page_frames:
            self.memory.set_field(frame, "flags", self.memory.field(frame, "flags") & ~TOLD)

    # --- a sample ---

    def answer(self, question: int, first: int, second: int) -> int:
        if question in (FLUSH_PAGE, FLUSH_ALL):
            self.forgotten |= {
                page
                for page in self.tree.entries
                if question == FLUSH_ALL or page == first // self.geometry.page * self.geometry.page
                if not self.entry(self.tree, page) & REFERENCED
            }
        return super().answer(question, first, second)

    def before_sample(self, number: int, loaded: bool) -> None:
        self.expect(self.trees[number], [], may_take=False, refused_from=0, loaded=loaded)
        self.forgotten: set[int] = set()

    def counts(self, entry: int) -> bool:
        """It names a page that could be evicted."""
        zeroes = bool(entry & PRESENT) and self.frame(entry) == self.zeroes
        return not entry & WIRED_BIT and not zeroes

    def used(self, entry: int) -> bool:
        return self.counts(entry) and bool(entry & PRESENT) and bool(entry & REFERENCED)

    def due(self, entry: int) -> int:
        """After a sample. Of an age above the window any other is as good."""
        if not self.counts(entry):
            return entry
        if self.used(entry):
            return with_age(entry & ~REFERENCED, self.from_use)
        return with_age(entry, min(age(entry) + 1, AGE_MAX))

    def due_count(self, tree: Tree) -> int:
        return sum(1 for entry in tree.entries.values() if self.counts(entry) and age(self.due(entry)) <= PERIODS)

    def judge_entry(self, page: int, before: int) -> None:
        """One, after a sample. What was told of it is put right in what memory is compared with."""
        due, found = self.due(before), self.entry(self.tree, page)
        old = age(before)
        bits = (1 << 64) - 1 & ~(AGE_MAX << AGE_SHIFT | REFERENCED)
        if age(due) > PERIODS and age(found) > PERIODS:
            due = with_age(due, age(found))
        if found != due:
            if found & bits != due & bits:
                self.complain(COMES_BACK, "more of an entry has changed than its age and A")
            elif not self.counts(before):
                self.complain(LEFT_OUT, "an entry that does not count has changed")
            elif self.used(before):
                what = "still has A" if found & REFERENCED else f"has age {age(found)}"
                self.complain(USED, f"a page of age {old} that was used {what}")
            else:
                kind = "a page" if before & PRESENT else "the name of a page"
                self.complain(OLDER, f"{kind} of age {old} that was not used has age {age(found)}")
        table = self.tree.table(page, 1)
        assert table
        self.in_ram_word(self.memory.place(table.frame, self.geometry.index(page, 1)), found)
        if self.used(before) and self.loaded and page not in self.forgotten and not found & REFERENCED:
            self.complain(FORGOTTEN, "A of a page was taken, and the processor still remembers the page")

    def judge_frames(self) -> None:
        """Of frames that pages have, what the policy is told."""
        used = {self.frame(entry) for entry in self.tree.entries.values() if self.used(entry)}
        for frame in self.page_frames:
            place = (frame - self.memory.first) * at.RECORD + 1
            before, found = self.records[place], self.memory.field(frame, "flags")
            due = before | TOLD if frame in used else before
            if found != due:
                told = "is not told of a page that was used" if due & ~found else "is told of a page that was not used"
                self.complain(POLICY, f"the policy {told}")
            self.records[place] = found

    def after_sample(self, number: int, count: int) -> None:
        before = dict(self.tree.entries)
        for page, entry in sorted(before.items()):
            self.judge_entry(page, entry)
        self.judge_frames()
        due = self.due_count(self.tree)
        if count != due:
            self.complain(COUNT, f"the working set is {'too large' if count > due else 'too small'}")
        told, self.complaints = self.complaints, []
        self.compare(COMES_BACK)
        self.complaints = told + [(COMES_BACK, what) for _, what in self.complaints]
        if self.complaints:
            self.go_back()
        tree = self.trees[number]
        for page, entry in before.items():
            if self.used(entry):
                self.tell(self.frame(entry))
            self.set_entry(tree, page, self.due(entry) if self.complaints else self.entry(tree, page))


class Judge(calls.ListedJudge):
    """Of one run: two spaces."""

    driver, who = "ages", "two spaces"
    due = {
        COMES_BACK: "it comes back, and changes nothing else",
        USED: "a page that was used loses A, and has age 1",
        OLDER: "a page that was not used, there or not, is one period older",
        LEFT_OUT: "the page of zeroes and wired pages are left alone",
        POLICY: "the policy is told of the pages that were used",
        FORGOTTEN: "the processor is told to forget the pages whose A was taken",
        COUNT: "the working set is all pages whose age is within the window then",
    }

    def __init__(self, raw: dict, seed: str):
        super().__init__(raw["operations"])
        from_use = raw.get("from_use", 1)
        self.due = {**self.due, USED: f"a page that was used loses A, and has age {from_use}"}
        self.bench = AgesBench(random.Random(seed), raw["first"], raw["count"], from_use)
        self.memory = self.bench.memory

    @staticmethod
    def words_of(operation: list) -> str:
        _, what, tree, *more = operation
        where = "" if tree == 0 else " of the other space"
        if what == "sample":
            return f"a sample{where or ' of the space'}{'' if more[1] else ', which is not loaded'}"
        if what == "ask":
            return "the policy asks what was used"
        page = f"the page at {more[0]:#x}{where}"
        return {
            "put": f"{page} is {more[1] if len(more) > 1 else ''}, of age {more[-1]}",
            "touch": f"the processor uses {page}",
            "collect": f"replacement looks at {page}",
            "evict": f"{page} is evicted",
        }[what]

    def do(self, process: Process, operation: list, call: Call) -> None:
        _, what, number, *more = operation
        tree = self.bench.trees[number]
        if what == "sample":
            call.asked = True
            self.bench.before_sample(number, bool(more[1]))
            count, _ = process.call([SAMPLE, number, more[0], self.bench.zeroes], self.bench.answer)
            self.bench.after_sample(number, count)
            call.wrong = self.told(self.bench.complaints)
        elif what == "ask":
            self.bench.policy_asks()
        else:
            getattr(self.bench, what)(tree, *more)
