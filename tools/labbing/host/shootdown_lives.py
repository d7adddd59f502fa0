"""What processors do in a play of shootdowns (shootdown.py), and the judge of a test: which plays, and what was wrong
in them."""

from __future__ import annotations

from labbing.host import calls
from labbing.host.calls import COMES_BACK, Call
from labbing.host.memory import DESK, Shared
from labbing.host.process import Process
from labbing.host.shootdown import (
    ANSWER,
    COPIED,
    COPIES,
    COPY,
    DONE,
    FAULT,
    GONE,
    IDLE,
    JOIN,
    KERNEL,
    LEAVE,
    NO_SPACE,
    ONE,
    OTHER,
    OUT,
    RELAX,
    REST,
    SAID,
    USER,
    WHOM,
    Play,
    Processor,
    Step,
    WrongError,
)

# How a processor begins: its mode, its space; does it go in and out, does it stay in the kernel while somebody asks?
BEGINS: dict[str, tuple[int, int, bool, bool]] = {
    "user": (USER, ONE, False, False),
    "roams": (USER, ONE, True, False),
    "elsewhere": (USER, OTHER, False, False),
    "roams-elsewhere": (USER, OTHER, True, False),
    "waits": (KERNEL, ONE, True, True),
    "faults": (FAULT, ONE, True, True),
    "passes": (FAULT, ONE, True, False),
    "idle": (IDLE, NO_SPACE, False, False),
    "copies": (COPY, ONE, True, False),
    "works": (KERNEL, ONE, True, False),
}
IN_WORDS = {
    "user": "runs user code",
    "roams": "goes in and out of the kernel",
    "elsewhere": "runs user code of another space",
    "roams-elsewhere": "goes in and out, with another space",
    "waits": "waits for the kernel's lock until all is over",
    "faults": "waits in a fault until all is over",
    "passes": "comes and goes with faults",
    "idle": "idles",
    "copies": "copies, and goes on",
    "works": "is in the kernel for long",
}


