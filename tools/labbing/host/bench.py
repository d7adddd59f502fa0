"""The workbench: memory, trees in it, and the frames that are handed out. What a student's function did to them is
held against the model, by a walk of the judge's own.

Frames are handed out in no order, full of junk unless zeroes were asked for, and soon again after they came back. The
judge plays the processor, too: it uses entries (A, D), and remembers tables until it is told to forget.
"""

from __future__ import annotations

import copy
import itertools
import random
import struct
from collections.abc import Collection
from typing import Any

from labbing.host import memory as at
from labbing.host.geometry import ENTRY, Geometry
from labbing.host.memory import NONE, PRESENT, REFERENCED, Memory, leads_to, table_entry
from labbing.host.model import Table, Tree
from labbing.host.process import FLUSH_ALL, FLUSH_PAGE, FREE, LOADED, TAKE, TAKE_ZEROED

TREES = 2
NO_PLACE = (1 << 64) - 1
USER_USE = 0  # FRAME_FOR_USER
# Sentences of the specification.
FOUND, SPAN_OF_MISSING, LOOKS_ONLY, BUILT, ENTRY_LEADS, COUNTED = "S4", "S5", "S6", "S7", "S8", "S9"
CHARGED, ALL_OR_NOTHING, EMPTY_GO, OTHERS_STAY, FORGOTTEN = "S10", "S11", "S12", "S13", "S14"
CLEAN, NOWHERE_ELSE = "S15", "S16"

# What a last-level entry can say.
PAGE, NAME, ZERO_PAGE = "a page", "the name of a page", "the page of zeroes"
# Rules that a course may have: which number the frame of the highest new table has; who is given back first.
LOW_ABOVE, HIGH_ABOVE, LOWEST_FIRST = "low-above", "high-above", "lowest-first"


