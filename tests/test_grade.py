"""Submissions are graded: what is odd about one costs that one alone, and the same class gets the same bytes. The class
of sixty is in test_grade_class.py."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grade_class
import jsonschema
import pytest
from grade_class import BELOW, FULL, Handed
from support import ROOT

from grading import looking, page, release, results, submission, taking
from grading.box import Answer
from labbing import bodies, description
from labbing.host import process
from labbing.host.memory import Shared

LAB = description.find(ROOT, "7-frame-allocation")  # some of its tests want no machine, some do
REPORTS = ("results.json", "results.csv", "results.html")
FILE = LAB.submit[0]


def solution(kind: str, name: str) -> Handed:
    given = next(each for each in LAB.solutions(kind) if each.name == name)
    return Handed(f"{kind}-{name}", grade_class.with_bodies(LAB, given), FULL if kind == "right" else BELOW)


def grade(submissions: Path, out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = ["tools/lab", "grade", str(submissions), "--lab", LAB.name, "--out", str(out), "--cores", "2", *words]
    return subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)


def reports(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in REPORTS}


class Class:
    """Three that run, and everything that does not come so far; graded."""

    def __init__(self, folder: Path):
        self.folder, self.submissions, self.out = folder, folder / "handed-in", folder / "results"
        self.submissions.mkdir()
        secret = folder / "private/secret.c"
        secret.parent.mkdir(mode=0o700)
        secret.write_text("what nobody may know")
        every = [solution("right", "powers"), solution("wrong", "forged")]
        hostile = grade_class.hostile(LAB)
        every += [each for each in hostile if each.due != BELOW or each.name == "forks"]
        for each in every:
            grade_class.hand_in(self.submissions, each)
        every += grade_class.hand_in_links(self.submissions, LAB, secret)
        self.due = {taking.key_of(each.name): each.due for each in every}
        self.done = grade(self.submissions, self.out, "--seed", "hidden", "--no-diagnosis")
        assert self.done.returncode == 0, self.done.stderr + (self.out / "engine.log").read_text()
        self.all_of = json.loads((self.out / "results.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def graded() -> Iterator[Class]:
    with grade_class.open_folder("faultline-class-") as folder:
        yield Class(folder)


def test_verdicts_are_as_they_are_due(graded):
    rows = {row["submission"]: row for row in graded.all_of["rows"]}
    assert {name: grade_class.verdict_of(row) for name, row in rows.items()} == graded.due
    assert any("has assembly" in each for each in rows["forks"]["look"])
    assert not rows["right-powers"]["look"]
    for row in rows.values():
        assert bool(row["said"]) == (row["verdict"] != "graded"), row


def test_nobody_reads_what_is_secret(graded):
    """Neither the files that links lead to, nor hidden tests; and of a kernel's own words there are none."""
    for place in [*graded.out.glob("results.*"), *graded.out.glob("rows/*"), *graded.out.glob("taken/*")]:
        text = place.read_text("utf-8")
        assert "what nobody may know" not in text and "root:" not in text
        assert "all passed" not in text or place.parent.name == "taken"  # there it stands in what was handed in
        assert place.stat().st_mode & 0o77 == 0
    assert (graded.out / "release/secret.json").stat().st_mode & 0o77 == 0


