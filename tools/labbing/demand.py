"""A test of demand paging as a story: mappings of many kinds, and touches, some of which must be refused.

Each touch has a mark of its own, which hands to the host what came of it: the word that was read, or that a
write was done, or the signal. The steps that are the same in every story are labbing/story.py's.
"""

from __future__ import annotations

from labbing.assembly import ANONYMOUS, MASK, PRIVATE, READ_WRITE, SHARED
from labbing.expectation import Expectation, Relation
from labbing.memory import WHOLE, Cell, Due
from labbing.promises import (
    CONTENTS,
    EXECUTE,
    ONE_FRAME,
    READ,
    SIGNALS,
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
        return Object("file", contents.size, lambda page: dict(enumerate(contents.pages[page])), descriptor)

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

    def view(self, name: str, of: Object, first: int, pages: int, rights: int = READ, shared: bool = False) -> Mapping:
        """The first process maps pages of an object, from `first` on."""
        mapping = Mapping(name, self.place(pages), pages, shared, object=of, first=first)
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
        self.due(mapping, page, due)
        if outcome.cell and access != EXECUTE:
            self.seen(mapping, page, outcome.cell)
        return outcome

    def tell_touch(self, who: int, mapping: Mapping, page: int, access: int, outcome: Outcome, value: int) -> None:
        what = f"{self.names[who]} {DOING[access]} {self.name(mapping, page)}"
        sentence = outcome.due.sentence
        if not outcome.refused:
            of = mapping.object
            theirs = of is not None and outcome.cell is of.cells.get(mapping.first + page)
            kinds = CONTENTS if theirs else ONE_FRAME if of else ZEROES
            sentence = kinds if access == READ else WHOLE
        self.tell(who, outcome.refused or value, what, sentence, "rdx")

    def load(self, who: int, mapping: Mapping, page: int, word: int = 0) -> None:
        self.code.read(who, mapping.base + page * PAGE + word * 8)
        outcome = self.outcome(who, mapping, page, READ)
        self.know(mapping, word)
        self.tell_touch(who, mapping, page, READ, outcome, outcome.cell.words.get(word, 0) if outcome.cell else 0)

    def load_page(self, who: int, mapping: Mapping, page: int) -> None:
        """All its words, added up."""
        self.code.sum_page(who, mapping.base + page * PAGE)
        outcome = self.outcome(who, mapping, page, READ)
        total = sum(outcome.cell.words.values()) & MASK if outcome.cell else 0
        self.tell_touch(who, mapping, page, READ, outcome, total)

    def store(self, who: int, mapping: Mapping, page: int, word: int = 0) -> None:
        self.code.write(who, mapping.base + page * PAGE + word * 8)
        value = self.next_value(who)
        outcome = self.outcome(who, mapping, page, WRITE)
        name = self.name(mapping, page)
        self.origins[f"{value:x}"] = f"what {self.names[who]} wrote to {name} in phase {self.now}"
        if outcome.cell:
            outcome.cell.words[word] = value
        self.tell_touch(who, mapping, page, WRITE, outcome, WRITTEN)

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

    def store_all(self, who: int, mapping: Mapping, pages: int | None = None) -> None:
        """The first word of every page; faults are not judged."""
        count = pages or mapping.pages
        self.code.fill(who, mapping.base, count)
        for page in range(count):
            outcome = self.promises.touch(who, mapping, page, WRITE)
            assert outcome.cell
            outcome.cell.words[0] = self.next_value(who)
        name = f'{self.names[who]} writes to every page of "{mapping.name}"'
        self.tell(who, WRITTEN, name, "S2", "rdx")

    def load_all(self, who: int, mapping: Mapping, sentence: str = "S1") -> None:
        """The first words of every page, in one number."""
        self.code.sum(who, mapping.base, mapping.pages)
        cells = [self.promises.touch(who, mapping, page, READ).cell for page in range(mapping.pages)]
        total = sum(cell.words.get(0, 0) for cell in cells if cell)
        self.tell(who, total & MASK, f'{self.names[who]} adds up all of "{mapping.name}"', sentence, "rdx")

    def together(self, one: int, other: int) -> None:
        """What `one` does until `meet` it does while `other`, who waits for its turn, has it, too."""
        self.code.give_baton(one, other)

    def meet(self, one: int, other: int) -> None:
        self.code.give_baton(other, one)
        self.code.await_baton(other)
        self.code.await_baton(one)

    # --- what that means ---

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