class Bench:
    """The memory of one run."""

    def __init__(self, geometry: Geometry, dice: random.Random, first: int, count: int, rules: Collection[str] = ()):
        self.geometry, self.dice, self.rules = geometry, dice, rules
        self.memory = Memory(geometry, first, count)
        self.free = list(range(first, first + count))
        dice.shuffle(self.free)
        self.out: set[int] = set()  # frames of tables and links, as handed out
        self.trees = [Tree(geometry, number) for number in range(TREES)]
        self.complaints: list[tuple[str, str]] = []  # sentence, what happened
        for frame in self.free:
            self.junk(frame)
        self.pages = [self.free.pop() for _ in range(4)]  # frames that entries lead to
        for frame in self.pages:
            self.memory.set_field(frame, "state", at.RESIDENT)
        for tree in self.trees:
            self.begin(tree)
        self.keep()

    def begin(self, tree: Tree) -> None:
        """A root, whose upper half is the kernel's."""
        root = self.hand_out(zeroed=True)
        tree.tables[tree.key(0, self.geometry.levels)] = Table(root, NONE)
        for index in self.dice.sample(range(self.geometry.entries // 2, self.geometry.entries), 3):
            self.memory.set_word(self.memory.place(root, index), PRESENT | self.dice.choice(self.pages) << 12)
        self.set_record(root, NONE, 0, 0, 0)
        self.memory.begin_tree(tree.number, root, 1)

    # --- frames ---

    def junk(self, frame: int) -> None:
        self.memory.fill(frame, self.dice.randbytes(64) * (self.geometry.page // 64))

    def hand_out(self, zeroed: bool, state: int = at.TABLE) -> int:
        frame = self.free.pop()
        if zeroed:
            self.memory.fill(frame, bytes(self.geometry.page))
        else:
            self.junk(frame)
        self.memory.set_field(frame, "state", state)
        self.set_record(frame, NONE, *(self.dice.getrandbits(16) for _ in range(3)))
        self.memory.set_field(frame, "flags", 0)
        self.out.add(frame)
        return frame

    def set_record(self, frame: int, links: int, span: int, used: int, present: int) -> None:
        for name, value in (("links", links), ("span", span), ("used", used), ("present", present)):
            self.memory.set_field(frame, name, value)

    def take_back(self, frame: int) -> None:
        """It is handed out again soon, or late."""
        self.out.discard(frame)
        self.memory.set_field(frame, "state", at.FREE)
        self.junk(frame)
        self.free.insert(self.dice.choice((0, len(self.free))), frame)

    # --- the judge's own hands ---

    def grow(self, tree: Tree, address: int) -> None:
        """All tables on the way."""
        for level in tree.missing(address):
            frame = self.hand_out(zeroed=True)
            links = self.hand_out(zeroed=False) if level == 1 else NONE
            above = tree.table(address, level + 1)
            assert above
            place = self.memory.place(above.frame, self.geometry.index(address, level + 1))
            self.memory.set_word(place, table_entry(frame, self.geometry.shift))
            tree.add(address, level, frame, links)
        self.write_records(tree)

    def enter(self, tree: Tree, address: int, says: str) -> None:
        """The page's entry, in a table that is there, says something."""
        table = tree.table(address, 1)
        assert table
        page = address // self.geometry.page * self.geometry.page
        old = tree.entries.get(page, 0)
        name = ~(self.dice.getrandbits(20) << self.geometry.shift)
        value = {
            PAGE: PRESENT | at.WRITABLE | at.USER | self.pages[0] << self.geometry.shift,
            NAME: name & -self.geometry.page & at.ADDRESS_END - 1,
            ZERO_PAGE: PRESENT | at.USER | self.pages[1] << self.geometry.shift,
        }[says]
        table.used += not old
        table.present += (says == PAGE) - self.names_page(old)
        tree.entries[page] = value
        self.memory.set_word(self.memory.place(table.frame, self.geometry.index(address, 1)), value)
        self.write_records(tree)

    def names_page(self, entry: int) -> bool:
        return bool(entry & PRESENT) and leads_to(entry, self.geometry.shift) == self.pages[0]

    def leave(self, tree: Tree, address: int) -> None:
        """The page's entry is zero from now on."""
        table = tree.table(address, 1)
        old = tree.entries.pop(address // self.geometry.page * self.geometry.page)
        assert table
        table.used -= 1
        table.present -= self.names_page(old)
        self.memory.set_word(self.memory.place(table.frame, self.geometry.index(address, 1)), 0)
        self.write_records(tree)

    def fell(self, tree: Tree, address: int) -> None:
        """The tables on the way, as far as they are empty."""
        for level in tree.empty(address):
            table = tree.remove(address, level)
            above = tree.table(address, level + 1)
            assert above
            self.memory.set_word(self.memory.place(above.frame, self.geometry.index(address, level + 1)), 0)
            for frame in (table.frame, table.links):
                if frame != NONE:
                    self.take_back(frame)
        self.write_records(tree)

    def use(self, tree: Tree, address: int) -> None:
        """The processor goes that way: it sets A in each entry, and D in the last."""
        for level, table in self.walk(tree, address):
            place = self.memory.place(table, self.geometry.index(address, level))
            if (value := self.memory.word(place)) & PRESENT:
                value |= REFERENCED | (at.DIRTY if level == 1 else 0)
                self.memory.set_word(place, value)
                if level == 1:
                    tree.entries[address // self.geometry.page * self.geometry.page] = value

    def write_records(self, tree: Tree) -> None:
        for (level, key), table in tree.tables.items():
            span = key if level == 1 else self.memory.field(table.frame, "span")
            self.set_record(table.frame, table.links, span, table.used, table.present)
        frames = tree.frames() + 1
        self.memory.set_tree_frames(tree.number, frames)
        self.memory.set_held(tree.number, frames)

    # --- what is there, found by a walk of our own ---

    def walk(self, tree: Tree, address: int) -> list[tuple[int, int]]:
        """Level and frame of each table on the way, as memory has them now."""
        frame = tree.tables[tree.key(0, self.geometry.levels)].frame
        found = [(self.geometry.levels, frame)]
        for level in range(self.geometry.levels, 1, -1):
            entry = self.memory.word(self.memory.place(frame, self.geometry.index(address, level)))
            frame = leads_to(entry, self.geometry.shift)
            if not entry & PRESENT or not self.memory.is_frame(frame):
                break
            found.append((level - 1, frame))
        return found

    # --- a call of a student's function: before, meanwhile, and after ---

    def keep(self) -> None:
        """As it is now, to compare with, and to go back to."""
        self.before = copy.deepcopy((self.trees, self.free, self.out))
        self.desk = self.memory.map[: at.DESK]
        self.ram, self.records = bytearray(self.memory.ram()), bytearray(self.memory.records())

    def go_back(self) -> None:
        self.trees, self.free, self.out = copy.deepcopy(self.before)
        memory = self.memory
        memory.map[: at.DESK] = self.desk
        memory.map[memory.frames_at : memory.frames_at + len(self.records)] = bytes(self.records)
        memory.map[memory.ram_at :] = bytes(self.ram)

    def expect(self, tree: Tree, addresses: list[int], may_take: bool, refused_from: int, loaded: bool) -> None:
        """A call begins. From which taking on frames are refused."""
        self.keep()
        self.complaints = []
        self.tree, self.addresses, self.may_take = tree, addresses, may_take
        self.refused_from, self.loaded = refused_from, loaded
        self.taken: list[int] = []
        self.given: set[int] = set()
        self.given_in_order: list[int] = []
        self.refused = False
        self.remembered = self.on_the_ways()

    def complain(self, sentence: str, what: str) -> None:
        if (sentence, what) not in self.complaints:
            self.complaints.append((sentence, what))

    def on_the_ways(self) -> set[int]:
        """Tables below the root that lead to the addresses of the call."""
        return {frame for address in self.addresses for _, frame in self.walk(self.tree, address)[1:]}

    def answer(self, question: int, first: int, second: int) -> int:
        """Meanwhile: what is asked of us."""
        if question in (TAKE, TAKE_ZEROED):
            self.remembered |= self.on_the_ways()
            return self.asked_for(first, second, zeroed=question == TAKE_ZEROED)
        if question == FREE:
            self.given_back(first)
        if question in (FLUSH_PAGE, FLUSH_ALL):
            self.remembered = self.on_the_ways()
        root = self.tree.tables[self.tree.key(0, self.geometry.levels)].frame
        return root if question == LOADED and self.loaded else NONE

    def asked_for(self, use: int, state: int, zeroed: bool) -> int:
        if not self.may_take:
            self.complain(LOOKS_ONLY, "a frame was taken")
        if use != USER_USE or state != at.TABLE:
            self.complain(CHARGED, "a frame was taken for another use, or as another kind, than a table's")
        if self.refused or len(self.taken) >= self.refused_from or not self.free:
            self.refused = True
            return NONE
        frame = self.hand_out(zeroed)
        self.taken.append(frame)
        return frame

    def given_back(self, frame: int) -> None:
        if frame not in self.out or frame == self.tree.tables[self.tree.key(0, self.geometry.levels)].frame:
            self.complain(EMPTY_GO, "a frame was given back that was not a table's, or not any more")
            return
        if frame in self.on_the_ways():
            self.complain(FORGOTTEN, "a table was given back while an entry led to it")
        elif self.loaded and frame in self.remembered:
            self.complain(FORGOTTEN, "a table was given back before the processor had forgotten it")
        if self.memory.field(frame, "flags") & at.ZEROED and any(self.memory.contents(frame)):
            self.complain(CLEAN, "a frame was given back as zeroed, and is not")
        self.given.add(frame)
        self.given_in_order.append(frame)
        self.take_back(frame)

    # --- after the call ---

    def after_build(self, place: int) -> None:
        address, tree = self.addresses[0], self.tree
        if self.refused:
            if place != NO_PLACE:
                self.complain(ALL_OR_NOTHING, "an entry was answered")
        else:
            self.judge_numbers(list(itertools.takewhile(self.has_built, tree.missing(address))))
            table = tree.table(address, 1)
            if table and place != self.memory.place(table.frame, self.geometry.index(address, 1)):
                self.complain(BUILT, "none was answered" if place == NO_PLACE else "another place was answered")
        self.compare(ALL_OR_NOTHING if self.refused else BUILT)

    def judge_numbers(self, levels: list[int]) -> None:
        """Of the new tables on the way, from above: where a rule says in which order their numbers are."""
        tables = [self.tree.table(self.addresses[0], level) for level in levels]
        numbers = [table.frame for table in tables if table]
        if LOW_ABOVE in self.rules and numbers != sorted(numbers):
            self.complain(BUILT, "the new tables' frames are not in order, the lowest number above")
        if HIGH_ABOVE in self.rules and numbers != sorted(numbers, reverse=True):
            self.complain(BUILT, "the new tables' frames are not in order, the highest number above")

    def has_built(self, level: int) -> bool:
        """That table is one that was taken in this call, and from above an entry leads to it."""
        address, tree, shift = self.addresses[0], self.tree, self.geometry.shift
        above = tree.table(address, level + 1)
        assert above
        place = self.memory.place(above.frame, self.geometry.index(address, level + 1))
        entry = self.memory.word(place)
        frame = leads_to(entry, shift)
        fresh = {each for each in self.taken if each in self.out} - self.known()
        if not entry & PRESENT:
            self.complain(BUILT, f"in the table of level {level + 1} no entry leads on")
        elif frame not in fresh:
            self.complain(ENTRY_LEADS, f"the entry of level {level + 1} leads to a frame that is no new table")
        elif entry & ~REFERENCED != table_entry(frame, shift):
            self.complain(ENTRY_LEADS, f"the entry of level {level + 1} has other rights than pte_table gives")
        else:
            links = self.memory.field(frame, "links")
            if level == 1 and links not in fresh - {frame}:
                self.complain(COUNTED, "the last table has no frame of its own for its links")
                links = NONE
            tree.add(address, level, frame, links if level == 1 else NONE)
            self.in_ram(frame, bytes(self.geometry.page))
            self.in_ram_word(place, entry)
            return True
        return False

    def after_trim(self) -> None:
        tree = self.tree
        for address in self.addresses:
            gone: list[int] = []  # from below
            for level in tree.empty(address):
                table = tree.remove(address, level)
                gone += [table.frame] if table.frame in self.given else []
                above = tree.table(address, level + 1)
                assert above
                self.in_ram_word(self.memory.place(above.frame, self.geometry.index(address, level + 1)), 0)
                for frame, what in ((table.frame, f"an empty table of level {level}"), (table.links, "its links")):
                    if frame != NONE and frame not in self.given:
                        self.complain(EMPTY_GO, f"{what} {'is' if frame == table.frame else 'are'} still there")
            if LOWEST_FIRST in self.rules and gone != sorted(gone, key=self.given_in_order.index):
                self.complain(FORGOTTEN, "a table of a higher level was given back before one of a lower level")
        for frame in self.given & self.known():
            level = next(level for (level, _), table in self.every_table() if frame in (table.frame, table.links))
            self.complain(OTHERS_STAY, f"a table of level {level} that was not empty was given back")
        self.compare(OTHERS_STAY)

    def after_look(self, place: int, missing: int | None) -> None:
        address, tree = self.addresses[0], self.tree
        level, table = tree.lowest(address)
        if level == 1:
            due = self.memory.place(table.frame, self.geometry.index(address, 1))
            if place != due:
                self.complain(FOUND, "none was found" if place == NO_PLACE else self.other_place(place))
        elif place != NO_PLACE:
            self.complain(FOUND, self.other_place(place))
        elif missing is not None and missing != self.geometry.span(level):
            self.complain(SPAN_OF_MISSING, self.span_words(missing))
        self.compare(LOOKS_ONLY)

    def other_place(self, place: int) -> str:
        """Where the entry stands that was answered."""
        frame, index = place >> self.geometry.shift, place % self.geometry.page // ENTRY
        for (level, _), table in self.every_table():
            if table.frame == frame:
                return f"entry {index} of a table of level {level} was answered"
        return "a place was answered that is in no table"

    def span_words(self, missing: int) -> str:
        for level in range(1, self.geometry.levels + 2):
            if missing == self.geometry.span(level):
                return f"what one entry of level {level} maps was answered"
        return "nothing was answered" if missing == 0 else "another number was answered"

    # --- is everything else as it was? ---

    def every_table(self) -> list[tuple[tuple[int, int], Table]]:
        return [item for tree in self.trees for item in tree.tables.items()]

    def known(self) -> set[int]:
        """Frames that tables and links have, as it must be."""
        return {frame for _, table in self.every_table() for frame in (table.frame, table.links)} - {NONE}

    def in_ram(self, frame: int, data: bytes) -> None:
        """So it must be."""
        start = (frame - self.memory.first) * self.geometry.page
        self.ram[start : start + self.geometry.page] = data

    def in_ram_word(self, place: int, value: int) -> None:
        struct.pack_into("<Q", self.ram, place - self.memory.start, value)

    def compare(self, sentence: str) -> None:
        if self.out - self.known():
            self.complain(sentence, "a frame was taken, and is neither a table, nor its links, nor given back")
        for tree in self.trees:
            frames = tree.frames() + 1
            for what, counted in (
                ("the tree", self.memory.tree_frames(tree.number)),
                ("its account", self.memory.held(tree.number)),
            ):
                if counted != frames:
                    how = "many" if counted > frames else "few"
                    self.complain(CHARGED, f"{what} counts too {how} frames of tables")
            if self.memory.root(tree.number) != tree.tables[tree.key(0, self.geometry.levels)].frame:
                self.complain(NOWHERE_ELSE, "the tree has another root")
        self.compare_tables()
        self.compare_ram()

    def compare_tables(self) -> None:
        for (level, key), table in self.every_table():
            due: dict[str, Any] = {"state": at.TABLE, "links": table.links, "used": table.used}
            due |= {"present": table.present, "span": key} if level == 1 else {}
            for name, value in due.items():
                found = self.memory.field(table.frame, name)
                if found != value:
                    told = self.count_words(found, value) if name in ("used", "present") else "is wrong"
                    self.complain(COUNTED, f'"{name}" of a table of level {level} {told}')
        apart = self.known() | self.given | set(self.taken)
        records = self.memory.records()
        for number in range(self.memory.count):
            here = slice(number * at.RECORD, (number + 1) * at.RECORD)
            if records[here] != self.records[here] and number + self.memory.first not in apart:
                self.complain(NOWHERE_ELSE, "an entry of frames[] has changed that is no table's")
                break

    @staticmethod
    def count_words(found: int, due: int) -> str:
        names = {1: "one too many", 2: "two too many", -1: "one too few", -2: "two too few"}
        return f"is {names[found - due]}" if found - due in names else "is wrong"

    def compare_ram(self) -> None:
        """Word by word, where it is not as it must be. What is in a new frame of links is nobody's business."""
        free = self.given | {frame for frame in self.taken if frame in {t.links for _, t in self.every_table()}}
        free |= set(self.taken) - self.known()
        for frame in free:
            self.in_ram(frame, self.memory.contents(frame))
        ram = self.memory.ram()
        if ram == self.ram:
            return
        levels = {table.frame: level for (level, _), table in self.every_table()}
        for number in range(self.memory.count):
            start = number * self.geometry.page
            here, due = ram[start : start + self.geometry.page], self.ram[start : start + self.geometry.page]
            if here == due:
                continue
            frame = number + self.memory.first
            if frame not in levels:
                self.complain(NOWHERE_ELSE, "memory has changed that is no table's")
            else:
                self.complain(NOWHERE_ELSE, self.words_of(levels[frame], here, bytes(due)))

    def words_of(self, level: int, here: bytes, due: bytes) -> str:
        pairs = zip(struct.iter_unpack("<Q", here), struct.iter_unpack("<Q", due), strict=True)
        index, found, wanted = next((i, a[0], b[0]) for i, (a, b) in enumerate(pairs) if a != b)
        if index >= self.geometry.entries:
            return f"something stands behind the end of a table of level {level}"
        if wanted and not found:
            return f"an entry of a table of level {level} is gone"
        return f"an entry of a table of level {level} {'has changed' if wanted else 'is not zero'}"
