"""The judge of shootdowns: several processors are played, one at a time (several.c), and what each remembers is known
here alone.

A *play* is a run of a few processors from a seed. Of each, what it does is a generator; whichever is drawn goes on by
one step, which may be some accesses of a student's function. Who asks, and who answers, are the student's functions or
our own hands, so that each half is judged without the other. Every page has a version, which a change of its entry
makes another one; a processor may remember one that is old until it has forgotten it, and whoever uses memory by one
that is *gone* (its frame was set free) has done what must not be.
"""

from __future__ import annotations

import random
from collections.abc import Generator
from dataclasses import dataclass, field

from labbing.host import calls
from labbing.host.calls import COMES_BACK, Call
from labbing.host.memory import DESK, Shared
from labbing.host.process import Process

FORGET_PAGE, FORGET_ALL, SEND, END_OF_INTERRUPT = range(4)
RESET, SET, REQUEST, BEGIN, GO, LOOK = range(6)  # as in several.c
SHOOTDOWN, TRAP, USE, ENTER, FAULTS, JOIN, LEAVE, REST, COPIES, COPIED = range(10)
SET_MODE, SET_DONE, SET_ROOT = range(3)
WAITS, OVER = 1, 2
KERNEL, USER, IDLE, FAULT, COPY = range(5)  # modes (arch/processor.h)
USES = (USER, COPY)
LAST_NUMBER = NONE = 0xFFFFFFFF
MESSAGE = 0x4000 | 34  # MESSAGE_FIXED | VECTOR_SHOOTDOWN
NO_SPACE, ONE, OTHER = 1, 11, 12  # roots; the first is the kernel's
FLUSH_MOST = 32
PAGES = [0x400000 + 4096 * number for number in range(48)]
STEPS_MOST, TURNS_MOST = 4000, 600  # of a play; of one call
SPINS_MOST = 700  # accesses of one who does not call cpu_relax; the longest way without is half of that
TURNS = (1, 1, 2, 3, 4, 6, 9, 14, 30, 120)  # accesses

GONE, WHOM, RELAX, DONE, ANSWER, OUT, SAID = "S4", "S5", "S6", "S7", "S8", "S9", "S10"
Step = Generator[None, None, None]


class WrongError(Exception):
    """What somebody did is not as it should be: the sentence, and what happened."""

    def __init__(self, sentence: str, happened: str):
        super().__init__(sentence, happened)
        self.found = (sentence, happened)


@dataclass
class Request:
    """A shootdown that is under way, or was."""

    asker: int
    root: int
    pages: list[int]
    whole: bool  # more addresses than are told
    base: int  # the number of the one before
    sent: list[int] = field(default_factory=list)


@dataclass
class Processor:
    """One, as it is; its mode and its number are in the functions' memory, too."""

    number: int
    apic: int
    mode: int = IDLE
    root: int = NO_SPACE
    uses: bool = False  # it runs user code or copies, now
    remembers: dict[int, int] = field(default_factory=dict)  # page: version
    pending: bool = False  # an interrupt
    work: int | None = None  # one of the student's functions is at work here
    was_user: bool = False  # since the request that is under way
    had_space: bool = False  # the same: that of the request, so that it may have been seen with it
    owes: list[Request] = field(default_factory=list)  # it might have to forget something for these
    beside: bool = False  # a request was under way while it was at work
    ended: bool = False  # it has said to its LAPIC that the interrupt is over
    has_forgotten_all: bool = False  # since it was interrupted


