"""Lab 0, the tour: the machine, the model and the answers say the same; wrong beliefs are known again.

With FAULTLINE_LONG `tools/lab check 0` is done whole, at twenty seeds; else each commit tries other seeds."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from support import LONG, ROOT, commits

from labbing.promises import EXECUTE, READ, WRITE, Mapping, Object, Promises
from touring import beliefs, checking, facts, files, forms, making, marking, measuring, reporting, rules, sheet, tale
from touring.asking import Sheet
from touring.beliefs import Beliefs
from touring.questions import Known

RULES = ROOT / "labs/0-tour"
ACCESS = {tale.READ: READ, tale.WRITE: WRITE, tale.EXECUTE: EXECUTE}
MANY = 20 if LONG else 4


def seeds(many: int) -> list[str]:
    return [str(commits() % 1000 + number) for number in range(many)]


@pytest.fixture(scope="module")
def sheets(tmp_path_factory) -> list[Sheet]:
    return [making.told(seed, tmp_path_factory.mktemp("tour")) for seed in seeds(MANY)]


@pytest.fixture(scope="module")
def measured(tmp_path_factory) -> Known:
    """One program, seen by the witness."""
    place = tmp_path_factory.mktemp("measured")
    return making.measured(making.told(seeds(1)[0], place), place)


def test_a_hundred_points(sheets):
    for asked in sheets:
        assert sum(question.points for question in asked.questions) == 100
        for question in asked.questions:
            keys = [item.key for item in question.items]
            assert keys and len(keys) == len(set(keys))


def test_a_tale_is_made_from_its_seed():
    assert tale.tell("1").steps == tale.tell("1").steps != tale.tell("2").steps


def test_all_kinds_are_in_each(sheets):
    for asked in sheets:
        kinds = {event.kind for event in beliefs.facts(asked.tale).events.values()}
        assert kinds == set(facts.KINDS)


# --- two models ---


def mapping_of(area: tale.Area) -> tuple[Mapping, int]:
    """As the model of the labs in which C is written has it, and its rights."""
    of = Object(area.name, area.pages * 4096) if area.shared or area.file >= 0 else None
    rights = sum(value for letter, value in (("r", READ), ("w", WRITE), ("x", EXECUTE)) if letter in area.rights)
    grows = area.name == "stack"
    return Mapping(area.name, area.base, area.pages, area.shared, object=of, grows=grows), rights


def test_no_step_is_beyond_what_the_labs_promise(sheets):
    """Faults as many as the other model allows, and the same refusals."""
    for asked in sheets:
        told, promises = asked.tale, Promises()
        mappings = {name: mapping_of(area) for name, area in told.areas.items()}
        for name, (mapping, rights) in mappings.items():
            promises.map(tale.PARENT, mapping, rights, mapping.pages - 1 if name == "stack" else 0)
        promises.touch(tale.PARENT, mappings["stack"][0], tale.STACK_PAGES - 1, WRITE)
        for step, event in zip(told.steps, beliefs.facts(told).events.values(), strict=True):
            if step.number == told.forked + 1:
                promises.fork(tale.PARENT, tale.CHILD)
            area = next(each for each in told.areas.values() if f'"{each.name}"' in step.place)
            page = (step.page - area.base) // 4096
            outcome = promises.touch(step.who, mappings[area.name][0], page, ACCESS[step.access])
            assert outcome.due.least <= (event.kind != facts.NONE) <= outcome.due.most, (told.seed, step)
            assert bool(outcome.refused) == (event.kind == facts.INVALID), (told.seed, step)
            if step.ends:
                promises.end(tale.CHILD)


def test_the_machine_says_the_same(measured):
    """Which making.measured has checked already; and what no model says: the instructions."""
    for step in measured.tale.steps:
        event = measured.facts.events[step.number]
        at = step.address if step.access == tale.EXECUTE else measured.labels[step.label]
        assert event.instruction == (at if event.kind != facts.NONE else 0)


def test_the_kernel_says_the_same(measured):
    """In its trace, which is what a student reads: kinds, and which faults were major."""
    check = checking.Check(ROOT, [measured.tale.seed], print)
    check.check_words(measured.tale.seed)
    assert check.complaints == []


def test_a_difference_is_seen(measured):
    told = measured.tale
    for belief in ("fork_copies_all", "last_owner_copies", "read_gives_frame", "rights"):
        held = Beliefs(**{"fork_keeps_rights" if belief == "rights" else belief: True})
        with pytest.raises(measuring.Disagree):
            measuring.check(told, measured.facts, beliefs.facts(told, held))


# --- rules ---


def test_wrong_beliefs_lose_points_and_are_known(sheets):
    wrong = rules.every(RULES / "wrong")
    assert len(wrong) >= checking.WRONG_LEAST and len({rule.behaviour for rule in wrong}) == len(wrong)
    for asked in sheets[: None if LONG else 2]:
        rows = checking.wrong_rows(ROOT, asked)
        assert [row.name for row in rows if not row.lost or row.points == 0] == []
        assert [(row.name, question) for row in rows for question in row.misnamed] == []
        assert sum(bool(row.named) for row in rows) >= checking.NAMED_LEAST * len(rows)


def test_right_answers_in_any_form_lose_none(sheets):
    right = rules.every(RULES / "right")
    assert len(right) >= checking.RIGHT_LEAST
    for asked in sheets:
        key = asked.under()
        for rule in right:
            marked = checking.marked_file(asked, rule.written(asked, key), key)
            assert [each.question.id for each in marked if not each.passed] == [], rule.name


def test_who_believes_two_things_is_not_taken_for_another(sheets):
    """Where no known belief leads to just these answers, none is named."""
    known = making.known_beliefs(ROOT, sheets[0])
    key = sheets[0].under()
    both = sheets[0].under(Beliefs(zero_page_is_copied=True, stack_is_there=True))
    marked = checking.marked_file(sheets[0], rules.as_raw(both), key)
    assert marking.diagnoses(marked, known)["kinds-before"] == marking.UNKNOWN


# --- how answers are read ---


@pytest.mark.parametrize(
    ("form", "raw", "reading"),
    [
        (forms.COUNT, "12 faults", 12),
        (forms.COUNT, "0b110", 6),
        (forms.KIND, "Copy-on-Write", facts.COPY),
        (forms.KIND, "zero_fill", facts.ZERO_FILL),
        (forms.STEPS, "steps 3, 5-7", frozenset({3, 5, 6, 7})),
        (forms.STEPS, ["step_2", 4], frozenset({2, 4})),
        (forms.PAGES, [], frozenset()),
        (forms.PAGES, "none", frozenset()),
        (forms.RIGHTS, "READ-ONLY", "r--"),
        (forms.RIGHTS, "---", forms.ABSENT),
        (forms.RIGHTS, "r-- user A D", "r--"),
        (forms.RIGHTS, "rw-p", "rw-"),
        (forms.ADDRESS, "zeroes", 0),
        (forms.ADDRESS, "0x20001486 <after_31>", 0x20001486),
        (forms.CODE, "W U", 6),
        (forms.ADDRESS, "7000_a1b2_c3d8", 0x7000A1B2C3D8),
        (forms.ADDRESS, "0x7000'A1B2'C3D8", 0x7000A1B2C3D8),
        (forms.STEP, "step_12", 12),
        (forms.STEP, "the fork", 0),
    ],
)
def test_an_answer_may_be_written_so(form: forms.Form, raw: object, reading: forms.Answer):
    assert form.read(raw) == [reading]


@pytest.mark.parametrize(
    ("form", "raw"),
    [(forms.COUNT, "many"), (forms.KIND, "page fault"), (forms.STEPS, "all"), (forms.STEP, "3 or 4"),
     (forms.RIGHTS, "rwx"), (forms.ADDRESS, "the heap"), (forms.COUNT, "7 or 8"), (forms.COUNT, True)],
)  # fmt: skip
def test_this_is_no_answer(form: forms.Form, raw: object):
    with pytest.raises(forms.Unreadable):
        form.read(raw)


LONG_ONES = ("1-99999999999", "9" * 5000)
STRANGE: list[Any] = [True, 1.5, -3, 10**40, [[1000, 2000], "x"], {"a": 1}, "0x", "0b2", "-", "\n\n", *LONG_ONES]


def test_no_answer_is_too_strange(measured):
    """It is marked, and told in four lines."""
    asked = Sheet(measured.tale, measured.labels)
    key = asked.answers(measured)
    for strange in STRANGE:
        raw = {question.id: {item.key: strange for item in question.items} for question in asked.questions}
        marked = marking.mark(asked, raw, key)
        lines = reporting.report(marked, marked, key, measured, {})
        assert marking.total(marked) == 0 and max(map(len, lines)) < 400
        assert all(len(line.splitlines()) == 1 for line in lines)


def test_what_was_not_asked_is_refused(sheets):
    strange: list[Any] = [{"nothing": {}}, {"counts": {"nobody": 3}}, {"counts": 3}]
    for raw in strange:
        with pytest.raises(marking.AnswerError):
            marking.check_names(raw, sheets[0], "answers.toml")


# --- reports, and seals ---


def test_a_report_has_four_lines_and_not_the_answer(measured):
    asked = Sheet(measured.tale, measured.labels)
    key = asked.answers(measured)
    known = making.known_beliefs(ROOT, asked)
    for rule in rules.every(RULES / "wrong"):
        marked = checking.marked_file(asked, rules.as_raw(rule.answers(asked)), key)
        lines = reporting.report(marked, None, key, measured, known)
        failed = [each for each in marked if not each.passed]
        words = [line.split()[0] for line in lines if line.startswith("  ")]
        assert words == ["due", "happened", "so", "see"] * len(failed), lines
    lines = reporting.report(marking.mark(asked, {}, key), None, key, measured, known)
    assert "0 of 100 points" in lines
    assert {line for line in lines if "happened" in line and "you have not answered" not in line} == set()


def test_a_seal_holds(tmp_path, sheets):
    (tmp_path / "lab").mkdir()
    files.save(tmp_path, sheets[0])
    read = files.load(tmp_path)
    assert read.under() == sheets[0].under() and read.tale.steps == sheets[0].tale.steps
    files.seal(tmp_path, read, {"counts": {"child": 7}})
    place = tmp_path / files.SEALED
    found = files.sealed(place)
    assert found and found["predictions"] == {"counts": {"child": 7}}
    place.write_text(place.read_text("utf-8").replace("7", "8"), "utf-8")
    assert files.sealed(place) is None and files.sealed(tmp_path / "none") is None


def test_pages_and_files_can_be_read(sheets, tmp_path):
    asked = sheets[0]
    page = sheet.questions_page(asked, making.TITLE)
    assert all(f"`{step.address:#x}`" in page for step in asked.tale.steps)
    assert max(map(len, page.splitlines())) <= 160
    for predicted in (True, False):
        empty = tmp_path / "empty.toml"
        empty.write_text(sheet.empty_answers(asked, predicted), "utf-8")
        raw = marking.load(empty)
        marking.check_names(raw, asked, "empty.toml")
        marked = marking.mark(asked, raw, asked.under())
        assert marking.total(marked) == 0 and not any(each.right for each in marked)


def test_in_the_tree(tmp_path, measured):
    """The right answers, told by the command, have all points by the command."""
    command = [ROOT / "tools/lab", "answers", "--seed", measured.tale.seed]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    file = tmp_path / "answers.toml"
    file.write_text(told, "utf-8")
    marked = subprocess.run([*command, file], capture_output=True, text=True, check=True).stdout
    assert "\n100 of 100 points\n" in marked and "FAILED" not in marked


def test_the_starter_takes_predictions_first(tmp_path: Path):
    out = tmp_path / "starter"
    said: list[str] = []
    making.make(ROOT, seeds(1)[0], out, said.append)
    assert not (out / files.PROGRAM).exists()
    assert checking.starter_complaints(out) == []
    assert sorted(path.name for path in out.glob("*.toml")) == ["answers.toml", "predictions.toml"]


@pytest.mark.skipif(not LONG, reason="minutes: with FAULTLINE_LONG")
def test_the_lab_is_in_order():
    check = checking.Check(ROOT, [str(number + 1) for number in range(20)], print)
    check.run(list(checking.PARTS))
    assert check.complaints == []
