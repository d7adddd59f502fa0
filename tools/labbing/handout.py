"""A handout says all that it should, cites what the tests cite, and its commands run in the starter."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

from labbing.description import Lab

SECTIONS = (
    *("Outcomes", "Words", "Specification", "What is free", "Five minutes first", "Where to look", "Steps"),
    *("A report, line by line", "When you are stuck", "Hints", "Questions", "Going on", "Rules", "Handing in"),
)
COMMAND = re.compile(r"^ {4,}\$ (.+)$", re.MULTILINE)
SENTENCE = re.compile(r"^\*\*(S\d+)\*\*", re.MULTILINE)


def commands(text: str) -> list[str]:
    """Those of the indented lines that begin with a dollar."""
    return COMMAND.findall(text)


def complaints(root: Path, lab: Lab, starter: Path) -> list[str]:
    text = (lab.folder / "handout.md").read_text("utf-8")
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    found = [f"the handout has no section {name}" for name in SECTIONS if name not in headings]
    sentences = set(SENTENCE.findall(text))
    for test in lab.tests:
        found += [f"{test.id} cites {each}, which is not in the handout" for each in test.spec if each not in sentences]
    stands = {name for parts in lab.baseline().parts.values() for name, body in parts.items() if body}
    found += [f"the handout does not name {name}" for name in sorted(stands & holes(lab)) if name not in text]
    found += [f"the handout does not allow {name}" for name in lab.allow if name not in text]
    if not found:
        text += (lab.folder.parent / "debugging.md").read_text("utf-8")
        found += [f"the handout's command fails: {each}" for each in commands(text) if not runs(each, starter)]
    return found


def holes(lab: Lab) -> set[str]:
    return {hole.function for hole in lab.holes}


def runs(command: str, starter: Path) -> bool:
    """Does it, in the starter? Tests may fail there: 1 is an answer."""
    done = subprocess.run(
        shlex.split(command), cwd=starter, capture_output=True, stdin=subprocess.DEVNULL, check=False, timeout=900
    )
    return done.returncode in (0, 1)
