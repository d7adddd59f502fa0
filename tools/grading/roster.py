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
import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from grading import results, taking
from grading.term import ROSTER, SETTINGS, Term, TermError

WANTED = ("name", "team", "extension", "pseudonym", "seed")
TIMES = "times.csv"  # in a folder of submissions: name, time
DAYS_MOST = 3660  # of an extension
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
        own |= {member[column] for member in self.members for column in ("name", "pseudonym")}
        return {composed(each) for each in own}

    def due(self, due: datetime, lab: str) -> datetime:
        """For all of a team, when the last of them has to hand in."""
        return due + max(extension(member["extension"], lab) for member in self.members)


def composed(name: str) -> str:
    """The same name is the same letters, whichever system has written it: some take an accent for one of its own."""
    return unicodedata.normalize("NFC", name)


def extension(text: str, lab: str) -> timedelta:
    """What is said of this lab stands before what is said of all. TermError: what is that?"""
    found = {"": 0.0}
    for word in text.split():
        name, _, days = word.rpartition("=")
        try:
            found[name] = float(days)
        except ValueError:
            found[name] = math.nan
        if not abs(found[name]) <= DAYS_MOST:
            raise TermError(f"{ROSTER}: an extension is days, or LAB=DAYS, and not {word}")
    return timedelta(days=found.get(lab, found[""]))


def labs_of(text: str) -> set[str]:
    """Those of an extension."""
    return {word.rpartition("=")[0] for word in text.split()} - {""}


def read(term: Term) -> list[dict[str, str]]:
    """All people. TermError: it is no roster."""
    try:
        with open(term.folder / ROSTER, encoding="utf-8-sig", newline="") as file:
            sheet = csv.DictReader(file, strict=True)
            if not set(WANTED) <= set(sheet.fieldnames or ()):
                raise TermError(f"{term.folder / ROSTER} has no columns {', '.join(WANTED)}")
            rows = list(sheet)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TermError(f"{term.folder / ROSTER}: {error}") from None
    for row in rows:
        if None in row:
            raise TermError(f"{term.folder / ROSTER}: the line of {row['name']!r} has more cells than the first line")
    people = [{head: (cell or "").strip() for head, cell in row.items()} for row in rows]
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
    """TermError: somebody has no pseudonym, or that of another, or none that reports can have; or an extension for no
    lab of the term."""
    teams: dict[tuple[str, str], list[dict[str, str]]] = {}
    labs = {given.name for given in term.labs()}
    for person in read(term):
        check_person(term, person, labs)
        teams.setdefault(("team", person["team"]) if person["team"] else ("", person["name"]), []).append(person)
    found = []
    for members in teams.values():
        team = members[0]["team"]
        own = f"t-{term.derived('team', team)[:8]}" if team else members[0]["pseudonym"]
        found.append(Unit(own, tuple(members)))
    calls = [call for unit in found for call in unit.calls]
    if "" in calls or len(set(calls)) != len(calls):
        raise TermError(f"{term.folder / ROSTER}: somebody has no pseudonym, or what another has (tools/lab release)")
    return found


def check_person(term: Term, person: dict[str, str], labs: set[str]) -> None:
    """TermError: a cell is no such thing."""
    own = person["pseudonym"]
    if own and taking.key_of(own) != own:
        raise TermError(f"{term.folder / ROSTER}: {own!r} is no pseudonym: {taking.NOT_ODD}")
    extension(person["extension"], "")
    for name in sorted(labs_of(person["extension"]) - labs):
        raise TermError(f"{term.folder / ROSTER}: an extension for {name!r}, which is no lab of {SETTINGS}")


def times(submissions: Path) -> dict[str, datetime]:
    """When each handed in, where somebody says so. TermError: it cannot be read, or says of somebody two things."""
    found: dict[str, datetime] = {}
    try:
        with open(submissions / TIMES, encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file, strict=True):
                if found.setdefault(composed(row["name"]), moment(row["time"])) != moment(row["time"]):
                    raise ValueError(f"{row['name']!r} is there with two times")
        return found
    except FileNotFoundError:
        return {}
    except (OSError, KeyError, TypeError, ValueError, csv.Error) as error:
        raise TermError(f"{submissions / TIMES}: it wants the columns name and time: {error}") from None


def moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} is no moment: 2027-01-15T23:59:00+01:00 is one")
    return found


def strings(people: Iterable[dict[str, str]]) -> list[str]:
    """All that is in no report, the longest first: what stands in a cell, and each word of it that may be a name."""
    cells = {(head, cell) for person in people for head, cell in person.items() if head not in WANTED[2:]}
    found = {cell for _, cell in cells}
    found |= {word for head, cell in cells for word in words_of(cell) if may_be_name(word, head)}
    return sorted((each for each in found if len(each) >= LEAST), key=lambda each: (-len(each), each))


def may_be_name(word: str, head: str) -> bool:
    """Of a cell below that head: no small number, and none of the words that people say of people."""
    return not (word.isdigit() and len(word) < SHORT) and (head == "name" or word[0] != word[0].lower())


def words_of(name: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", name) if word]


def struck(text: str, names: Iterable[str]) -> str:
    """The text without them, however their words are joined."""
    there = text.lower()
    for name in names:
        words = words_of(name)
        if words and words[0].lower() in there:
            joined = r"[\W_]*".join(map(re.escape, words))
            whole = rf"(?<![^\W_]){joined}(?![^\W_])" if len(name) < SHORT else joined
            text = re.sub(whole, STRUCK, text, flags=re.IGNORECASE)
    return text
