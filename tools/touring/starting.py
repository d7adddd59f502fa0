"""In a starter of the tour: seal predictions, run the program, look at it in GDB and in the page, mark the answers.

Before the predictions are sealed the program is there as text only. The answers are held against this run of
the program on this machine, as the witness sees it.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from faultline import project
from touring import beliefs, files, marking, measuring, reporting, rules
from touring.asking import Sheet
from touring.marking import AnswerError, Raw
from touring.questions import Known
from touring.tale import EXECUTE
from witnessing.run import WitnessError

ABOUT = """Predict the faults of your program, then find them (HANDOUT.md).

  tools/lab seal                     your predictions are final: now the program can run
  tools/lab faults                   run it, each fault told in a sentence
  tools/lab gdb STEP                 stop at a step, in GDB
  tools/lab back                     from its end backwards, in GDB
  tools/lab page                     the run as a page for a browser
  tools/lab test [QUESTION…]         your answers, marked
"""
RAM = f"--ram={measuring.RAM}"
ADD = f"--add={files.PROGRAM}"
PREBUILT = Path("prebuilt")


def root() -> Path:
    return project.ROOT


def build() -> int:
    """The kernel and the image are here as they are: put them where the tools look."""
    project.BUILD.mkdir(exist_ok=True)
    for name in (project.KERNEL, project.IMAGE):
        if not name.exists():
            shutil.copy2(root() / PREBUILT / name.name, name)
    return 0


# --- before the program runs ---


def seal() -> int:
    sheet = files.load(root())
    if (root() / files.SEALED).exists():
        sys.exit(f"sealed already: {files.SEALED}")
    predictions = read_answers(sheet, files.PREDICTIONS)
    lacking = unanswered(sheet, predictions)
    if lacking:
        more = f"\nand {len(lacking) - 5} more" if len(lacking) > 5 else ""
        sys.exit("\n".join(lacking[:5]) + more + f"\nnothing is sealed: {files.PREDICTIONS} is not complete")
    word = files.seal(root(), sheet, predictions)
    files.unpack(root())
    print(f"sealed: {files.SEALED}, {word}. {files.PROGRAM} can run now: tools/lab faults")
    return 0


def read_answers(sheet: Sheet, path: Path) -> Raw:
    """It ends us, if there is no reading it."""
    try:
        raw = marking.load(root() / path)
        marking.check_names(raw, sheet, str(path))
    except AnswerError as error:
        sys.exit(str(error))
    return raw


def unanswered(sheet: Sheet, raw: Raw) -> list[str]:
    """What is missing of the predictions, or cannot be read."""
    found = []
    for question in filter(lambda each: each.predicted, sheet.questions):
        for item in question.items:
            given = marking.read(question, raw.get(question.id, {}).get(item.key, ""))
            if not given.readings:
                found.append(f"{question.id}, {item.key} ({item.text}): {given.wanted or 'no prediction yet'}")
    return found


def sealed() -> dict:
    """It ends us, if nothing is."""
    found = files.sealed(root() / files.SEALED)
    if found is None and (root() / files.SEALED).exists():
        sys.exit(f"{files.SEALED} was changed: the seal does not fit any more")
    if found is None or not (root() / files.PROGRAM).exists():
        sys.exit(f"predict first: fill in {files.PREDICTIONS}, and say tools/lab seal")
    return found


# --- the program runs ---


def do(*words: str) -> int:
    """Said, and done."""
    print(f"$ {shlex.join(words)}", flush=True)
    return subprocess.run([str(root() / words[0]), *words[1:]], cwd=root(), check=False).returncode


def faults() -> int:
    sealed()
    return do("tools/boot", RAM, ADD, "--", "faults", "-f", "tour")


def gdb(number: int, more: list[str]) -> int:
    sealed()
    tale = files.load(root()).tale
    if not 1 <= number <= len(tale.steps):
        sys.exit(f"no step {number}: they are 1 to {len(tale.steps)}")
    step = tale.step(number)
    stop = ["-ex", f"tbreak {step.label}"]
    if step.access == EXECUTE and not step.ends:  # the fault comes before the instruction
        stop = ["-ex", f"vm break fault prog=tour addr={step.address:#x}"]
    return do("tools/debug", f"--boot={RAM} {ADD}", "tour", "--", *stop, "-ex", "continue", *more)


def back(more: list[str]) -> int:
    sealed()
    recording, tale = "build/recording", files.load(root()).tale
    if not (root() / recording / "recording.json").exists():
        status = do("tools/boot", RAM, ADD, "--record", recording, "--", "tour")
        if status:
            return status
    last = f"after_{len(tale.steps)}"
    return do("tools/debug", "--replay", recording, "--", "-ex", f"tbreak {last}", "-ex", "continue", *more)


def page() -> int:
    sealed()
    trace, made = "build/tour.trace", root() / "build/tour.html"
    status = do("tools/boot", RAM, ADD, "--trace", trace, "--", "tour")
    if status:
        return status
    with open(made, "wb") as out:
        words = [str(root() / "tools/trace"), "view", trace]
        print(f"$ tools/trace view {trace} > {made.relative_to(root())}", flush=True)
        status = subprocess.run(words, cwd=root(), stdout=out, check=False).returncode
    if status == 0:
        print(f"open {made.relative_to(root())} in a browser")
    return status


# --- behind the run ---


def test(names: list[str]) -> int:
    """The answers, marked; 0 if all are right."""
    held = sealed()
    build()
    sheet = files.load(root())
    for name in names:
        if name not in {question.id for question in sheet.questions}:
            sys.exit(f"no question {name}: there are {', '.join(q.id for q in sheet.questions)}")
    raw = read_answers(sheet, files.ANSWERS)
    known = measured(sheet)
    key = sheet.answers(known)
    believed = {rule.behaviour: rule.answers(sheet) for rule in rules.every(root() / files.BELIEFS)}
    marked, predicted = (marking.mark(sheet, each, key) for each in (raw, held["predictions"]))
    print("\n".join(reporting.report(marked, predicted, key, known, believed, names)))
    print(f"predictions sealed {held['at']}, {held['seal']}")
    now = read_answers(sheet, files.PREDICTIONS)
    if now != held["predictions"]:
        print(f"{files.PREDICTIONS} was changed since: what was sealed counts")
    return 0 if all(each.passed for each in marked if not names or each.question.id in names) else 1


def measured(sheet: Sheet) -> Known:
    """What this machine does. It ends us, if that is not what the model says."""
    try:
        found = measuring.measure(project.KERNEL, project.IMAGE, sheet.tale, root() / files.PROGRAM, sheet.labels)
        measuring.check(sheet.tale, found.facts, beliefs.facts(sheet.tale))
    except (measuring.Disagree, WitnessError) as error:
        sys.exit(f"no answer can be marked: {error}")
    return found


def main(words: list[str]) -> int:
    at = words.index("--") if "--" in words else len(words)
    words, more = words[:at], words[at + 1 :]
    parser = argparse.ArgumentParser(
        prog="tools/lab", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, about in (("seal", "predictions are final"), ("faults", "run it, told fault by fault"),
                        ("page", "the run as a page"), ("build", "nothing is to be built: kernel and image are here"),
                        ("back", "backwards, in GDB; more words for GDB behind --")):  # fmt: skip
        commands.add_parser(name, help=about)
    commands.add_parser("test", help="your answers, marked").add_argument("question", nargs="*")
    commands.add_parser("gdb", help="stop at a step; more words for GDB behind --").add_argument("step", type=int)
    args = parser.parse_args(words)
    match args.command:
        case "test":
            return test(args.question)
        case "gdb":
            return gdb(args.step, more)
        case "back":
            return back(more)
    return {"seal": seal, "faults": faults, "page": page, "build": build}[args.command]()
