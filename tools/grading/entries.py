"""Who handed in, under which name: folders by pseudonyms; or, in a term, by whatever the roster knows somebody by.

A name of the roster goes no further than this: all else knows pseudonyms.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from grading import results, roster, taking
from grading.release import Release
from grading.taking import Taken
from grading.term import Term

MINUTE = 60
TWO = "several of this team handed in different files, and nothing says which came last"


@dataclass
class Entries:
    """All who handed in."""

    submissions: Path
    late: dict[str, int] = field(default_factory=dict)  # minutes
    told_from: datetime | None = None  # from when on students are told of hidden tests; None: nobody is told here
    complaints: list[str] = field(default_factory=list)  # for who is at the terminal, with names

    def take(self, given: Release) -> list[Taken]:
        """As it is now."""
        return taking.all_of(self.submissions, given.about["submit"])


@dataclass
class Known(Entries):
    """In a term: whoever is in its roster."""

    units: list[roster.Unit] = field(default_factory=list)
    due: datetime = datetime.max
    lab: str = ""

    def take(self, given: Release) -> list[Taken]:
        times = roster.times(self.submissions)
        there = {name for name in os.listdir(self.submissions) if not name.startswith(".") and name != roster.TIMES}
        known = {call for unit in self.units for call in unit.calls}
        self.complaints = [f"{name!r} is not in the roster: it was not graded" for name in sorted(there - known)]
        found, self.late = [], {}
        for unit in self.units:
            names = sorted(there & unit.calls, key=lambda name: (times[name].timestamp() if name in times else 0, name))
            if names:
                found.append(self.taken(given, unit, names, times))
        return found

    def taken(self, given: Release, unit: roster.Unit, names: list[str], times: dict[str, datetime]) -> Taken:
        """What counts of one unit's: what came last."""
        last = taking.take(self.submissions / names[-1], given.about["submit"], unit.pseudonym)
        if len(names) > 1 and not set(names) <= times.keys():
            others = (taking.take(self.submissions / name, given.about["submit"]).files for name in names)
            if any(files != last.files for files in others):
                return Taken(unit.pseudonym, refused=TWO)
        if names[-1] in times:
            minutes = int((times[names[-1]] - unit.due(self.due, self.lab)).total_seconds()) // MINUTE
            if minutes > 0:
                self.late[unit.pseudonym] = minutes
        return last


@dataclass
class Before(Entries):
    """Who was in the table when it was last written, as they were taken then."""

    folder: Path = Path()

    def take(self, given: Release) -> list[Taken]:
        rows = results.table(self.folder)["rows"]
        self.late = {row["submission"]: row["late"] for row in rows if "late" in row}
        places = (results.taken_place(self.folder, row["submission"]) for row in rows)
        return [Taken(**json.loads(place.read_text("utf-8"))) for place in places]


def of(submissions: Path, term: Term | None, lab: str) -> Entries:
    """TermError: the roster is wrong, or the term has no such lab."""
    if not term:
        return Entries(submissions)
    units, due = roster.units(term), term.lab(lab).due
    last = max((unit.due(due, lab) for unit in units), default=due)
    return Known(submissions, told_from=last, units=units, due=due, lab=lab)


def before(folder: Path, term: Term | None, lab: str) -> Entries:
    """To be graded once more."""
    return Before(Path(), told_from=of(Path(), term, lab).told_from, folder=folder)
