"""What a public solution does not help with: other rules for a course, questions about one's own statements, and the
museum of bugs. With FAULTLINE_LONG each is gone through whole; else a few labs', others at each commit."""

from __future__ import annotations

import dataclasses
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from replacement import victims_of_clock as victims
from support import LONG, ROOT, commits, in_turn

from labbing import (
    bodies,
    checking,
    compilers,
    description,
    handout,
    judge,
    museum,
    private,
    questions,
    rules,
    source,
    starter,
    testing,
    visiting,
)
from labbing.clocks import Clock, EnhancedClock
from labbing.description import Lab, LabError
from labbing.judge import END, FEWER, MORE, VALUE, Finding
from labbing.source import Statement
from labbing.workshop import Workshop

LABS = [lab for lab in description.every(ROOT) if lab.variants]
NAMES = [lab.name for lab in LABS]
# Of these, those whose programs show enough to be asked about; the others' tests are mostly without a machine.
ASKED = [lab for lab in LABS if lab.name.partition("-")[0] not in ("1", "8", "10")]
CLOCK = description.find(ROOT, "5-clock")


def varied(lab: Lab, uses: dict[str, list[str]]) -> Lab:
    return dataclasses.replace(lab, variant=description.Variant("drawn", "drawn", uses, Path()))


# --- other rules ---


@pytest.mark.parametrize(
    ("piece", "parts", "string", "gone"),
    [
        ("clock", [], "1w 2w 3w 1w 4w 2w 5w", [1, 3]),  # as the book's
        # The round is 1 3 2. All used: 1 goes after a round; 4 comes second: 3 4 2. R of 3 is 0: it goes.
        ("clock", ["second"], "1w 2w 3w 4w 5w", [1, 3]),
        # All used: R cleared, chances taken, then 1 goes; 2 has neither now, and goes next.
        ("clock", ["two-chances"], "1w 2w 3w 4w 5w", [1, 2]),
        # 4 is read only, 5 comes: 2 was used again: R cleared; 3 goes at once, it has no chance left.
        ("clock", ["two-chances"], "1r 2r 3r 4r 2r 5r", [1, 3]),
        # Written pages are passed once more; 3, which is clean, goes first.
        ("clock", ["written-stays"], "1w 2w 3r 4r", [3]),
        # The newest, 3, does not count as used: it goes, after R of 1 and 2 is cleared.
        ("clock", ["first-use-free"], "1w 2w 3w 4w", [3]),
        ("clock_rm", [], "1w 2w 3w 1r 4w", [1]),
        # Clean before written, used or not.
        ("clock_rm", ["clean-first"], "1w 2r 3w 4w", [2]),
        ("clock_rm", [], "1w 2r 3w 4w", [2]),
        ("clock_rm", ["clean-first"], "1w 2w 3w 4r 1w 2w 5w", [1, 4, 3]),
    ],
)
def test_on_paper(piece, parts, string, gone):
    assert victims(rules.model(piece, parts)(3), string) == gone


@pytest.mark.parametrize("piece", rules.SEARCHES)
def test_the_books_rule_is_the_books(piece):
    """Put together of parts, it does what the model does that was written by itself."""
    chance = random.Random(str(commits()))
    book = {"clock": Clock, "clock_rm": EnhancedClock}[piece]
    for _ in range(200):
        string = " ".join(f"{chance.randrange(7)}{chance.choice('rw')}" for _ in range(60))
        assert victims(rules.model(piece, [])(4), string) == victims(book(4), string)


def test_rules_differ():
    """No two of those that can be put together do the same in fifty strings."""
    chance = random.Random("differ")
    strings = [" ".join(f"{chance.randrange(8)}{chance.choice('rw')}" for _ in range(60)) for _ in range(50)]
    for piece in rules.SEARCHES:
        models = [rules.model(piece, parts) for parts in rules.every(piece)]
        seen = [str([victims(model(4), string) for string in strings]) for model in models]
        assert len(set(seen)) == len(seen)
    with pytest.raises(ValueError):
        rules.rule("clock", ["clean-first"])


