"""tools/lab export: what others' tools take.

    gradescope   an autograder: Dockerfile, setup.sh, run_autograder and the release, with its secret
    likeness     a folder for Dolos or JPlag: of each submission what is not the starter's. For people: no points
                 hang on it
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

from grading import release, results
from grading.release import Release
from labbing import description

CONTAINER = Path(__file__).with_name("container")
INFO = "info.csv"  # which Dolos reads


def arguments(commands: argparse._SubParsersAction) -> None:
    one = commands.add_parser("export", help="for Gradescope, or for tools that find likenesses")
    one.add_argument("what", choices=("gradescope", "likeness"))
    one.add_argument("results", metavar="RESULTS", help="the folder that a class was graded in; of a term, TERM/LAB")
    one.add_argument("--out", required=True, metavar="DIR", help="a folder that is not there, or empty")


def gradescope(given: Release, out: Path) -> None:
    """A folder to be zipped, or to build an image from."""
    shutil.copytree(CONTAINER, out, dirs_exist_ok=True)
    shutil.copytree(given.folder, out / "release", ignore=shutil.ignore_patterns("__pycache__"))
    out.chmod(0o700)  # the hidden tests are in there


def pieces(text: str) -> list[str]:
    """A file, cut at each empty line that is in no function and no structure."""
    found, lines, inside = [], [], False
    for line in text.splitlines():
        lines.append(line)
        inside = (inside or line.endswith("{")) and not line.startswith("}")
        if not line.strip() and not inside:
            found.append("\n".join(lines).strip())
            lines = []
    return [*found, "\n".join(lines).strip()]


def own(text: str, starter: str) -> str:
    """What is not the starter's, by whole functions."""
    given = {"".join(piece.split()) for piece in pieces(starter)}
    return "\n\n".join(piece for piece in pieces(text) if piece and "".join(piece.split()) not in given)


def likeness(folder: Path, given: Release, out: Path) -> None:
    lines = ["filename,label"]
    for row in results.table(folder)["rows"]:
        name = row["submission"]
        files = json.loads(results.taken_place(folder, name).read_text("utf-8"))["files"]
        for file, text in sorted(files.items()):
            left = own(text, given.starter_text(file))
            if left:
                place = out / name / file.replace("/", "-")
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(left + "\n", "utf-8")
                lines.append(f"{name}/{place.name},{name}")
    (out / INFO).write_text("\n".join([*lines, ""]), "utf-8")


def run(args: argparse.Namespace) -> int:
    folder, out = Path(args.results), Path(args.out)
    given = release.read(folder / results.RELEASE)
    description.want_empty(out)
    out.mkdir(parents=True, exist_ok=True)
    if args.what == "gradescope":
        gradescope(given, out)
        print(f"{out}: `zip -r autograder.zip .` in there is what Gradescope takes; it holds hidden tests")
    else:
        likeness(folder, given, out)
        print(f"{out}: a folder a submission; {INFO} is for Dolos")
    return 0
