"""Function bodies that take the place of others: baselines, and wrong and right solutions.

Such a file is C without includes: a comment that names the behaviour in a line, then, below each
`/* file: PATH */`, definitions for that file. A definition replaces the function of that name; one whose
name the file does not know is a helper, and comes before the first that is replaced. Functions that nobody
calls any more go with `/* without: NAME NAME */`. So bodies outlive edits around them, as a patch would not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from labbing import source

FILE = re.compile(r"^/\* file: (\S+) \*/$", re.MULTILINE)
WITHOUT = re.compile(r"^/\* without: (.*?) \*/$", re.MULTILINE)
NAMED = re.compile(r"\A/\*\s*(.*?)\s*\*/", re.DOTALL)


class BodyError(ValueError):
    """The file is none of bodies, or fits nowhere."""


@dataclass
class Bodies:
    """A file of them."""

    name: str  # of the file, without .c
    behaviour: str  # in a line
    parts: dict[str, dict[str, str]] = field(default_factory=dict)  # file: function: its definition; "": it goes


def definitions(text: str) -> dict[str, str]:
    """Each definition with the comments before it, by name. They end with a brace in the first column."""
    found = {}
    for part in re.split(r"(?<=\n\}\n)", text):
        if not part.strip():
            continue
        bare = re.sub(r"/\*.*?\*/|//[^\n]*", " ", part, flags=re.DOTALL)
        bare = re.sub(r"__attribute__\(\(.*?\)\)", " ", bare)
        name = re.search(r"(\w+)\s*\(", bare)
        if not name:
            raise BodyError(f"no function in: {part.strip()[:60]}")
        found[name[1]] = part.strip("\n")
    return found


def read(path: Path) -> Bodies:
    text = path.read_text("utf-8")
    named = NAMED.match(text)
    if not named:
        raise BodyError(f"{path}: it does not begin with a comment that names the behaviour")
    words = re.sub(r"\n \* ", " ", named[1])
    behaviour = " ".join(words.split()).split(". ")[0].rstrip(".")
    bodies = Bodies(path.stem, behaviour)
    _, *pieces = FILE.split(text)
    for file, piece in zip(pieces[::2], pieces[1::2], strict=True):
        gone = [name for words in WITHOUT.findall(piece) for name in words.split()]
        parts = bodies.parts.setdefault(file, {})
        parts.update({name: "" for name in gone} | definitions(WITHOUT.sub("", piece)))
    if not bodies.parts:
        raise BodyError(f'{path}: no "/* file: PATH */" in it')
    return bodies


def replaced(root: Path, file: str, parts: dict[str, str], text: str | None = None) -> str:
    """The text of a file with those functions in place of its own; the comments before these stay."""
    known = source.functions(root, file)
    text = (root / file).read_text("utf-8") if text is None else text
    own = [name for name in parts if name in known]
    helpers = [parts[name] for name in parts if name not in known]
    if not own:
        raise BodyError(f"{file} has no {' and no '.join(parts)}")
    edits = [
        (known[name].start, known[name].end, _without_comment(parts[name]))
        if parts[name]
        else (known[name].begins, known[name].end + len("\n\n"), "")
        for name in own
    ]
    if helpers:
        first = min(known[name].begins for name in own if parts[name])
        edits.append((first, first, "\n\n".join(helpers) + "\n\n"))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _without_comment(definition: str) -> str:
    """The contract that stands in the tree is the one that counts."""
    return re.sub(r"\A(\s*/\*.*?\*/\s*)+", "", definition, flags=re.DOTALL)


def overlay(root: Path, bodies: Bodies) -> dict[str, str]:
    """All files that they change, with their texts."""
    return {file: replaced(root, file, parts) for file, parts in bodies.parts.items()}
