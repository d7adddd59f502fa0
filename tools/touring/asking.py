"""Which questions a sheet has, and which items: chosen by the parts that pages play in the tale, not drawn again."""

from __future__ import annotations

from dataclasses import dataclass

from touring import beliefs, forms, questions
from touring.beliefs import TRUE, Beliefs
from touring.questions import Answers, Item, Known, Question
from touring.tale import CHILD, NAMES, PARENT, READ, WRITE, Step, Tale

AT_STEP, BEHIND_STEP = "tools/lab gdb {step}", "tools/lab gdb {behind}"
FAULTS, PAGE, BACK = "tools/lab faults", "tools/lab page", "tools/lab back"


# --- items ---


def of_steps(steps: list[Step]) -> tuple[Item, ...]:
    return tuple(Item(f"step-{step.number}", step.told(), (step.number,), step.who, step.page) for step in steps)


def of_pages(tale: Tale, step: int, asked: tuple[tuple[int, str, str], ...]) -> tuple[Item, ...]:
    """Behind a step: process, area, the page's part."""
    return tuple(of_page(tale, step, *each) for each in asked)


def of_page(tale: Tale, step: int, who: int, area: str, role: str) -> Item:
    number = tale.roles[role]
    page = tale.areas[area].page(number)
    key = f"{'parent' if who == PARENT else 'child'}-{area}-{number}"
    text = f'{NAMES[who]}, page {number} of "{area}" ({page + tale.words.get(page, 0):#x})'
    return Item(key, text, (step,), who, page)


def counted(tale: Tale) -> tuple[Item, ...]:
    before = tuple(range(1, tale.forked + 1))
    behind = tuple(range(tale.forked + 1, len(tale.steps) + 1))
    return (
        Item("parent-before", f"the parent, steps 1 to {tale.forked}", before),
        Item("parent-after", "the parent, all its steps behind the fork", behind),
        Item("child", "the child, all its steps", behind, CHILD),
    )


def history(tale: Tale) -> tuple[Item, ...]:
    last, before_end = len(tale.steps), tale.ended - 1
    heap = tale.areas["heap"]
    kept, first = (heap.page(tale.roles[role]) for role in ("kept", "first"))
    of_kept = f'the parent, page {tale.roles["kept"]} of "heap"'
    wrote = (
        f'behind the last step, the parent, page {tale.roles["first"]} of "heap": which step wrote what stands at '
        f"{first + tale.words[first]:#x}?"
    )
    return (
        Item("writer", wrote, (last,), PARENT, first),
        Item("changer", f"behind the last step, {of_kept}: what gave its entry the right that it has?", (last,),
             PARENT, kept),
        Item("changer-before", f"the same behind step {before_end}: a step, or the fork?", (before_end,), PARENT, kept),
    )  # fmt: skip


def find(tale: Tale, who: int, access: str, area: str, role: str) -> Step:
    """The first such step."""
    page = tale.areas[area].page(tale.roles[role])
    return next(step for step in tale.steps if (step.who, step.access, step.page) == (who, access, page))


def first_copy(tale: Tale) -> Step:
    """The first write to the page that both write, behind the fork."""
    page = tale.areas["heap"].page(tale.roles["first"])
    return next(s for s in tale.steps if s.page == page and s.access == WRITE and s.number > tale.forked)


# --- questions ---