@pytest.mark.parametrize("lab", LABS, ids=NAMES)
def test_every_rule_has_its_words(lab):
    """In the handout's own sentences, and no brace is left in them."""
    text = (lab.folder / "handout.md").read_text("utf-8")
    for uses in lab.module().every_use():
        given = varied(lab, uses)
        said = handout.with_variant(text, given)
        for number, words in given.sentences().items():
            assert f"**{number}** *(here)*" in said
            assert "{" not in words
        assert max(len(line) for line in said.splitlines() if not line.startswith("|")) <= 120
        assert lab.module().title(uses)


@pytest.mark.parametrize("lab", in_turn(LABS, 4), ids=in_turn(NAMES, 4))
def test_the_books_solution_fails_and_the_rules_own_passes(lab, monkeypatch):
    check = checking.Check(ROOT, lab, [str(n + 1) for n in range(10)] if LONG else [str(commits())], print)
    drawn = private.MANY if LONG else int(LABS.index(lab) == commits() % len(LABS))
    monkeypatch.setattr(private, "MANY", drawn)
    if not LONG and not drawn:
        monkeypatch.setattr(description.Lab, "variants", ())
    check.check_variants([])
    assert check.complaints == []


def test_a_starter_of_another_rule_says_so(tmp_path):
    lab = CLOCK.with_variant(CLOCK.variants[0].id)
    words = compilers.words_of_makefile(ROOT)
    starter.make(ROOT, lab, "7", words, {}, tmp_path / "lab", lambda line: None)
    said = (tmp_path / "lab/HANDOUT.md").read_text("utf-8")
    assert "the hand comes to it second" in said and "just behind the hand: the hand comes to it last" not in said
    text = (tmp_path / "lab/mm/replacement/policy/clock.c").read_text("utf-8")
    assert "S4" in text and "Just behind the hand" not in text


def test_an_archive_is_outside_and_ones_own(tmp_path):
    said: list[str] = []
    private.init(ROOT, tmp_path / "mine", said.append)
    private.init(ROOT, tmp_path / "yours", said.append)
    assert (tmp_path / "mine").stat().st_mode & 0o77 == 0
    seeds = {(tmp_path / name / private.SEED).read_text("ascii") for name in ("mine", "yours")}
    assert len(seeds) == 2
    for lab in LABS:
        folders = sorted((tmp_path / "mine" / lab.name).iterdir())
        given = [lab.with_variant(str(folder)).variant for folder in folders]
        uses = [each.uses for each in given if each]
        assert uses and not any(each.uses in uses for each in lab.variants)
        for folder in folders:
            assert bodies.read(folder / "solution.c").parts
        with pytest.raises(LabError):
            next(other for other in LABS if other != lab).with_variant(str(folders[0]))
    for place in (tmp_path / "mine", ROOT / "build/archive"):
        with pytest.raises(LabError):
            private.init(ROOT, place, said.append)
    with pytest.raises(LabError, match="no variant nosuch"):
        CLOCK.with_variant("nosuch")


# --- questions about a statement ---

CODE = """int calls(int);
int more;
int hole(int a)
{
    int b = 0;
    assert(a);
    if (a > 3)
        b = calls(a);
    else {
        more++;
    }
    for (int i = 0; i < a; i++)
        calls(i);
    return b;
}

int other(void)
{
    return calls(1);
}
"""


def test_statements_that_may_be_taken_away(tmp_path):
    found = source.statements(tmp_path, "a.c", "void assert(int);\n" + CODE, frozenset({"hole"}))
    kept = [each for each in found if questions.may_be_asked(each)]
    first = ["if (a > 3)", "b = calls(a)", "more++", "calls(i)"]
    assert [each.text.splitlines()[0] for each in kept] == first
    text = "void assert(int);\n" + CODE
    for each in kept:
        less = questions.without(text, each)
        assert less.count("\n") == text.count("\n")
        place = tmp_path / "b.c"
        place.write_text(less)
        subprocess.run(["gcc", "-w", "-fsyntax-only", place], check=True)


