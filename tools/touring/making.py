"""In the tree: make a starter of the tour, tell its right answers, mark a student's."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

from faultline import project
from labbing import starter
from labbing.description import LabError, want_empty
from labbing.starting import MARK
from touring import beliefs, files, marking, measuring, program, reporting, rules, sheet, tale
from touring.asking import Sheet
from touring.marking import AnswerError
from touring.questions import Known
from witnessing.run import WitnessError

NAME, TITLE = "0-tour", "Tour"
KEEP = ("tools/touring/*", "tools/exercising/__init__.py", "tools/exercising/tables.py")
LEAVE = ("tools/touring/making.py", "tools/touring/checking.py")


def folder(root: Path) -> Path:
    return root / "labs" / NAME


def told(seed: str, place: Path) -> Sheet:
    """The sheet of a seed, its program assembled in that folder."""
    made = tale.tell(seed)
    return Sheet(made, program.labels(program.assemble(made, place)))


def measured(asked: Sheet, place: Path) -> Known:
    """What the tree's kernel does. LabError: the witness and the model do not say the same."""
    try:
        known = measuring.measure(project.KERNEL, project.IMAGE, asked.tale, place / "tour", asked.labels)
        measuring.check(asked.tale, known.facts, beliefs.facts(asked.tale))
        agreed(asked, known)
    except (measuring.Disagree, WitnessError) as error:
        raise LabError(f"no lab of seed {asked.tale.seed}: {error}") from None
    return known


def agreed(asked: Sheet, known: Known) -> None:
    """Disagree: an answer from the machine is another than the model's."""
    machine, model = asked.answers(known), asked.under()
    for question in asked.questions:
        measuring.agree(f"answers to {question.id}", machine[question.id], model[question.id])


# --- a starter ---


def make(root: Path, seed: str, out: Path, say: Callable[[str], None]) -> None:
    """LabError: it cannot be made."""
    want_empty(out)
    with tempfile.TemporaryDirectory(prefix="faultline-tour-") as scratch:
        asked = told(seed, Path(scratch))
        measured(asked, Path(scratch))
        copy_tree(root, out)
        shutil.copy2(Path(scratch) / "tour.s", out / "lab/tour.s")
        files.pack(out, Path(scratch) / "tour")
    files.save(out, asked)
    shutil.copytree(folder(root) / "wrong", out / files.BELIEFS, ignore=shutil.ignore_patterns("__pycache__"))
    (out / "QUESTIONS.md").write_text(sheet.questions_page(asked, TITLE), "utf-8")
    (out / files.PREDICTIONS).write_text(sheet.empty_answers(asked, predicted=True), "utf-8")
    (out / files.ANSWERS).write_text(sheet.empty_answers(asked, predicted=False), "utf-8")
    about = {"lab": NAME, "kind": files.KIND, "title": TITLE, "seed": seed}
    (out / MARK).write_text(json.dumps(about, indent=1) + "\n", "utf-8")
    say(f"{len(asked.tale.steps)} steps, {len(asked.questions)} questions; the machine and the model say the same")
    say(f"{out} is the starter: cd there, and read HANDOUT.md")


def copy_tree(root: Path, out: Path) -> None:
    """The kernel's sources, to be read; kernel and image as they are; the tools."""

    def wanted(file: str) -> bool:
        named = any(fnmatch(file, pattern) for pattern in (*starter.KEEP, *KEEP))
        return named and not any(fnmatch(file, pattern) for pattern in (*starter.DROP, *LEAVE))

    starter.copy_tree(root, out, [file for file in starter.tracked(root) if wanted(file)], {})
    (out / "prebuilt").mkdir()
    for path in (project.KERNEL, project.IMAGE):
        shutil.copy2(path, out / "prebuilt" / path.name)
    (out / "lab").mkdir()
    shutil.copy2(folder(root) / "handout.md", out / "HANDOUT.md")


# --- answers of a student's ---


def known_beliefs(root: Path, asked: Sheet) -> dict[str, marking.Answers]:
    return {rule.behaviour: rule.answers(asked) for rule in rules.every(folder(root) / "wrong")}


def answers(root: Path, seed: str, file: str | None, seal: str | None, say: Callable[[str], None]) -> int:
    """Mark a file of answers, or, without one, tell the right ones. `seal`: the file of the sealed predictions."""
    with tempfile.TemporaryDirectory(prefix="faultline-tour-") as scratch:
        asked = told(seed, Path(scratch))
        known = measured(asked, Path(scratch))
    key = asked.answers(known)
    if file is None:
        say(sheet.filled(asked, rules.as_raw(key), predicted=False).rstrip())
        return 0
    held = files.sealed(Path(seal)) if seal else None
    if held and held["seed"] != seed:
        raise LabError(f"{seal} is of the program of seed {held['seed']}")
    try:
        raw = marking.load(Path(file))
        marking.check_names(raw, asked, file)
        marking.check_names(held["predictions"] if held else {}, asked, str(seal))
    except AnswerError as error:
        raise LabError(str(error)) from None
    before = marking.mark(asked, held["predictions"], key) if held else None
    marked = marking.mark(asked, raw, key)
    say("\n".join(reporting.report(marked, before, key, known, known_beliefs(root, asked))))
    if seal:
        say(f"predictions sealed {held['at']}, {held['seal']}" if held else "there is no seal that fits")
    return 0
