"""In the tree: list the labs, make a starter, check a lab."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from faultline import project
from labbing import build, compilers, description, diagnosis, starter, testing
from labbing.checking import PARTS, Check, table
from labbing.description import Lab, LabError
from labbing.diagnosis import Profile
from labbing.variants import Workshop


def say(line: str) -> None:
    print(line, flush=True)


def run(args: argparse.Namespace) -> int:
    """One command; our exit status."""
    try:
        if args.command == "list":
            for lab in description.every(project.ROOT):
                say(f"{lab.name}  {lab.title}: {len(lab.holes)} functions, {len(lab.tests)} tests")
            return 0
        project.build("kernel", "image")
        if args.command == "make":
            return make(description.find(project.ROOT, args.name), args.seed, Path(args.out))
        labs = [description.find(project.ROOT, args.name)] if args.name else description.every(project.ROOT)
        return max(check(lab, args) for lab in labs)
    except (LabError, build.BuildError, compilers.NoCompiler) as error:
        sys.exit(f"tools/lab: {error}")


def known_wrong(lab: Lab, seed: str) -> dict[str, Profile]:
    """How each known wrong kernel, and the baseline, behaves in the public tests of that seed."""
    workshop = Workshop(project.ROOT, lab, compilers.words_of_makefile(project.ROOT))
    tests = starter.tell_tests(lab, seed, project.BUILD / "labs" / lab.name / f"tests-{seed}")
    found = {}
    for given in [lab.baseline(), *lab.solutions("wrong")]:
        kernel = workshop.of(given, "wrong")
        found[given.behaviour] = diagnosis.profile(testing.all_of(kernel, tests))
    return found


def make(lab: Lab, seed: str, out: Path) -> int:
    say(f"{lab.title}: how known wrong kernels behave in the public tests (a minute or two)")
    known = known_wrong(lab, seed)
    starter.make(project.ROOT, lab, seed, compilers.words_of_makefile(project.ROOT), known, out, say)
    say(f"{out} is the starter: cd there, read HANDOUT.md, and say tools/lab test")
    return 0


def check(lab: Lab, args: argparse.Namespace) -> int:
    say(f"{lab.name}:")
    checked = Check(project.ROOT, lab, [str(number + 1) for number in range(args.seeds)], say)
    if args.record:
        return record(checked)
    parts = args.part or PARTS
    known: dict[str, Profile] = {}
    if "solutions" in parts:
        checked.check_solutions()
    if "wrong" in parts:
        known = checked.check_wrong()
        checked.check_diagnoses(known)
    if "starter" in parts:
        checked.check_alone()
        checked.check_starter(known)
        checked.check_handout()
    if args.table:
        say("\n".join(table(checked)))
    say(f"{lab.name}: {len(checked.complaints) or 'nothing'} wrong")
    return 1 if checked.complaints else 0


def record(checked: Check) -> int:
    """What the baseline fails, into lab.toml."""
    kernel = checked.workshop.of(checked.lab.baseline(), "wrong")
    verdicts = checked.judged(kernel, checked.seeds[0], plugin=False)
    failed = [verdict.due.id for verdict in verdicts if not verdict.passed]
    place = checked.lab.folder / "lab.toml"
    names = ", ".join(f'"{name}"' for name in failed)
    text = re.sub(r"^fails = \[.*?\]", f"fails = [{names}]", place.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    place.write_text(text, "utf-8")
    say(f"lab.toml: the starter fails {', '.join(failed)}")
    return 0
