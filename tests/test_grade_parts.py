"""The parts of grading: what is taken of a submission, what is looked at, what is told, who is who."""

from __future__ import annotations

import json
import os
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grade_class
import gradescope_reader
import jsonschema
import pytest
from support import ROOT

from grading import box, counting, engine, entries, exporting, gradescope, looking, page, prairielearn
from grading import results, roster, submission, taking, telling, term
from grading.programs import judging
from grading.release import Release
from labbing import bodies, description, testing
from labbing.judge import Finding
from witnessing.run import WitnessError
from witnessing.seen import Seen

# --- what is taken ---


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"int a;\xff\x01", "is no text"),
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


@pytest.mark.parametrize("name", ["a (1).c", "A.c", "a-1.c", "a.c.txt", "a_2.C", "a copy.c"])
def test_a_file_that_is_called_otherwise_is_told_of(name, tmp_path):
    """It is not taken, for who knows which of several counts; but somebody looks before that costs anything."""
    for folder, more in (("ann", ("b.c",)), ("ben", ())):
        (tmp_path / folder).mkdir()
        for each in (name, "other.c", *more):
            (tmp_path / folder / each).write_text("int a;\n")
    wanted = ["mm/a.c", "mm/b.c"]
    ann, ben = (taking.take(tmp_path / folder, wanted) for folder in ("ann", "ben"))
    assert (list(ann.files), ann.missing, ann.near) == (["mm/b.c"], ["mm/a.c"], [name])
    given = Release(Path(), {"submit": wanted, "allow": [], "functions": []})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Release, "starter_text", lambda self, file: "int a;\n")
        assert submission.looked_at(given, ann) == [f"{name} is there, and is not taken: it is called otherwise"]
    assert f"none of the files is there: mm/a.c, mm/b.c (but {name!r})" in ben.refused


def test_a_comment_of_another_encoding_costs_nothing(tmp_path):
    """What the student's compiler takes is taken: a name with an umlaut, say, of an old editor's."""
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann/a.c").write_bytes("/* Zoë */ int a;\n".encode("latin-1"))
    taken = taking.take(tmp_path / "ann", ["mm/a.c"])
    assert taken.files == {"mm/a.c": "/* Zoë */ int a;\n"} and taken.converted == ["mm/a.c"] and not taken.refused


def test_what_is_no_file_is_not_waited_for(tmp_path):
    (tmp_path / "ann").mkdir()
    os.mkfifo(tmp_path / "ann/a.c")
    assert "no file" in taking.take(tmp_path / "ann", ["mm/a.c"]).refused
    (tmp_path / "file").write_text("int a;\n")
    assert "should be" in taking.take(tmp_path / "file", ["mm/a.c"]).refused


@pytest.mark.parametrize("name", ["new\nline", "-rf", "a b", "ä", "x" * 65, "=1+1", "a\\..\\b", "odd-0"])
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
        ("int evict_page(int);\nint hole(int a) { return evict_page(a); }", ["a.c uses evict_page"]),
        ("int evict_page(int a,\n    int b);\nint one(int a)\n{\n    return evict_page(a, 1);\n}\n", ["evict_page"]),
        ("#define J(a, b) a##b\nint hole(int a) { return J(evict_, page)(a); }", ["pastes names together"]),
        ("int hole(int a) { return ((int (*)(int))0x100000)(a); }", ["number as an address"]),
        ("static int evict_page(int a)\n{\n    return a;\n}\nint hole(int a)\n{\n    return evict_page(a);\n}\n", []),
        ('# include "b.h"\n', ['a.c includes "b.h"']),
        ("int hole(int a) { __asm__(\"cli\"); return *(int *)0xb8000; }", ["assembly", "number as an address"]),
    ],
)
def test_what_is_beyond_the_list_is_told(text, said):
    found = looking.at("a.c", text, STARTER, ["queue_*"], FUNCTIONS)
    assert len(found) == len(said) and all(words in line for words, line in zip(said, found, strict=True)), found


