"""Exercises: every answer of a worksheet is what somebody who solves it from the paper must get.

Solved again by tests/exercise_models.py, which knows nothing but the worksheet; the policies of which a few lines
are not enough, by the live kernel. With FAULTLINE_LONG, ten seeds of each kind."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from argparse import Namespace
from functools import cache
from html.parser import HTMLParser

import exercise_models
import exercise_policies
import gift
import pytest
import replacement
from exercise_models import numbers
from support import LONG, ROOT, commits

from exercising import command, gift as gift_form, page, plain, registry, rules
from exercising.kinds import allocation, copy_on_write, page_tables, references, translation
from exercising.worksheet import Number, Pairs, Question, Table, Words, Worksheet

SEEDS = [f"term{number}" for number in range(10)] if LONG else ["term1"]
DEAR = ("thrashing",)  # many runs: made once
LIVE = sorted(rules.RULES.keys() - {"opt", "random"})  # the dice of `random` cannot be given there


@cache
def sheet(kind: str, seed: str, policy: str = "") -> Worksheet:
    return registry.find(kind)(seed, policy) if policy else registry.find(kind)(seed)


def lab(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "tools/lab", "exercise", *words], capture_output=True, text=True, check=False
    )


every = [pytest.param(kind, seed, id=f"{kind}-{seed}") for kind in registry.KINDS for seed in SEEDS]


# --- The answers ------------------------------------------------------------------------------


def check(question: Question, due: object) -> None:
    answer = question.answer
    if isinstance(answer, Pairs):
        assert [right for _, right in answer.pairs] == due, question.asked
    elif isinstance(answer, Number):
        assert isinstance(due, (int, float))
        assert abs(answer.value - due) <= answer.tolerance + 1e-9, (question.asked, due)
    else:
        assert answer.text == due, question.asked


@pytest.mark.parametrize("kind, seed", [param for param in every if param.values[0] != "references"])
def test_answers(kind: str, seed: str):
    solve = getattr(exercise_models, kind.replace("-", "_"))
    for question in sheet(kind, seed).questions:
        check(question, solve(sheet(kind, seed), question))


def text_of(question: Question) -> str:
    """All that it tells in words."""
    return " ".join([question.asked, *(block for block in question.given if isinstance(block, str))])


def string_of(question: Question) -> list[str]:
    return re.findall(r"references:? ((?:\d[rw]? ?)+)", text_of(question), re.IGNORECASE)[-1].split()


def policy_of(word: str) -> str:
    return next(policy for policy in rules.RULES if references.name(policy) == word)


def solve_reference(question: Question, policy: str, frames: int) -> tuple[int, list[str]]:
    dice = re.findall(r"after the other: ([\d ]+)", text_of(question))
    return exercise_policies.victims(policy, frames, string_of(question), numbers(dice[0]) if dice else [])


def check_reference(question: Question) -> None:
    asked = question.asked
    if isinstance(question.answer, Pairs) and "each policy" in asked:
        each = [solve_reference(question, policy_of(left), numbers(asked)[-1]) for left, _ in question.answer.pairs]
        return check(question, [f"{faults} faults" for faults, _ in each])
    words = re.findall(r"[\w-]+", asked)
    policy = next(policy for policy in rules.RULES if references.name(policy) in words)
    if policy not in exercise_policies.POLICIES:
        return None  # the live kernel's turn
    if "anomaly" in asked or isinstance(question.answer, Pairs):
        counts = [solve_reference(question, policy, frames)[0] for frames in (2, 3, 4, 5)]
        grows = any(more > few for few, more in zip(counts, counts[1:], strict=False))
        return check(question, ("yes" if grows else "no") if "anomaly" in asked else [f"{n} faults" for n in counts])
    faults, victims = solve_reference(question, policy, int(re.findall(r"(\d) frames", asked)[0]))
    if isinstance(question.answer, Words):
        return check(question, " ".join(victims))
    if "faults" in asked:
        check(question, faults)
        table = next(block for block in question.given if isinstance(block, Table))
        assert [row[3] for row in table.rows if row[3] != "-"] == victims
        assert all(row[1].rstrip("rw") in row[4:] for row in table.rows)
    return None


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("policy", ["", *rules.RULES])
def test_answers_of_reference_strings(policy: str, seed: str):
    for question in sheet("references", seed, policy).questions:
        check_reference(question)


def live_case(question: Question, policy: str) -> tuple[str, Question]:
    """As `refstring --batch` wants it."""
    options = rules.RULES[policy].options
    tick = numbers(options)[0] if "--tick" in options else 0
    string = [word if word[-1] in "rw" else f"{word}w" for word in string_of(question)]
    frames = re.findall(r"(\d) frames", question.asked)[0]
    return f"{policy} {frames} {int('--exact' in options)} {tick} {' '.join(string)}", question


def test_the_live_kernel_names_the_same_victims(boot):
    cases = []
    for policy in LIVE:
        asked = next(q for q in sheet("references", SEEDS[0], policy).questions if q.asked.startswith("Which pages go"))
        cases.append(live_case(asked, policy))
    told = replacement.run_live(boot, "".join(f"{case}\n" for case, _ in cases))
    for (case, question), line in zip(cases, told, strict=True):
        assert isinstance(question.answer, Words)
        assert line.split(" faults")[0].split() == question.answer.text.split(), case


# --- The same, and not the same ----------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind for kind in registry.KINDS if LONG or kind not in DEAR])
def test_same_seed_same_bytes(kind: str):
    again = registry.find(kind)(SEEDS[0])
    for render in command.FORMS.values():
        assert render([again], True) == render([sheet(kind, SEEDS[0])], True)


def outline(text: str) -> str:
    """Without the numbers."""
    return re.sub(r"[\d, ]+(?:and \d+)?|s\b", " ", text)


SHAPES = {
    "copy-on-write": lambda dice, seed: outline(" ".join(told.what for told in copy_on_write.tell(seed).plot)),
    "translation": lambda dice, seed: " ".join(access.how for access in translation.drawn(dice).accesses),
    "page-tables": lambda dice, seed: [(each.apart, each.pages > 512) for each in page_tables.drawn(dice)],
    "allocation": lambda dice, seed: [size > 25 for size in allocation.drawn(dice).sizes],
}


@pytest.mark.parametrize("kind", SHAPES)
def test_other_seeds_differ_in_structure(kind: str):
    shapes = {str(SHAPES[kind](random.Random(seed), seed)) for seed in map(str, range(10))}
    assert len(shapes) >= 3


# --- The forms --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind, seed", every)
def test_text_has_80_columns(kind: str, seed: str):
    text = plain.render([sheet(kind, seed)], True)
    assert [line for line in text.splitlines() if len(line) > 80] == []
    assert text.isascii()


@pytest.mark.parametrize("policy", rules.RULES)
def test_text_of_every_policy_has_80_columns(policy: str):
    text = plain.render([sheet("references", SEEDS[0], policy)], True)
    assert [line for line in text.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("kind, seed", every)
def test_answers_name_where_they_were_seen(kind: str, seed: str):
    for question in sheet(kind, seed).questions:
        commands = [line for line in question.source.split("\n") if line.startswith("tools/")]
        assert commands, question.source
        assert all((ROOT / line.split()[0]).is_file() for line in commands)


def test_without_answers_there_are_none():
    whole, bare = (plain.render([sheet("working-sets", SEEDS[0])], answers) for answers in (True, False))
    assert whole.startswith(bare.rstrip("\n")) and "Seen by" in whole and "Seen by" not in bare


class Nesting(HTMLParser):
    """Every element that begins ends, in order."""

    ALONE = ("meta", "br")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.loaded += [name for name, _ in attrs if name in ("src", "href", "style", "onclick")]
        if tag not in self.ALONE:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("kind, seed", every)
def test_html_is_whole_and_asks_nobody(kind: str, seed: str):
    text = page.render([sheet(kind, seed)], True)
    nesting = Nesting()
    nesting.feed(text)
    assert nesting.open == [] and nesting.loaded == [] and nesting.seen.count("section") == 2
    assert not {"script", "link", "img", "iframe"} & set(nesting.seen)
    assert "url(" not in text and "http" not in text and "break-before: page" in text


@pytest.mark.parametrize("kind, seed", every)
def test_gift_is_what_moodle_reads(kind: str, seed: str):
    questions = sheet(kind, seed).questions
    asked = gift.read(gift_form.render([sheet(kind, seed)], True))
    assert len(asked) == len(questions)
    for found, question in zip(asked, questions, strict=True):
        answer = question.answer
        assert re.sub(r"<[^>]*>", "", found.text).replace("&lt;", "<").count(question.asked.split("'")[0][:40]) >= 1
        assert question.because in found.feedback
        if isinstance(answer, Pairs):
            assert [pair for pair in found.pairs if pair[0]] == list(answer.pairs)
            assert [right for left, right in found.pairs if not left] == list(answer.also)
        elif isinstance(answer, Number):
            assert float(found.right[0]) == answer.value and found.tolerance == answer.tolerance
        else:
            assert found.right == [answer.text, *answer.also] and "*" not in answer.text


HARD = "a ~ b = c # d { e } f : g \\ h -> \n i"


def test_gift_escapes_its_signs():
    worksheet = Worksheet("kind", "s:1", "A title", [HARD], [Question(HARD, Words("x=1:2{}~#\\"), HARD, "tools/lab")])
    (found,) = gift.read(gift_form.render([worksheet], True))
    assert found.right == ["x=1:2{}~#\\"] and "c # d { e } f : g \\ h" in found.feedback and found.title == "kind s:1 1"


@pytest.mark.parametrize("wrong", ["::a::[html]b {=c}d", "::a:: b {=c}", "::a::[html]b=c{=d}", "::a::[html]b{=c -> d}"])
def test_the_reader_of_gift_refuses(wrong: str):
    with pytest.raises(gift.GiftError):
        gift.read(wrong)


# --- The command ------------------------------------------------------------------------------


def test_the_kinds_are_listed():
    lines = lab().stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(registry.KINDS) and max(map(len, lines)) <= 80


def test_many():
    whole = lab("references", "--seed", "class", "--many", "3", "--policy", "fifo", "--answers").stdout
    parts = whole.split("\f")
    assert len(parts) == 6 and len(set(parts)) == 6
    assert parts[0].strip() == lab("references", "--seed", "class-1", "--policy", "fifo").stdout.strip()


@pytest.mark.parametrize("words, told", [
    (["no-such", "--seed", "a"], "there is no kind 'no-such'; there are references, translation"),
    (["references"], "--seed WORD"),
    (["references", "--seed", ""], "is no seed"),
    (["references", "--seed", "a b"], "is no seed"),
    (["references", "--seed", "\u00e4"], "is no seed"),
    (["references", "--seed", "x" * 41], "is no seed"),
    (["references", "--seed", "a\n"], "is no seed"),
    (["references", "--seed", "a", "--many", "0"], "a number from 1 to 60"),
    (["references", "--seed", "a", "--many", "-3"], "a number from 1 to 60"),
    (["references", "--seed", "a", "--many", "99999999999999999999"], "a number from 1 to 60"),
    (["references", "--seed", "a", "--policy", "best"], "there is no policy 'best'; there are fifo"),
    (["allocation", "--seed", "a", "--policy", "fifo"], "--policy is for references"),
])  # fmt: skip
def test_refused_in_words(words: list[str], told: str):
    ended = lab(*words)
    assert ended.returncode == 2 and told in ended.stderr and ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1


def test_a_formula_that_disagrees_with_the_machine_is_refused(monkeypatch, capsys):
    """The worksheet is not printed, and both numbers are told."""
    monkeypatch.setattr(allocation, "by_formula", lambda frames, parts: [frames] * len(parts))
    words = Namespace(kind="allocation", seed="a", answers=False, format="text", many="1", policy=None)
    assert command.run(words) == 2
    said = capsys.readouterr()
    assert said.out == "" and re.search(r"shares of \d+ frames: computed \[.*\], but the machine says \[", said.err)


def test_a_turn_of_seeds():
    """Each commit tries worksheets that nobody has seen: of the kinds that ask the simulator only."""
    for question in registry.find("references")(f"commit{commits()}").questions:
        check_reference(question)
