"""The judge of load control: processes are a table, time is what we say, and a student's functions suspend and resume
by asking us. What is due then, control.py says on paper."""

from __future__ import annotations

from labbing.host import calls, control
from labbing.host.calls import COMES_BACK, Call
from labbing.host.control import MS, RESUME, SETTLE, SUSPEND, Control, Event, Period, Program
from labbing.host.memory import DESK, Shared
from labbing.host.process import Process

# What driver and judge call what a process is.
BITS = (
    *("active", "stopped", "essential", "ending", "shares", "space_ends", "traced", "suspended", "wants"),
    "no_space",
)
TIME, SUSPENDED, RESUMED, OVERLOADED, ADMITS, ENDED = range(6)
CLEAR, PROCESS, CONTROL, IS_TOO_HIGH, MAY_COME = range(5)  # as in load.c
TOO_HIGH, ONE_MORE = "S11", "S12"
APART = 100_000 * MS  # between scenes
EMPTY = Period(0, "neither")


def sample_words(frames: int, sets: int, faults: int, fits: int) -> str:
    shares = "" if fits else ", and some set does not fit into its share"
    return f"sets of {sets} pages for {frames} frames, {faults} faults{shares}"


class Judge(calls.ListedJudge):
    """Of one run: scenes, each with processes of its own."""

    driver, who = "load", "processes"
    due = {
        COMES_BACK: "it comes back",
        TOO_HIGH: "is the load too high?",
        ONE_MORE: "may one more run?",
        control.HOW_MANY: "while the load is too high, and more than one candidate runs, one is suspended",
        control.BACK: "as long as there is room, who has waited longest comes back",
        control.ALONE: "when no candidate is left, who waits and wants to run comes back, room or not",
        control.EXCHANGE: "who has waited for 0.8 s, and wants to run, changes places; nobody does before",
        control.WHO_LEAVES: "those that have run longest leave, until there is room, and who has waited longest comes",
        control.HALF: "no more than half of the time goes into exchanges",
        control.ENDS: "a process that has ended is not looked at any more",
    }

    def __init__(self, raw: dict):
        super().__init__(raw["operations"])
        self.part = raw.get("part", 50)  # of the time: so much may go into faults
        self.leaves = raw.get("leaves", control.LAST)
        chosen = f"the candidate {control.LEAVES[self.leaves]} is suspended, and nobody else"
        self.due = {**self.due, control.WHOM: chosen}
        self.memory = Shared(DESK)
        self.control = Control(leaves=self.leaves)
        self.now = APART
        self.cost = MS // 50  # of suspending or resuming, for each page
        self.broken = False  # in this scene something was wrong: nobody can tell what is due
        self.period = EMPTY
        self.events: list[Event] = []
        self.ended = 0

    @staticmethod
    def words_of(operation: list) -> str:
        _, what, *more = operation
        if what == "scene":
            return "other processes, much later"
        if what == "pass":
            return f"{more[0] / MS:g} ms pass"
        if what == "process":
            number, born, since, pages, bits = more
            return f"process {number}: {pages} pages, {', '.join(bits) or 'inactive'}, {since_words(born, since)}"
        if what == "control":
            told = more[0]
            return f"load_control, {told['frames']} frames" + {
                "sets": "",
                "room": "; the criterion says only whether there is room",
                "high": "; the criterion says that the load is too high",
                "low": "; the criterion says that one more may run",
                "neither": "; the criterion says neither that the load is too high nor that one more may run",
            }[told["answers"]]
        elapsed, faults, service, sets, frames, fits, fits_more, *pages = more
        words = sample_words(frames, sets, faults, fits_more if pages else fits)
        within = f"in {elapsed} ns, {service} ns each"
        return f"{words} {within}" + (f": may one of {pages[0]} pages come in?" if pages else ": is that too high?")

    # --- operations ---

    def do(self, process: Process, operation: list, call: Call) -> None:
        _, what, *more = operation
        getattr(self, f"do_{what}")(process, call, *more)

    def do_scene(self, process: Process, call: Call, cost: int = MS // 50) -> None:
        """What came before has no effect any more: a criterion that does not foresee has settled."""
        del call
        self.call(process, CLEAR)
        self.control = Control(leaves=self.leaves)
        self.cost, self.broken, self.period = cost, False, EMPTY
        for _ in range(SETTLE + 1):
            self.now += APART
            self.call(process, CONTROL, *self.sample(), 1, 1)

    def do_pass(self, process: Process, call: Call, time: int) -> None:
        del process, call
        self.now += time

    def do_process(
        self, process: Process, call: Call, number: int, born: int, since: int | None, pages: int, bits: list[str]
    ) -> None:
        """Times are told as how long ago that was. One that is there becomes so: since None, it is when it was."""
        del call
        known = self.control.programs.get(number)
        if known and since is None:
            told = Program(number, known.started, known.since, pages)
        else:
            told = Program(number, self.now - born, self.now - since if since else 0, pages)
        told.is_ = set(bits) - {"suspended"}
        told.suspended = "suspended" in bits if known is None or since is not None else known.suspended
        self.control.programs[number] = told
        self.control.programs = dict(sorted(self.control.programs.items()))
        named = [*told.is_, *(["suspended"] if told.suspended else [])]
        what = sum(1 << BITS.index(bit) for bit in named)
        self.call(process, PROCESS, number, told.started, told.since, pages, what)

    def do_control(self, process: Process, call: Call, told: dict) -> None:
        call.asked = True
        if self.broken:
            return
        self.period = Period(**told)
        self.period.ends = {int(key): value for key, value in self.period.ends.items()}
        begin, self.events = self.now, []
        self.call(process, CONTROL, *self.sample(), int(self.period.foresees), int(self.period.prepages))
        wrong = self.control.follow(self.period, begin, self.events)
        if wrong:
            call.wrong, self.broken = self.told([wrong]), True

    def do_overloaded(self, process: Process, call: Call, *numbers: int) -> None:
        elapsed, faults, service, sets, frames, fits, _ = numbers
        due = faults * service * self.part > elapsed and (sets > frames or not fits)
        self.ask(process, call, IS_TOO_HIGH, numbers, due, TOO_HIGH)

    def do_admits(self, process: Process, call: Call, *numbers: int) -> None:
        _, _, _, sets, frames, _, fits, pages = numbers
        self.ask(process, call, MAY_COME, numbers, sets + pages <= frames and bool(fits), ONE_MORE)

    def ask(
        self, process: Process, call: Call, what: int, numbers: tuple[int, ...], due: bool, sentence: str
    ) -> None:
        elapsed, faults, service, sets, frames, *more = numbers
        call.asked = True
        device = min(elapsed, faults * service)
        answer, _ = self.call(
            process, what, elapsed, elapsed // 2, device, faults, 0, service, sets, frames, 4, 0, *more
        )
        if bool(answer) != due:
            call.wrong = self.told([(sentence, f"it says {'no' if due else 'yes'}")])

    # --- what is asked of us ---

    def sample(self) -> tuple[int, ...]:
        """As load control is given it."""
        sets, active = self.control.sums()
        suspended = sum(program.suspended for program in self.control.programs.values())
        elapsed = 100 * MS
        return elapsed, elapsed // 4, elapsed, 90, 0, self.period.service, sets, self.period.frames, active, suspended

    def call(self, process: Process, what: int, *numbers: int) -> tuple[int, int]:
        return process.call([what, *numbers], self.answer)

    def answer(self, question: int, first: int, second: int) -> int:
        if question == TIME:
            return self.now
        if question in (SUSPENDED, RESUMED):
            return self.happens(SUSPEND if question == SUSPENDED else RESUME, first)
        if question == OVERLOADED:
            return int(self.period.overloaded(first))
        if question == ADMITS:
            known = self.control.programs.get(second)
            return int(self.period.admits(first, known.pages if known else 0))
        if question == ENDED:
            ended, self.ended = self.ended, 0
            return ended
        return 0

    def happens(self, kind: str, number: int) -> int:
        known, begin = self.control.programs.get(number), self.now
        self.now += self.cost * (known.pages if known else 1)
        self.ended = self.period.ends.get(number, 0)
        self.events.append(Event(kind, number, begin, self.now, self.ended))
        return 0


def since_words(born: int, since: int | None) -> str:
    if since is None:
        return "as it was let in before"
    return f"born {born / MS:g} ms ago" + (f", let in or out {since / MS:g} ms ago" if since else "")