class Play:
    """One, to its end or to the first thing that is wrong."""

    def __init__(self, process: Process, rule: dict, scene: dict, seed: str):
        self.process, self.rule = process, rule
        self.random = random.Random(seed)
        self.scene = scene
        ids = self.random.sample(range(1, 60), scene["count"])
        self.processors = [Processor(number, apic) for number, apic in enumerate(ids)]
        self.versions: dict[tuple[int, int], int] = {}
        self.gone: dict[tuple[int, int], int] = {}
        self.number = self.random.randint(3, 1 << 40)
        self.open: Request | None = None  # whoever has it open has the mm lock
        self.last: Request | None = None
        self.call(RESET, scene["count"], self.number, *ids)

    # --- the functions' memory, and what they tell ---

    def call(self, *words: int) -> tuple[int, int]:
        return self.process.call(list(words), self.answer)

    def answer(self, question: int, first: int, second: int) -> int:
        if question == SEND:
            self.is_sent(first, second)
            return 0
        if not 0 <= first < len(self.processors):
            return 0
        one = self.processors[first]
        if question == END_OF_INTERRUPT:
            one.ended = True
        elif question == FORGET_PAGE:
            one.remembers.pop(second, None)
        elif question == FORGET_ALL:
            self.forgets_all(one)
        return 0

    def forgets_all(self, one: Processor) -> None:
        lacks = one.owes or one.beside
        if one.work == TRAP:
            few = [each for each in one.owes if not each.whole and len(each.pages) <= self.few]
            if not one.owes or (len(one.owes) == 1 and few):
                self.wrong = (ANSWER, "all that it remembers is forgotten, where a few addresses are to be, or none")
        elif one.work in (USE, LEAVE, COPIES) and not lacks:
            self.wrong = (OUT, "all is forgotten, where nothing was asked")
        one.remembers.clear()
        one.has_forgotten_all = True

    wrong: tuple[str, str] | None = None  # told while they run; then the play is over

    @property
    def few(self) -> int:
        """Of more addresses than these, all are forgotten by who is interrupted."""
        return int(self.rule.get("few", FLUSH_MOST))

    def is_sent(self, apic: int, message: int) -> None:
        request = self.open
        to = next((each for each in self.processors if each.apic == apic), None)
        if request is None:
            self.wrong = (WHOM, "an interrupt is sent, and nobody asks for anything")
        elif to is None or message != MESSAGE:
            self.wrong = (WHOM, "an interrupt goes where no processor is, or is none for a shootdown")
        elif to.number == request.asker or not (to.was_user and to.had_space):
            self.wrong = (WHOM, "a processor is interrupted that runs no user code of that space")
        elif to.number in request.sent:
            self.wrong = (WHOM, "a processor is interrupted twice for one request")
        else:
            self.in_order(request, to)
            request.sent.append(to.number)
            to.pending = True

    def in_order(self, request: Request, to: Processor) -> None:
        """Where the rule says in which."""
        order = self.rule.get("order", "")
        before = [self.processors[number] for number in request.sent]
        if order == "down" and any(each.number < to.number for each in before):
            self.wrong = (WHOM, "a processor with a higher number is interrupted later")
        if order == "in-turn" and any(each.uses and self.is_stale(each, request) for each in before):
            self.wrong = (WHOM, "a processor is interrupted before the one before has forgotten")

    # --- what is remembered ---

    def is_stale(self, one: Processor, request: Request) -> bool:
        if request.root not in (NONE, one.root):
            return False
        return any(
            version < self.versions.get((one.root, page), 0)
            for page, version in one.remembers.items()
            if page in request.pages
        )

    def has_gone(self, one: Processor) -> bool:
        return any(version < self.gone.get((one.root, page), 0) for page, version in one.remembers.items())

    def fill(self, one: Processor, often: int = 2) -> None:
        """It uses memory, or looks ahead; what it remembers already it does not look up."""
        for _ in range(often if one.root != NO_SPACE else 0):
            page = self.random.choice(PAGES[: self.scene.get("pages", 8)])
            one.remembers.setdefault(page, self.versions.get((one.root, page), 0))

    def load(self, one: Processor, root: int) -> None:
        self.call(SET, one.number, SET_ROOT, root)
        one.root = root
        one.remembers.clear()
        if self.open and self.open.root in (NONE, root) and root != NO_SPACE:
            one.owes.append(self.open)
            one.had_space = True

    def set_mode(self, one: Processor, mode: int) -> None:
        self.call(SET, one.number, SET_MODE, mode)
        self.is_in(one, mode)

    def is_in(self, one: Processor, mode: int) -> None:
        one.mode = mode
        one.was_user |= mode == USER

    def want_fresh(self, one: Processor) -> None:
        """It uses memory from now on."""
        if self.has_gone(one):
            raise WrongError(OUT if one.mode != FAULT else GONE, "it uses memory, and remembers what is gone")

    # --- a student's function ---

    def does(self, one: Processor, what: int, *words: int) -> Step:
        """Step by step, until it comes back."""
        self.call(BEGIN, one.number, what, *words)
        one.work, one.beside = what, self.open is not None and self.open.asker != one.number
        spins = steps = 0
        while True:
            why, spent = self.call(GO, one.number, self.random.choice(TURNS))
            if self.wrong:
                raise WrongError(*self.wrong)
            spins = 0 if why == WAITS else spins + spent
            steps += 1
            if why == OVER:
                break
            if spins > SPINS_MOST:
                raise WrongError(RELAX, "it goes round and round, and does not call cpu_relax")
            if steps > TURNS_MOST:
                raise WrongError(COMES_BACK, "it waits for what does not happen")
            for _ in range(self.random.randint(1, 7) if why == WAITS else 1):
                yield
        one.work = None

    def look(self, one: Processor) -> tuple[int, int]:
        return self.call(LOOK, one.number)

    def last_number(self) -> int:
        return self.call(LOOK, LAST_NUMBER, 0)[0]

    # --- who asks ---

    def asks(self, one: Processor, by_hand: bool) -> Step:
        """A few entries change, all are to forget, and then the frames are free."""
        while self.open:
            yield
        request = self.begin(one)
        yield
        if by_hand:
            yield from self.asked_by_hand(one, request)
        else:
            count = len(request.pages) + (40 if request.whole else 0)
            told = [*request.pages, *([PAGES[-1]] * 40)][: min(count, 39)]
            yield from self.does(one, SHOOTDOWN, request.root, *told)
        self.is_over(one, request)

    def begin(self, one: Processor) -> Request:
        rooted = one.root if one.root != NO_SPACE else ONE
        root = NONE if self.random.random() < self.scene.get("any", 0) else rooted
        if self.random.random() < self.scene.get("foreign", 0):
            root = self.random.choice((ONE, OTHER))
        pages = self.random.sample(PAGES[: self.scene.get("pages", 8)], self.random.randint(1, self.scene["most"]))
        whole = self.random.random() < self.scene.get("whole", 0)
        if whole:
            pages = PAGES
        for space in (ONE, OTHER) if root == NONE else (root,):
            for page in pages:
                self.versions[space, page] = self.versions.get((space, page), 0) + 1
        if root in (NONE, one.root):
            one.remembers = {page: at for page, at in one.remembers.items() if page not in pages}
        request = self.open = self.last = Request(one.number, root, pages, whole, self.last_number())
        for other in self.processors:
            other.beside = True if other is not one and other.work is not None else other.beside
            matches = root in (NONE, other.root) and other.root != NO_SPACE
            other.had_space = matches
            other.was_user = other.mode == USER or other.work in (USE, LEAVE)
            if other is not one and matches:
                other.owes.append(request)
        return request

    def asked_by_hand(self, one: Processor, request: Request) -> Step:
        self.number = request.base + 1
        many = 40 if request.whole else len(request.pages)
        behind = self.look(one)[1] != self.number - 1
        self.call(REQUEST, self.number, many, *([] if request.whole else request.pages))
        if not behind:
            self.call(SET, one.number, SET_DONE, self.number)
        yield
        waited = []
        for other in self.processors:
            if other is one:
                continue
            if request.root not in (NONE, other.root) or other.root == NO_SPACE:
                if self.look(other)[1] == self.number - 1:
                    self.call(SET, other.number, SET_DONE, self.number)
                continue
            mode = self.look(other)[0]
            other.pending |= mode == USER
            if mode in USES:
                waited.append(other)
            yield
        for other in waited:
            while True:
                mode, done = self.look(other)
                if done == self.number or mode not in USES:
                    break
                yield

    def is_over(self, one: Processor, request: Request) -> None:
        """Its frames are free."""
        for space in (ONE, OTHER) if request.root == NONE else (request.root,):
            for page in request.pages:
                self.gone[space, page] = self.versions[space, page]
        number = self.last_number()
        self.open = None
        for other in self.processors:
            if other is one or not self.has_gone(other):
                continue
            if other.uses and other.work is None:
                raise WrongError(GONE, "a processor that uses memory still remembers what is free now")
            if other.work in (TRAP, USE, LEAVE, COPIES) and self.look(other)[1] == number:
                raise WrongError(SAID, "a processor has said that it has forgotten, and remembers what is free now")

    # --- who answers ---

    def interrupted(self, one: Processor, by_hand: bool) -> Step:
        """It runs user code, or idles."""
        one.pending = False
        if not by_hand:
            one.ended = one.has_forgotten_all = False
            asked = one.mode == USER and self.look(one)[1] != self.last_number()
            many = self.open is not None and len(self.open.pages) > self.few
            yield from self.does(one, TRAP)
            if not one.ended:
                raise WrongError(ANSWER, "its LAPIC is not told that the interrupt is over")
            if asked and many and not one.has_forgotten_all:
                raise WrongError(ANSWER, "addresses are forgotten, where all is to be")
            if one.mode == USER:
                self.has_answered(one)
                self.want_fresh(one)
            return
        number, count = self.call(LOOK, LAST_NUMBER, 0)
        if one.mode == USER and self.look(one)[1] != number:
            told = [self.call(LOOK, LAST_NUMBER, place)[1] for place in range(1, count + 1) if count <= FLUSH_MOST]
            self.forget(one, number, told if count <= FLUSH_MOST else None)

    def forget(self, one: Processor, number: int, pages: list[int] | None = None) -> None:
        """All, or these."""
        for page in list(one.remembers) if pages is None else pages:
            one.remembers.pop(page, None)
        self.call(SET, one.number, SET_DONE, number)
        self.has_answered(one)

    def has_answered(self, one: Processor) -> None:
        """As far as it says."""
        done = self.look(one)[1]
        one.owes = [each for each in one.owes if each.base >= done]
        if one.beside and self.last and done <= self.last.base and self.last not in one.owes:
            one.owes.append(self.last)  # it looked before that was written down

    def enters(self, one: Processor, by_hand: bool, mode: int = KERNEL) -> Step:
        """It uses memory no more from here on."""
        one.uses = False
        if by_hand:
            self.set_mode(one, mode)
            yield
        else:
            yield from self.does(one, ENTER if mode == KERNEL else FAULTS)
            self.is_in(one, mode)

    def begins_to_use(self, one: Processor, by_hand: bool, mode: int, what: int = USE) -> Step:
        """User code, or a copy."""
        if by_hand:
            self.set_mode(one, mode)
            yield
            number = self.last_number()
            if self.look(one)[1] != number:
                if not one.owes and not self.open:
                    raise WrongError(DONE, "a processor that lacks nothing has to forget all")
                self.forget(one, number)
            yield
        else:
            one.was_user |= mode == USER
            yield from self.does(one, what, *((mode,) if what == USE else ()))
            self.is_in(one, mode)
            self.has_answered(one)
        one.uses = True
        self.want_fresh(one)

    # --- to the end ---

    def go(self, lives: list[Step], steps: int = 0) -> None:
        """Until the first of them is over; or, with a number of steps, until these are done."""
        living = dict(enumerate(lives))
        for _ in range(steps or STEPS_MOST):
            number = self.random.choice(list(living))
            try:
                next(living[number])
            except StopIteration:
                del living[number]
                if number == 0:
                    return
            if self.wrong:
                raise WrongError(*self.wrong)
        if not steps:
            raise WrongError(COMES_BACK, "it waits for what does not happen")