def finding(sentence: str, kind: str, at: int = 0) -> Finding:
    return Finding(at, f"due by {sentence}", sentence, f"{kind} happened", kind)


SHOWN = [finding("S1", VALUE), finding("S2", MORE), finding("S3", FEWER), finding("S4", VALUE), finding("S1", END)]
PROGRAMS = [CLOCK.tell(test, "1")[1] for test in CLOCK.tests[:2]]


def seen(program: int, *findings: Finding) -> questions.Seen:
    return questions.Seen(PROGRAMS[program], findings[0], frozenset(each.symptom for each in findings))


def taken(number: int, *shown: questions.Seen) -> questions.Without:
    return questions.Without("a.c", Statement("hole", number, 0, 6, "work()"), shown)


def test_the_right_answer_is_one_and_members_get_others():
    many = [taken(n, seen(n % 2, SHOWN[n % 4], SHOWN[(n + 1) % 4])) for n in range(12)]
    others = [each for one in many for each in one.seen] + [seen(0, SHOWN[4]), seen(1, SHOWN[4])]
    dealt = questions.dealt(many, others, ["ann", "bob"], "1")
    assert dealt == questions.dealt(many, others, ["ann", "bob"], "1")
    assert dealt != questions.dealt(many, others, ["ann", "bob"], "2")
    asked = [each.about.statement.line for own in dealt.values() for each in own]
    assert len(asked) == len(set(asked)) == 6
    for each in (each for own in dealt.values() for each in own):
        assert len(each.choices) == 4 and each.choices[each.answer] is each.seen.first
        wrong = [choice and choice.symptom for choice in each.choices if choice is not each.seen.first]
        assert not set(wrong) & each.seen.symptoms and len(set(wrong)) == 3 and None in wrong
    sheet = questions.sheet(CLOCK, "ann", dealt["ann"])
    assert sheet.count("What is the first thing seen that is wrong?") == 3
    assert not any(test.id in sheet for test in CLOCK.tests if "-" in test.id)
    assert max(map(len, sheet.splitlines())) <= 80
    assert re.fullmatch(r"ann: [abcd] [abcd] [abcd]\nbob: [abcd] [abcd] [abcd]\n", questions.key(dealt))


def test_too_few_statements_are_no_questions():
    others = [seen(0, each) for each in SHOWN]
    assert questions.dealt([taken(1, others[0]), taken(2, others[1])], others, ["ann"], "1") == {}
    crashes = [taken(number, seen(0, SHOWN[0], SHOWN[4])) for number in range(5)]
    assert questions.dealt(crashes, others, ["ann"], "1") == {}
    assert questions.dealt([taken(number, others[0]) for number in range(5)], others[:1], ["ann"], "1") == {}


def test_who_does_not_pass_is_not_asked():
    lab = description.find(ROOT, "4-copy-on-write")
    workshop = Workshop(ROOT, lab, compilers.words_of_makefile(ROOT))
    given = next(each for each in lab.solutions("wrong") if each.name == "no-flush")
    changed = {file: (ROOT / file).read_text("utf-8") for file in lab.submit} | bodies.overlay(ROOT, given)
    tests = starter.tell_tests(lab, "1", ROOT / "build/labs" / lab.name / "tests-1")
    with pytest.raises(LabError, match="only who passes is asked"):
        questions.each_without(workshop, changed, tests, print)


@pytest.mark.skipif(not LONG, reason="minutes: with FAULTLINE_LONG")
@pytest.mark.parametrize("lab", ASKED, ids=[lab.name for lab in ASKED])
def test_the_trees_own_solution_can_be_asked_about(lab, tmp_path):
    words = ["questions", lab.name, ROOT, "--seed", "1", "--member", "ann", "--out", tmp_path / "asked"]
    subprocess.run([ROOT / "tools/lab", *words], check=True)
    assert (tmp_path / "asked/ann.txt").exists() and (tmp_path / "asked/key.txt").exists()


# --- the museum ---