ILL = ["/*", "'\\", '"\\', "*) ", "*)(", ". ", "a ", "a (", "* ", "#include /*", "# ", "(", "\n", "a b\n", "\\\n", "."]
ILL += ["a(\n", "*)(a)", "a(\n{"]


@pytest.mark.parametrize("piece", ILL)
def test_no_text_takes_long_to_look_at(piece):
    """It is looked at outside of all boxes, so nothing else would end that."""
    begun = time.process_time()
    for text in (piece * (taking.MOST // len(piece)), piece[0] + piece[1:] * (taking.MOST // max(len(piece) - 1, 1))):
        looking.at("a.c", text, STARTER, ["queue_*"], FUNCTIONS)
    assert time.process_time() - begun < 10


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
    return {"lab": "l", "title": "t", "release": "0" * 64, "tests": tests, "rows": [{**row, **more}], "left": []}


def test_nothing_that_was_handed_in_is_markup():
    text = page.of(told(said=["<script>alert(1)</script>"], verdict="does not compile"))
    assert "<script>" not in text and "&lt;script&gt;" in text and "a &lt; b" in text


def test_what_the_class_has_in_common():
    failed: dict = {"id": "one", "title": "", "points": 0, "of": 5, "passed": False}
    failed |= {"phase": 0, "due": "", "happened": ""}
    all_of = told(tests=[{**failed, "so": "just so behaves one where R is not cleared"}])
    all_of["rows"] *= 3
    all_of["rows"].append({**all_of["rows"][0], "tests": [{**failed, "so": "unknown: no wrong kernel"}]})
    assert counting.in_common(all_of) == [("just so behaves one where R is not cleared", 3)]
    assert counting.statistics(all_of) == [{"id": "one", "passed": 0, "tried": 4}]


def test_a_row_for_gradescope(tmp_path):
    """It is as it is described; who reads it by that alone finds the points, and shows nothing too early."""
    schema = json.loads(Path(gradescope.__file__).with_name("gradescope.schema.json").read_text("utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    one: dict[str, object] = {"id": "one", "title": "first", "points": 5, "of": 5, "passed": True}
    two: dict[str, object] = {"id": "two", "title": "second", "points": 0, "of": 7, "passed": False, "phase": 0}
    two |= {"due": "a fault (S1)", "happened": "none", "so": "unknown"}
    for row, points, most in ((told(tests=[one, two]), 5, 12), (told(verdict="refused", said=["a.c is empty"]), 0, 0)):
        (tmp_path / "results.json").write_text(json.dumps(gradescope.of(row["rows"][0])))
        jsonschema.validate(json.loads((tmp_path / "results.json").read_text()), schema)
        before, after = (gradescope_reader.read(tmp_path / "results.json", when) for when in ("before", "due"))
        assert (before.points, before.most, len(before.shown)) == (points, most, 1)
        assert len(after.shown) == 1 + len(row["rows"][0]["tests"])
        assert "a fault (S1)" not in "".join(before.shown)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"output": "no score"}, schema)


def test_a_row_for_prairielearn():
    """It is as it is described, and nothing of a hidden test is in it."""
    schema = json.loads(Path(prairielearn.__file__).with_name("prairielearn.schema.json").read_text("utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    two: dict[str, object] = {"id": "two", "title": "second", "points": 0, "of": 5, "passed": False, "phase": 0}
    two |= {"due": "a fault (S1)", "happened": "none", "so": "unknown"}
    graded, refused = told(tests=[two], points=4, of=5), told(verdict="refused", said=["a.c is empty"])
    found = [prairielearn.of(all_of["rows"][0]) for all_of in (graded, refused)]
    for each in found:
        jsonschema.validate(each, schema)
    assert found[0]["score"] == 0.8 and "second" not in json.dumps(found[0])
    assert found[1] == {"gradable": False, "format_errors": ["refused", "a.c is empty"]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"gradable": True}, schema)


def test_students_are_told_of_hidden_tests_when_all_had_to_hand_in(tmp_path):
    failed = {"id": "one", "title": "first", "points": 0, "of": 5, "passed": False, "phase": 0}
    all_of = told(tests=[{**failed, "due": "a fault (S1)", "happened": "none", "so": "unknown"}], late=12)
    due = datetime(2027, 1, 15, 23, 59, tzinfo=UTC)
    for hours, shown in ((-1, False), (1, True)):
        telling.write_all(tmp_path, all_of, due, due + timedelta(hours=hours))
        text = (tmp_path / "for-students/ann.txt").read_text("utf-8")
        assert ("a fault (S1)" in text, "0 of 5" in text) == (shown, shown) and "12 minutes late" in text


# --- who is who ---

PEOPLE = "name,team,extension,pseudonym,seed,full name\n"
PEOPLE += "ann,Blue,2,,,Ann Lee\nben,Blue,,,,Ben O'Hara\ncyd,,5-clock=1,,,Cyd\n"


@pytest.fixture
def given(tmp_path) -> term.Term:
    made = term.make(tmp_path / "term")
    (made.folder / term.ROSTER).write_text(PEOPLE)
    lab = '[[lab]]\nname = "5-clock"\ndue = 2027-01-15T23:59:00Z\n'
    (made.folder / term.SETTINGS).write_text(lab)
    roster.fill(made)
    return made


def test_a_term_is_the_instructors_alone_and_hangs_on_its_secret(given, tmp_path):
    for name in (term.SECRET, term.ROSTER, term.SETTINGS):
        assert (given.folder / name).stat().st_mode & 0o77 == 0
    other = term.make(tmp_path / "other")
    seeds = [each.hidden_seed(lab) for each in (given, other) for lab in ("5-clock", "6-out-and-in")]
    assert len({*seeds, given.public_seed("5-clock")}) == 5
    assert term.find(given.folder).hidden_seed("5-clock") == seeds[0]
    with pytest.raises(term.TermError, match="not empty"):
        term.make(given.folder)


def test_a_roster_gives_pseudonyms_and_seeds_once(given):
    before = (given.folder / term.ROSTER).read_text("utf-8")
    roster.fill(given)
    assert (given.folder / term.ROSTER).read_text("utf-8") == before
    blue, cyd = roster.units(given)
    assert len(blue.members) == 2 and {"Blue", "ann", "ben", blue.pseudonym} <= blue.calls
    names = {person[column] for person in roster.read(given) for column in ("pseudonym", "seed")}
    assert len(names) == 6 and not any(name.lower() in "".join(names) for name in ("ann", "ben", "cyd", "blue"))
    due = given.lab("5-clock").due
    assert [(unit.due(due, "5-clock") - due).days for unit in (blue, cyd)] == [2, 1]
    assert [(unit.due(due, "4-copy-on-write") - due).days for unit in (blue, cyd)] == [2, 0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,team\nann,\n", "has no columns"),
        (PEOPLE + "ann,,,,,\n", "line 5"),
        (PEOPLE.replace("Blue,2", "Blue,soon"), "an extension is days"),
        (PEOPLE.replace("ben,Blue,,", "ben,Blue,,s-1").replace("cyd,,5-clock=1,", "cyd,,,s-1"), "what another has"),
    ],
)
def test_a_wrong_roster_is_said(given, text, said):
    (given.folder / term.ROSTER).write_text(text)
    with pytest.raises(term.TermError, match=said):
        roster.fill(given)
        for unit in roster.units(given):
            unit.due(given.lab("5-clock").due, "5-clock")


def test_names_are_struck_out_however_they_are_joined(given):
    names = roster.strings(roster.read(given))
    assert roster.struck("ann_lee_frame, ANN LEE, annLee2; cannot", names) == (
        f"{roster.STRUCK}_frame, {roster.STRUCK}, {roster.STRUCK}2; cannot"
    )
    assert roster.struck("by ben", names) == f"by {roster.STRUCK}"


def test_of_a_team_what_came_last_counts_and_what_is_late_is_told(given, tmp_path):
    handed_in, wanted = tmp_path / "in", Release(Path(), {"submit": ["mm/a.c"]})
    for name, text in (("ann", "int a;\n"), ("ben", "int b;\n"), ("cyd", "int c;\n"), ("stranger", "int d;\n")):
        (handed_in / name).mkdir(parents=True)
        (handed_in / name / "a.c").write_text(text)
    who = entries.of(handed_in, given, "5-clock")
    blue, cyd = who.take(wanted)
    assert "several of this team" in blue.refused and cyd.files == {"mm/a.c": "int c;\n"} and not who.late
    assert who.complaints == ["'stranger' is not in the roster: it was not graded"]
    assert who.told_from == given.lab("5-clock").due + timedelta(days=2)
    lines = "name,time\nann,2027-01-18T00:09:00+00:00\nben,2027-01-17T12:00:00+00:00\ncyd,2027-01-16T20:00:00+00:00\n"
    (handed_in / roster.TIMES).write_text(lines)
    blue, cyd = who.take(wanted)
    assert blue.files == {"mm/a.c": "int a;\n"} and who.late == {blue.name: 10}
    (handed_in / roster.TIMES).write_text("name,time\nann,yesterday\n")
    with pytest.raises(term.TermError, match="times.csv"):
        who.take(wanted)


# --- once more, and beside each other ---


def test_nobody_is_lowered_unasked():
    was, now = ({"submission": "ann", "files": {"a.c": "1"}, "points": points} for points in (5, 3))
    known = {"rows": [was], "lower": False}
    assert results.standing(now, known)["points"] == 5 and results.standing(now, known)["kept"]
    assert results.standing({**now, "points": 6}, known)["points"] == 6
    assert results.standing({**now, "files": {"a.c": "2"}}, known)["points"] == 3
    assert results.standing(now, {**known, "lower": True})["points"] == 3


@pytest.mark.parametrize(
    ("passed", "look"), [("++--", True), ("--++", True), ("+---", False), ("+++-", False), ("++++", False)]
)
def test_where_the_two_kinds_of_tests_disagree_somebody_looks(passed, look):
    kinds = ["live", "live", "host", "host"]
    given = Release(Path(), {"tests": [{"piece": "one", "kind": kind} for kind in kinds]})
    assert bool(submission.disagreement(given, [{"passed": each == "+"} for each in passed])) == look


def test_for_likeness_the_starters_functions_are_left_out():
    hole = "int hole(int a)\n{\n    return a;\n}\n"
    starter = "#include <a.h>\n\nint same(void)\n{\n    return 1;\n}\n\nint hole(int a)\n{\n    return 0;\n}\n"
    own = starter.replace("    return 0;", "    return a;").replace("return 1", "return  1")
    assert exporting.own(own, starter) == hole.strip() and exporting.own(starter, starter) == ""


def test_what_is_handed_in_or_changed_while_it_runs_is_graded_too(tmp_path, monkeypatch):
    handed_in, folder = tmp_path / "in", tmp_path / "results"
    runs: list[list[str]] = []
    (tmp_path / "release").mkdir()
    (tmp_path / "release/release.json").write_text("{}")

    def hand_in(name: str, text: str) -> None:
        (handed_in / name).mkdir(parents=True, exist_ok=True)
        (handed_in / name / "a.c").write_text(text)

    def run(given: Release, place: Path, names: list[str], *more: object) -> None:
        for name in names:
            results.write(results.row_place(place, name), {"made_of": engine.made_of(given, place, name)})
        if not runs:
            hand_in("ann", "int other;\n")
            hand_in("ben", "int b;\n")
        runs.append(names)

    monkeypatch.setattr(engine, "run", run)
    monkeypatch.setattr(box, "check", lambda reads: None)
    monkeypatch.setattr(Release, "check", lambda self: None)
    hand_in("ann", "int a;\n")
    given = Release(tmp_path / "release", {"submit": ["a.c"]})
    assert engine.grade(given, entries.Entries(handed_in), folder, 1) == (["ann", "ben"], [])
    assert runs == [["ann"], ["ann", "ben"]]
    assert "other" in results.taken_place(folder, "ann").read_text("utf-8")


# --- who is to blame ---

CLOCK = description.find(ROOT, "5-clock")


def test_what_a_kernel_does_to_its_judge_costs_its_own_points(monkeypatch, tmp_path):
    """If the starter's kernel can be tried, it is not this machine; then, and only then, there is a verdict."""
    test = testing.Test(tmp_path, CLOCK.tell(CLOCK.tests[0], "1")[1])
    # What other tests have used up is none of this one's.
    monkeypatch.setattr(judging, "seconds_left", lambda: judging.SECONDS)
    for first, then, said in (
        (ValueError("what the kernel left in memory"), None, "the judge ends"),
        (WitnessError("QEMU did not run"), None, "the judge ends"),
        (WitnessError("QEMU did not run"), WitnessError("QEMU did not run"), ""),
    ):
        told = {judging.STARTER: then}

        def witness(kernel: Path, *words: object, told=told, first=first, **more: object) -> None:
            error = told.get(kernel, first)
            if error:
                raise error

        monkeypatch.setattr(testing, "witness", witness)
        if said:
            row, _ = judging.tried(tmp_path / "faultline.elf", test)
            assert said in row["happened"] and not row["passed"] and row["points"] == 0
        else:
            with pytest.raises(WitnessError):
                judging.tried(tmp_path / "faultline.elf", test)


def test_who_has_used_up_the_time_fails_the_rest(monkeypatch, tmp_path):
    test = testing.Test(tmp_path, CLOCK.tell(CLOCK.tests[0], "1")[1])
    monkeypatch.setattr(judging, "SECONDS", 0)
    row, _ = judging.tried(tmp_path / "faultline.elf", test)
    assert not row["passed"] and "processor time" in row["happened"]


def test_whom_the_limit_ends_is_told_of_the_limit(monkeypatch, tmp_path):
    """And not that the machine has ended, as if the kernel had brought that about."""
    test = testing.Test(tmp_path, CLOCK.tell(CLOCK.tests[0], "1")[1])
    left = iter((1, 1, 0))
    monkeypatch.setattr(judging, "seconds_left", lambda: next(left))
    failed = testing.Verdict(test.due, [Finding(0, "a fault", "S1", "the machine ended", "end")], Seen(end="lost"))
    monkeypatch.setattr(testing, "witness", lambda *words, **more: failed)
    assert judging.tried(tmp_path / "faultline.elf", test)[0]["happened"] == judging.TOO_SLOW


def test_where_the_starter_does_not_compile_nobody_is_told_so(monkeypatch):
    """A compiler that is killed, say, as memory runs out."""
    given = Release(Path(), {"libraries": [], "submit": ["a.c"]})
    monkeypatch.setattr(Release, "starter_text", lambda self, file: "int starter;\n")
    complaint = {"complaint": "a.c:1: error"}
    for starters, said in (({"kernel": ""}, ["a.c:1: error"]), ({}, None)):

        def compiling(given: Release, files: dict, starters=starters) -> tuple[dict, box.Answer]:
            return (starters if "starter" in files["a.c"] else complaint), box.Answer(b"", "")

        monkeypatch.setattr(submission, "compiling", compiling)
        if said is None:
            with pytest.raises(submission.MachineError):
                submission.compiled(given, taking.Taken("ann", {"a.c": "int a\n"}))
        else:
            assert submission.compiled(given, taking.Taken("ann", {"a.c": "int a\n"})) == ({}, said)
