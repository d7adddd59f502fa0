"""The lab of the clock: its model is the book's, its strings tell, and half a solution is known again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from replacement import victims_of_clock as victims
from support import ROOT

from labbing import bodies, description, diagnosis, starter, strings
from labbing.clocks import WRONG, AlwaysOn, ByIndex, Clock, EnhancedClock, Page

LAB = description.find(ROOT, "5-clock")


@pytest.mark.parametrize(
    ("model", "string", "gone"),
    [
        (Clock(3), "1w 2w 3w 1w 4w 2w 5w", [1, 3]),  # step 1 of the handout
        (Clock(3), "1w 2w 3w 4w 2w 1w 2w 5w", [1, 3, 4]),  # question 1
        (Clock(3), "7r 0r 1r 2r 0r 3r 0r 4r 2r 3r", [7, 1, 2, 0]),
        (EnhancedClock(2), "1w 2w 3w 1r 2w 1r 3w", [1, 2, 1, 3, 1]),
    ],
)
def test_on_paper(model: Clock, string: str, gone: list[int]):
    assert victims(model, string) == gone


def ring(model: Clock, *pages: tuple[int, bool, bool]) -> None:
    """From the hand on: number, R, M."""
    model.ring.extend(Page(number, False, used, written) for number, used, written in pages)


def test_a_clean_page_goes_in_the_second_round_a():
    """Step 4 of the handout."""
    model = EnhancedClock(2)
    ring(model, (1, True, False), (2, True, True))
    assert model.victim().number == 1
    assert [page.referenced for page in model.ring] == [False, False]


def test_round_a_loses_no_r():
    model = EnhancedClock(3)
    ring(model, (1, True, True), (2, False, True), (3, False, False))
    assert model.victim().number == 3
    assert [page.referenced for page in model.ring] == [False, True, False]


@pytest.mark.parametrize("policy", [Clock, EnhancedClock])
def test_who_may_not_go_keeps_r(policy: type[Clock]):
    model = policy(3)
    model.slots = False
    ring(model, (1, True, True), (2, False, True), (3, True, False))
    model.ring[2].of_file = True
    assert model.victim().number == 3
    assert {page.number: page.referenced for page in model.ring} == {1: True, 2: False, 3: False}


def test_the_story_told_is_one_that_tells():
    """Of attempts, the first in which no wrong model answers as the right one does."""

    def tell(attempt: str) -> strings.StringStory:
        story = strings.StringStory("", attempt, "S3")
        group = story.group(Clock(3), 5)
        for _ in range(5 * int(attempt.split()[1])):
            story.refer(group, story.random.randrange(5), write=True)
        return story

    told, wrongs = strings.telling(tell, "seed", Clock), WRONG[Clock]
    attempts = 0
    while not all(tell(f"seed {attempts}").tells(Clock, wrong) for wrong in wrongs):
        attempts += 1
    assert attempts > 0 and told.references == 5 + 5 * attempts
    assert told.groups[0].answers(Clock) == tell(f"seed {attempts}").groups[0].answers(Clock)


def test_a_wrong_model_is_asked_the_same_story():
    """What is done hangs on the right model only: a page ends because the hand is on it. Asked again, the right model
    says what is due; a wrong one that would end another page says what the kernel would have done."""
    story = LAB.stories()["pages-end"]("646")
    assert isinstance(story, strings.StringStory)
    faults = sum(bound.least for bounds in story.bounds for bound in bounds.values())
    assert faults == sum(sum(map(bool, group.answers(Clock))) for group in story.groups)
    assert all(not story.tells(Clock, Clock) and story.tells(Clock, wrong) for wrong in (AlwaysOn, ByIndex))


@pytest.mark.parametrize("wrong", (AlwaysOn, ByIndex))
def test_another_hand(wrong: type[Clock]):
    """On paper: a page that is not under the hand ends, and both wrong hands go on."""
    gone = []
    policies: list[type[Clock]] = [Clock, wrong]
    for policy in policies:
        model = policy(3)
        for number in (1, 2, 3):
            model.reference(number, True, "")
        for page in model.ring:
            page.referenced = False
        model.end(2, "")  # the hand is on 1
        gone.append(model.victim().number)
    assert gone == [1, 3]


def test_a_piece_that_is_not_begun_hides_no_other():
    """The enhanced clock is FIFO yet, and the clock is wrong as another is whose enhanced clock is right."""
    clock = {"second-chance": "!wrong", "room": "right"}
    known = {"wrong": {**clock, "enhanced": "right"}, "begun": {"second-chance": "!fifo", "enhanced": "!fifo"}}
    pieces = LAB.parts_of_tests()
    seen = {**clock, "enhanced": "!fifo"}
    sealed = diagnosis.seal(known, pieces)
    words = [diagnosis.unsealed(part, sealed) for part in diagnosis.by_piece(seen, pieces)]
    assert [text.split(" where ")[1] for text in words] == ["wrong", "begun"]
    assert diagnosis.unsealed(seen, diagnosis.seal(known)) == diagnosis.UNKNOWN


def changed_starter() -> dict[str, str]:
    return starter.struck(ROOT, LAB, bodies.overlay(ROOT, LAB.baseline()))


def test_what_is_dropped_is_named_nowhere():
    kept, changed = starter.kept(ROOT, LAB), changed_starter()
    listed = changed["mm/replacement/policy.c"]
    for name in ("mine", "wsclock", "clock_pro", "sieve"):
        assert f"mm/replacement/policy/{name}.c" not in kept
        assert f"policy_{name}" not in listed
    assert "make" not in listed.replace("makes", "")


def test_words_to_be_struck_stand_there_just_once(tmp_path: Path):
    place = tmp_path / "mm/replacement/policy.c"
    place.parent.mkdir(parents=True)
    shutil.copy(ROOT / "mm/replacement/policy.c", place)
    place.write_text(place.read_text("utf-8").replace("&policy_mine", "&policy_yours"), "utf-8")
    with pytest.raises(description.LabError, match="0 times"):
        starter.struck(tmp_path, LAB, {})


@pytest.mark.parametrize("tell", LAB.stories().values(), ids=LAB.stories())
def test_titles_do_not_repeat_the_test(tell: Callable[[str], strings.StringStory]):
    assert "enhanced" not in tell("1").title
