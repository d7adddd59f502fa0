"""A release: all that a submission is graded with, frozen in a folder. Whatever happens to the tree later, a submission
that is graded again gets the same bytes.

    tree/           the starter, with its kernel's objects, QEMU's plugin, the judge, and all else that grades
    secret.json     the hidden tests, with what is due, and their seed; nobody else's to read
    release.json    the lab, what may be handed in and used, and what every file of this folder is (SHA-256)
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ABOUT, SECRET, TREE = "release.json", "secret.json", "tree"
TOOLS = f"{TREE}/tools/grading"
HERE = Path(__file__).parent


class ReleaseError(Exception):
    """It is not as it was released, or there is none."""


@dataclass(frozen=True)
class Release:
    """One, in its folder."""

    folder: Path
    about: dict[str, Any]

    @property
    def tree(self) -> Path:
        return self.folder / TREE

    @property
    def name(self) -> str:
        """It is another for each other release."""
        return digest(self.folder / ABOUT)

    def secret(self) -> dict[str, Any]:
        return json.loads((self.folder / SECRET).read_text("utf-8"))

    def starter_text(self, file: str) -> str:
        return (self.tree / file).read_text("utf-8")

    def check(self) -> None:
        """ReleaseError: a file is not what it was, by its name."""
        there, due = digests(self.folder), self.about["files"]
        for file in sorted(due.keys() | there.keys()):
            if there.get(file) != due.get(file):
                what = "is gone" if file not in there else "has changed" if file in due else "is new"
                raise ReleaseError(f"{self.folder / file} {what} since the release: nothing more is graded with it")


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def digests(folder: Path) -> dict[str, str]:
    """Of all files but the list itself."""
    files = (path for path in folder.rglob("*") if path.is_file() and path != folder / ABOUT)
    return {str(path.relative_to(folder)): digest(path) for path in files if "__pycache__" not in path.parts}


def read(folder: Path) -> Release:
    """ReleaseError: there is none."""
    try:
        return Release(folder, json.loads((folder / ABOUT).read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise ReleaseError(f"{folder} is no release: {error}") from None
