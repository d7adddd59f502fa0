"""What can be known of a run of the tour's program: of each step its fault, and what everybody sees behind it.

The same form holds what the witness measured, what the model says, and what follows from a wrong belief.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from touring.tale import CHILD, EXECUTE, PARENT, WRITE, Step, Tale

NONE, ZERO_FILL, ZERO_PAGE, FILE = "none", "zero-fill", "zero-page", "file"
COPY, REUSE, INVALID = "copy", "reuse", "invalid"
KINDS = {
    NONE: "no fault: the entry allows it already",
    ZERO_FILL: "a frame of zeroes for this page",
    ZERO_PAGE: "the one frame of zeroes that all share who only read, to be read only",
    FILE: "the page of the file, or of the shared memory, in the frame that everybody sees",
    COPY: "a frame of its own, with a copy of what others see, too",
    REUSE: "the same frame, to be written from now on, for nobody else has it any more",
    INVALID: "refused: a signal ends the process",
}
BY_FORK = 0  # what changed an entry was no step
BIT_PRESENT, BIT_WRITE, BIT_USER, BIT_FETCH = 1, 2, 4, 16  # of a page fault's error code


def error_code(access: str, present: bool) -> int:
    """Of user code."""
    return BIT_USER | (BIT_PRESENT if present else 0) | {WRITE: BIT_WRITE, EXECUTE: BIT_FETCH}.get(access, 0)


@dataclass(frozen=True)
class Event:
    """What a step came to; without a fault there is neither an address nor a code."""

    kind: str
    image: bool = False  # the file's page was read from the image
    address: int = 0
    code: int = 0
    instruction: int = 0


@dataclass(frozen=True)
class View:
    """Of a page, by a process."""

    rights: str  # rw-, r--, r-x: what the entry says
    frame: int
    value: int  # of the one word that is touched
    zero: bool  # it is the zero page


Look = dict[tuple[int, int], View]  # by process and page's address; what is not there has no entry


@dataclass
class Facts:
    """Of a run."""

    events: dict[int, Event] = field(default_factory=dict)  # by step
    looks: dict[int, Look] = field(default_factory=dict)  # behind each step

    def faults(self, steps: list[Step], who: int) -> int:
        return sum(self.events[step.number].kind != NONE for step in steps if step.who == who)

    def frames(self, step: int, pages: list[int], zero_counts: bool = False) -> int:
        """Different ones behind these pages, of all processes; the zero page is counted for each page that shows
        it, or not at all."""
        views = {key: view for key, view in self.looks[step].items() if key[1] in pages}
        zeroes = len({page for (_, page), view in views.items() if view.zero})
        return len({view.frame for view in views.values() if not view.zero}) + zeroes * zero_counts

    def same(self, step: int, pages: list[int]) -> set[int]:
        """Pages behind which both processes have the same frame."""
        look = self.looks[step]
        both = [page for page in pages if (PARENT, page) in look and (CHILD, page) in look]
        return {page for page in both if look[PARENT, page].frame == look[CHILD, page].frame}

    def writer(self, tale: Tale, step: int, who: int, page: int) -> int:
        """The step that wrote what stands there; 0: none."""
        value = self.looks[step][who, page].value
        return next((each.number for each in tale.steps if each.value == value and value), 0)

    def changer(self, tale: Tale, step: int, who: int, page: int) -> int:
        """The step that gave the entry the frame and the rights that it has; BY_FORK, if it was none."""
        now = self.looks[step].get((who, page))
        for each in reversed(tale.steps[:step]):
            if (each.who, each.page) == (who, page) and self.changed_at(each):
                after = self.looks[each.number][who, page]
                return each.number if now and (after.rights, after.frame) == (now.rights, now.frame) else BY_FORK
        return BY_FORK

    def changed_at(self, step: Step) -> bool:
        key = (step.who, step.page)
        now, before = self.looks[step.number].get(key), self.looks.get(step.number - 1, {}).get(key)
        return now is not None and (before is None or (now.rights, now.frame) != (before.rights, before.frame))
