"""Questions about somebody's own solution: one of its statements is taken away; what is seen then, in this program?

Who wrote the solution has thought about each of its statements; who copied it has not. A statement serves if the kernel
without it compiles and boots, and if there is a program among the tests that comes to its end and shows something that
is not as it was due. So neither what only prevents a crash is asked about, nor what changes nothing. What else
there is to choose from is seen in the same program without other statements of this solution, or in known wrong
kernels; and that there is nothing to be seen.
"""

from __future__ import annotations

import random
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from labbing import build, source, testing
from labbing.description import Lab, LabError
from labbing.expectation import Expectation
from labbing.judge import END, Finding
from labbing.source import Statement
from labbing.testing import Verdict
from labbing.workshop import Workshop

CHOICES = 4
LEAST, MOST = 3, 3  # questions: with fewer that serve there are none; a member gets so many
PHASES_MOST = 8  # of a program, told before a question
NOT_ASKED = ("assert", "panic")
Symptom = tuple[str, str]


@dataclass(frozen=True)
class Seen:
    """A program without a statement: what is not as it was due, the first thing and all of it."""

    due: Expectation
    first: Finding
    symptoms: frozenset[Symptom]

    @property
    def serves(self) -> bool:
        return all(kind != END for _, kind in self.symptoms)


@dataclass(frozen=True)
class Without:
    """A statement that is taken away, and the programs in which something is seen."""

    file: str
    statement: Statement
    seen: tuple[Seen, ...]

    @property
    def serves(self) -> bool:
        return any(each.serves for each in self.seen)


@dataclass(frozen=True)
class Question:
    """One, with the place of its answer among the choices. None among these: nothing is seen."""

    about: Without
    seen: Seen
    choices: tuple[Finding | None, ...]
    answer: int


def submitted(lab: Lab, folder: Path) -> dict[str, str]:
    """The files that are taken from a student, and nothing else. LabError: one is not there."""
    try:
        return {file: (folder / file).read_text("utf-8") for file in lab.submit}
    except (OSError, UnicodeDecodeError) as error:
        raise LabError(f"{folder} is no submission for {lab.name}: {error}") from None


def own_functions(root: Path, lab: Lab, file: str, text: str) -> frozenset[str]:
    """Those that a student wrote: the holes, and what the tree's file does not know."""
    holes = {hole.function for hole in lab.holes if hole.file == file}
    try:
        return frozenset(source.functions_in(root, file, text)) - (frozenset(source.functions(root, file)) - holes)
    except ValueError as error:
        raise LabError(str(error)) from None


def may_be_asked(statement: Statement) -> bool:
    name = statement.text.split("(")[0].strip()
    return not (name.startswith(NOT_ASKED) or name.isupper())


def without(text: str, statement: Statement) -> str:
    """An empty statement stands in its place, on as many lines."""
    instead = ";" if statement.text.startswith("if") else ""
    return text[: statement.start] + instead + "\n" * statement.text.count("\n") + text[statement.end :]


def what_is_seen(verdicts: Iterable[Verdict]) -> tuple[Seen, ...]:
    """In each program that shows something."""
    return tuple(
        Seen(verdict.due, verdict.findings[0], frozenset(finding.symptom for finding in verdict.findings))
        for verdict in verdicts
        if not verdict.passed
    )


def each_without(
    workshop: Workshop, changed: dict[str, str], tests: list[testing.Test], say: Callable[[str], None]
) -> list[Without]:
    """Of a solution, in its files' order: the statements without which something is seen. LabError: it does not pass
    by itself."""
    lost = [each.due.id for each in testing.all_of(workshop.kernel("asked", changed), tests) if not each.passed]
    if lost:
        raise LabError(f"only who passes is asked, and this solution fails {', '.join(lost)}")
    found = []
    for file, text in changed.items():
        own = own_functions(workshop.root, workshop.lab, file, text)
        for statement in filter(may_be_asked, source.statements(workshop.root, file, text, own)):
            less = {**changed, file: without(text, statement)}
            try:
                seen = what_is_seen(testing.all_of(workshop.kernel("asked", less, ("-w",)), tests))
            except build.BuildError:
                continue
            each = Without(file, statement, seen)
            say(f"  {file}:{statement.line}: {'serves' if each.serves else 'does not serve'}")
            found += [each] if seen else []
    return found


