"""docs/grading.md, from a folder of submissions to grades and to the end of a term: each command that stands there, in
its order. With FAULTLINE_LONG they are run; else it is only seen that this file knows them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import grade_class
import images
import pytest
from grade_class import Handed
from support import LONG, ROOT

from grading import roster, term
from labbing import description

PAGE = ROOT / "docs/grading.md"
LAB = description.find(ROOT, "5")  # which the page takes as an example
BLOCK = re.compile(r"^ {4}(\S.*)$", re.MULTILINE)
INLINE = re.compile(r"`((?:tools/setup|zip|podman) [^`]*)`")
# What stands for something of the reader's.
MEANT = re.compile(r"\b(TERM|DIR|RESULTS|NAME|TEST|PHASE|WORD)\b")
ELSEWHERE = {  # run by others, or only where there is such a program
    "tools/setup image": "podman",
    "podman build -f tools/image/Dockerfile .": images.__name__,
    "zip -r autograder.zip .": "zip",
}


def commands() -> list[str]:
    """In their order."""
    text = PAGE.read_text("utf-8")
    found = [(match.start(), match[1]) for pattern in (BLOCK, INLINE) for match in pattern.finditer(text)]
    return [words for _, words in sorted(found)]


def test_the_page_has_these_commands():
    assert [words.split()[1] for words in commands() if words.startswith("tools/lab ")] == [
        *("release", "grade", "graded", "grades", "release", "grade", "purge", "grade", "export", "export"),
    ]
    assert {words for words in commands() if not words.startswith("tools/lab ")} == {"tools/setup grade", *ELSEWHERE}


class Reader:
    """Who does what the page says, with a team of one and somebody who is wrong."""

    def __init__(self, folder: Path):
        self.folder, self.term, self.out = folder, folder / "term", folder / "once"
        self.meant = {"TERM": str(self.term), "DIR": str(folder / "handed-in"), "WORD": "hidden"}
        self.meant["RESULTS"] = str(self.term / LAB.name)

    def do(self, words: str) -> str:
        given = MEANT.sub(lambda match: self.meant[match[1]], words)
        done = subprocess.run(given, shell=True, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{given}\n{done.stdout}{done.stderr}"
        return done.stdout

    def settle(self) -> None:
        """What the page has one write."""
        block = re.search(r"^```\n(\[\[lab\]\]\n.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
        assert block
        text = "\n".join(line for line in block[1].splitlines() if not line.startswith("variant"))
        (self.term / term.SETTINGS).write_text(text + "\n", "utf-8")
        (self.term / term.ROSTER).write_text("name,team,extension,pseudonym,seed\nann,Blue,,,\nben,,2,,\n", "utf-8")
        wrong = LAB.solutions("wrong")[0]
        grade_class.hand_in(self.folder / "handed-in", Handed("Blue", grade_class.solution(LAB), ""))
        grade_class.hand_in(self.folder / "handed-in", Handed("ben", grade_class.with_bodies(LAB, wrong), ""))

    def choose(self) -> None:
        """A test that somebody has failed."""
        unit = next(unit for unit in roster.units(term.find(self.term)) if "ben" in unit.calls)
        rows = (self.term / LAB.name / "results.csv").read_text("utf-8").splitlines()
        heads, cells = rows[0].split(","), next(row for row in rows if row.startswith(unit.pseudonym)).split(",")
        failed = next(head for head, cell in zip(heads[6:], cells[6:], strict=True) if cell == "0")
        self.meant |= {"NAME": unit.pseudonym, "TEST": failed, "PHASE": "0"}


@pytest.mark.skipif(not LONG, reason="minutes: with FAULTLINE_LONG")
def test_each_command_of_the_page():
    with grade_class.open_folder("faultline-doc-") as folder:
        reader = Reader(folder)
        setup, release, grade, graded, grades, mended, again, purge, once, gradescope, likeness = (
            words for words in commands() if words not in ELSEWHERE
        )
        reader.do(setup)
        reader.do(release)
        reader.settle()
        assert "is to be handed out" in reader.do(release)
        said = reader.do(grade)
        assert said.count(": graded") == 2
        reader.choose()
        assert "-> phase 0:" in reader.do(graded)
        lines = reader.do(grades).splitlines()
        assert lines[1].startswith("ann,Blue,100,graded") and lines[2].startswith("ben,,")
        reader.do(mended)
        assert "nobody changed" in reader.do(again)
        reader.do(purge)
        assert not reader.term.exists()
        reader.meant["RESULTS"] = str(reader.out)
        assert "ben: graded" in reader.do(once)
        for words, made in ((gradescope, "run_autograder"), (likeness, "info.csv")):
            reader.meant["DIR"] = str(folder / made)
            reader.do(words)
            assert (folder / made / made).exists()
        if shutil.which("zip"):
            reader.do(f"cd {folder / 'run_autograder'} && zip -r autograder.zip . > /dev/null")