@pytest.mark.parametrize("lab", LABS, ids=NAMES)
def test_nothing_is_shown_of_what_is_asked(lab):
    """Lines stay where they are; bodies of the lab's functions, and of a solution's helpers, are gone."""
    for given in lab.solutions("wrong")[:: 1 if LONG else 6]:
        for file, text in bodies.overlay(ROOT, given).items():
            shown = museum.blanked(ROOT, lab, file, text)
            assert shown.count("\n") == text.count("\n")
            lines = shown.splitlines()
            holes = {hole.function for hole in lab.holes if hole.file == file}
            for name, function in source.functions_in(ROOT, file, text).items():
                first, last = (text.count("\n", 0, at) for at in (function.body, function.end))
                body = lines[first : last + 1]
                assert any(body) != (name in holes or name not in source.functions(ROOT, file)), name


def exhibit_case() -> dict[str, object]:
    case = visiting.Case("reads", 2, "a", "b", ["w", "x", "y", "z"], ["one", "two"], [])
    case.sealed = [visiting.sealed("7", 1, right) for right in ("c", "two")]
    return {"seed": "7", "museum": [dataclasses.asdict(case)]}


@pytest.mark.parametrize(("letter", "function", "right"), [("c", "two", 0), ("a", "two", 1), ("c", "one", 1)])
def test_answers_are_told(letter, function, right, capsys):
    assert visiting.answer(exhibit_case(), 1, letter, function) == right
    assert ("not right" in capsys.readouterr().out) == bool(right)


def test_calls_without_a_machine_are_told_as_they_were_seen(tmp_path):
    """Of the exhibit that one is at, and of no other test."""
    case = visiting.Case("built", 1, "a", "b", ["w", "x", "y", "z"], ["one", "two"], [], [["none"], ["  ! a call"]])
    mark = {"seed": "7", "museum": [dataclasses.asdict(case)]}
    (tmp_path / visiting.HERE).parent.mkdir()
    (tmp_path / visiting.HERE).write_text("1\n", "ascii")
    assert visiting.calls(tmp_path, mark, "built", 1) == ["  ! a call"]
    for test, phase in (("found", 1), ("built", 2), ("built", -1)):
        with pytest.raises(SystemExit):
            visiting.calls(tmp_path, mark, test, phase)


NONE_SUCH = [(2, "c", "two"), (1, "e", "two"), (1, "c", "three"), (0, "c", "two"), (1, "", "two")]


@pytest.mark.parametrize("answer", NONE_SUCH)
def test_answers_to_nothing_are_refused(answer):
    with pytest.raises(SystemExit):
        visiting.answer(exhibit_case(), *answer)


def test_exhibits_are_wrong_in_one_function_and_most_of_them_works(tmp_path):
    """With the judge's own verdicts: one lab at each commit, a few of its wrong kernels."""
    lab = LABS[commits() % len(LABS)]
    workshop = Workshop(ROOT, lab, compilers.words_of_makefile(ROOT))
    tests = starter.tell_tests(lab, "1", ROOT / "build/labs" / lab.name / "tests-1")
    wrong = lab.solutions("wrong")
    some = wrong if LONG else random.Random(str(commits())).sample(wrong, 3)
    judged = {given.name: testing.all_of(workshop.of(given, "wrong"), tests) for given in some}
    shown = [given for given in some if museum.may_be_shown(lab, given, judged[given.name])]
    for given in shown:
        assert any(not verdict.passed for verdict in judged[given.name])
        assert all(each.findings[0].kind != judge.END for each in judged[given.name] if not each.passed)
    if LONG:
        museum.make(ROOT, lab, "1", 3, tmp_path / "museum", print)
        for number in ("1", "2", "3"):
            command = [sys.executable, tmp_path / "museum/tools/lab", "exhibit", number]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            again = told.split("see")[1].split("\n")[0].split()
            show = [tmp_path / "museum" / again[0], *again[1:]]
            phase = subprocess.run(show, check=True, capture_output=True, text=True).stdout
            assert "!" in phase or "due:" in phase
