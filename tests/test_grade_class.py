"""A class of sixty, graded unattended, and one that is killed again and again (with FAULTLINE_LONG: the better part of
an hour). The verdicts are written down before: no false zero, no false point."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import cgroup
import grade_class
import pytest
from grade_class import BELOW, FULL, Handed
from grade_term import lab_words
from support import LONG, ROOT

from grading import counting, roster, term
from labbing import bodies, description

pytestmark = pytest.mark.skipif(not LONG or not cgroup.can(), reason="minutes: with FAULTLINE_LONG, and control groups")
LAB = description.find(ROOT, "5-clock")
SIXTY, MOST = 60, 40 * 60  # submissions; seconds on two idle cores
TEAMS, LATE = 6, 3
KILLED, QUICK = 30, 60  # times; seconds


def class_of(lab: description.Lab, many: int) -> list[Handed]:
    """Those who solve it, each in a way of their own or as the tree does; who hand in what they were given; who are
    wrong; who solved another course's; who mean no good."""
    found = [*grade_class.hostile(lab), *grade_class.slow(lab)]
    for given in lab.solutions("right"):
        found.append(Handed(f"right-{given.name}", grade_class.with_bodies(lab, given), FULL))
    found += [Handed(f"starter-{number}", grade_class.with_bodies(lab, lab.baseline()), BELOW) for number in range(4)]
    for variant in lab.variants:
        files = grade_class.with_bodies(lab, bodies.read(variant.solution))
        found.append(Handed(f"another-rule-{variant.id}", files, BELOW))
    found += [Handed(f"solution-{number}", grade_class.solution(lab), FULL) for number in range(2)]
    for given in lab.solutions("wrong")[: many - len(found)]:
        found.append(Handed(f"wrong-{given.name}", grade_class.with_bodies(lab, given), BELOW))
    number = 2
    while len(found) < many:
        found.append(Handed(f"solution-{number}", grade_class.solution(lab), FULL))
        number += 1
    return found[:many]


class Class:
    """Sixty who hand in: 51 alone, three of them late; six teams of two, of half of which both hand in; and links."""

    def __init__(self, folder: Path):
        self.handed_in, self.term = folder / "handed-in", folder / "term"
        self.results = self.term / LAB.name
        self.handed_in.mkdir()
        assert lab_words("release", str(self.term)).returncode == 0
        (self.term / "term.toml").write_text(f'[[lab]]\nname = "{LAB.name}"\ndue = 2027-01-15T23:59:00Z\n')
        secret = folder / "private/secret.c"
        secret.parent.mkdir(mode=0o700)
        secret.write_text("what nobody may know")
        links = grade_class.hand_in_links(self.handed_in, LAB, secret)
        late = [Handed(f"late-{number}", grade_class.solution(LAB), FULL) for number in range(LATE)]
        alone = class_of(LAB, SIXTY - TEAMS - len(links) - len(late))
        for each in (*alone, *late):
            grade_class.hand_in(self.handed_in, each)
        self.due = {each.name: due_in_a_term(each) for each in (*alone, *links, *late)}
        times = [(each.name, 16) for each in late] + self.hand_in_teams()
        people = [(name, "") for name in self.due if not name.startswith("Team")]
        people += [(f"{who}-{number}", f"Team-{number}") for number in range(TEAMS) for who in ("first", "second")]
        write_csv(self.term / "roster.csv", ["name", "team", "extension", "pseudonym", "seed"], people)
        moments = [(name, f"2027-01-{day}T12:00:00+00:00") for name, day in times]
        write_csv(self.handed_in / "times.csv", ["name", "time"], moments)

    def hand_in_teams(self) -> list[tuple[str, int]]:
        """Of some both hand in, a starter and then a solution: what came last counts. On which day each did."""
        starter = grade_class.with_bodies(LAB, LAB.baseline())
        times = []
        for number in range(TEAMS):
            grade_class.hand_in(self.handed_in, Handed(f"second-{number}", grade_class.solution(LAB), ""))
            times.append((f"second-{number}", 15))
            if number % 2:
                grade_class.hand_in(self.handed_in, Handed(f"first-{number}", starter, ""))
                times.append((f"first-{number}", 14))
            self.due[f"Team-{number}"] = FULL
        return times

    def command(self) -> list[str]:
        words = ["tools/lab", "grade", str(self.handed_in), "--lab", LAB.name, "--term", str(self.term)]
        return [sys.executable, *words, "--cores", "2"]

    def names(self) -> dict[str, str]:
        """Who has which pseudonym."""
        found = {}
        for unit in roster.units(term.find(self.term)):
            found[unit.pseudonym] = unit.members[0]["team"] or unit.members[0]["name"]
        return found


