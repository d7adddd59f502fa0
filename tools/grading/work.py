"""What a release does by itself, with what was frozen in it: take submissions, grade them, tell of them.

    work.py grade FOLDER --cores N (--submissions DIR | --regrade [--allow-lower]) [--term TERM]
    work.py show FOLDER NAME TEST PHASE

FOLDER is the folder of results (results.py). tools/lab starts us from the release that is in there: so the tree may
move on, and the same submissions still get the same bytes.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from grading import engine, entries, regrading, release, results, submission, telling, term  # noqa: E402
from grading.box import BoxError  # noqa: E402
from grading.engine import EngineError  # noqa: E402
from grading.release import ReleaseError  # noqa: E402
from grading.somebody import NobodyError  # noqa: E402
from grading.submission import MachineError  # noqa: E402
from grading.taking import Taken  # noqa: E402
from grading.term import TermError  # noqa: E402


def grade(args: argparse.Namespace) -> int:
    """0: all have a row, and all are known."""
    folder = args.folder
    given = release.read(folder / results.RELEASE)
    of_term = term.find(args.term) if args.term else None
    if args.regrade:
        who = entries.before(folder, of_term, given.about["lab"])
        regrading.begin(folder)
    else:
        who = entries.of(args.submissions, of_term, given.about["lab"])
    names, left = engine.grade(given, who, folder, args.cores, args.term)
    if args.regrade and not left and not who.unread:
        regrading.end(folder, args.allow_lower)
    all_of = results.write_all(folder, given, names, who.late, {*left, *who.unread})
    if who.told_from:
        telling.write_all(folder, all_of, who.told_from)
    print("\n".join(regrading.told(folder) if args.regrade else results.summary(all_of)))
    print(f"{folder}/results.html is for people, results.json and results.csv for programs")
    if left:
        print(f"not graded: {', '.join(left)}; {folder / engine.LOG} says why", file=sys.stderr)
    for key, name in sorted(who.called.items()):
        print(f"{key} is what {name!r} is called in reports", file=sys.stderr)
    for line in who.complaints:
        print(line, file=sys.stderr)
    return 1 if left or who.unread or who.complaints else 0


def show(args: argparse.Namespace) -> int:
    """A phase, page by page."""
    given = release.read(args.folder / results.RELEASE)
    given.check()
    place = results.taken_place(args.folder, args.submission)
    if not place.exists():
        raise EngineError(f"{args.folder} has no submission {args.submission}")
    if args.test not in [test["id"] for test in given.about["tests"]]:
        raise EngineError(f"there is no test {args.test}")
    made, complaint = submission.compiled(given, Taken(**json.loads(place.read_text("utf-8"))))
    if not made:
        raise EngineError("\n".join(complaint))
    print("\n".join(submission.judged(given, made, [args.test, args.phase])["lines"]))
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools/lab")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("grade")
    one.add_argument("folder", type=Path)
    one.add_argument("--cores", type=int, required=True)
    one.add_argument("--submissions", type=Path)
    one.add_argument("--term", type=Path)
    one.add_argument("--regrade", action="store_true")
    one.add_argument("--allow-lower", action="store_true")
    one = commands.add_parser("show")
    one.add_argument("folder", type=Path)
    one.add_argument("submission")
    one.add_argument("test")
    one.add_argument("phase", type=int)
    args = parser.parse_args()
    try:
        return (show if args.command == "show" else grade)(args)
    except (BoxError, NobodyError, ReleaseError, EngineError, MachineError, TermError, OSError) as error:
        sys.exit(f"tools/lab: {error}")
    except KeyboardInterrupt:  # tools/lab says so
        return 130


if __name__ == "__main__":
    sys.exit(main())
