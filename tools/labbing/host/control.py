"""Load control on paper: who must be suspended, who comes back, who changes places, and when.

It follows what a student's functions did, event by event: where the specification leaves no choice each must be the
one that is due; where a test does not judge the choice, any candidate is right, and the rest follows from that one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

MS = 1_000_000
PATIENCE, QUANTUM, SETTLE, SMALL = 800 * MS, 150 * MS, 5, 16
SUSPEND, RESUME = "suspended", "resumed"
# Who is suspended when the load is too high.
LAST, LARGEST, SMALLEST = "last", "largest", "smallest"
LEAVES = {
    LAST: "that was let in last",
    LARGEST: "whose working set is the largest",
    SMALLEST: "whose working set is the smallest",
}
# Sentences of the specification.
HOW_MANY, WHOM, BACK, ALONE, EXCHANGE, WHO_LEAVES, HALF, ENDS = "S13", "S14", "S15", "S16", "S17", "S18", "S19", "S20"
NEVER = ("stopped", "essential", "ending", "shares", "space_ends", "traced", "no_space")


@dataclass
class Program:
    """A process, as load control sees it."""

    id: int
    started: int  # ns
    since: int  # when it was suspended or resumed last; 0: never
    pages: int  # its working set
    is_: set[str] = field(default_factory=set)  # active, wants, and NEVER: why it may not be suspended
    suspended: bool = False

    @property
    def let_in(self) -> int:
        return max(self.started, self.since)


@dataclass
class Event:
    """A process was suspended or resumed, at that time; it took so long, and another may have ended meanwhile."""

    kind: str
    id: int
    begin: int
    end: int
    ended: int = 0


@dataclass
class Period:
    """What one call of load_control is about."""

    frames: int
    answers: str  # of the criterion: by sets; by sets whether there is room; or always: high, low, neither
    foresees: bool = True
    prepages: bool = True
    service: int = MS
    whom: bool = True  # the choice is judged
    ends: dict[int, int] = field(default_factory=dict)  # who ends while another is suspended or resumed

    def overloaded(self, sets: int) -> bool:
        return sets > self.frames if self.answers == "sets" else self.answers == "high"

    def admits(self, sets: int, pages: int) -> bool:
        return sets + pages <= self.frames if self.answers in ("sets", "room") else self.answers == "low"


class WrongError(Exception):
    """A sentence, and what happened."""


@dataclass
class Control:
    """Between calls."""

    programs: dict[int, Program] = field(default_factory=dict)
    settling: int = 0
    next: int = 0  # no exchange before
    leaves: str = LAST  # whom, when the load is too high

    def sums(self) -> tuple[int, int]:
        """Working sets of those that are active, and how many these are."""
        active = [program for program in self.programs.values() if self.is_active(program)]
        return sum(program.pages for program in active), len(active)

    @staticmethod
    def is_active(program: Program) -> bool:
        return "active" in program.is_ and not program.suspended and "no_space" not in program.is_

    def follow(self, period: Period, begin: int, events: list[Event]) -> tuple[str, str] | None:
        """A call, from that time on, in which this happened. None: as it was due."""
        call = Following(self, period, begin, iter(events))
        try:
            call.all()
        except WrongError as wrong:
            sentence, what = wrong.args
            return sentence, what
        return None


class Following:
    """One call."""

    def __init__(self, control: Control, period: Period, begin: int, events: Iterator[Event]):
        self.control, self.period, self.now, self.events = control, period, begin, events
        self.sets, self.active = control.sums()
        self.unwanted = EXCHANGE, "places were changed though nobody had waited for long enough"

    # --- what is there ---

    def candidates(self) -> list[Program]:
        return [
            program
            for program in self.control.programs.values()
            if self.control.is_active(program) and not program.is_ & set(NEVER)
            if program.pages >= SMALL and program.pages * 4 * self.active >= self.sets
        ]

    def waiter(self) -> Program | None:
        """Who has waited longest: of those that want to run, else of all."""
        waiting = [program for program in self.control.programs.values() if program.suspended]
        waiting = [program for program in waiting if "no_space" not in program.is_]
        wanting = [program for program in waiting if "wants" in program.is_]
        among = wanting or waiting
        return min(among, key=lambda program: program.since) if among else None

    def wanting(self) -> Program | None:
        found = self.waiter()
        return found if found and "wants" in found.is_ else None

    # --- what happened ---

    def event(self) -> Event | None:
        return next(self.events, None)

    def out(self, due: Program, sentence: str, missing: str) -> None:
        event = self.event()
        if event is None:
            raise WrongError(sentence, missing)
        if event.kind != SUSPEND:
            raise WrongError(sentence, "one was resumed instead")
        if event.id not in self.control.programs:
            raise WrongError(ENDS, "one was suspended that had ended")
        chosen = self.control.programs[event.id]
        if chosen not in self.candidates():
            raise WrongError(WHOM, f"one was suspended that {self.why_not(chosen)}")
        if self.period.whom and chosen is not due:
            self.judge_choice(chosen, due, WHOM if sentence == HOW_MANY else WHO_LEAVES)
        self.sets -= chosen.pages
        self.active -= 1
        chosen.suspended, chosen.since = True, event.begin
        self.pass_time(event)

    def back(self, due: Program, sentence: str, missing: str) -> None:
        event = self.event()
        if event is None:
            raise WrongError(sentence, missing)
        if event.kind != RESUME:
            raise WrongError(sentence, "one was suspended instead")
        if event.id not in self.control.programs:
            raise WrongError(ENDS, "one was resumed that had ended")
        if event.id != due.id:
            raise WrongError(BACK, "another came back than the one that had waited longest")
        self.sets += due.pages
        self.active += 1
        due.suspended, due.since = False, event.end
        self.pass_time(event)

    def pass_time(self, event: Event) -> None:
        self.now = event.end
        self.control.programs.pop(event.ended, None)

    def judge_choice(self, chosen: Program, due: Program, which: str) -> None:
        """Another was chosen than the one that is due; of some that are as large any may be."""
        if which == WHOM and self.control.leaves != LAST:
            if chosen.pages != due.pages:
                what = "smaller" if chosen.pages < due.pages else "larger"
                raise WrongError(which, f"one was suspended whose working set is {what} than another's")
            return
        when = "earlier" if chosen.let_in < due.let_in else "later"
        raise WrongError(which, f"one was suspended that was let in {when} than another")

    def to_leave(self) -> Program:
        """Of the candidates the one that is suspended when the load is too high."""
        among = self.candidates()
        if self.control.leaves == LAST:
            return max(among, key=lambda program: program.let_in)
        choose = max if self.control.leaves == LARGEST else min
        return choose(among, key=lambda program: program.pages)

    def why_not(self, chosen: Program) -> str:
        if chosen.suspended:
            return "was suspended already"
        told = {"essential": "is init", "shares": "shares its memory", "space_ends": "is ending", "traced": "is traced"}
        for word in NEVER:
            if word in chosen.is_:
                return told.get(word, f"is {word}")
        return "is too small" if self.control.is_active(chosen) else "is not active"

    # --- what is due ---

    def all(self) -> None:
        control, period = self.control, self.period
        control.settling -= control.settling > 0
        if period.foresees or control.settling == 0:
            if self.reduce() or self.admit():
                control.settling = SETTLE
        self.rotate()
        if more := self.event():
            another = self.event()
            if more.kind == SUSPEND and another and another.kind == RESUME:
                raise WrongError(*self.unwanted)
            if more.kind == SUSPEND:
                raise WrongError(HOW_MANY, "one more was suspended than was due")
            raise WrongError(BACK, "one more came back than was due")

    def reduce(self) -> bool:
        done = False
        while self.period.overloaded(self.sets) and len(self.candidates()) > 1:
            self.out(self.to_leave(), HOW_MANY, "fewer were suspended" if done else "nobody was suspended")
            done = True
            if not self.period.foresees:
                break
        return done

    def admit(self) -> bool:
        done = False
        while (due := self.waiter()) is not None:
            fits = self.period.admits(self.sets, due.pages)
            if not fits and (self.candidates() or "wants" not in due.is_):
                break
            self.back(due, BACK if fits else ALONE, "fewer came back" if done else "nobody came back")
            done = True
            if not self.period.foresees:
                break
        return done

    def rotate(self) -> None:
        begin, waiting = self.now, self.wanting()
        if not waiting or begin - waiting.since < PATIENCE:
            return
        if begin < self.control.next:
            self.unwanted = HALF, "places were changed too soon after the exchange before"
            return
        self.unwanted = WHO_LEAVES, "more left than was due, or who had come in just now"
        left = 0
        while waiting:
            able = [program for program in self.candidates() if program.let_in <= begin - QUANTUM]
            if not able:
                break
            due = min(able, key=lambda program: program.let_in)
            missing = "too few left for who was to come" if left else "nobody changed places"
            self.out(due, WHO_LEAVES if left else EXCHANGE, missing)
            left += 1
            waiting = self.wanting()
            if not self.period.foresees or (waiting and self.period.admits(self.sets, waiting.pages)):
                break
        if not left or not waiting:
            return
        pages = waiting.pages
        self.back(waiting, WHO_LEAVES, "nobody came for those that left")
        to_come = 0 if self.period.prepages else pages * self.period.service
        self.control.next = 2 * self.now - begin + to_come
