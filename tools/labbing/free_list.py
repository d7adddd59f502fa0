"""A test of the free-frame list as a story: one process that takes frames and gives them back, sleeps, and has pages
evicted. What it must find is in the model `words`; which frames must be behind its pages, in rules that are told along
(frame_rules.py), and that compare frames with each other only.

All that the program itself is made of is wired before, so nothing of it leaves or moves.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from labbing import groups
from labbing.assembly import ANONYMOUS, MASK, PRIVATE, Assembly, data_word
from labbing.expectation import Expectation, FrameRule, Tier
from labbing.memory import Area, Due
from labbing.story import ELSEWHERE, WINDOW, Story

PROGRAM = 0
GROUP = "leaving"
PAGE, WORDS = 4096, 512
MANY = 256  # pages
NANOSLEEP, MUNMAP = 35, 11
SLACK = 16  # frames that the kernel may take or give back beside: tables, mostly
ASLEEP = 33  # seconds: the host looks at memory every 30 at least
MAP_EACH = 1 << 27
UNRESERVED = 0x4000  # MAP_NORESERVE: more than there is may be mapped
FAULT, CONTENTS, NO_LOSS, ALONE, OLDEST, ZEROED, IDLE, KEPT_LAST, RESCUE, AS_ANY, FROM_BACKING = (
    f"S{number}" for number in range(11)
)


Places = tuple[int, ...]  # words of a page


class Program(Assembly):
    """What such a program does beside."""

    def sleep(self, process: int, seconds: int) -> None:
        time = self.desk(process) + 0x3F20
        self.say(process, f"movabs rax, {time:#x}", f"mov qword ptr [rax], {seconds}", "mov qword ptr [rax + 8], 0")
        self.call(process, NANOSLEEP, time, 0)

    def soil(self, process: int, address: int, pages: int, places: Places, apart: int = PAGE) -> None:
        """Of each page some words: the same value, and each page another. Pages lie so many bytes apart."""
        again = self.label()
        self.say(process, f"movabs rdi, {address:#x}", f"mov ecx, {pages}")
        self.code[process].append(f"{again}:")
        self.next_value(process)
        self.say(process, *(f"mov [rdi + {8 * place}], r13" for place in places))
        self.say(process, f"add rdi, {apart}", "dec ecx", f"jnz {again}")

    def sum_all(self, process: int, address: int, pages: int) -> None:
        """All words of all pages, into rdx."""
        again = self.label()
        self.say(process, f"movabs rdi, {address:#x}", f"mov ecx, {pages * WORDS}", "xor edx, edx")
        self.code[process].append(f"{again}:")
        self.say(process, "add rdx, [rdi]", "add rdi, 8", "dec ecx", f"jnz {again}")

    def unmap(self, process: int, address: int, size: int) -> None:
        self.call(process, MUNMAP, address, size)


Held = list[tuple[int, int]]  # phase, page


class FreeListStory(Story):
    """One test."""

    code: Program

    def __init__(self, title: str, seed: str):
        super().__init__(title, seed, processes=1, names=("the program",))
        self.code = Program(self.nonce, 1)
        self.words: dict[int, dict[int, int]] = {}  # a page that is there, or in the swap area: what is in it
        self.last: dict[int, int] = {}  # a page: the phase in which it was touched last
        self.gone: dict[int, str] = {}  # a page that left: why it has no frame
        self.rules: list[FrameRule] = []
        self.asleep: list[int] = []
        self.inside = False  # of the group
        self.most = 0  # pages of the group that may have a frame; 0: any number
        self.line: list[int] = []  # pages of the group, in the order in which they came
        junk = self.nonce * WORDS & MASK
        self.origins[f"{junk:x}"] = "what was in the frame before the machine started, all over the page"
        self.begins("wires all that it is made of")
        self.code.wire_all(PROGRAM)

    def begins(self, what: str) -> None:
        """A phase."""
        self.phase(PROGRAM, what)

    # --- memory ---

    def new_memory(self, name: str, pages: int, judged: bool = True) -> Area:
        """New memory."""
        base = (WINDOW if judged else ELSEWHERE) + len(self.areas) * MAP_EACH
        area = Area(name, base, pages, judged=judged)
        self.areas.append(area)
        self.code.map(PROGRAM, base, pages * PAGE, PRIVATE | ANONYMOUS | UNRESERVED)
        return area

    def data_file(self, pages: int) -> Area:
        """The image's file: its pages need no slot."""
        area = Area("file", WINDOW + len(self.areas) * MAP_EACH, pages)
        self.areas.append(area)
        self.data = pages
        self.code.map_data(PROGRAM, area.base, pages * PAGE)
        for number in range(pages):
            self.words[self.page(area, number)] = {0: data_word(number)}
            self.gone[self.page(area, number)] = "the first touch of a page of the file"
            self.origins[f"{data_word(number):x}"] = f"what stands on page {number} of the file"
        return area

    def page(self, area: Area, number: int) -> int:
        return area.base + number * PAGE

    def pages(self, area: Area) -> list[int]:
        return [self.page(area, number) for number in range(area.pages)]

    def arrives(self, area: Area, number: int) -> None:
        """A touch: is a fault due? (A new page is not read before it is written where faults are judged.)"""
        page = self.page(area, number)
        fault = page in self.gone or page not in self.words
        why = self.gone.pop(page, "the first touch of a new page") if fault else "it has a frame"
        self.words.setdefault(page, {})
        self.last[page] = self.now
        if fault and self.inside:
            self.line.append(page)
        if self.most and len(self.line) > self.most:
            self.gone[self.line.pop(0)] = f"it left in phase {self.now}"
        self.due(area, number, Due(int(fault), int(fault), FAULT, why, protection=False))

    def places(self) -> Places:
        """The first word, and one more in each half: others each time, so that what was there before is seen."""
        return 0, self.random.randint(1, WORDS // 2 - 1), self.random.randint(WORDS // 2, WORDS - 1)

    def soil(self, area: Area, first: int = 0, count: int = 0) -> None:
        """Three words of each of its pages."""
        count, places = count or area.pages, self.places()
        self.code.soil(PROGRAM, self.page(area, first), count, places)
        for number in range(first, first + count):
            value = self.next_value(PROGRAM)
            self.arrives(area, number)
            self.words[self.page(area, number)].update(dict.fromkeys(places, value))
            self.wrote(area, number, value)

    def wrote(self, area: Area, number: int, value: int) -> None:
        if area.pages > MANY:
            return  # it is not read word by word
        self.origins[f"{value:x}"] = f"what the program wrote to {self.name(area, number)} in phase {self.now}"

    def store(self, area: Area, number: int, word: int = 0) -> None:
        self.code.write(PROGRAM, self.page(area, number) + word * 8)
        value = self.next_value(PROGRAM)
        self.arrives(area, number)
        self.words[self.page(area, number)][word] = value
        self.wrote(area, number, value)

    def load(self, area: Area, number: int, word: int = 0, sentence: str = CONTENTS) -> None:
        self.code.read(PROGRAM, self.page(area, number) + word * 8)
        self.arrives(area, number)
        value = self.words[self.page(area, number)].get(word, 0)
        self.tell(PROGRAM, value, f"the program reads {self.name(area, number)}", sentence, "rdx")

    def sum_page(self, area: Area, number: int, sentence: str = CONTENTS) -> None:
        """All its words; it has been touched."""
        self.code.sum_all(PROGRAM, self.page(area, number), 1)
        self.arrives(area, number)
        total = sum(self.words[self.page(area, number)].values()) & MASK
        what = f"the program adds up all words of {self.name(area, number)}"
        self.origins[f"{total:x}"] = "what was written there, and zeroes"
        self.tell(PROGRAM, total, what, sentence, "rdx")

    def add_up(self, area: Area, sentence: str = CONTENTS) -> None:
        """All words of all its pages."""
        self.code.sum_all(PROGRAM, area.base, area.pages)
        total = 0
        for number in range(area.pages):
            self.arrives(area, number)
            total += sum(self.words[self.page(area, number)].values())
        self.origins[f"{total & MASK:x}"] = "what was written there, and zeroes"
        self.tell(PROGRAM, total & MASK, f'the program adds up all words of "{area.name}"', sentence, "rdx")

    def give_back(self, area: Area, numbers: Iterable[int]) -> None:
        """Pages end one by one, in this order, and their frames are free."""
        for number in numbers:
            self.code.forget(PROGRAM, self.page(area, number), PAGE)
            self.ended(area, number)

    def give_back_all(self, area: Area, first: int = 0, count: int = 0) -> None:
        """In one call, so in no order that counts."""
        count = count or area.pages
        self.code.forget(PROGRAM, self.page(area, first), count * PAGE)
        for number in range(first, first + count):
            self.ended(area, number)

    def ended(self, area: Area, number: int) -> None:
        page = self.page(area, number)
        self.words.pop(page, None)
        self.gone.pop(page, None)
        self.line = [each for each in self.line if each != page]

    def soil_often(self, area: Area, count: int, apart: int = PAGE) -> None:
        """So often: its pages are written to, or some that lie so far apart, and given back."""
        again, pages = self.code.label(), area.pages * PAGE // apart
        self.code.say(PROGRAM, f"mov ebp, {count}")
        self.code.code[PROGRAM].append(f"{again}:")
        self.code.soil(PROGRAM, area.base, pages, self.places(), apart)
        self.code.forget(PROGRAM, area.base, area.pages * PAGE)
        self.code.say(PROGRAM, "dec ebp", f"jnz {again}")
        for _ in range(count * pages):
            self.next_value(PROGRAM)

    # --- nobody runs ---

    def sleep(self) -> int:
        """Its phase, in which the host looks at memory."""
        self.begins("sleeps")
        self.code.sleep(PROGRAM, ASLEEP)
        self.asleep.append(self.now)
        return self.now

    # --- pages that leave ---

    def group(self, most: int = 0) -> None:
        """Pages that come from now on leave in the order in which they came; until `leave`. There are never more than
        so many with a frame, if that is said."""
        groups.make(self.code, PROGRAM, GROUP, most)
        self.most = most
        self.enter()

    def enter(self) -> None:
        groups.join(self.code, PROGRAM, GROUP)
        self.inside = True

    def leave(self) -> None:
        """Back into the group of all."""
        groups.join(self.code, PROGRAM, "")
        self.inside = False

    def evict(self, count: int) -> list[int]:
        """So many pages of the group, in the order in which they came; none comes for them."""
        self.begins(f"has {count} pages of its group evicted")
        groups.take(self.code, PROGRAM, GROUP, count)
        leaving, self.line = self.line[:count], self.line[count:]
        for page in leaving:
            self.gone[page] = f"it left in phase {self.now}"
        return leaving

    # --- rules ---

    def held(self, pages: Iterable[int]) -> Held:
        """The frames that are behind pages now, or were when the program had them last."""
        return [(self.last[page], page) for page in pages]

    def held_of(self, *areas: Area) -> Held:
        return self.held(page for area in areas for page in self.pages(area))

    def in_order(self, sentence: str, due: str, tiers: list[Tier], taken: Held) -> None:
        self.rules.append(FrameRule("order", self.now, sentence, due, tiers=tiers, taken=taken, slack=SLACK))

    def apart(self, *held: Held) -> None:
        due, taken = "each page that is there has a frame of its own", list(itertools.chain(*held))
        self.rules.append(FrameRule("apart", self.now, ALONE, due, taken=taken))

    def rescued(self, before: Held, given: Held, slack: int = 0) -> None:
        """These pages are there again; the frames that were given to others are lost."""
        due = "a page whose frame was given to nobody comes back in that frame"
        now = self.held(page for _, page in before)
        tiers = [Tier("of the pages that left", before), Tier("that was given to others", given)]
        self.rules.append(FrameRule("kept", self.now, RESCUE, due, tiers=tiers, taken=now, slack=slack))

    def values(self, area: Area) -> list[int]:
        """The first word of each of its pages."""
        return [self.words[page][0] for page in self.pages(area)]

    def cleared(self, phase: int, held: Held, words: list[int], least: int, most: int) -> None:
        """Of the frames of these pages, which were given back just before the program slept in that phase."""
        due = f"while nobody runs, plain frames are cleared: between {least} and {most} of those given back just before"
        self.rules.append(FrameRule("cleared", phase, IDLE, due, taken=held, words=words, least=least, most=most))

    def finish(
        self, test: str, points: int, judged: list[str], ram: str, swap: str, budget: int
    ) -> Expectation:
        due = super().finish(test, points, judged, ram, swap, budget)
        due.rules, due.asleep = self.rules, self.asleep
        if "faults" not in judged:
            due.bounds = [[] for _ in due.phases]
        return due
