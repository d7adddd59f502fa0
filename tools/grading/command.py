"""tools/lab release, grade, graded, grades, export and purge."""

from __future__ import annotations

import argparse
import contextlib
import csv
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from faultline import project
from faultline.run import ends_with_us
from grading import exporting, regrading, release, releasing, results, roster, somebody, term
from grading.engine import EngineError
from grading.release import TOOLS, ReleaseError
from grading.term import Given, Term, TermError
from labbing import build, compilers, description, instructing
from labbing.description import Lab, LabError

WAITING = "another command is at work in build/labs; this one waits until it has ended"
LOCK = ".lock"  # in a folder of results: whoever is at work there has it
FORMULA = tuple("=+-@\t\r")  # with which a cell begins that a spreadsheet computes
COMMANDS = ("release", "grade", "graded", "grades", "export", "purge")


def at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def arguments(commands: argparse._SubParsersAction) -> None:
    one = commands.add_parser("release", help="a term: its folder; then starters and judges of its labs")
    one.add_argument("term", metavar="TERM", help="a folder outside the tree; made, if nothing is there")
    one.add_argument("--mended", metavar="LAB", help="a judge of that lab as the tree has it now, for --regrade")
    one.add_argument("--no-diagnosis", action="store_true", help="releases that name no known wrong kernels")
    one = commands.add_parser("grade", help="a class's submissions, in boxes")
    one.add_argument("submissions", metavar="DIR", nargs="?", help="a folder for each; none with --regrade")
    one.add_argument("--lab", required=True, metavar="NAME")
    where = one.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", metavar="RESULTS", help="a folder; what is there is gone on with")
    where.add_argument("--term", metavar="TERM", help="the roster, the release and the results are there")
    one.add_argument("--seed", help="of the hidden tests; any word, and a secret. Wanted the first time, with --out")
    one.add_argument("--variant", metavar="ID", help="the lab's other rule, as with make; with --out")
    one.add_argument("--cores", type=at_least_one, default=os.cpu_count() or 1, help="so many submissions at once")
    one.add_argument("--no-diagnosis", action="store_true", help="a release that names no known wrong kernels")
    one.add_argument("--regrade", action="store_true", help="all once more, and who changes; with a mended judge")
    one.add_argument("--allow-lower", action="store_true", help="who has fewer points then, has fewer")
    one = commands.add_parser("graded", help="one phase of a test that a submission was graded by")
    one.add_argument("out", metavar="RESULTS")
    one.add_argument("submission")
    one.add_argument("test")
    one.add_argument("phase", type=int, nargs="?", default=0)
    one = commands.add_parser("grades", help="with names, for the course's system: a CSV file to the terminal")
    one.add_argument("term", metavar="TERM")
    one.add_argument("--lab", required=True, metavar="NAME")
    exporting.arguments(commands)
    one = commands.add_parser("purge", help="a term is over: all of it goes")
    one.add_argument("term", metavar="TERM")
    one.add_argument("--yes", action="store_true", help="it is meant")


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """EngineError: another is at work there."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)  # boxes, which are entered as somebody, come through to the release
    with open(folder / LOCK, "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EngineError(f"another tools/lab is at work in {folder}") from None
        yield


def check_way(folder: Path) -> None:
    """EngineError: boxes, which root enters as somebody, would not come there."""
    wall = somebody.closed(folder) if os.geteuid() == 0 else None
    if wall:
        raise EngineError(
            f"{wall} is closed to others, and root grades in {folder} as somebody else: "
            f"`chmod o+x {wall}` opens the way, or another folder is used"
        )


def say(line: str) -> None:
    print(line, flush=True)


# --- a term ---


def of_term(given: Given) -> Lab:
    lab = description.find(project.ROOT, given.name)
    if lab.name != given.name:
        raise TermError(f"{given.name} is {lab.name} in full: term.toml wants that")
    return lab.with_variant(given.variant) if given.variant else lab


def release_lab(here: Term, given: Given, diagnose: bool) -> None:
    """Its starter, and what it is graded with, unless they are there."""
    folder, lab = here.folder / given.name, of_term(given)
    with alone(folder):
        check_way(folder)
        if not (folder / term.STARTER).exists():
            shutil.rmtree(folder / f".{term.STARTER}", ignore_errors=True)
            instructing.make(lab, here.public_seed(given.name), folder / f".{term.STARTER}")
            (folder / f".{term.STARTER}").rename(folder / term.STARTER)
        if not (folder / results.RELEASE).exists() and not (folder / regrading.NEXT).exists():
            releasing.make(project.ROOT, lab, here.hidden_seed(given.name), folder / results.RELEASE, diagnose, say)
    say(f"{given.name}: {folder / term.STARTER} is to be handed out, {folder / results.RELEASE} is not")


def mend(here: Term, given: Given, diagnose: bool) -> None:
    """The judge as it is now, with the same hidden seed, beside the one that has graded so far."""
    folder = here.folder / given.name
    with alone(folder):
        release.read(folder / results.RELEASE)
        shutil.rmtree(folder / regrading.NEXT, ignore_errors=True)
        releasing.make(
            project.ROOT, of_term(given), here.hidden_seed(given.name), folder / regrading.NEXT, diagnose, say
        )
    say(f"{given.name}: tools/lab grade --term {here.folder} --lab {given.name} --regrade grades with it, and says who")


def released(args: argparse.Namespace) -> int:
    folder = Path(args.term)
    if not (folder / term.SETTINGS).exists():
        if folder.resolve().is_relative_to(project.ROOT.resolve()):
            raise TermError(f"{folder} is in the tree, and would be handed out with it")
        here = term.make(folder)
        say(f"{folder} is a term: write its labs into {term.SETTINGS}, its people into {term.ROSTER}, and say it again")
        return 0
    here = term.find(folder)
    roster.fill(here)
    roster.units(here)
    project.build("kernel", "image", "policysim")
    with project.alone(".labs", WAITING):
        if args.mended:
            mend(here, here.lab(description.find(project.ROOT, args.mended).name), not args.no_diagnosis)
            return 0
        for given in here.labs():
            release_lab(here, given, not args.no_diagnosis)
    return 0


def grades(args: argparse.Namespace) -> int:
    """A line a person, with names: to the terminal, and into no file of ours. Who has no row for no fault of his own
    has no points there, which is none and not zero, and our status is 1. TermError: nobody was graded."""
    here = term.find(Path(args.term))
    name = description.find(project.ROOT, args.lab).name
    if not (here.folder / name / results.TABLE).exists():
        raise TermError(f"nobody was graded: `tools/lab grade DIR --lab {name} --term {here.folder}` comes first")
    table = results.table(here.folder / name)
    rows = {row["submission"]: row for row in table["rows"]}
    rows |= dict.fromkeys(table["left"], {"points": "", "verdict": "not graded", "look": []})
    sheet = csv.writer(sys.stdout, lineterminator="\n")
    sheet.writerow(["name", "team", "points", "verdict", "look", "late"])
    for unit in roster.units(here):
        row = rows.get(unit.pseudonym, {"points": 0, "verdict": "nothing was handed in", "look": []})
        for member in unit.members:
            look = "look" if row["look"] else ""
            sheet.writerow([member["name"], member["team"], row["points"], row["verdict"], look, row.get("late", "")])
            warn_of_formulas(member)
    return 1 if table["left"] else 0


def warn_of_formulas(member: dict[str, str]) -> None:
    """A name is written as the course's system has it; what a spreadsheet makes of it is another matter."""
    for column in ("name", "team"):
        if member[column].startswith(FORMULA):
            print(f"{member[column]!r} is a formula to a spreadsheet: import the file, do not open it", file=sys.stderr)


