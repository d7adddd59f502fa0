"""A class of sixty, graded unattended, and one that is killed again and again (with FAULTLINE_LONG: the better part of
an hour). The verdicts are written down before: no false zero, no false point."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import grade_class
import pytest
from grade_class import BELOW, FULL, Handed
from grade_term import lab_words
from support import LONG, ROOT

from grading import counting, taking
from labbing import bodies, description

pytestmark = pytest.mark.skipif(not LONG, reason="minutes: with FAULTLINE_LONG")
LAB = description.find(ROOT, "5-clock")
SIXTY, MOST = 60, 40 * 60  # submissions; seconds on two idle cores
KILLED = 30


def class_of(lab: description.Lab, many: int) -> list[Handed]:
    """Those who solve it, each in a way of their own or as the tree does; who hand in what they were given; who are
    wrong; who solved another course's; who mean no good."""
    found = list(grade_class.hostile(lab))
    for given in lab.solutions("right"):
        found.append(Handed(f"right-{given.name}", grade_class.with_bodies(lab, given), FULL))
    found += [Handed(f"team-{number}", grade_class.solution(lab), FULL) for number in range(6)]
    found += [Handed(f"late-{number}", grade_class.solution(lab), FULL) for number in range(3)]
    found += [Handed(f"starter-{number}", grade_class.with_bodies(lab, lab.baseline()), BELOW) for number in range(4)]
    for variant in lab.variants:
        files = grade_class.with_bodies(lab, bodies.read(variant.solution))
        found.append(Handed(f"another-rule-{variant.id}", files, BELOW))
    for given in lab.solutions("wrong")[: many - len(found)]:
        found.append(Handed(f"wrong-{given.name}", grade_class.with_bodies(lab, given), BELOW))
    number = 0
    while len(found) < many:
        found.append(Handed(f"solution-{number}", grade_class.solution(lab), FULL))
        number += 1
    return found[:many]


def command(folder: Path) -> list[str]:
    words = ["tools/lab", "grade", str(folder / "handed-in"), "--lab", LAB.name, "--out", str(folder / "results")]
    return [sys.executable, *words, "--seed", "hidden", "--cores", "2"]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with grade_class.open_folder("faultline-class-") as name:
        yield name


@pytest.fixture(scope="module")
def due(folder) -> dict[str, str]:
    """The verdict that each is due, graded already."""
    (folder / "handed-in").mkdir()
    secret = folder / "private/secret.c"
    secret.parent.mkdir(mode=0o700)
    secret.write_text("what nobody may know")
    links = grade_class.hand_in_links(folder / "handed-in", LAB, secret)
    every = class_of(LAB, SIXTY - len(links))
    for each in every:
        grade_class.hand_in(folder / "handed-in", each)
    return {taking.key_of(each.name): each.due for each in [*every, *links]}


def test_sixty_unattended(folder, due):
    begun = time.monotonic()
    done = subprocess.run(command(folder), cwd=ROOT, capture_output=True, text=True, check=False)
    took = time.monotonic() - begun
    assert done.returncode == 0, done.stderr
    rows = json.loads((folder / "results/results.json").read_text("utf-8"))["rows"]
    assert {row["submission"]: grade_class.verdict_of(row) for row in rows} == due
    assert took < MOST, f"{took:.0f} s"


def test_killed_again_and_again(folder, due):
    """Nothing is lost, nothing is graded twice, and the table is the same."""
    results, chance = folder / "results", random.Random("killed")
    table = (results / "results.json").read_bytes()
    for place in [*results.glob("rows/*"), *results.glob("times/*")]:
        if place.stem in list(due)[::4]:
            place.unlink()
    seen: dict[Path, int] = {}
    for _ in range(KILLED):
        grading = subprocess.Popen(command(folder), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(chance.randrange(120)):  # any moment will do: what is due hangs on none
            time.sleep(0.1)
        grading.send_signal(signal.SIGKILL)
        grading.wait()
        for place in results.glob("times/*"):
            assert seen.setdefault(place, place.stat().st_mtime_ns) == place.stat().st_mtime_ns
    assert subprocess.run(command(folder), cwd=ROOT, capture_output=True, check=False).returncode == 0
    assert (results / "results.json").read_bytes() == table
    for place, when in seen.items():
        assert place.stat().st_mtime_ns == when


def test_a_term_whose_release_knows_wrong_kernels(folder):
    """From nothing to a page that says which wrong kernels a class has in common; then with a mended judge."""
    lab, place = description.find(ROOT, "4-copy-on-write"), folder / "term"
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
