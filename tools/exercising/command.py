"""`tools/lab exercise`: list the kinds, or make worksheets of one."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence

from faultline import project

from exercising import gift, page, plain, registry
from exercising.worksheet import Refused, Worksheet

FORMS = {"text": plain.render, "html": page.render, "gift": gift.render}
MANY_MOST = 60
SEED = re.compile(r"[A-Za-z0-9._-]{1,40}")

ABOUT = """Worksheets for classes that run no kernel; without a KIND, the kinds there are.
The same seed gives the same worksheet. docs/exercises.md tells the rest."""


def arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "exercise",
        help="worksheets for classes that run no kernel",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("kind", nargs="?", metavar="KIND", help="what it is about")
    parser.add_argument("--seed", help="which one: letters, digits, . _ -; 40 at most")
    parser.add_argument("--answers", action="store_true", help="and the answers, on a page of their own")
    parser.add_argument("--format", choices=FORMS, default="text", help="gift: for Moodle, with the answers")
    many = f"so many, of seeds SEED-1, SEED-2…; {MANY_MOST} at most"
    parser.add_argument("--many", metavar="N", default="1", help=many)
    parser.add_argument("--policy", metavar="NAME", help="of references: only that one")


def cannot(why: str) -> int:
    print(f"tools/lab exercise: {why}", file=sys.stderr)
    return 2


def seeds_of(seed: str, many: str) -> list[str]:
    """Refused: that is no seed, or no number of them."""
    if not SEED.fullmatch(seed):
        raise Refused(f"{seed!r} is no seed: 1 to 40 letters, digits, and . _ -")
    if not (many.isascii() and many.isdecimal() and 1 <= int(many[:9]) <= MANY_MOST):
        raise Refused(f"--many {many!r}: a number from 1 to {MANY_MOST}")
    return [seed] if int(many) == 1 else [f"{seed}-{number}" for number in range(1, int(many) + 1)]


def made(kind: str, seeds: Sequence[str], policy: str | None) -> list[Worksheet]:
    """Refused: there is no such kind, or no such worksheet."""
    maker = registry.find(kind)
    if policy and kind != "references":
        raise Refused(f"--policy is for references, and {kind} has none to choose")
    project.build("kernel", "image", "policysim", "accesses")
    return [maker(seed, policy) if policy else maker(seed) for seed in seeds]


def run(args: argparse.Namespace) -> int:
    """One command; our exit status."""
    if args.kind is None:
        width = max(map(len, registry.KINDS))
        for name, kind in registry.KINDS.items():
            print(f"{name.ljust(width)}  {kind.about}")
        return 0
    try:
        registry.find(args.kind)
        if args.seed is None:
            raise Refused("which worksheet? --seed WORD; the same word gives the same worksheet")
        worksheets = made(args.kind, seeds_of(args.seed, args.many), args.policy)
    except Refused as why:
        return cannot(str(why))
    sys.stdout.write(FORMS[args.format](worksheets, args.answers or args.format == "gift"))
    return 0
