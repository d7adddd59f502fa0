"""The questions about a tale's program, and the answers that follow from what is known of a run.

A question consists of items, one answer each, and has points that its items share. Those that are *predicted* must
be answered before the program can run. The answers to one sheet follow from the witness's facts; the answers of
somebody who believes something else, from the model's under that belief.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from touring import beliefs, forms
from touring.beliefs import TRUE, Beliefs
from touring.facts import INVALID, NONE, Event, Facts
from touring.forms import ABSENT, Answer, Form
from touring.tale import CHILD, EXECUTE, NAMES, PARENT, READ, WRITE, Step, Tale

Answers = dict[str, dict[str, Answer]]  # by question and item
SIZES = (39, 30, 21)  # a table of each lower level is for so many bits of addresses


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
    see: str  # the command that shows it; {step} is the item's first
    predicted: bool = True
    hint: str = ""


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

    def instruction(self, step: Step) -> int:
        at = step.address if step.access == EXECUTE else self.labels[step.label]
        behind = self.labels.get(f"after_{step.number}", at + 2)  # of the rest, which is long; for wrong answers only
        return min(behind, at + 3) if self.held.next_instruction else at


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
    return known.instruction(known.tale.step(item.steps[0]))


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


# --- which items there are ---


def step_items(steps: list[Step], what: str = "") -> tuple[Item, ...]:
    return tuple(Item(f"step-{s.number}", f"{s.told()}{what}", (s.number,), s.who, s.page) for s in steps)


def counted(tale: Tale) -> tuple[Item, ...]:
    before = tuple(range(1, tale.forked + 1))
    behind = tuple(range(tale.forked + 1, len(tale.steps) + 1))
    return (
        Item("parent-before", f"the parent, steps 1 to {tale.forked}", before),
        Item("parent-after", "the parent, all its steps behind the fork", behind),
        Item("child", "the child, all its steps", behind, CHILD),
    )


def page_item(tale: Tale, key: str, step: int, who: int, area: str, role: str) -> Item:
    number = tale.roles[role]
    place = tale.areas[area].page(number)
    text = f'{NAMES[who]}, page {number} of "{area}" ({place + tale.words.get(place, 0):#x})'
    return Item(key, text, (step,), who, place)


def rights_items(tale: Tale) -> tuple[Item, ...]:
    step = tale.ended - 1
    asked = (
        (PARENT, "heap", "first"), (CHILD, "heap", "second"), (PARENT, "heap", "kept"), (CHILD, "heap", "kept"),
        (PARENT, "heap", "zeroes"), (CHILD, "heap", "zeroes"), (PARENT, "heap", "untouched"),
        (CHILD, "board", "board"), (CHILD, "data", "own"), (PARENT, "data", "late"),
    )  # fmt: skip
    return tuple(page_item(tale, f"{key_of(who)}-{area}-{role_page(tale, role)}", step, who, area, role)
                 for who, area, role in asked)  # fmt: skip


def value_items(tale: Tale) -> tuple[Item, ...]:
    step = tale.ended - 1
    asked = (
        (PARENT, "heap", "first"), (CHILD, "heap", "first"), (PARENT, "board", "board"), (PARENT, "heap", "zeroes"),
        (CHILD, "data", "data"),
    )  # fmt: skip
    return tuple(page_item(tale, f"{key_of(who)}-{area}-{role_page(tale, role)}", step, who, area, role)
                 for who, area, role in asked)  # fmt: skip


def key_of(who: int) -> str:
    return "parent" if who == PARENT else "child"


def role_page(tale: Tale, role: str) -> int:
    return tale.roles[role]


def find(tale: Tale, who: int, access: str, area: str, role: str, phase: str = "") -> Step:
    """The first such step."""
    page = tale.areas[area].page(tale.roles[role])
    return next(
        s for s in tale.steps
        if (s.who, s.access, s.page) == (who, access, page) and phase in ("", tale.phase(s))
    )  # fmt: skip


def first_copy(tale: Tale) -> Step:
    """The first write to the page that both write, behind the fork."""
    page = tale.areas["heap"].page(tale.roles["first"])
    return next(s for s in tale.steps if s.page == page and s.access == WRITE and s.number > tale.forked)


def found_steps(tale: Tale) -> dict[str, list[Step]]:
    """Of the questions about single faults."""
    refused, begins = tale.step(tale.ended), tale.step(tale.forked + 1)
    read = find(tale, PARENT, READ, "heap", "zeroes")
    far = find(tale, PARENT, WRITE, "stack", "far")
    loaded = find(tale, PARENT, READ, "data", "data")
    return {
        "address": [read, far, refused],
        "instruction": [first_copy(tale), far],
        "code": [read, begins, first_copy(tale), find(tale, PARENT, WRITE, "heap", "second"), loaded, refused],
    }


def history_items(tale: Tale) -> tuple[Item, ...]:
    last = len(tale.steps)
    kept, first = (tale.areas["heap"].page(tale.roles[role]) for role in ("kept", "first"))
    words = 'behind the last step, the parent, page {} of "heap": '
    wrote = f"{words.format(tale.roles['first'])}which step wrote what stands at {first + tale.words[first]:#x}?"
    right = f"{words.format(tale.roles['kept'])}which step gave its entry the frame or the right that it has?"
    early = (
        f'behind step {tale.ended - 1}, the parent, page {tale.roles["kept"]} of "heap": what gave its entry the right '
        "that it has: a step, or the fork?"
    )
    return (
        Item("writer", wrote, (last,), PARENT, first),
        Item("changer", right, (last,), PARENT, kept),
        Item("changer-before", early, (tale.ended - 1,), PARENT, kept),
    )


def ask(tale: Tale) -> list[Question]:
    """All questions; a hundred points."""
    before_end, last = tale.ended - 1, len(tale.steps)
    found = found_steps(tale)
    behind = f"behind step {before_end}"
    whole = "the pages of \"heap\", of all processes together; the zero page is not counted"
    return [
        Question(
            "counts", "How many page faults are there?", 8, ("T1", "T9"), forms.COUNT, counted(tale), answer_count,
            "tools/lab faults",
        ),
        Question(
            "kinds-before", "What does each touch of the parent come to before it forks?", 16,
            ("T1", "T2", "T3", "T4", "T8", "T12"), forms.KIND, step_items(tale.of_phase("alone")[2:]), answer_kind,
            "tools/lab gdb {step}",
        ),
        Question(
            "kinds-behind", "What does each touch come to behind the fork?", 18,
            ("T1", "T4", "T5", "T6", "T7", "T9", "T12"), forms.KIND,
            step_items(tale.of_phase("forked") + tale.of_phase("after")), answer_kind, "tools/lab gdb {step}",
        ),
        Question(
            "image", "Which steps have a page of the file read from the image?", 6, ("T4",), forms.STEPS,
            (Item("steps", "all of them, from step 1 on", (1,)),), answer_image, "tools/lab faults",
        ),
        Question(
            "same", f"Behind which pages of \"heap\" is there the same frame for both, {behind}?", 6, ("T3", "T5", "T6"),
            forms.PAGES, (Item("pages", "all of them", (before_end,)),), answer_same, "tools/lab page",
        ),
        Question(
            "frames", f"How many frames are behind {whole}?", 8, ("T2", "T3", "T5", "T6", "T7"), forms.COUNT,
            tuple(Item(f"step-{n}", f"behind step {n}", (n,)) for n in (tale.forked, before_end, last)),
            answer_frames, "tools/lab page",
        ),
        Question(
            "rights", f"What does the entry of each page say, {behind}?", 10, ("T3", "T5", "T6", "T7", "T11", "T12"),
            forms.RIGHTS, rights_items(tale), answer_rights, "tools/lab gdb {step}",
        ),
        Question(
            "values", f"What stands there, {behind}?", 6, ("T5", "T6", "T12"), forms.VALUE, value_items(tale),
            answer_value, "tools/lab gdb {step}",
        ),
        Question(
            "addresses", "Which address does the processor give for the fault (CR2)?", 5, ("T10",), forms.ADDRESS,
            step_items(found["address"]), answer_address, "tools/lab gdb {step}", predicted=False,
        ),
        Question(
            "instructions", "At which instruction is the fault: what does RIP say?", 4, ("T10",), forms.ADDRESS,
            step_items(found["instruction"]), answer_instruction, "tools/lab gdb {step}", predicted=False,
        ),
        Question(
            "codes", "Which error code does the processor give for the fault?", 6, ("T10",), forms.CODE,
            step_items(found["code"]), answer_code, "tools/lab gdb {step}", predicted=False,
        ),
        Question(
            "tables", "How many frames are page tables of the parent's user half, with the top one?", 2, ("T11",),
            forms.COUNT, (Item("tables", f"behind step {tale.forked}", (tale.forked,)),), answer_tables,
            "tools/lab page", predicted=False,
        ),
        Question(
            "history", "How did it come about? (Backwards.)", 5, ("T6", "T7"), forms.STEP, history_items(tale),
            answer_history, "tools/lab back", predicted=False,
        ),
    ]  # fmt: skip


@dataclass
class Sheet:
    """The questions of a tale, with all that answers follow from."""

    tale: Tale
    labels: dict[str, int]

    def __post_init__(self) -> None:
        self.questions = ask(self.tale)

    def question(self, name: str) -> Question:
        return next(each for each in self.questions if each.id == name)

    def answers(self, known: Known) -> Answers:
        return {q.id: {item.key: q.answer(known, item) for item in q.items} for q in self.questions}

    def under(self, held: Beliefs = TRUE) -> Answers:
        """What somebody answers who believes this."""
        return self.answers(Known(self.tale, beliefs.facts(self.tale, held), self.labels, held=held))


__all__ = ["INVALID", "Answers", "Item", "Known", "Question", "Sheet", "ask", "replace"]
