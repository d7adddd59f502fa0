"""A test of demand paging as a story: mappings of many kinds, and touches, some of which must be refused.

Each touch has a mark of its own, which hands to the host what came of it: the word that was read, or that a
write was done, or the signal. The steps that are the same in every story are labbing/story.py's.
"""

from __future__ import annotations

from labbing.assembly import ANONYMOUS, MASK, PRIVATE, READ_WRITE, SHARED, data_word
from labbing.expectation import Expectation, Relation
from labbing.memory import WHOLE, Area, Cell, Due
from labbing.promises import (
    BEHIND_END,
    CONTENTS,
    END,
    EXECUTE,
    ON_ITS_WAY,
    ONE_FRAME,
    READ,
    SIGNALS,
    UNTOUCHED,
    WRITE,
    ZEROES,
    Mapping,
    Object,
    Outcome,
    Promises,
)
from labbing.story import ELSEWHERE, NAMES, WINDOW, Story
from labbing.touching import PAGE, WORDS, WRITTEN, Contents, Touching, code_word

GROWS_DOWN, UNRESERVED = 0x100, 0x4000  # MAP_GROWSDOWN, MAP_NORESERVE
DOING = {READ: "reads", WRITE: "writes to", EXECUTE: "executes"}
GAP = 1024  # pages between two mappings, at least


