"""A term in which a class is graded: a team of two, one alone, one whose file does not compile and is full of names."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

from grade_class import Handed, hand_in
from support import ROOT

from grading import release, term
from labbing.description import Lab

PEOPLE = """name,team,extension,pseudonym,seed,full name
annalee,Whalebone,,,,Anna-Lee Whitcomb
benedikt,Whalebone,,,,Benedikt Oyelaran
cydonia,,2,,,Cydonia Marchetti
dorothea,,,,,Dorothea Quimby
evander,,,,,Evander Pruitt
"""
NAMES = [cell for line in PEOPLE.splitlines()[1:] for cell in line.split(",") if len(cell) > 2]
NAMES += ["whitcomb", "oyelaran", "marchetti", "quimby"]
TIMES = """name,time
annalee,2027-01-16T00:10:00+00:00
cydonia,2027-01-17T00:00:00+00:00
dorothea,2027-01-15T00:00:00+00:00
"""
SIGNED = "/* Dorothea Quimby */ int dorothea_quimby = DorotheaQuimby; /* annalee helped */\n"


def lab_words(*words: str, tree: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(tree / "tools/lab"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


class Term:
    """Its folder, and what was handed in. `given`: a release that is there already."""

    def __init__(self, folder: Path, lab: Lab, given: Path, right: Handed, wrong: Handed):
        self.lab, self.folder, self.handed_in = lab, folder / "term", folder / "for-the-term"
        self.results = self.folder / lab.name
        assert lab_words("release", str(self.folder)).returncode == 0
        (self.folder / term.SETTINGS).write_text(f'[[lab]]\nname = "{lab.name}"\ndue = 2027-01-15T23:59:00Z\n')
        (self.folder / term.ROSTER).write_text(PEOPLE)
        shutil.copytree(given, self.results / "release")
        (self.results / term.STARTER).mkdir()
        done = lab_words("release", str(self.folder))
        assert done.returncode == 0, done.stderr
        for name, handed in (("annalee", right), ("cydonia", wrong), ("dorothea", right), ("stranger", right)):
            hand_in(self.handed_in, Handed(name, handed.files, ""))
        with open(self.handed_in / "dorothea" / lab.submit[0], "a", encoding="utf-8") as file:
            file.write(SIGNED)
        (self.handed_in / "times.csv").write_text(TIMES)

    def pseudonyms(self) -> dict[str, str]:
        people = csv.DictReader(io.StringIO((self.folder / term.ROSTER).read_text("utf-8")))
        return {person["name"]: person["pseudonym"] for person in people}

    def grade(self, *words: str, tree: Path = ROOT) -> subprocess.CompletedProcess[str]:
        more = words if "--regrade" in words else (str(self.handed_in), *words)
        return lab_words("grade", *more, "--lab", self.lab.name, "--term", str(self.folder), tree=tree)

    def rows(self) -> dict[str, dict]:
        rows = json.loads((self.results / "results.json").read_text("utf-8"))["rows"]
        return {row["submission"]: row for row in rows}

    def told(self) -> dict[str, bytes]:
        """All reports."""
        places = [*self.results.glob("results.*"), *self.results.glob("for-students/*")]
        return {place.name: place.read_bytes() for place in places}

    def mend(self, gives: str, takes: str) -> None:
        """As `release --mended` does, with a judge that passes one test whatever happens, and fails another."""
        made = self.results / "release-next"
        shutil.copytree(self.results / "release", made)
        place = made / release.TOOLS / "programs/judging.py"
        passed, found = "    passed = verdict.passed\n", "    verdict.findings = findings(verdict)\n"
        text = place.read_text("utf-8")
        assert passed in text and found in text
        mended = f"    passed = (verdict.passed or due.id == {gives!r}) and due.id != {takes!r}\n"
        more = "    verdict.findings = verdict.findings or [Finding(0, 'as mended', '1', 'as before', '')]\n"
        place.write_text(text.replace(passed, mended).replace(found, found + more), "utf-8")
        about = json.loads((made / release.ABOUT).read_text("utf-8"))
        about["files"] = release.digests(made)
        (made / release.ABOUT).write_text(json.dumps(about), "utf-8")


def tree_that_moved_on(folder: Path) -> Path:
    """Another tree, in which the judge and what grades are broken."""
    made = folder / "moved-on"
    for name in ("tools", "labs"):
        shutil.copytree(ROOT / name, made / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    for name in ("labbing/judge.py:judge", "grading/looking.py:at", "grading/page.py:of", "grading/work.py:main"):
        file, function = name.split(":")
        with open(made / "tools" / file, "a", encoding="utf-8") as out:
            out.write(f"\n\ndef {function}(*words):\n    raise AssertionError('the tree has moved on')\n")
    (made / "tools/grading/submission.py").write_text("raise AssertionError('the tree has moved on')\n")
    return made
