"""The questions about a tale's program, and the answers that follow from what is known of a run.

A question consists of items, one answer each, and has points that its items share. Those that are *predicted* must
be answered before the program can run. The answers to one sheet follow from the witness's facts; the answers of
somebody who believes something else, from the model's under that belief.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from touring import beliefs
from touring.beliefs import TRUE, Beliefs
from touring.facts import NONE, Event, Facts
from touring.forms import ABSENT, Answer, Form
from touring.tale import PARENT, Tale

Answers = dict[str, dict[str, Answer]]  # by question and item
SIZES = (39, 30, 21)  # a table of each lower level is for so many bits of addresses
STORE = 3  # bytes of the instructions that read and write


@dataclass(frozen=True)
class Item:
    """`steps`: those that it is about; the first is where GDB goes to see it."""

    key: str
    text: str
    steps: tuple[int, ...] = ()
    who: int = PARENT
    page: int = 0


@dataclass(frozen=True)
class Question:
    """`answer`: to each item, of a run."""

    id: str
    title: str
    points: int
    sentences: tuple[str, ...]  # of what holds in this kernel, in the handout
    form: Form
    items: tuple[Item, ...]
    answer: Callable[[Known, Item], Answer]
    see: str  # the command that shows it; {step} is the item's first, {behind} the one after that
    predicted: bool = True


@dataclass
class Known:
    """A run, and who looks at it."""

    tale: Tale
    facts: Facts
    labels: dict[str, int]  # where the program's steps are
    tables: dict[int, int] = field(default_factory=dict)  # behind each step: frames that are page tables
    held: Beliefs = TRUE

    def heap(self) -> list[int]:
        area = self.tale.areas["heap"]
        return [area.page(number) for number in range(area.pages)]


def table_frames(facts: Facts, step: int, who: int) -> int:
    """Of a process whose entries are all known: the top one, and one for each stretch in which a page is."""
    pages = {page for holder, page in facts.looks[step] if holder == who}
    return 1 + sum(len({page >> size for page in pages}) for size in SIZES)


# --- how each question's items are answered ---


def answer_count(known: Known, item: Item) -> Answer:
    steps = [known.tale.step(number) for number in item.steps]
    return known.facts.faults(steps, item.who)


def answer_kind(known: Known, item: Item) -> Answer:
    return known.facts.events[item.steps[0]].kind


def answer_image(known: Known, item: Item) -> Answer:
    return frozenset(number for number, event in known.facts.events.items() if event.image)


def answer_same(known: Known, item: Item) -> Answer:
    pages = known.heap()
    return frozenset(pages.index(page) for page in known.facts.same(item.steps[0], pages))


def answer_frames(known: Known, item: Item) -> Answer:
    step = item.steps[0]
    found = known.facts.frames(step, known.heap(), known.held.zero_page_counts)
    who = {holder for holder, _ in known.facts.looks[step]}
    return found + sum(table_frames(known.facts, step, each) for each in who) * known.held.tables_count


def answer_tables(known: Known, item: Item) -> Answer:
    step = item.steps[0]
    return known.tables[step] if known.tables else table_frames(known.facts, step, PARENT)


def answer_rights(known: Known, item: Item) -> Answer:
    view = known.facts.looks[item.steps[0]].get((item.who, item.page))
    return view.rights if view else ABSENT


def answer_value(known: Known, item: Item) -> Answer:
    view = known.facts.looks[item.steps[0]].get((item.who, item.page))
    return view.value if view else 0


def answer_address(known: Known, item: Item) -> Answer:
    return event_of(known, item).address


def answer_code(known: Known, item: Item) -> Answer:
    return event_of(known, item).code


def answer_instruction(known: Known, item: Item) -> Answer:
    """As the machine told it, or as the program's labels say; none of these steps executes anything."""
    step = known.tale.step(item.steps[0])
    at = known.facts.events[step.number].instruction or known.labels[step.label]
    return at + STORE if known.held.next_instruction else at


def answer_history(known: Known, item: Item) -> Answer:
    ask = known.facts.writer if item.key.startswith("writer") else known.facts.changer
    return ask(known.tale, item.steps[0], item.who, item.page)


def event_of(known: Known, item: Item) -> Event:
    """Of a step that faults; for who thinks that it does not, what an unhindered model says of the fault."""
    event = known.facts.events[item.steps[0]]
    if event.kind != NONE:
        return event
    plain = Beliefs(
        page_start=known.held.page_start,
        present_means_missing=known.held.present_means_missing,
        user_bit_forgotten=known.held.user_bit_forgotten,
    )
    return beliefs.facts(known.tale, plain).events[item.steps[0]]