def due_in_a_term(each: Handed) -> str:
    """There a folder may be called whatever the roster says."""
    return FULL if each.name == "new\nline" else each.due


def write_csv(place: Path, heads: list[str], lines: Sequence[tuple[str, ...]]) -> None:
    with open(place, "w", encoding="utf-8", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerows([heads, *(line + ("",) * (len(heads) - len(line)) for line in lines)])


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with grade_class.open_folder("faultline-class-") as name:
        yield name


@pytest.fixture(scope="module")
def sixty(folder) -> Class:
    made = Class(folder)
    done = lab_words("release", str(made.term))
    assert done.returncode == 0, done.stderr
    return made


def test_sixty_unattended(sixty):
    """Who is late is told so, and by how much; and no name is in a report."""
    idle = os.getloadavg()[0] < 0.5
    done, took = cgroup.run(sixty.command())
    print(f"{SIXTY} submissions: {took.seconds:.0f} s by the clock, {took.processor:.0f} s of processors")
    assert done.returncode == 0, done.stderr
    rows, names = json.loads((sixty.results / "results.json").read_text("utf-8"))["rows"], sixty.names()
    assert {names[row["submission"]]: grade_class.verdict_of(row) for row in rows} == sixty.due
    late = {names[row["submission"]]: row["late"] for row in rows if "late" in row}
    assert late == {f"late-{number}": 12 * 60 + 1 for number in range(LATE)}
    told = [*sixty.results.glob("results.*"), *sixty.results.glob("for-students/*")]
    for place in told:
        text = place.read_text("utf-8")
        assert not [name for name in names.values() if "-" in name and name in text], place
    assert (took.seconds if idle else took.processor / 2) < MOST, took


def test_killed_again_and_again(sixty):
    """Nothing is lost, nothing is graded twice, and the table is the same."""
    results, chance = sixty.results, random.Random("killed")
    table = (results / "results.json").read_bytes()
    quick = [place for place in sorted(results.glob("times/*")) if json.loads(place.read_text())["seconds"] < QUICK]
    for place in quick[::4]:
        place.unlink()
        (results / "rows" / place.name).unlink()
    seen: dict[Path, int] = {}
    for _ in range(KILLED):
        grading = subprocess.Popen(sixty.command(), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(chance.randrange(120)):  # any moment will do: what is due hangs on none
            time.sleep(0.1)
        grading.send_signal(signal.SIGKILL)
        grading.wait()
        for place in results.glob("rows/[!.]*"):
            assert seen.setdefault(place, place.stat().st_mtime_ns) == place.stat().st_mtime_ns
    assert subprocess.run(sixty.command(), cwd=ROOT, capture_output=True, check=False).returncode == 0
    assert (results / "results.json").read_bytes() == table
    for place, when in seen.items():
        assert place.stat().st_mtime_ns == when


def test_a_term_whose_release_knows_wrong_kernels(folder):
    """From nothing to a page that says which wrong kernels a class has in common; then with a mended judge."""
    lab, place = description.find(ROOT, "4-copy-on-write"), folder / "another-term"
    assert lab_words("release", str(place)).returncode == 0
    (place / "term.toml").write_text(f'[[lab]]\nname = "{lab.name}"\ndue = 2027-01-15T23:59:00Z\n')
    names = ("ann", "ben", "cyd", "dan")
    (place / "roster.csv").write_text("name,team,extension,pseudonym,seed\n" + "".join(f"{n},,,,\n" for n in names))
    done = lab_words("release", str(place))
    assert done.returncode == 0 and (place / lab.name / "starter/HANDOUT.md").exists(), done.stderr
    first, second = lab.solutions("wrong")[:2]
    for name, given in zip(names, (first, first, second, lab.solutions("right")[0]), strict=True):
        grade_class.hand_in(folder / "in-the-term", Handed(name, grade_class.with_bodies(lab, given), ""))
    words = ["--lab", lab.name, "--term", str(place)]
    done = lab_words("grade", str(folder / "in-the-term"), *words)
    assert done.returncode == 0, done.stderr
    table = json.loads((place / lab.name / "results.json").read_text("utf-8"))
    common = counting.in_common(table)
    assert any(first.behaviour in said and count == 2 for said, count in common), common
    assert "<h2>In common</h2>" in (place / lab.name / "results.html").read_text("utf-8")
    assert lab_words("release", str(place), "--mended", lab.name, "--no-diagnosis").returncode == 0
    done = lab_words("grade", *words, "--regrade")
    assert done.returncode == 0 and "other words, the same points" in done.stdout
    assert [row["points"] for row in table["rows"]] == [
        row["points"] for row in json.loads((place / lab.name / "results.json").read_text("utf-8"))["rows"]
    ]
