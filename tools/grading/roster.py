"""Who is who: roster.csv of a term.

    name         what a submission's folder is called, as the course's system has it
    team         members of one team have the same word; one of them hands in, and all have its grade
    extension    days more, for all labs ("2") or for some ("5-clock=3 6-out-and-in=0.5")
    pseudonym    what reports call somebody, and
    seed         of questions: both are filled in by `tools/lab release`

Further columns are the instructor's own. What stands in them, and in `name` and `team`, is in no report.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from grading import results
from grading.term import ROSTER, Term, TermError

WANTED = ("name", "team", "extension", "pseudonym", "seed")
TIMES = "times.csv"  # in a folder of submissions: name, time
LEAST, SHORT = 3, 6  # letters of what is struck out at all, and within a word, too
STRUCK = "[a name]"


@dataclass(frozen=True)
class Unit:
    """Who has a grade: one person, or a team."""

    pseudonym: str
    members: tuple[dict[str, str], ...]

    @property
    def calls(self) -> set[str]:
        """What its folder may be called."""
        own = {self.pseudonym, self.members[0]["team"]} - {""}
        return own | {member[column] for member in self.members for column in ("name", "pseudonym")}

    def due(self, due: datetime, lab: str) -> datetime:
        """For all of a team, when the last of them has to hand in."""
        return due + max(extension(member["extension"], lab) for member in self.members)


def extension(text: str, lab: str) -> timedelta:
    """TermError: what is that?"""
    found = 0.0
    for word in text.split():
        name, _, days = word.rpartition("=")
        try:
            more = float(days)
        except ValueError:
            raise TermError(f"{ROSTER}: an extension is days, or LAB=DAYS, and not {word}") from None
        found = more if name in ("", lab) else found
    return timedelta(days=found)


def read(term: Term) -> list[dict[str, str]]:
    """All people. TermError: it is no roster."""
    try:
        with open(term.folder / ROSTER, encoding="utf-8-sig", newline="") as file:
            sheet = csv.DictReader(file)
            if not set(WANTED) <= set(sheet.fieldnames or ()):
                raise TermError(f"{term.folder / ROSTER} has no columns {', '.join(WANTED)}")
            people = [{head: (cell or "").strip() for head, cell in row.items() if head} for row in sheet]
    except (OSError, UnicodeDecodeError) as error:
        raise TermError(f"{term.folder / ROSTER}: {error}") from None
    names = [person["name"] for person in people]
    for number, name in enumerate(names):
        if not name or names.index(name) != number:
            raise TermError(f"{term.folder / ROSTER}: line {number + 2} has no name, or one that is there before")
    return people


def fill(term: Term) -> None:
    """A pseudonym and a seed for whoever has none."""
    people = read(term)
    for person in people:
        person["pseudonym"] = person["pseudonym"] or f"s-{term.derived('person', person['name'])[:8]}"
        person["seed"] = person["seed"] or term.derived("questions", person["name"])[:12]
    out = io.StringIO()
    heads = list(dict.fromkeys([*WANTED, *(head for person in people for head in person)]))
    sheet = csv.DictWriter(out, heads, lineterminator="\n")
    sheet.writeheader()
    sheet.writerows(people)
    results.write_text(term.folder / ROSTER, out.getvalue())


def units(term: Term) -> list[Unit]:
    """TermError: somebody has no pseudonym, or that of another."""
    teams: dict[str, list[dict[str, str]]] = {}
    for person in read(term):
        teams.setdefault(f"team {person['team']}" if person["team"] else person["name"], []).append(person)
    found = []
    for members in teams.values():
        team = members[0]["team"]
        own = f"t-{term.derived('team', team)[:8]}" if team else members[0]["pseudonym"]
        found.append(Unit(own, tuple(members)))
    calls = [call for unit in found for call in unit.calls]
    if "" in calls or len(set(calls)) != len(calls):
        raise TermError(f"{term.folder / ROSTER}: somebody has no pseudonym, or what another has (tools/lab release)")
    return found


def times(submissions: Path) -> dict[str, datetime]:
    """When each handed in, where somebody says so. TermError: it cannot be read."""
    try:
        with open(submissions / TIMES, encoding="utf-8-sig", newline="") as file:
            return {row["name"]: moment(row["time"]) for row in csv.DictReader(file)}
    except FileNotFoundError:
        return {}
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise TermError(f"{submissions / TIMES}: it wants the columns name and time: {error}") from None


def moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} is no moment: 2027-01-15T23:59:00+01:00 is one")
    return found


def strings(people: Iterable[dict[str, str]]) -> list[str]:
    """All that is in no report, the longest first."""
    cells = {cell for person in people for head, cell in person.items() if head not in WANTED[2:]}
    return sorted((cell for cell in cells if len(cell) >= LEAST), key=lambda cell: (-len(cell), cell))


def struck(text: str, names: Iterable[str]) -> str:
    """The text without them, however their words are joined."""
    for name in names:
        words = r"[\W_]*".join(re.escape(word) for word in re.split(r"[\W_]+", name) if word)
        if words:
            whole = rf"(?<![^\W_]){words}(?![^\W_])" if len(name) < SHORT else words
            text = re.sub(whole, STRUCK, text, flags=re.IGNORECASE)
    return text