def public_seeds(here: Term) -> Iterator[tuple[str, str]]:
    """Of its labs; of none, where term.toml or the secret is broken: that keeps nobody from ending a term."""
    with contextlib.suppress(TermError):
        for given in here.labs():
            yield given.name, here.public_seed(given.name)


def purge(args: argparse.Namespace) -> int:
    """All of a term, and what making its starters has left in build/."""
    here = term.find(Path(args.term))
    if not args.yes:
        raise TermError(f"this deletes {here.folder}, its secret and all grades, for ever: --yes, if that is meant")
    with contextlib.ExitStack() as nobody_else:
        for folder in (place.parent for place in here.folder.glob(f"*/{LOCK}")):
            nobody_else.enter_context(alone(folder))
        for name, seed in public_seeds(here):
            shutil.rmtree(instructing.public_tests(name, seed), ignore_errors=True)
        shutil.rmtree(here.folder)
    say(f"{here.folder} is gone; what was handed in lies where you have put it")
    return 0


# --- grading ---


def place_of(args: argparse.Namespace, lab: Lab) -> Path:
    """The folder of results."""
    return (term.find(Path(args.term)).folder / lab.name) if args.term else Path(args.out).resolve()


def prepare(args: argparse.Namespace, folder: Path, lab: Lab) -> None:
    """What there is to grade with, made if it is the first time."""
    if (folder / regrading.NEXT).exists() and (args.regrade or not (folder / results.RELEASE).exists()):
        regrading.adopt(folder)
    if not (folder / results.RELEASE).exists():
        if not args.seed or args.term:
            first = f"tools/lab release {args.term}" if args.term else "--seed WORD"
            raise ReleaseError(f"{folder} has no release yet: {first} makes one, of hidden tests from a secret")
        project.build("kernel", "image", "policysim")
        print(f"{lab.name}: what it is graded with goes into {folder / results.RELEASE}", flush=True)
        with project.alone(".labs", WAITING):
            releasing.make(project.ROOT, lab, args.seed, folder / results.RELEASE, not args.no_diagnosis, say)
    given = release.read(folder / results.RELEASE)
    if given.about["lab"] != lab.name:
        raise ReleaseError(f"{folder} is about {given.about['lab']}, not about {lab.name}")