class DemandStory(Story):
    """One test. `counts` False: how many faults a touch takes that is allowed is another test's business."""

    code: Touching
    promised: type[Promises] = Promises

    def __init__(
        self, title: str, seed: str, processes: int = 1, names: tuple[str, ...] = ("the program",), counts: bool = True
    ):
        super().__init__(title, seed, processes, names if processes == 1 else NAMES)
        self.code = Touching(self.nonce, processes)
        self.promises = self.promised()
        self.counts = counts
        self.at_once = False  # two processes run, neither waits for its turn
        self.contents: Contents | None = None
        self.next_page = {WINDOW: 0, ELSEWHERE: 0}
        self.origins |= {f"{value:x}": words for value, words in SIGNALS.items()}
        self.origins[f"{WRITTEN:x}"] = "no signal: the write was done"
        junk = self.nonce * WORDS & MASK
        self.origins[f"{junk:x}"] = "what was in the frame before the machine started, all over the page"

    # --- objects and mappings ---

    def program_file(self, pages: int) -> Object:
        """The program's own: so many pages of it, the last in part."""
        contents = Contents(self.nonce, pages, self.random.randint(2, WORDS - 2))
        self.contents = self.code.contents = contents
        for page, answer in enumerate(contents.answers):
            self.origins[f"{answer:x}"] = f"the code on page {page} of the file"
        descriptor = self.code.open_itself()
        return Object("file", contents.size, lambda page: dict(enumerate(contents.pages[page])), descriptor, new=False)

    def data_file(self, pages: int) -> Object:
        """The image's, on the disk: a word on each page. It can be written to, and cut short."""
        self.data = pages
        for page in range(pages):
            self.origins[f"{data_word(page):x}"] = f"what stands on page {page} of the data"
        return Object("data", pages * PAGE, lambda page: {0: data_word(page)}, self.code.open_data(), new=False)

    def new_file(self, name: str, size: int) -> Object:
        """Of zeroes, without a name."""
        return Object(name, size, descriptor=self.code.make_file(0, size))

    def resize(self, who: int, file: Object, size: int) -> None:
        self.code.resize(who, file.descriptor, size)
        file.size = size

    def place(self, pages: int, window: int = WINDOW) -> int:
        """An address with nothing above and below."""
        before = self.next_page[window] + GAP + self.random.randrange(64)
        self.next_page[window] = before + pages
        return window + before * PAGE

    def anonymous(
        self, name: str, pages: int, rights: int = READ_WRITE, shared: bool = False, judged: bool = True
    ) -> Mapping:
        """New memory of the first process's."""
        base = self.place(pages, WINDOW if judged else ELSEWHERE)
        of = Object(name, pages * PAGE) if shared else None
        mapping = Mapping(name, base, pages, shared, judged, object=of)
        how = ANONYMOUS | UNRESERVED | (SHARED if shared else PRIVATE)
        self.code.map(0, base, pages * PAGE, how, rights=rights)
        return self.mapped(0, mapping, rights)

    def stack(self, name: str, pages: int, there: int) -> Mapping:
        """One that may grow down to so many pages, and has a few."""
        base = self.place(pages)
        mapping = Mapping(name, base, pages, shared=False, grows=True)
        start = base + (pages - there) * PAGE
        self.code.map(0, start, there * PAGE, PRIVATE | ANONYMOUS | GROWS_DOWN)
        self.areas.append(mapping)
        self.promises.map(0, mapping, READ_WRITE, pages - there)
        return mapping

    def view(
        self, name: str, of: Object, first: int, pages: int, rights: int = READ, shared: bool = False,
        judged: bool = True,
    ) -> Mapping:  # fmt: skip
        """The first process maps pages of an object, from `first` on."""
        base = self.place(pages, WINDOW if judged else ELSEWHERE)
        mapping = Mapping(name, base, pages, shared, judged, object=of, first=first)
        return self.mapped(0, self.map_view(0, mapping, rights), rights)

    def view_too(self, who: int, mapping: Mapping, rights: int) -> None:
        """Another process maps the same at the same place."""
        self.promises.map(who, self.map_view(who, mapping, rights), rights)

    def map_view(self, who: int, mapping: Mapping, rights: int) -> Mapping:
        of = mapping.object
        assert of is not None
        size, how = mapping.pages * PAGE, SHARED if mapping.shared else PRIVATE
        if self.contents and of.name == "file":
            self.code.map_contents(who, mapping.base, size, rights, how, of.descriptor, mapping.first)
        else:
            self.code.map(who, mapping.base, size, how, of.descriptor, rights, mapping.first * PAGE)
        return mapping

    def mapped(self, who: int, mapping: Mapping, rights: int) -> Mapping:
        self.areas.append(mapping)
        self.promises.map(who, mapping, rights)
        return mapping

    def protect(self, who: int, mapping: Mapping, pages: range, rights: int) -> None:
        self.code.protect(who, mapping.base + pages.start * PAGE, len(pages) * PAGE, rights)
        self.promises.protect(who, mapping, pages, rights)

    def unmap(self, who: int, mapping: Mapping, pages: range) -> None:
        self.code.unmap(who, mapping.base + pages.start * PAGE, len(pages) * PAGE)
        self.promises.unmap(who, mapping, pages)

    def fork(self, parent: int, child: int) -> None:
        super().fork(parent, child)
        self.promises.fork(parent, child)

    def end(self, who: int, parent: int) -> None:
        super().end(who, parent)
        self.promises.end(who)

    # --- touches ---

    def outcome(self, who: int, mapping: Mapping, page: int, access: int) -> Outcome:
        """What must come of it, in the model, and what follows for faults and frames."""
        outcome = self.promises.touch(who, mapping, page, access)
        due = outcome.due
        if not self.counts and not outcome.refused:
            due = Due(0, due.most, due.sentence, due.why)
        if self.at_once and not outcome.refused:
            due = Due(due.least, due.most, ON_ITS_WAY, f"{due.why}, while another process runs")
        self.due(mapping, page, due)
        if outcome.cell and access != EXECUTE:
            self.seen(mapping, page, outcome.cell)
        return outcome

    def tell_touch(
        self, who: int, mapping: Mapping, page: int, access: int, outcome: Outcome, value: int, first: bool = False
    ) -> None:
        """`first`: nobody has written what is read since it was zeroes, or the file's."""
        what = f"{self.names[who]} {DOING[access]} {self.name(mapping, page)}"
        sentence = outcome.due.sentence
        if not outcome.refused:
            of = mapping.object
            sentence = WHOLE
            if access == READ and first:
                sentence = CONTENTS if of and not of.new else ZEROES
            elif access == READ and of:
                sentence = ONE_FRAME
        self.tell(who, outcome.refused or value, what, sentence, "rdx")

    def load(self, who: int, mapping: Mapping, page: int, word: int = 0) -> None:
        self.code.read(who, mapping.base + page * PAGE + word * 8)
        outcome = self.outcome(who, mapping, page, READ)
        self.know(mapping, word)
        value = outcome.cell.words.get(word, 0) if outcome.cell else 0
        self.tell_touch(who, mapping, page, READ, outcome, value, self.is_first(outcome, mapping, page, word))

    def is_objects(self, outcome: Outcome, mapping: Mapping, page: int) -> bool:
        """Is what was touched the object's page, and no copy of it?"""
        of = mapping.object
        return of is not None and outcome.cell is of.cells.get(mapping.first + page)

    def is_first(self, outcome: Outcome, mapping: Mapping, page: int, word: int) -> bool:
        """Does it read what stood there when the page was new?"""
        if outcome.cell is None:
            return False
        of = mapping.object
        new = of.contents(mapping.first + page) if of else {}
        return outcome.cell.words.get(word, 0) == new.get(word, 0)

    def load_page(self, who: int, mapping: Mapping, page: int) -> None:
        """All its words, added up."""
        self.code.sum_page(who, mapping.base + page * PAGE)
        outcome = self.outcome(who, mapping, page, READ)
        total = sum(outcome.cell.words.values()) & MASK if outcome.cell else 0
        first = mapping.object is None or self.is_objects(outcome, mapping, page)
        self.tell_touch(who, mapping, page, READ, outcome, total, first)

    def store(self, who: int, mapping: Mapping, page: int, word: int = 0) -> None:
        self.code.write(who, mapping.base + page * PAGE + word * 8)
        value = self.next_value(who)
        outcome = self.outcome(who, mapping, page, WRITE)
        name = self.name(mapping, page)
        self.origins[f"{value:x}"] = f"what {self.names[who]} wrote to {name} in phase {self.now}"
        if outcome.cell:
            outcome.cell.words[word] = value
        self.tell_touch(who, mapping, page, WRITE, outcome, WRITTEN)

    def store_until_full(self, who: int, mapping: Mapping) -> None:
        """To page after page of a file, each one's address, until there is no room for one page more of it. Nobody
        says how many pages it has then."""
        self.code.fill_up(who, mapping.base, mapping.pages)
        for page in range(mapping.pages):
            outcome = self.promises.touch(who, mapping, page, WRITE)
            assert outcome.cell
            outcome.cell.words[0] = address = mapping.base + page * PAGE
            self.origins[f"{address:x}"] = f"what {self.names[who]} wrote to {self.name(mapping, page)}"
        what = f'{self.names[who]} writes to page after page of "{mapping.name}", until there is no room for more'
        self.tell(who, BEHIND_END, what, END, "rdx")

    def store_code(self, who: int, mapping: Mapping, page: int) -> None:
        """Its first word can be executed then."""
        answer = self.random.getrandbits(30) | 1 << 30
        self.code.write_code(who, mapping.base + page * PAGE, answer)
        outcome = self.outcome(who, mapping, page, WRITE)
        if outcome.cell:
            outcome.cell.words[0] = code_word(answer)
        self.tell_touch(who, mapping, page, WRITE, outcome, WRITTEN)

    def execute(self, who: int, mapping: Mapping, page: int) -> None:
        """Its first word, which is code."""
        self.code.execute(who, mapping.base + page * PAGE)
        outcome = self.outcome(who, mapping, page, EXECUTE)
        answer = outcome.cell.words[0] >> 8 & 0xFFFFFFFF if outcome.cell else 0
        self.tell_touch(who, mapping, page, EXECUTE, outcome, answer)

    def store_all(
        self, who: int, mapping: Mapping, pages: int | None = None, sentence: str = UNTOUCHED
    ) -> None:
        """The first word of every page; faults are not judged."""
        count = pages or mapping.pages
        self.code.fill(who, mapping.base, count)
        for page in range(count):
            outcome = self.promises.touch(who, mapping, page, WRITE)
            assert outcome.cell
            outcome.cell.words[0] = self.next_value(who)
        name = f'{self.names[who]} writes to every page of "{mapping.name}"'
        self.tell(who, WRITTEN, name, sentence, "rdx")

    def load_all(self, who: int, mapping: Mapping, sentence: str = "S1") -> None:
        """The first words of every page, in one number."""
        self.code.sum(who, mapping.base, mapping.pages)
        cells = [self.promises.touch(who, mapping, page, READ).cell for page in range(mapping.pages)]
        total = sum(cell.words.get(0, 0) for cell in cells if cell)
        self.tell(who, total & MASK, f'{self.names[who]} adds up all of "{mapping.name}"', sentence, "rdx")

    def together(self, one: int, other: int) -> None:
        """What `one` does until `meet` it does while `other`, who waits for its turn, has it, too."""
        self.at_once = True
        self.code.give_baton(one, other)

    def meet(self, one: int, other: int) -> None:
        self.at_once = False
        self.code.give_baton(other, one)
        self.code.await_baton(other)
        self.code.await_baton(one)

    # --- what that means ---

    def due(self, area: Area, page: int, due: Due) -> None:
        super().due(area, page, due)
        known = self.bounds[-1].get(area.base + page * PAGE)
        if known and known.least > due.least > 0 and known.why == due.why:
            known.why += ", more than once"

    def finish(
        self, test: str, points: int, judged: list[str], ram: str, swap: str, budget: int
    ) -> Expectation:
        """What lies just behind the last mapping is looked at, too."""
        due = super().finish(test, points, judged, ram, swap, budget)
        due.window[1] += GAP * PAGE
        return due

    def know(self, mapping: Mapping, word: int) -> None:
        """So that a report can say from which page of the file a word is."""
        if self.contents and mapping.object and mapping.object.name == "file":
            for page, words in enumerate(self.contents.pages):
                if word < len(words):
                    self.origins[f"{words[word]:x}"] = f"what stands on page {page} of the file"

    def seen(self, mapping: Mapping, page: int, cell: Cell) -> None:
        """Which frame is behind it, as against what was there in the phase before that touched it."""
        if not mapping.judged:
            return
        address = mapping.base + page * PAGE
        known = self.frames.setdefault(address, [])
        if known and known[-1][0] == self.now:
            known.pop()
            self.relations = [r for r in self.relations if (r.page, r.later) != (address, self.now)]
        of = mapping.object
        common = of.cells.get(mapping.first + page) if of else None
        if known and common in (known[-1][2], cell):
            name = self.name(mapping, page)
            same = known[-1][1] is cell.frame
            self.relations.append(Relation(address, name, known[-1][0], self.now, same, ONE_FRAME))
        known.append((self.now, cell.frame, cell))