def test_the_results_are_as_they_are_described(graded):
    schema = json.loads(results.SCHEMA.read_text("utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(graded.all_of, schema)
    with open(graded.out / "results.csv", encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert {line["submission"]: line["verdict"] for line in lines} == {
        row["submission"]: row["verdict"] for row in graded.all_of["rows"]
    }
    for line in lines:
        assert sum(int(line[test.id]) for test in LAB.tests) == int(line["points"])
    text = (graded.out / "results.html").read_text("utf-8")
    assert text.count("<tr>") == len(lines) + 1 and "<script" not in text
    assert f"{len(lines)} submissions" in text


def test_a_submission_more_and_nothing_twice(graded):
    """What is there stays, byte for byte, and is not even looked at again."""
    before = {place: place.stat().st_mtime_ns for place in graded.out.glob("times/*")}
    grade_class.hand_in(graded.submissions, Handed("late", {FILE: ""}, ""))
    try:
        done = grade(graded.submissions, graded.out)
        assert done.returncode == 0 and "late: refused" in done.stdout
        assert {place: place.stat().st_mtime_ns for place in before} == before
    finally:
        shutil.rmtree(graded.submissions / "late")
    assert grade(graded.submissions, graded.out).returncode == 0
    assert json.loads((graded.out / "results.json").read_text("utf-8")) == graded.all_of


@pytest.mark.skipif(os.geteuid() != 0, reason="who is not root grades as himself")
def test_a_closed_folder_is_named_before_anything_is_made(graded, tmp_path):
    tmp_path.chmod(0o700)
    done = grade(graded.submissions, tmp_path / "out", "--seed", "hidden")
    assert done.returncode == 1 and not (tmp_path / "out/release").exists()
    assert "is closed to others" in done.stderr and "chmod o+x /" in done.stderr


def test_graded_again_gives_the_same_bytes(graded):
    """Rows that were lost, one of them half written, and nothing else are made again."""
    due = reports(graded.out)
    for name in ("right-powers", "wrong-forged"):
        (graded.out / f"rows/{name}.json").unlink()
    (graded.out / "rows/.right-powers.json-1").write_text('{"half')
    done = grade(graded.submissions, graded.out)
    assert done.returncode == 0, done.stderr
    assert reports(graded.out) == due


def test_a_release_that_has_changed_is_refused_by_name(graded):
    place = graded.out / f"release/tree/{FILE}"
    text = place.read_text("utf-8")
    place.write_text(text + "/* changed */\n", "utf-8")
    try:
        done = grade(graded.submissions, graded.out)
        assert done.returncode == 1 and f"{place} has changed since the release" in done.stderr
    finally:
        place.write_text(text, "utf-8")
    (graded.out / "release/tree/more.c").touch()
    done = grade(graded.submissions, graded.out)
    assert done.returncode == 1 and "more.c is new" in done.stderr
    (graded.out / "release/tree/more.c").unlink()


def test_a_phase_can_be_shown(graded):
    row = next(row for row in graded.all_of["rows"] if row["submission"] == "wrong-forged")
    test = next(test for test in row["tests"] if not test["passed"])
    words = ["tools/lab", "graded", str(graded.out), "wrong-forged", test["id"], str(test["phase"])]
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"-> phase {test['phase']}:" in done.stdout


def test_where_the_machine_is_to_blame_there_is_no_row(graded, monkeypatch):
    given = release.read(graded.out / "release")
    for said, ended in (({"failed": "no QEMU"}, ""), ({}, "it ended with 1"), ({}, "it did not end")):
        monkeypatch.setattr(submission, "worked", lambda *words, said=said, ended=ended: (said, Answer(b"", ended)))
        with pytest.raises(submission.MachineError, match="could not be judged"):
            submission.judged(given, {})


def test_a_process_that_does_not_begin_is_nobodys_fault(monkeypatch):
    """Nothing of a student's has run in it."""
    memory = Shared(4096)
    for words in (["false"], ["echo", "ready"]):
        monkeypatch.setattr(process, "command", lambda *given, words=words: words)
        with pytest.raises(OSError, match="tests without a machine"):
            process.Process(Path("none"), memory)
    memory.close()


# --- what is taken ---


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"int a;\xff", "is no text"),
        (b"int a;\0", "zero bytes"),
        (b"a" * (taking.MOST + 1), "is too large"),
    ],
)
def test_odd_files_are_refused_in_words(data, said, tmp_path):
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann/a.c").write_bytes(data)
    taken = taking.take(tmp_path / "ann", ["mm/a.c"])
    assert said in taken.refused and taken.files == {}


def test_a_file_is_found_by_its_bare_name(tmp_path):
    (tmp_path / "ann/mm").mkdir(parents=True)
    (tmp_path / "ann/mm/a.c").write_bytes(b"int a;\r\n")
    (tmp_path / "ann/b.c").write_text("int b;\n")
    (tmp_path / "ann/Makefile").write_text("all:\n\trm -rf /\n")
    taken = taking.take(tmp_path / "ann", ["mm/a.c", "mm/b.c", "mm/c.c"])
    assert taken.files == {"mm/a.c": "int a;\n", "mm/b.c": "int b;\n"} and taken.missing == ["mm/c.c"]


def test_what_is_no_file_is_not_waited_for(tmp_path):
    (tmp_path / "ann").mkdir()
    os.mkfifo(tmp_path / "ann/a.c")
    assert "no file" in taking.take(tmp_path / "ann", ["mm/a.c"]).refused
    (tmp_path / "file").write_text("int a;\n")
    assert "should be" in taking.take(tmp_path / "file", ["mm/a.c"]).refused


