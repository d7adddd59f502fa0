"""A museum of bugs: kernels that boot and are wrong, to be diagnosed with the debugger, the trace and the page.

Each exhibit is a known wrong solution of a lab, compiled for stepping. With it comes what the witness saw first, and
two questions: which behaviour is it, of four, and in which function does it lie. Behaviours to choose from are those
of wrong kernels that fail the same test in another way. The sources lie beside the kernels, each on its line, but for
the functions that the lab takes away: there stands nothing.

An exhibit is shown by a program, where one fails; else by a test without a machine, whose calls were written down.
"""

from __future__ import annotations

import difflib
import json
import random
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from pathlib import Path

from labbing import bodies, diagnosis, report, source, starter, testing, visiting
from labbing.bodies import Bodies
from labbing.description import Lab, LabError, want_empty
from labbing.judge import END
from labbing.testing import Verdict
from labbing.workshop import SteppingWorkshop, Workshop

CHOICES = 4
FILES = (*starter.KEEP, "tools/labbing/visiting.py")


@dataclass
class Exhibit:
    """One, with all that is asked about it."""

    given: Bodies
    shown: Verdict  # of the test that it is shown by
    choices: list[str]
    answer: str  # a letter
    function: str


def changed_holes(lab: Lab, given: Bodies) -> list[str]:
    """Functions of the lab that are others in this solution."""
    holes = {(hole.file, hole.function) for hole in lab.holes}
    return [name for file, parts in given.parts.items() for name in parts if (file, name) in holes]


def may_be_shown(lab: Lab, given: Bodies, verdicts: list[Verdict]) -> bool:
    """It is wrong in one function, most of it works, and what is wrong is no crash."""
    failed = [verdict for verdict in verdicts if not verdict.passed]
    calm = all(finding.kind != END for verdict in failed for finding in verdict.findings[:1])
    return bool(failed) and calm and 2 * len(failed) <= len(verdicts) and len(changed_holes(lab, given)) == 1


def first_shown(verdicts: list[Verdict]) -> Verdict:
    """The test by which it is shown: a program, if one fails."""
    failed = [verdict for verdict in verdicts if not verdict.passed]
    return next((verdict for verdict in failed if not verdict.due.runs), failed[0])


def others_like(test: str, name: str, judged: dict[str, list[Verdict]]) -> list[str]:
    """Wrong solutions that fail this test too, but in another way; then those that fail elsewhere."""
    own = diagnosis.failures(diagnosis.profile(judged[name]))
    seen_of_all = {other: diagnosis.profile(verdicts) for other, verdicts in judged.items()}
    different = {other: seen for other, seen in seen_of_all.items() if diagnosis.failures(seen) != own}
    near = [other for other, seen in different.items() if seen[test].startswith(diagnosis.FAILED)]
    return near + [other for other in different if other not in near]


def chosen(lab: Lab, judged: dict[str, list[Verdict]], seed: str, many: int) -> list[Exhibit]:
    """LabError: there are not so many that serve."""
    chance = random.Random(f"museum {lab.name} {seed}")
    solutions = {given.name: given for given in lab.solutions("wrong")}
    found: list[Exhibit] = []
    symptoms = set()
    for name in chance.sample(list(judged), len(judged)):
        verdicts, given = judged[name], solutions[name]
        if not may_be_shown(lab, given, verdicts):
            continue
        shown = first_shown(verdicts)
        alike = diagnosis.known_as(diagnosis.profile(verdicts), {n: diagnosis.profile(v) for n, v in judged.items()})
        symptom = (shown.due.id, shown.findings[0].symptom)
        if alike != [name] or symptom in symptoms:
            continue
        symptoms.add(symptom)
        near = others_like(shown.due.id, name, judged)[: 2 * CHOICES]
        behaviours = [solutions[other].behaviour for other in chance.sample(near, CHOICES - 1)]
        choices = chance.sample([*behaviours, given.behaviour], CHOICES)
        answer = visiting.LETTERS[choices.index(given.behaviour)]
        found.append(Exhibit(given, shown, choices, answer, changed_holes(lab, given)[0]))
        if len(found) == many:
            return found
    raise LabError(f"{lab.name} has {len(found)} wrong kernels that can be shown together, not {many}")


def blanked(root: Path, lab: Lab, file: str, text: str) -> str:
    """The file with nothing on the lines of what the lab takes away, and of what a solution adds."""
    holes = {hole.function for hole in lab.holes if hole.file == file}
    known = source.functions(root, file)
    for name, function in sorted(source.functions_in(root, file, text).items(), key=lambda pair: -pair[1].start):
        if name in holes or name not in known:
            start = function.body if name in holes else function.begins
            text = text[:start] + "\n" * text.count("\n", start, function.end) + text[function.end :]
    return text


