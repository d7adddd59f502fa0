"""In the tree: list the labs, make a starter, check a lab."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from pathlib import Path

from faultline import project
from labbing import build, compilers, description, diagnosis, museum, private, questions, starter, testing
from labbing.checking import PARTS, SEEDS, Check, table
from labbing.description import Lab, LabError
from labbing.diagnosis import Profile
from labbing.workshop import NamedWorkshop, SteppingWorkshop, Workshop
from touring import checking as tour_checking
from touring import making as tour


BOOKS = "the book's rule holds, and not this course's"


def say(line: str) -> None:
    print(line, flush=True)


def run(args: argparse.Namespace) -> int:
    """One command; our exit status."""
    try:
        if args.command == "list":
            say(f"{tour.NAME}  {tour.TITLE}: no functions, questions about a program")
            for lab in description.every(project.ROOT):
                say(f"{lab.name}  {lab.title}: {len(lab.holes)} functions, {len(lab.tests)} tests")
            return 0
        if args.command == "private":
            private.init(project.ROOT, Path(args.out), say)
            return 0
        project.build("kernel", "image", "policysim")
        if args.command == "answers":
            return tour.answers(project.ROOT, args.seed, args.file, args.sealed, say)
        if tour_checking.is_meant(args.name):
            return tour_checking.run(project.ROOT, args, say)
        with project.alone(".labs", "another command is at work in build/labs; this one waits until it has ended"):
            return at_labs(args)
    except (LabError, build.BuildError, compilers.NoCompiler) as error:
        sys.exit(f"tools/lab: {error}")


def at_labs(args: argparse.Namespace) -> int:
    """What makes kernels and programs in build/labs: one command at a time."""
    if args.command == "make":
        status = make(varied(args), args.seed, Path(args.out))
        say(f"{args.out} is the starter: cd there, read HANDOUT.md, and say tools/lab test")
        return status
    if args.command == "questions":
        return ask(description.find(project.ROOT, args.name), args)
    if args.command == "museum":
        return exhibit(description.find(project.ROOT, args.name), args)
    if args.command == "kernel":
        return one_kernel(description.find(project.ROOT, args.name), args.solution, Path(args.out))
    if args.name:
        return check(description.find(project.ROOT, args.name), args)
    labs = description.every(project.ROOT)
    return max(tour_checking.run(project.ROOT, args, say), *(check(lab, args) for lab in labs))


def varied(args: argparse.Namespace) -> Lab:
    """The lab that is named, with the rule that is."""
    lab = description.find(project.ROOT, args.name)
    return lab.with_variant(args.variant) if args.variant else lab


def public_tests(lab: str, seed: str) -> Path:
    """Where they are, while a starter is made."""
    return project.BUILD / "labs" / lab / f"tests-{seed}"


def known_wrong(lab: Lab, seed: str) -> dict[str, Profile]:
    """How each known wrong kernel, and the baseline, behaves in the public tests of that seed."""
    workshop = Workshop(project.ROOT, lab, compilers.words_of_makefile(project.ROOT))
    tests = starter.tell_tests(lab, seed, public_tests(lab.name, seed))
    some = [lab.baseline(), *lab.solutions("wrong")]
    each = testing.of_each(workshop.trials(some, "wrong", tests))
    found = {given.behaviour: diagnosis.profile(seen.result()) for given, seen in zip(some, each, strict=True)}
    if lab.variant:
        found[BOOKS] = diagnosis.profile(testing.all_of(project.KERNEL, tests))
    return found


def make(lab: Lab, seed: str, out: Path) -> int:
    say(f"{lab.title}: how known wrong kernels behave in the public tests (a minute or two)")
    known = known_wrong(lab, seed)
    starter.make(project.ROOT, lab, seed, compilers.words_of_makefile(project.ROOT), known, out, say)
    return 0


def ask(lab: Lab, args: argparse.Namespace) -> int:
    """Questions about a solution, or a museum for each member where too few of its statements serve."""
    out, members = Path(args.out), args.member or ["student"]
    description.want_empty(out)
    changed = questions.submitted(lab, Path(args.submission))
    workshop = Workshop(project.ROOT, lab, compilers.words_of_makefile(project.ROOT))
    told = starter.tell_tests(lab, args.seed, project.BUILD / "labs" / lab.name / f"tests-{args.seed}")
    tests = [test for test in told if not test.due.runs]  # what is asked about is what a program shows
    say(f"{lab.title}: the solution without one statement after the other")
    without = questions.each_without(workshop, changed, tests, say)
    say("and known wrong kernels, for what else could be seen (a minute or two)")
    others = [seen for each in without for seen in each.seen] + questions.seen_of_wrong(workshop, tests)
    asked = questions.dealt(without, others, members, args.seed)
    serving = sum(each.serves for each in without)
    if not asked:
        say(f"{serving} statements serve, which is too few: a museum for each instead")
        for member in members:
            museum.make(project.ROOT, lab, f"{args.seed}-{member}", 1, out / f"museum-{member}", say)
        return 0
    out.mkdir(parents=True, exist_ok=True)
    for member, own in asked.items():
        (out / f"{member}.txt").write_text(questions.sheet(lab, member, own), "utf-8")
    (out / "key.txt").write_text(questions.key(asked), "utf-8")
    say(f"{serving} statements serve; {out} has {', '.join(f'{name}.txt' for name in (*asked, 'key'))}")
    return 0


def exhibit(lab: Lab, args: argparse.Namespace) -> int:
    """A museum, or its answers."""
    say(f"{lab.title}: how known wrong kernels behave (a minute or two)")
    if args.answers:
        exhibits = museum.choose(SteppingWorkshop(project.ROOT, lab), args.seed, args.many)
        say("\n".join(museum.key(project.ROOT, lab, args.seed, exhibits)))
        return 0
    museum.make(project.ROOT, lab, args.seed, args.many, Path(args.out), say)
    say(f"{args.out} is the museum: cd there, read MUSEUM.md, and say tools/lab exhibit 1")
    return 0


def one_kernel(lab: Lab, solution: str, out: Path) -> int:
    """Of a known solution, with its functions' names, and the tree's image beside it."""
    description.want_empty(out)
    known = {given.name: given for kind in ("wrong", "right") for given in lab.solutions(kind)}
    if solution not in known:
        raise LabError(f"{lab.name} has no solution {solution}: there are {', '.join(known)}")
    made = NamedWorkshop(project.ROOT, lab, compilers.words_of_makefile(project.ROOT)).of(known[solution], "kernel")
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(made, out / project.KERNEL.name)
    shutil.copyfile(project.IMAGE, out / project.IMAGE.name)
    say(f"{out} has a kernel where {known[solution].behaviour}: BUILD={out} FAULTLINE_NO_BUILD=1 tools/boot")
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
    if "wrong" in parts and not args.table and args.seeds <= SEEDS:
        checked.check_wrong_briefly()
    elif "wrong" in parts:
        known = checked.check_wrong()
        checked.check_diagnoses(known)
    if "starter" in parts:
        checked.check_alone()
        checked.check_starter(known)
        checked.check_handout()
    if "variants" in parts:
        checked.check_variants(args.variant or [])
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