def predicted(tale: Tale) -> list[Question]:
    before_end, last = tale.ended - 1, len(tale.steps)
    behind = f"behind step {before_end}"
    return [
        Question(
            "counts", "How many page faults are there?", 8,
            ("T1", "T9"), forms.COUNT, counted(tale), questions.answer_count, FAULTS,
        ),
        Question(
            "kinds-before", "What does each touch of the parent come to before it forks?", 16,
            ("T1", "T2", "T3", "T4", "T8", "T12"), forms.KIND, of_steps(tale.of_phase("alone")[2:]),
            questions.answer_kind, AT_STEP,
        ),
        Question(
            "kinds-behind", "What does each touch come to behind the fork?", 18,
            ("T1", "T4", "T5", "T6", "T7", "T9", "T12"), forms.KIND,
            of_steps(tale.of_phase("forked") + tale.of_phase("after")), questions.answer_kind, AT_STEP,
        ),
        Question(
            "image", "Which steps have a page of the file read from the image?", 6,
            ("T4",), forms.STEPS, (Item("steps", "all of them, from step 1 on", (1,)),), questions.answer_image, FAULTS,
        ),
        Question(
            "same", f'Behind which pages of "heap" is there the same frame for both, {behind}?', 6,
            ("T3", "T5", "T6"), forms.PAGES, (Item("pages", "all of them", (before_end,)),), questions.answer_same,
            PAGE,
        ),
        Question(
            "frames", 'How many frames are behind "heap", of all processes together, not counting the zero page?', 8,
            ("T2", "T3", "T5", "T6", "T7"), forms.COUNT,
            tuple(Item(f"step-{n}", f"behind step {n}", (n,)) for n in (tale.forked, before_end, last)),
            questions.answer_frames, PAGE,
        ),
        Question(
            "rights", f"What does the entry of each page allow, {behind}?", 10,
            ("T3", "T5", "T6", "T7", "T11", "T12"), forms.RIGHTS,
            of_pages(tale, before_end, (
                (PARENT, "heap", "first"), (CHILD, "heap", "second"), (PARENT, "heap", "kept"),
                (CHILD, "heap", "kept"), (PARENT, "heap", "zeroes"), (CHILD, "heap", "zeroes"),
                (PARENT, "heap", "untouched"), (CHILD, "board", "board"), (CHILD, "data", "own"),
                (PARENT, "data", "late"),
            )),
            questions.answer_rights, BEHIND_STEP,
        ),
        Question(
            "values", f"What stands there, {behind}?", 6, ("T5", "T6", "T12"), forms.VALUE,
            of_pages(tale, before_end, (
                (PARENT, "heap", "first"), (CHILD, "heap", "first"), (PARENT, "board", "board"),
                (PARENT, "heap", "zeroes"), (CHILD, "data", "data"),
            )),
            questions.answer_value, BEHIND_STEP,
        ),
    ]  # fmt: skip


def to_be_found(tale: Tale) -> list[Question]:
    refused, begins = tale.step(tale.ended), tale.step(tale.forked + 1)
    read = find(tale, PARENT, READ, "heap", "zeroes")
    far = find(tale, PARENT, WRITE, "stack", "far")
    copied, written = first_copy(tale), find(tale, PARENT, WRITE, "heap", "second")
    return [
        Question(
            "addresses", "Which address does the processor give for the fault (CR2)?", 5, ("T10",), forms.ADDRESS,
            of_steps([read, far, refused]), questions.answer_address, AT_STEP, predicted=False,
        ),
        Question(
            "instructions", "At which instruction is the fault: what does RIP say?", 4, ("T10",), forms.ADDRESS,
            of_steps([copied, far]), questions.answer_instruction, AT_STEP, predicted=False,
        ),
        Question(
            "codes", "Which error code does the processor give for the fault?", 6, ("T10",), forms.CODE,
            of_steps([read, written, begins, copied, refused]), questions.answer_code, AT_STEP, predicted=False,
        ),
        Question(
            "tables", "How many frames are page tables of the parent's user half, with the top one?", 2, ("T11",),
            forms.COUNT, (Item("tables", f"behind step {tale.forked}", (tale.forked,)),), questions.answer_tables,
            PAGE, predicted=False,
        ),
        Question(
            "history", "How did it come about? (Backwards.)", 5, ("T5", "T6", "T7"), forms.STEP, history(tale),
            questions.answer_history, BACK, predicted=False,
        ),
    ]  # fmt: skip


@dataclass
class Sheet:
    """The questions of a tale, a hundred points, with all that answers follow from."""

    tale: Tale
    labels: dict[str, int]  # where the program's steps are

    def __post_init__(self) -> None:
        self.questions = predicted(self.tale) + to_be_found(self.tale)

    def question(self, name: str) -> Question:
        return next(each for each in self.questions if each.id == name)

    def answers(self, known: Known) -> Answers:
        return {q.id: {item.key: q.answer(known, item) for item in q.items} for q in self.questions}

    def under(self, held: Beliefs = TRUE) -> Answers:
        """What somebody answers who believes this."""
        return self.answers(Known(self.tale, beliefs.facts(self.tale, held), self.labels, held=held))
