"""Files of answers made by rule: what somebody answers who believes something wrong, and right answers in other forms.

A rule is a Python file: its first line says what is believed, or how it is written. A wrong one has either BELIEFS,
from which the model's answers follow, or `answers(sheet)`, which makes them from the right ones; a right one has
`written(sheet, right)`. So a rule holds for each seed.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from touring.asking import Sheet
from touring.forms import Answer
from touring.marking import Raw
from touring.questions import Answers


@dataclass(frozen=True)
class Rule:
    """One file."""

    name: str
    behaviour: str
    module: ModuleType

    def answers(self, sheet: Sheet) -> Answers:
        """Canonical: of a wrong rule."""
        if hasattr(self.module, "BELIEFS"):
            return sheet.under(self.module.BELIEFS)
        return self.module.answers(sheet)

    def written(self, sheet: Sheet, right: Answers) -> Raw:
        """As they stand in a file: of a right rule."""
        return self.module.written(sheet, right)


def read(path: Path) -> Rule:
    spec = importlib.util.spec_from_file_location(f"rule_{path.stem.replace('-', '_')}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    behaviour = (module.__doc__ or "").strip().splitlines()[0].rstrip(".")
    return Rule(path.stem, behaviour, module)


def every(folder: Path) -> list[Rule]:
    return [read(path) for path in sorted(folder.glob("*.py"))]


def plain(answer: Answer) -> Any:
    """As TOML has it."""
    return sorted(answer) if isinstance(answer, frozenset) else answer


def as_raw(answers: Answers) -> Raw:
    return {question: {item: plain(each) for item, each in items.items()} for question, items in answers.items()}


def mapped(answers: Answers, how: Callable[[str, Answer], Any]) -> Raw:
    """Each answer written in another form, which may differ by question."""
    return {name: {item: how(name, each) for item, each in items.items()} for name, items in answers.items()}