def seen_of_wrong(workshop: Workshop, tests: list[testing.Test]) -> list[Seen]:
    """What known wrong kernels show."""
    return [seen for verdicts in workshop.seen_of_wrong(tests).values() for seen in what_is_seen(verdicts)]


def question(about: Without, others: list[Seen], chance: random.Random) -> Question | None:
    """About one of the programs in which something is seen. None: there are too few other things to be seen there."""
    for seen in chance.sample(about.seen, len(about.seen)):
        different: dict[Symptom, Finding] = {}
        for other in chance.sample(others, len(others)):
            if seen.serves and other.due.id == seen.due.id and other.first.symptom not in seen.symptoms:
                different.setdefault(other.first.symptom, other.first)
        if len(different) >= CHOICES - 2:
            wrong: list[Finding | None] = [None, *list(different.values())[: CHOICES - 2]]
            choices = chance.sample([*wrong, seen.first], CHOICES)
            return Question(about, seen, tuple(choices), choices.index(seen.first))
    return None


def dealt(without: list[Without], others: list[Seen], members: list[str], seed: str) -> dict[str, list[Question]]:
    """Each member's, no statement twice. Empty: fewer than three serve, or too few for each to have one."""
    chance = random.Random(f"questions {seed}")
    asked = [question(each, others, chance) for each in chance.sample(without, len(without))]
    ready = [each for each in asked if each]
    many = min(MOST, len(ready) // len(members))
    if len(ready) < LEAST or not many:
        return {}
    return {member: ready[at * many :][:many] for at, member in enumerate(members)}


# --- as text ---


def quoted(statement: Statement) -> str:
    lines = textwrap.dedent(" " * 4 + statement.text).splitlines()
    end = "" if statement.text.startswith("if") and statement.text.endswith("}") else ";"
    return textwrap.indent("\n".join(lines) + end, " " * 8)


def wrapped(label: str, words: str, indent: int = 16) -> str:
    first = f"   {label}".ljust(indent)
    return textwrap.fill(words, 80, initial_indent=first, subsequent_indent=" " * indent)


def letter(at: int) -> str:
    return "abcd"[at]


def program(due: Expectation, until: int) -> list[str]:
    """Its last phases up to that one."""
    first = max(until + 1 - PHASES_MOST, 0)
    told = [f"{phase.who} {phase.what}" for phase in due.phases[first : until + 1]]
    return ([f"   - … ({first} steps before)"] if first else []) + [wrapped("-", words, 5) for words in told]


def question_text(number: int, each: Question) -> str:
    statement = each.about.statement
    lines = [f"{number}. In {statement.function}, line {statement.line} of {each.about.file}, this is taken away:", ""]
    lines += [quoted(statement), "", "   The kernel still compiles and boots. In it runs a program:", ""]
    lines += [*program(each.seen.due, each.seen.first.phase), "", "   What is the first thing seen that is wrong?", ""]
    for at, finding in enumerate(each.choices):
        mark = f"{letter(at)})"
        if finding is None:
            lines += [wrapped(f"{mark} nothing", "all is as it is due"), ""]
        else:
            lines += [wrapped(f"{mark} due", finding.due), wrapped("   happens", finding.happened), ""]
    return "\n".join(lines)


def sheet(lab: Lab, member: str, questions: list[Question]) -> str:
    head = f"{lab.title}:\nquestions about your own solution, for {member}\n\nWithout a machine. Five minutes.\n"
    return "\n".join([head, *(question_text(number + 1, each) for number, each in enumerate(questions))])


def key(questions: dict[str, list[Question]]) -> str:
    lines = [f"{member}: {' '.join(letter(each.answer) for each in own)}" for member, own in questions.items()]
    return "\n".join(lines) + "\n"