@pytest.mark.parametrize("name", ["new\nline", "-rf", "a b", "ä", "x" * 65, "=1+1", "a/../b".replace("/", "\\")])
def test_odd_names_have_plain_ones_in_reports(name, tmp_path):
    (tmp_path / name).mkdir()
    (tmp_path / name / "a.c").write_text("int a;\n")
    taken = taking.take(tmp_path / name, ["mm/a.c"])
    assert "odd name" in taken.refused and re.fullmatch(r"odd-[0-9a-f]{12}", taken.name)


# --- what is looked at ---

STARTER = "#include <a.h>\nint hole(int a)\n{\n    return frame_get(a);\n}\n"
FUNCTIONS = ["frame_get", "frame_take", "evict_page", "left"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("int hole(int a) { return frame_get(a) + queue_first(a); }", []),
        ("int hole(int a) { int left = a; return left; }", []),
        ("/* evict_page(a) */ char *hole(int a) { return \"evict_page(a)\"; }", []),
        ("int hole(int a) { return evict_page(a); }", ["a.c uses evict_page"]),
        ("int (*hole)(int) = evict_page;", ["a.c uses evict_page"]),
        ("static int evict_page(int a)\n{\n    return a;\n}\nint hole(int a)\n{\n    return evict_page(a);\n}\n", []),
        ('# include "b.h"\n', ['a.c includes "b.h"']),
        ("int hole(int a) { __asm__(\"cli\"); return *(int *)0xb8000; }", ["assembly", "number as an address"]),
    ],
)
def test_what_is_beyond_the_list_is_told(text, said):
    found = looking.at("a.c", text, STARTER, ["queue_*"], FUNCTIONS)
    assert len(found) == len(said) and all(words in line for words, line in zip(said, found, strict=True)), found


@pytest.fixture(scope="module")
def functions() -> list[str]:
    """Names of the kernel's, as a release has them."""
    files = [file for folder in ("arch", "boot", "kernel", "lib", "mm") for file in (ROOT / folder).rglob("*.[ch]")]
    return looking.functions_of(file.read_text("utf-8") for file in files)


@pytest.mark.parametrize("name", [lab.name for lab in description.every(ROOT)])
def test_solutions_are_not_told_of(name, functions):
    """The tree's, right ones of other shapes, and those of other rules use what the handout lists."""
    lab = description.find(ROOT, name)
    baseline = bodies.overlay(ROOT, lab.baseline())
    starter = "\n".join(baseline.get(file) or (ROOT / file).read_text("utf-8") for file in lab.submit)
    allowed = [*lab.allow, *(hole.function for hole in lab.holes)]
    right = [*lab.solutions("right"), *(bodies.read(variant.solution) for variant in lab.variants)]
    for files in (grade_class.solution(lab), *(grade_class.with_bodies(lab, given) for given in right)):
        for file in lab.submit:
            assert looking.at(file, str(files[file]), starter, allowed, functions) == []


# --- what is told ---


def told(**more) -> dict:
    """Results with one row."""
    row: dict = {"submission": "ann", "verdict": "graded", "points": 0, "of": 5}
    row |= {"said": [], "look": [], "tests": [], "files": {}}
    tests = [{"id": "one", "title": "a < b", "points": 5}]
    return {"lab": "l", "title": "t", "release": "0" * 64, "tests": tests, "rows": [{**row, **more}]}


def test_nothing_that_was_handed_in_is_markup():
    text = page.of(told(said=["<script>alert(1)</script>"], verdict="does not compile"))
    assert "<script>" not in text and "&lt;script&gt;" in text and "a &lt; b" in text


def test_what_the_class_has_in_common():
    failed: dict = {"id": "one", "title": "", "points": 0, "of": 5, "passed": False}
    failed |= {"phase": 0, "due": "", "happened": ""}
    all_of = told(tests=[{**failed, "so": "just so behaves one where R is not cleared"}])
    all_of["rows"] *= 3
    all_of["rows"].append({**all_of["rows"][0], "tests": [{**failed, "so": "unknown: no wrong kernel"}]})
    assert results.in_common(all_of) == [("just so behaves one where R is not cleared", 3)]
    assert results.statistics(all_of) == [{"id": "one", "passed": 0, "tried": 4}]


def test_a_release_that_is_none_is_said(tmp_path):
    with pytest.raises(release.ReleaseError, match="is no release"):
        release.read(tmp_path)
    with grade_class.open_folder("faultline-class-") as folder:
        done = grade(folder, folder / "out")
    assert done.returncode == 1 and "--seed WORD makes one" in done.stderr