def write_exhibit(root: Path, lab: Lab, exhibit: Exhibit, kernel: Path, place: Path) -> None:
    place.mkdir(parents=True)
    shutil.copy2(kernel, place / "faultline.elf")
    changed = bodies.overlay(root, exhibit.given)
    for file in {hole.file for hole in lab.holes}:
        text = changed.get(file) or (root / file).read_text("utf-8")
        shown = place / visiting.SOURCES / file
        shown.parent.mkdir(parents=True, exist_ok=True)
        shown.write_text(blanked(root, lab, file, text), "utf-8")


def calls_of(shown: Verdict) -> list[list[str]]:
    """Of a test without a machine, phase by phase: the visitor cannot call what is not there."""
    phases = range(len(shown.due.phases)) if shown.due.runs else range(0)
    return [report.phase_lines(shown, phase) for phase in phases]


def mark(lab: Lab, seed: str, exhibits: list[Exhibit]) -> dict[str, object]:
    cases = [
        visiting.Case(
            exhibit.shown.due.id,
            max(exhibit.shown.findings[0].phase, 0),
            exhibit.shown.findings[0].due,
            exhibit.shown.findings[0].happened,
            exhibit.choices,
            sorted({hole.function for hole in lab.holes}),
            [visiting.sealed(seed, number, right) for right in (exhibit.answer, exhibit.function)],
            calls_of(exhibit.shown),
        )
        for number, exhibit in enumerate(exhibits, 1)
    ]
    tests = [test.id for test in lab.tests]
    return {
        "lab": lab.name,
        "title": lab.title,
        "seed": seed,
        "tests": tests,
        "without_machine": [test.id for test in lab.tests if test.kind == "host"],
        "museum": [asdict(c) for c in cases],
    }


def choose(workshop: Workshop, seed: str, many: int) -> list[Exhibit]:
    """Those of a seed."""
    lab = workshop.lab
    if lab.template:
        raise LabError(f"{lab.name} has no museum: nobody can say in which function a policy is wrong")
    tests = starter.tell_tests(lab, seed, workshop.root / "build" / workshop.folder / lab.name / f"tests-{seed}")
    return chosen(lab, workshop.seen_of_wrong(tests), seed, many)


def make(root: Path, lab: Lab, seed: str, many: int, out: Path, say: Callable[[str], None]) -> None:
    """Write the folder. LabError: it cannot be made."""
    want_empty(out)
    workshop = SteppingWorkshop(root, lab)
    exhibits = choose(workshop, seed, many)
    files = [file for file in starter.tracked(root) if any(fnmatch(file, pattern) for pattern in FILES)]
    starter.copy_tree(root, out, files, {})
    starter.copy_prebuilt(root, out)
    starter.tell_tests(lab, seed, out / starter.TESTS)
    for number, exhibit in enumerate(exhibits, 1):
        place = out / visiting.EXHIBITS / str(number)
        write_exhibit(root, lab, exhibit, workshop.of(exhibit.given, "wrong"), place)
        say(f"exhibit {number}: shown by {exhibit.shown.due.id}")
    for name in ("museum.md", "debugging.md"):
        shutil.copy2(lab.folder.parent / name, out / name.upper().replace(".MD", ".md"))
    (out / starter.MARK).write_text(json.dumps(mark(lab, seed, exhibits), indent=1) + "\n", "utf-8")
    visiting.go_to(out, 1)


# --- for the instructor ---


def difference(root: Path, given: Bodies) -> list[str]:
    """Of the tree's functions and the exhibit's."""
    lines = []
    for file, text in bodies.overlay(root, given).items():
        old = (root / file).read_text("utf-8").splitlines()
        lines += list(difflib.unified_diff(old, text.splitlines(), f"right/{file}", f"exhibit/{file}", lineterm=""))
    return lines


def key(root: Path, lab: Lab, seed: str, exhibits: list[Exhibit]) -> list[str]:
    lines = [f"{lab.title}: the museum of seed {seed}"]
    for number, exhibit in enumerate(exhibits, 1):
        lines += ["", f"exhibit {number}: {exhibit.answer}, a kernel where {exhibit.given.behaviour}"]
        lines += [f"in {exhibit.function}", "", *difference(root, exhibit.given)]
    return lines