class Lives(Play):
    """The processors of one play."""

    def all_of_them(self) -> None:
        kind = self.scene["kind"]
        if kind == "together":
            self.go([self.anything(one) for one in self.processors], self.scene["steps"])
            return
        asker, *others = self.processors
        self.load(asker, ONE)
        self.set_mode(asker, KERNEL)
        hands = kind == "asks"  # whose answers are
        lives = [self.asker(asker, by_hand=not hands)]
        for one, begins in zip(others, self.scene["begins"], strict=True):
            mode, root, roams, stays = BEGINS[begins]
            self.load(one, root)
            self.set_mode(one, mode)
            one.uses = mode in (USER, COPY)
            lives.append(self.other(one, hands, roams, stays))
        self.go(lives)

    def asker(self, one: Processor, by_hand: bool) -> Step:
        """Asks a few times, and now and then leaves the kernel and enters it."""
        for _ in range(self.scene["asks"]):
            for _ in range(self.random.randint(0, 12)):
                yield
            yield from self.asks(one, by_hand)
            if self.random.random() < 0.5:
                yield from self.begins_to_use(one, True, USER)
                self.fill(one, 4)
                yield
                yield from self.enters(one, by_hand=True)
            elif self.scene.get("behind") and self.random.random() < 0.7:
                for _ in range(self.random.randint(10, 40)):
                    yield

    def other(self, one: Processor, hands: bool, roams: bool, stays: bool) -> Step:
        """`hands`: it answers by our own."""
        while True:
            self.fill(one)
            yield
            chance = self.random.random()
            if one.mode in (USER, IDLE) and one.pending and chance < self.scene.get("prompt", 0.5):
                yield from self.interrupted(one, hands)
            elif not roams or chance > 0.4 or (stays and self.open and one.mode in (KERNEL, FAULT)):
                continue
            elif one.mode == USER:
                mode = FAULT if chance < 0.15 else KERNEL
                yield from self.enters(one, True, mode)
            elif one.mode == COPY:
                yield from self.enters(one, by_hand=True)
            elif one.mode == KERNEL and self.scene.get("behind") and chance < 0.1:
                yield from self.asks(one, by_hand=True)
            elif one.mode == KERNEL and self.scene.get("spaces") and chance < 0.2:
                self.load(one, self.random.choice((ONE, OTHER)))
            else:
                copies = one.mode == KERNEL and self.scene.get("copy", 0) > self.random.random()
                yield from self.begins_to_use(one, hands, COPY if copies else USER)

    # --- all of it a student's ---

    def anything(self, one: Processor) -> Step:
        """Whatever a processor may do next, with both locks."""
        if one.number == 0:
            self.is_in(one, KERNEL)
        while True:
            yield
            self.fill(one)
            chance = self.random.random()
            if one.mode in (USER, IDLE):
                yield from self.in_user(one, chance)
            elif one.mode == FAULT:
                yield from self.in_fault(one, chance)
            else:
                yield from self.in_kernel(one, chance)

    def in_user(self, one: Processor, chance: float) -> Step:
        if one.pending and chance < 0.5:
            yield from self.interrupted(one, by_hand=False)
        elif chance < 0.65:
            return
        elif one.mode == USER and chance < 0.85:
            yield from self.enters(one, False, FAULT)
        else:
            yield from self.enters(one, False, KERNEL)

    def in_fault(self, one: Processor, chance: float) -> Step:
        if chance < 0.4 and not self.open:
            yield from self.asks(one, by_hand=False)
        elif chance < 0.9:
            yield from self.begins_to_use(one, False, USER, LEAVE)
        else:
            yield from self.does(one, JOIN)
            self.is_in(one, KERNEL)

    def in_kernel(self, one: Processor, chance: float) -> Step:
        if one.root == NO_SPACE or chance < 0.1:
            self.load(one, self.random.choice((ONE, ONE, OTHER)))
        elif chance < 0.4 and not self.open:
            yield from self.asks(one, by_hand=False)
        elif chance < 0.55:
            yield from self.begins_to_use(one, False, COPY, COPIES)
            self.fill(one)
            yield
            one.uses = False
            yield from self.does(one, COPIED)
            self.is_in(one, KERNEL)
        elif chance < 0.65:
            self.load(one, NO_SPACE)
            yield from self.does(one, REST)
            self.is_in(one, IDLE)
        else:
            yield from self.begins_to_use(one, False, USER, LEAVE)


class Judge(calls.ListedJudge):
    """Of one run: plays, of which none knows of another."""

    driver, who = "shootdown", "processors"
    due = {
        COMES_BACK: "it comes back",
        GONE: "when shootdown returns, nobody who uses memory remembers what is gone",
        WHOM: "who runs user code of that space is interrupted, once, and nobody else",
        RELAX: "who waits calls cpu_relax in each round",
        DONE: "who lacks nothing has the request's number",
        ANSWER: "who is interrupted forgets what was asked, and no more, and ends the interrupt",
        OUT: "who begins to use memory has forgotten what was asked, and nothing if that was nothing",
        SAID: "a processor has a request's number when it has forgotten, and not before",
    }

    def __init__(self, raw: dict):
        super().__init__(raw["operations"])
        self.rule = {key: raw[key] for key in ("order", "few") if key in raw}
        self.memory = Shared(DESK)

    @staticmethod
    def words_of(operation: list) -> str:
        _, _, scene, _, plays = operation
        if scene["kind"] == "together":
            return f"{scene['count']} processors do whatever comes next, {plays} times"
        others = "; ".join(IN_WORDS[each] for each in scene["begins"])
        asks = "shootdown is called" if scene["kind"] == "asks" else "the judge asks"
        return f"{asks}, {plays} times {scene['asks']}; another processor {others.replace('; ', '; another ')}"

    def do(self, process: Process, operation: list, call: Call) -> None:
        _, _, scene, seed, plays = operation
        call.asked = True
        found: set[tuple[str, str]] = set()
        for number in range(plays):
            try:
                Lives(process, self.rule, scene, f"{seed} {number}").all_of_them()
            except WrongError as error:
                found.add(error.found)
                if error.found[0] == COMES_BACK:
                    break  # that takes long
        call.wrong = self.told(sorted(found))
