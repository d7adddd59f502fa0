"""A handout says all that it should, cites what the tests cite, and its commands run in the starter."""

from __future__ import annotations

import posixpath
import re
import shlex
import subprocess
import textwrap
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from labbing.description import Lab, LabError

SECTIONS = (
    *("Outcomes", "Words", "Specification", "What is free", "Five minutes first", "Where to look", "Steps"),
    *("A report, line by line", "When you are stuck", "Hints", "Questions", "Going on", "Rules", "Handing in"),
)
LINK = re.compile(r"!?\[([^\[\]]*)\]\(([^()\s]*)\)")
COMMAND = re.compile(r"^ {4,}\$ (.+)$", re.MULTILINE)
ROW = re.compile(r"^\| ([a-z0-9-]+) \| (\d+) \| ([^|]*) \|$", re.MULTILINE)  # a test, points, sentences
SENTENCE = re.compile(r"^\*\*([ST]\d+)\*\*", re.MULTILINE)


def with_variant(text: str, lab: Lab) -> str:
    """The handout with the sentences of the lab's variant, and a word on that."""
    if not lab.variant:
        return text
    changed = lab.sentences()
    for number, words in changed.items():
        found = re.compile(rf"^\*\*{number}\*\* .*?(?=\n\n)", re.MULTILINE | re.DOTALL)
        old = found.search(text)
        if not old:
            raise LabError(f"the handout has no sentence {number} for {lab.variant.id}")
        one = f"**{number}** *(here)* {' '.join(words.split())}"
        text = text[: old.start()] + textwrap.fill(one, 115, break_on_hyphens=False) + text[old.end() :]
    head, rest = text.split("\n\n", 1)
    note = (
        f"This course has a rule of its own: {lab.variant.title}. The sentences marked *(here)* say so, and they are "
        "what is tested; where steps, hints or comments in the sources tell the book's rule, these sentences count."
    )
    return "\n\n".join([head, textwrap.fill(note, 115), rest])


def without_dead_links(text: str, file: str, there: Collection[str]) -> str:
    """A page whose links all lead somewhere: of those to files that are not there, the words stay."""

    def linked(found: re.Match[str]) -> str:
        words, target = found[1], found[2].split("#")[0]
        goes = not target or "://" in target or posixpath.normpath(f"{posixpath.dirname(file)}/{target}") in there
        return found[0] if goes else words

    return LINK.sub(linked, text)


def commands(text: str) -> list[str]:
    """Those of the indented lines that begin with a dollar."""
    return COMMAND.findall(text)


def complaints(root: Path, lab: Lab, starter: Path) -> list[str]:
    text = (lab.folder / "handout.md").read_text("utf-8")
    found = text_complaints(text, {test.id: test.spec for test in lab.tests})
    rows = {name: (int(points), tuple(spec.split(", "))) for name, points, spec in ROW.findall(text)}
    due = {test.id: (test.points, test.spec) for test in lab.tests}
    found += [f"the handout's row of {name} is not as lab.toml has it" for name in due if rows.get(name) != due[name]]
    stands = {name for parts in lab.baseline().parts.values() for name, body in parts.items() if body}
    found += [f"the handout does not name {name}" for name in sorted(stands & holes(lab)) if name not in text]
    found += [f"the handout does not allow {name}" for name in lab.allow if name not in text]
    if not found:
        text += (lab.folder.parent / "debugging.md").read_text("utf-8")
        found += [f"the handout's command fails: {each}" for each in commands(text) if not runs(each, starter)]
    return found


def text_complaints(text: str, cited: Mapping[str, Iterable[str]]) -> list[str]:
    """Its sections, and the sentences that each test or question cites."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    found = [f"the handout has no section {name}" for name in SECTIONS if name not in headings]
    sentences = set(SENTENCE.findall(text))
    for name, spec in cited.items():
        found += [f"{name} cites {each}, which is not in the handout" for each in spec if each not in sentences]
    return found


def holes(lab: Lab) -> set[str]:
    return {hole.function for hole in lab.holes}


def runs(command: str, starter: Path) -> bool:
    """Does it, in the starter? Tests may fail there: 1 is an answer."""
    done = subprocess.run(
        shlex.split(command), cwd=starter, capture_output=True, stdin=subprocess.DEVNULL, check=False, timeout=900
    )
    return done.returncode in (0, 1)
