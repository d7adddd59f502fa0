"""What a student reads and fills in: the program's story, the questions, the two files of answers."""

from __future__ import annotations

import json

from touring.asking import Sheet
from touring.facts import KINDS
from touring.questions import Question
from touring.tale import NAMES, Tale

TOP = """# {title}: your program, and the questions about it

Made from the seed `{seed}`. [HANDOUT.md](HANDOUT.md) says what to do with it, and what holds in this kernel.

## The memory of your program

| name | pages | from | rights | what |
|---|---|---|---|---|
"""
STORY = """
Pages of an area are numbered from 0; those of "stack" from the first, which is the highest, downwards.

## What your program does

Its text for the assembler is `lab/tour.s`: each step has a label there, `step_1`, `step_2`, … Two processes take
part, and take turns: one stops, and the other goes on. Behind each step but the first the number of the step is
written to the first word of "board" (the *notes*), and the program rests.

| step | who | does what | at |
|---|---|---|---|
"""
ASKED = """
## Questions

**Predicted**: fill these in in `predictions.toml` before the program runs, and all of them in `answers.toml` behind
that. **Found**: in `answers.toml` only. Steps 1 and 2 are answered for you: step 1 comes to `file` (the page of code is
read from the image), step 2 to `file`, too (the page of shared memory).

Kinds of faults, and what else a touch may come to:

| answer | |
|---|---|
"""


def story_rows(tale: Tale) -> list[str]:
    rows = []
    for step in tale.steps:
        if step.number == tale.forked + 1:
            rows.append("| | the parent | forks: from here on there are two | |")
        what = step.told().removeprefix(NAMES[step.who]).strip()
        rows.append(f"| {step.number} | {NAMES[step.who]} | {what} | `{step.address:#x}` |")
        if step.number == 1:
            maps = " and ".join(f'"{name}"' for name in ("heap", "board"))
            rows.append(f"| | the parent | maps {maps} | |")
    return [*rows, "| | the parent | ends | |"]


def question_lines(number: int, question: Question) -> list[str]:
    when = "Predicted" if question.predicted else "Found"
    lines = [f"### {number}. {question.id}", "", f"{question.title} **{when}**; {question.points} points."]
    lines += ["", f"Each answer is {question.form.name}, such as `{question.form.example}`.", ""]
    if question.form.name.startswith("a kind"):
        return [*lines, f"For each of steps {question.items[0].steps[0]} to {question.items[-1].steps[0]}.", ""]
    return [*lines, *(f"- `{item.key}`: {item.text}" for item in question.items), ""]


def questions_page(sheet: Sheet, title: str) -> str:
    tale = sheet.tale
    text = TOP.format(title=title, seed=tale.seed)
    for area in tale.areas.values():
        text += f'| "{area.name}" | {area.pages} | `{area.base:#x}` | {area.rights} | {area.what} |\n'
    text += STORY + "\n".join(story_rows(tale)) + "\n" + ASKED
    text += "".join(f"| `{name}` | {what} |\n" for name, what in KINDS.items())
    lines = [""]
    for number, question in enumerate(sheet.questions, 1):
        lines += question_lines(number, question)
    return text + "\n".join(lines)


def empty_answers(sheet: Sheet, predicted: bool) -> str:
    """The file to be filled in."""
    asked = [question for question in sheet.questions if question.predicted or not predicted]
    lines = ["# Before the program has run." if predicted else "# What it was, behind the run."]
    lines.append("# QUESTIONS.md has the questions. A number needs no quotes; a list is [1, 2, 3].")
    for question in asked:
        lines += ["", f"# {question.title}", f"# Each: {question.form.name}, such as {shown(question.form.example)}"]
        lines.append(f"[{question.id}]")
        lines += [f"{item.key} = \"\"{' ' * max(1, 14 - len(item.key))}# {item.text}" for item in question.items]
    return "\n".join(lines) + "\n"


def shown(example: str) -> str:
    """As TOML has it."""
    return example if example[0] in "[0123456789" else json.dumps(example)


def filled(sheet: Sheet, raw: dict, predicted: bool) -> str:
    """The same with answers in it: what a rule writes."""
    lines = []
    for question in sheet.questions:
        if question.predicted or not predicted:
            lines.append(f"[{question.id}]")
            lines += [f"{key} = {toml(each)}" for key, each in raw.get(question.id, {}).items()]
    return "\n".join(lines) + "\n"


def toml(value: object) -> str:
    """A number, a list, or words."""
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False)
