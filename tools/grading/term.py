"""A term: a folder of the instructor's, outside the tree, that holds what nobody else may know.

    secret          one word that nobody can guess: pseudonyms, and seeds of hidden tests and questions, follow from it
    term.toml       the labs, and when each is due
    roster.csv      who is who; the names stand here and nowhere else
    LAB/            of each lab that was released: starter/ to be handed out, and the folder of results (results.py)

So the same lab has the same hidden tests in all of a term, however often somebody tries, and none of another's.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from grading import results

SECRET, SETTINGS, ROSTER, STARTER = "secret", "term.toml", "roster.csv", "starter"
LEAST = 32  # letters of a secret; ours have twice as many
TEMPLATE = """# The labs of this term (docs/grading.md). `tools/lab release` freezes those that are not yet released.
#
# [[lab]]
# name = "5-clock"
# due = 2027-01-15T23:59:00+01:00
# variant = "comes-second"
"""
HEADS = "name,team,extension,pseudonym,seed\n"


class TermError(Exception):
    """Something in a term's folder is not as it should be; in words for the instructor alone."""


@dataclass(frozen=True)
class Given:
    """A lab of a term's."""

    name: str
    due: datetime
    variant: str


@dataclass(frozen=True)
class Term:
    """One, in its folder."""

    folder: Path

    def derived(self, *words: str) -> str:
        """Something that follows from the secret and these words, and that nobody else can tell."""
        try:
            key = (self.folder / SECRET).read_bytes().strip()
        except OSError as error:
            raise TermError(f"{self.folder / SECRET}: {error}") from None
        if len(key) < LEAST:
            raise TermError(f"{self.folder / SECRET} is not what it was: what follows from it anybody could tell")
        return hmac.new(key, "\0".join(words).encode(), hashlib.sha256).hexdigest()

    def hidden_seed(self, lab: str) -> str:
        return self.derived("hidden", lab)

    def public_seed(self, lab: str) -> str:
        """It is handed out, and says nothing of the hidden one."""
        return self.derived("public", lab)[:12]

    def labs(self) -> list[Given]:
        """TermError: term.toml is wrong."""
        try:
            labs = tomllib.loads((self.folder / SETTINGS).read_text("utf-8")).get("lab", [])
            if not isinstance(labs, list):
                raise ValueError("[lab] wants two brackets: [[lab]]")
            return [given_of(each) for each in labs]
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise TermError(f"{self.folder / SETTINGS}: {error}") from None

    def lab(self, name: str) -> Given:
        found = [each for each in self.labs() if each.name == name]
        if not found:
            raise TermError(f"{self.folder / SETTINGS} has no lab {name}")
        return found[0]


def given_of(raw: dict[str, Any]) -> Given:
    due = raw["due"]
    if not isinstance(due, datetime) or due.tzinfo is None:
        raise ValueError(f"{raw['name']} is due at a moment, as in 2027-01-15T23:59:00+01:00, and not at {due}")
    return Given(raw["name"], due, raw.get("variant", ""))


def find(folder: Path) -> Term:
    """TermError: that is none."""
    if not all((folder / name).is_file() for name in (SECRET, SETTINGS, ROSTER)):
        raise TermError(f"{folder} is no term: `tools/lab release {folder}` makes one where nothing is")
    return Term(folder.resolve())


def make(folder: Path) -> Term:
    """A new one. TermError: something is there."""
    if folder.exists() and any(folder.iterdir()):
        raise TermError(f"{folder} is not empty, and no term")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)  # boxes, which are entered as somebody, come through to a release
    for name, text in ((SETTINGS, TEMPLATE), (ROSTER, HEADS), (SECRET, secrets.token_hex(32) + "\n")):
        results.write_text(folder / name, text)  # all of it, or nothing: a secret cut short were none
    return Term(folder.resolve())
