"""The lab of shootdowns: processors are played fairly, what is wrong is seen, and what is right loses nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import LONG, ROOT, commits, in_turn
from without_machine import findings, kernel_of, of_all, of_host

from labbing import assembly, bodies, description, shootdown_rules, testing
from labbing.assembly import LAST
from labbing.host import library
from labbing.host.process import Process
from labbing.host.shootdown import KERNEL, LOOK, ONE, USER, Play, Request, WrongError
from labbing.host.shootdown_lives import Judge
from labbing.judge import judge as judge_live
from witnessing.seen import Mark, Seen

LAB = description.find(ROOT, "10-shootdown")
HOST = of_host(LAB)
TREE = ROOT / "build/faultline.elf"


@pytest.mark.parametrize("test", in_turn(HOST, 2))
def test_the_solution_loses_no_call(test: str):
    for seed in range(20) if LONG else (commits(),):
        assert findings(LAB, test, TREE, str(seed)) == []


@pytest.mark.parametrize("kind", ["right", "wrong"])
def test_solutions_without_a_machine(kind: str, tmp_path: Path):
    """The right ones lose none, the wrong ones are seen, but for one that knows where it runs."""
    every = [given for given in LAB.solutions(kind) if given.name != "right-without-a-machine"]
    turn = commits() % len(every)
    for given in every if LONG else (every + every)[turn : turn + 1]:
        wrong = of_all(LAB, kernel_of(tmp_path / given.name, given), "3")
        assert bool(wrong) == (kind == "wrong"), (given.name, wrong[:1])


# Each of the ways in which a shootdown is got wrong, and the test that is about it.
CLASSIC = [
    ("one-left-out", "whom", "S4"),
    ("answers-first", "interrupt", "S10"),
    ("nobody-is-awaited", "whom", "S4"),
    ("not-on-the-way-out", "way-out", "S9"),
    ("looks-first", "comes-back", "S4 S9"),
    ("looks-then-says", "at-once", "S9"),
    ("last-only", "way-out", "S9"),
]


@pytest.mark.parametrize(("name", "test", "sentence"), in_turn(CLASSIC, 3))
def test_a_classic_mistake_is_seen_by_every_seed(name: str, test: str, sentence: str, tmp_path: Path):
    given = bodies.read(LAB.folder / "wrong" / f"{name}.c")
    kernel = kernel_of(tmp_path, given)
    for seed in range(20 if LONG else 3):
        found = {each.sentence for each in findings(LAB, test, kernel, f"{seed}")}
        assert found & set(sentence.split()), seed


# --- the judge itself ---


@pytest.fixture
def play():
    judge = Judge({"operations": []})
    process = Process(judge.made(TREE), judge.memory)
    yield Play(process, {}, {"kind": "asks", "count": 3, "most": 2}, "1")
    process.end()
    judge.memory.close()


def begun(play: Play) -> Request:
    """The second processor runs user code, and remembers a page that is being taken away by the first."""
    asker, other, _ = play.processors
    for one, mode in ((asker, KERNEL), (other, USER)):
        play.load(one, ONE)
        play.set_mode(one, mode)
    other.uses = True
    for page in (0x400000, 0x401000):
        other.remembers[page] = 0
    play.scene["pages"] = 2
    return play.begin(asker)


def test_who_uses_memory_and_remembers_is_seen(play: Play):
    request = begun(play)
    with pytest.raises(WrongError) as wrong:
        play.is_over(play.processors[0], request)
    assert wrong.value.found[0] == "S4"


def test_who_does_not_use_memory_may_remember_until_it_does(play: Play):
    request = begun(play)
    other = play.processors[1]
    play.set_mode(other, KERNEL)
    other.uses = False
    play.is_over(play.processors[0], request)
    other.uses = True
    with pytest.raises(WrongError):
        play.want_fresh(other)


def test_who_has_forgotten_looks_up_what_is_new(play: Play):
    request = begun(play)
    other = play.processors[1]
    other.remembers.clear()
    play.fill(other, 9)
    play.is_over(play.processors[0], request)
    assert not play.has_gone(other)


def test_interrupts_are_held_against_the_request(play: Play):
    request = begun(play)
    asker, other, idle = play.processors
    play.is_sent(other.apic, 0x4022)
    assert play.wrong is None and request.sent == [1] and other.pending
    for apic in (other.apic, asker.apic, idle.apic, 99):
        play.wrong = None
        play.is_sent(apic, 0x4022)
        assert play.wrong and play.wrong[0] == "S5"


def test_a_processor_stops_between_any_two_accesses(play: Play):
    """One access a turn: there are as many turns as accesses, and the number is written in one of them."""
    begun(play)
    asker, before, numbers = play.processors[0], play.last_number(), []
    step = play.does(asker, 0, ONE, 0x400000)
    for _ in step:
        numbers.append(play.last_number())
        if numbers[-1] != before:
            break
    assert numbers[-1] == before + 1
    mode, done = play.call(LOOK, 0)
    assert mode == KERNEL and done == before + 1


def test_another_headers_stand_beside(tmp_path: Path):
    """Libraries of the same kernel do not get in each other's way."""
    made = [library.of(tmp_path / "faultline.elf", driver) for driver in ("shootdown", "load")]
    assert all(file.exists() for file in made)
    assert "cpu_relax" not in (made[1].parent / "arch/machine.h").read_text("ascii")


def test_labs_are_found_by_their_numbers():
    assert description.find(ROOT, "1").name == "1-page-tables"
    assert description.find(ROOT, "10").name == "10-shootdown"
    assert [lab.name.partition("-")[0] for lab in description.every(ROOT)] == [str(n) for n in range(1, 11)]


def test_another_order_is_another_rule():
    uses = shootdown_rules.every_use()
    assert len(uses) == 6 and LAB.variants[0].uses in uses
    for each in uses:
        text = shootdown_rules.solution(each, "said")
        assert ("for below" in text) == (each["asks"] == ["down"]) and f"FEW = {each['answers'][0]}" in text


# --- programs ---


@pytest.mark.parametrize("name", ["taken-away", "forked", "in-and-out"])
def test_what_the_thread_finds_is_held_against_the_story(name: str):
    test = next(test for test in LAB.tests if test.id == name)
    _, due = LAB.tell(test, "1")
    marks = [Mark(number, told.value, 1, {}) for number, told in enumerate(due.told)]
    assert due.cpus == 2
    assert judge_live(due, Seen(marks=[*marks, Mark(LAST, 0, 1, {})], end="done")) == []
    at = next(number for number, told in enumerate(due.told) if told.sentence == "S0")
    marks[at] = Mark(at, due.told[at].value ^ 1, 1, {})
    wrong = judge_live(due, Seen(marks=[*marks, Mark(LAST, 0, 1, {})], end="done"))
    assert [found.sentence for found in wrong] == ["S0"]


def test_the_machine_stands_still_when_its_first_process_has_ended(tmp_path: Path):
    """The other processors do, too: they do not wait for the kernel's lock for ever, at the expense of whose machine it
    is."""
    test = next(test for test in LAB.tests if test.id == "taken-away")
    text, due = LAB.tell(test, "1")
    program = tmp_path / "program"
    assembly.assemble(text, program)
    seen = testing.witness(TREE, testing.Test(program, due), plugin=False).seen
    assert seen.end == "done" and seen.instructions < 20_000_000
