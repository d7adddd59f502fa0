"""Who handed in, under which name: folders by pseudonyms; or, in a term, by whatever the roster knows somebody by.

A name of the roster goes no further than this: all else knows pseudonyms.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
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
    called: dict[str, str] = field(default_factory=dict)  # what reports call a folder of an odd name: that
    unread: list[str] = field(default_factory=list)  # who handed in what this machine cannot read, as reports call him

    def take(self, given: Release) -> list[Taken]:
        """As it is now."""
        self.complaints, self.unread = [], []
        wanted, found = given.about["submit"], []
        for name in self.there():
            with self.complaining(name, taking.key_of(name)):
                found.append(taking.take(self.submissions / name, wanted))
        self.called = {key: name for name in self.there() if (key := taking.key_of(name)) != name}
        return found

    def there(self) -> list[str]:
        """What stands there, but for what the course's system or the instructor's says of it."""
        names = os.listdir(self.submissions)
        return sorted(name for name in names if not name.startswith(".") and name != roster.TIMES)

    @contextlib.contextmanager
    def complaining(self, name: str, called: str) -> Iterator[None]:
        """Where this machine cannot read it, there is no verdict, and others are graded. `called`: so in reports."""
        try:
            yield
        except OSError as error:
            self.unread.append(called)
            self.complaints.append(f"{name!r} cannot be read here ({error.strerror}): it was not graded")


@dataclass
class Known(Entries):
    """In a term: whoever is in its roster."""

    units: list[roster.Unit] = field(default_factory=list)
    due: datetime = datetime.max
    lab: str = ""

    def take(self, given: Release) -> list[Taken]:
        times = roster.times(self.submissions)
        there = self.there()
        known = {call for unit in self.units for call in unit.calls}
        strangers = [name for name in there if roster.composed(name) not in known]
        self.complaints = [f"{name!r} is not in the roster: it was not graded" for name in strangers]
        self.complaints += [f"{name!r} of {roster.TIMES} is not in the roster" for name in sorted(times.keys() - known)]
        found, self.late, self.unread = [], {}, []
        for unit in self.units:
            when = {name: times.get(roster.composed(name)) for name in there if roster.composed(name) in unit.calls}
            with self.complaining(next(iter(when), ""), unit.pseudonym):
                found += [self.taken(given, unit, when)] if when else []
        return found

    def taken(self, given: Release, unit: roster.Unit, when: dict[str, datetime | None]) -> Taken:
        """What counts of one unit's: what came last. `when`: of each of its folders."""
        names = sorted(when, key=lambda name: (moment.timestamp() if (moment := when[name]) else 0, name))
        last, came = taking.take(self.submissions / names[-1], given.about["submit"], unit.pseudonym), when[names[-1]]
        if len(when) > 1 and (None in when.values() or list(when.values()).count(came) > 1):
            others = (taking.take(self.submissions / name, given.about["submit"], unit.pseudonym) for name in names)
            if any(other != last for other in others):
                return Taken(unit.pseudonym, refused=TWO)
        if came:
            minutes = int((came - unit.due(self.due, self.lab)).total_seconds()) // MINUTE
            if minutes > 0:
                self.late[unit.pseudonym] = minutes
        return last


@dataclass
class Before(Entries):
    """Who was in the table when it was last written, as they were taken then; and who should have been there."""

    folder: Path = Path()

    def take(self, given: Release) -> list[Taken]:
        now, before = results.table(self.folder), results.before(self.folder)["rows"]
        self.late = {row["submission"]: row["late"] for row in (*before, *now["rows"]) if "late" in row}
        names = sorted({*(row["submission"] for row in now["rows"]), *now["left"]})
        places = {name: results.taken_place(self.folder, name) for name in names}
        self.unread = [name for name, place in places.items() if not place.exists()]
        there = (place for name, place in places.items() if name not in self.unread)
        return [Taken(**json.loads(place.read_text("utf-8"))) for place in there]


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
