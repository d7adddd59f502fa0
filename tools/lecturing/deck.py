"""A deck: one readable file of docs/lectures/, and what is said in it by how it is written.

  # 3. Copy-on-write         its number and name; below it, what it is about
  Machine: `--ram 64M …`     the options of tools/boot for its machine
  ## Title [12']             a slide, and the minute at which it begins
  **Question.** …            one for the room
  **d1** `demo-cow`: words   a demonstration: what is typed in the machine, and what it shows
  Note:                      from here to the next slide: for the speaker only
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from faultline import project

FOLDER = project.ROOT / "docs/lectures"
SHEET = "-exercises.md"
ANSWERS = "\n## Answers"
SLIDE = re.compile(r"^## (.*) \[(\d+)'\]$", re.MULTILINE)
NOTE = re.compile(r"^Note:$", re.MULTILINE)
NAME = re.compile(r"^# (\d+)\. (.*)$", re.MULTILINE)
MACHINE = re.compile(r"^Machine: `([^`]*)`$", re.MULTILINE)
DEMONSTRATION = re.compile(r"^\*\*(d\d+)\*\* `([^`]+)`:\s+(.+)$", re.MULTILINE)


class NoLecture(Exception):
    """There is none of that number, in words."""


@dataclass
class Demonstration:
    """A command that the machine knows by a short name."""

    name: str
    command: str
    shows: str


@dataclass
class Slide:
    """What the room sees, and what the speaker does."""

    title: str
    minute: int
    text: str
    note: str


@dataclass
class Deck:
    """A lecture."""

    path: Path
    number: int
    name: str
    about: str
    machine: list[str]
    slides: list[Slide]

    @property
    def demonstrations(self) -> list[Demonstration]:
        """In the order in which they come."""
        found = (DEMONSTRATION.findall(slide.text) for slide in self.slides)
        return [Demonstration(*words) for words_of_slide in found for words in words_of_slide]

    @property
    def sheet(self) -> Path:
        """Its exercises, with their answers."""
        return self.path.with_name(f"{self.number}{SHEET}")


def slides_of(text: str) -> list[Slide]:
    """Those of a deck, in order."""
    found = []
    _, *parts = SLIDE.split(text)
    for title, minute, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        shown, *notes = NOTE.split(body)
        found.append(Slide(title, int(minute), shown.strip(), "\n".join(notes).strip()))
    return found


def read(path: Path) -> Deck:
    """The deck in a file."""
    text = path.read_text("utf-8")
    named, machine, begin = NAME.search(text), MACHINE.search(text), SLIDE.search(text)
    assert named and machine and begin, f"{path} is no deck"
    return Deck(
        path=path,
        number=int(named[1]),
        name=named[2],
        about=text[named.end() : machine.start()].strip(),
        machine=machine[1].split(),
        slides=slides_of(text),
    )


def all_paths() -> dict[int, Path]:
    """The decks that there are, by their numbers."""
    paths = (path for path in FOLDER.glob("[0-9]*-*.md") if not path.name.endswith(SHEET))
    return {int(path.name.split("-")[0]): path for path in sorted(paths)}


def numbered(word: str) -> Deck:
    """The lecture of that number, as somebody has typed it."""
    there = all_paths()
    if not word.isdecimal() or int(word) not in there:
        raise NoLecture(f"no lecture {word}: there are {min(there)} to {max(there)}")
    return read(there[int(word)])


def exercises(deck: Deck) -> str:
    """The sheet as the room gets it: without the answers."""
    return deck.sheet.read_text("utf-8").partition(ANSWERS)[0]
