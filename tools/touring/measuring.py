"""What the tree's kernel does with a tale's program, as the witness sees it; and that the model says the same.

QEMU's log has each fault: its address, its error code, its instruction, in which space. Behind each step the program
rests, the machine is paused, and the page tables in RAM are read from outside: which entries there are, what
they allow, and which frame they name. A kind is what follows from these: it is nobody's word.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from exercising import tables
from touring.facts import (
    COPY,
    FILE,
    INVALID,
    NONE,
    REUSE,
    ZERO_FILL,
    ZERO_PAGE,
    Event,
    Facts,
    Look,
    View,
    error_code,
)
from touring.program import SURVIVED
from touring.questions import Known
from touring.tale import CHILD, EXECUTE, PAGE, PARENT, WRITE, Step, Tale
from tracing.words import NO_EXECUTE, WRITABLE
from witnessing import run
from witnessing.ram import Ram
from witnessing.seen import Fault, Seen

RAM = "48M"
BUDGET = 200_000_000  # instructions: in so many the machine is paused every four virtual seconds at least
NOTES = 4  # bytes


class Disagree(Exception):
    """The machine did something else than the model says, or was not seen: there is no such lab."""


def agree(what: str, machine: object, model: object) -> None:
    if machine != model:
        raise Disagree(f"{what}: the machine says {machine}, the model {model}")


@dataclass
class Watcher:
    """Looks at the page tables whenever the machine is paused."""

    tale: Tale
    labels: dict[str, int]
    looks: dict[int, Look] = field(default_factory=dict)
    tables: dict[int, int] = field(default_factory=dict)  # behind each step: frames that are the parent's tables
    spaces: dict[int, int] = field(default_factory=dict)  # of each process
    taken: int = 0  # so many faults were looked at

    def instruction(self, step: Step) -> int:
        """Where the processor is when it makes the touch."""
        return step.address if step.access == EXECUTE else self.labels[step.label]

    def step_of(self, fault: Fault) -> Step | None:
        return next((s for s in self.tale.steps if (self.instruction(s), s.address) == (fault.ip, fault.address)), None)

    def look(self, ram: Ram, seen: Seen) -> None:
        for fault in seen.faults[self.taken :]:
            if step := self.step_of(fault):
                self.spaces.setdefault(step.who, fault.space)
        self.taken = len(seen.faults)
        if PARENT not in self.spaces:
            return
        notes = tables.walk(ram, self.spaces[PARENT], self.tale.areas["board"].base)[-1]
        if notes.value & 1:
            done = int.from_bytes(ram.read(notes.value & tables.ADDRESS, NOTES), "little")
            if 1 < done <= len(self.tale.steps):
                self.looks[done] = self.views(ram, done)
                self.tables[done] = sum(tables.count(ram, self.spaces[PARENT]).values())

    def views(self, ram: Ram, done: int) -> Look:
        """Behind a step, of all who live then."""
        there = [who for who in self.spaces if who == PARENT or self.tale.forked < done < self.tale.ended]
        return {
            (who, address): self.view(ram, address, entry.value)
            for who in there
            for address, entry in tables.entries(ram, self.spaces[who] & tables.ADDRESS, 4)
            if entry.level == 1 and self.tale.area_of(address)
        }

    def view(self, ram: Ram, page: int, entry: int) -> View:
        frame = entry & tables.ADDRESS
        contents = ram.read(frame, PAGE)
        area = self.tale.area_of(page)
        assert area
        word = self.tale.words.get(page) if area.name != "code" else None  # whose instructions are no values
        value = int.from_bytes(contents[word : word + 8], "little") if word is not None else 0
        rights = f"r{'w' if entry & WRITABLE else '-'}{'-' if entry & NO_EXECUTE else 'x'}"
        ours = area.name in ("heap", "stack")  # where new memory is: what is zero there and may not be written
        zero = ours and not entry & WRITABLE and not any(contents)
        return View(rights, frame // PAGE, value, zero)


def event(watcher: Watcher, seen: Seen, step: Step, touched: set[int]) -> Event:
    """What the machine did at a step; `touched`: pages of objects that somebody has touched before."""
    faults = [fault for fault in seen.faults if watcher.step_of(fault) == step]
    if not faults:
        return Event(NONE)
    if len(faults) > 1:
        raise Disagree(f"step {step.number}: {len(faults)} faults")
    fault = faults[0]
    agree(f"step {step.number}: access", fault.access, step.access)
    area = watcher.tale.area_of(step.page)
    image = area is not None and area.file >= 0 and step.page not in touched
    kind = INVALID if step.ends else kind_of(watcher, step)
    code = error_code(fault.access, fault.present)
    return Event(kind, image and kind != INVALID, fault.address, code, fault.ip)


def kind_of(watcher: Watcher, step: Step) -> str:
    """Of a fault: what is behind the page now, and what was before."""
    key = (step.who, step.page)
    after, area = watcher.looks.get(step.number, {}).get(key), watcher.tale.area_of(step.page)
    before = before_step(watcher, step)
    if step.number == 1 or (after is None and step.access == EXECUTE):
        return FILE
    if after is None or area is None:
        return INVALID
    if before and before.frame == after.frame:
        return REUSE if "w" in after.rights and "w" not in before.rights else "spurious"
    if after.zero:
        return ZERO_PAGE
    of_object = area.shared or area.file >= 0
    if before is None and of_object and (area.shared or step.access != WRITE):
        return FILE
    if before and not before.zero:
        return COPY
    return COPY if of_object else ZERO_FILL


def before_step(watcher: Watcher, step: Step) -> View | None:
    """As the process had it before; at its first step, as it was left by the fork."""
    look = watcher.looks.get(step.number - 1, {})
    if step.who == CHILD and step.number == watcher.tale.forked + 1:
        look = {}
    return look.get((step.who, step.page))


def measure(kernel: Path, image: Path, tale: Tale, program: Path, labels: dict[str, int]) -> Known:
    """Run it, and tell what is known. Disagree: it did not come to its end, or was not seen to."""
    watcher = Watcher(tale, labels)
    seen = run.witness(kernel, image, program, ram=RAM, budget=BUDGET, look=watcher.look)
    if any(mark.number == SURVIVED for mark in seen.marks):
        raise Disagree(f"step {tale.ended}: the child went on behind it")
    missing = [step.number for step in tale.steps[1:] if step.number not in watcher.looks]
    if missing:
        raise Disagree(f"nothing was seen behind steps {missing}: {seen.console[-300:]}")
    strange = [fault for fault in seen.faults if fault.space in watcher.spaces.values() and not watcher.step_of(fault)]
    if strange:
        raise Disagree(f"a fault that is no step's: {strange[0]}")
    found = Facts(looks=watcher.looks)
    touched: set[int] = set()
    for step in tale.steps:
        found.events[step.number] = event(watcher, seen, step, touched)
        touched.add(step.page)
    return Known(tale, found, labels, watcher.tables)


def check(tale: Tale, measured: Facts, model: Facts) -> None:
    """Disagree: where the two differ. Frames have other numbers, but the same ones are the same."""
    for step in tale.steps:
        told = replace(measured.events[step.number], instruction=0)
        agree(f"step {step.number}: {step.told()}", told, model.events[step.number])
    frames: dict[int, int] = {}
    for number, look in measured.looks.items():
        for key, view in sorted(look.items()):
            due = model.looks[number].get(key)
            if due is None:
                raise Disagree(f"behind step {number} there is {view} for {key}, the model has nothing there")
            agree(f"behind step {number}: {key}", replace(view, frame=0), replace(due, frame=0))
            agree(f"behind step {number}: frame of {key}", frames.setdefault(due.frame, view.frame), view.frame)
        agree(f"behind step {number}: pages", set(look), set(model.looks[number]))