def work(folder: Path, *words: str) -> int:
    """Let the release do it, with its own code."""
    given = release.read(folder / results.RELEASE)
    given.check()
    command = [sys.executable, "-B", str(folder / results.RELEASE / TOOLS / "work.py"), *words]
    return subprocess.run(command, preexec_fn=ends_with_us(), check=False).returncode


def grade(args: argparse.Namespace) -> int:
    """0: all have a row."""
    lab = description.find(project.ROOT, args.lab)
    lab = lab.with_variant(args.variant) if args.variant else lab
    folder = place_of(args, lab)
    if bool(args.submissions) == args.regrade:
        raise EngineError("a folder of submissions is wanted; or --regrade, which takes what was taken")
    if args.submissions and not Path(args.submissions).is_dir():
        raise EngineError(f"{args.submissions} is no folder")
    if args.submissions and folder.is_relative_to(Path(args.submissions).resolve()):
        raise EngineError(f"{folder} lies within the submissions, and would be taken for one: put results elsewhere")
    words = ["grade", str(folder), "--cores", str(args.cores)]
    words += ["--submissions", str(Path(args.submissions).resolve())] if args.submissions else ["--regrade"]
    words += ["--term", str(Path(args.term).resolve())] if args.term else []
    words += ["--allow-lower"] if args.allow_lower else []
    with alone(folder):
        check_way(folder)
        prepare(args, folder, lab)
        return work(folder, *words)


def run(args: argparse.Namespace) -> int:
    try:
        if args.command == "graded":
            folder = Path(args.out).resolve()
            return work(folder, "show", str(folder), args.submission, args.test, str(args.phase))
        commands = {"release": released, "grade": grade, "grades": grades, "purge": purge, "export": exporting.run}
        return commands[args.command](args)
    except (LabError, build.BuildError, compilers.NoCompiler, ReleaseError, EngineError, TermError, OSError) as error:
        sys.exit(f"tools/lab: {error}")
    except KeyboardInterrupt:
        sys.exit("tools/lab: stopped; the same command goes on from here")
