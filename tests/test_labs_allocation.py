"""The lab of frame allocation: what judges it without a machine sees what is wrong, and believes nothing; and its model
is the book's."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from support import LONG, ROOT, commits
from without_machine import findings, kernel_of, of_all, of_host

from labbing import bodies, claiming, description, division
from labbing.division import Claim, Rules
from labbing.host import judge

LAB = description.find(ROOT, "7-frame-allocation")
HOST = of_host(LAB)
ALLOCATION_C = "mm/frame_allocation/allocation.c"
HEAD = "uint32_t allocation_weight(int nice)\n{\n%s\n}\n"
FORGED = "    void _exit(int);\n    (void)nice;\n    _exit(0);"
DIVIDE = (
    "static void divide(enum allocation_scheme scheme, struct claim *claims, unsigned count, uint32_t frames)\n{\n"
    "    (void)scheme, (void)measure, (void)settle_minimums, (void)frames;\n%s\n}\n"
)
EACH = "    for (unsigned i = 0; i < count; i++)\n        claims[i].share = "
ASIDE = f"    claims[count].size ^= 1;\n{EACH}frames / count;"
FIELD = f"    claims[0].size ^= 1;\n{EACH}frames / count;"
REMEMBERS = f"    static unsigned times;\n{EACH}31 + times++ / 4;"


def variant(folder: Path, parts: dict[str, str]) -> Path:
    return kernel_of(folder, bodies.Bodies("", "", {ALLOCATION_C: parts}))


def seen_of(kernel: Path, story: claiming.ClaimsStory) -> list[tuple[str, str]]:
    """What was wrong."""
    return [wrong[:2] for call in judge.tried(kernel, story.finish("", 0)).calls for wrong in call.wrong]


def two(times: int = 1) -> claiming.ClaimsStory:
    story = claiming.ClaimsStory("two", "1")
    story.phase("divides")
    for _ in range(times):
        story.divide("equal", [Claim(size=10, minimum=4), Claim(size=127, minimum=4)], 62)
    return story


@pytest.mark.parametrize("name", HOST)
def test_the_solution_loses_no_call(name):
    for seed in map(str, range(20 if LONG else 3)):
        assert findings(LAB, name, ROOT / "build/faultline.elf", seed) == []


@pytest.mark.parametrize("kind", ["right", "wrong"])
def test_solutions_without_a_machine(kind, tmp_path):
    """The right ones lose none, the wrong ones are seen. Each commit tries others, unless there is time."""
    every = LAB.solutions(kind)
    start = commits() * 5 % len(every)
    for given in every if LONG else (every + every)[start : start + 5]:
        kernel = kernel_of(tmp_path / given.name, given)
        wrong = of_all(LAB, kernel)
        assert bool(wrong) == (kind == "wrong"), (given.name, wrong[:1])


def test_who_ends_the_process_has_not_answered(tmp_path):
    story = claiming.ClaimsStory("one", "1")
    story.phase("weighs")
    story.weigh(0)
    kernel = variant(tmp_path, {"allocation_weight": HEAD % FORGED})
    assert seen_of(kernel, story) == [("S3", "the process ended of itself")]


@pytest.mark.parametrize(
    ("written", "where"), [(ASIDE, "something beside the claims"), (FIELD, "something else of claim 0")]
)
def test_what_is_written_aside_is_seen(written, where, tmp_path):
    kernel = variant(tmp_path, {"divide": DIVIDE % written})
    assert seen_of(kernel, two()) == [("S4", f"{where} was written")]


def test_what_is_remembered_is_seen(tmp_path):
    kernel = variant(tmp_path, {"divide": DIVIDE % REMEMBERS})
    assert seen_of(kernel, two()) == [] and seen_of(kernel, two(3))


def test_a_starter_has_the_numbers_and_not_the_model(tmp_path):
    """What is in it of the judge runs without the model; the numbers that are due stand in the test."""
    for path in (ROOT / "tools/labbing/host").glob("*.py"):
        assert "import division" not in path.read_text("utf-8") and "labbing.division" not in path.read_text("utf-8")
    _, due = LAB.tell(list(HOST.values())[1], "1")
    assert all("due" in operation for operation in due.runs[0]["operations"])


def test_a_report_tells_the_call(tmp_path):
    kernel = variant(tmp_path, {"allocation_weight": HEAD % "    (void)nice;\n    return 1024;"})
    _, due = LAB.tell(HOST["niceness"], "1")
    tried = judge.tried(kernel, due)
    lines = judge.phase_lines(due, tried, 0)
    assert lines[0].startswith("-> phase 0: ")
    assert lines[1:3] == ["     allocation_weight(0)", "   ! allocation_weight(-1)"]
    assert "due: 1255 to 1305 (S6); happened: it answers 1024" in lines[3]
    assert judge.signature(tried) == judge.signature(judge.tried(kernel, due))


# --- the model ---


def shares(scheme: str, frames: int, *claims: Claim, rules: Rules = Rules()) -> list[int]:
    found = division.divide(scheme, claims, frames, rules=rules)
    assert all(each.least == each.most for each in found)
    return [each.least for each in found]


def test_the_books_numbers():
    small, big = Claim(size=10, minimum=4), Claim(size=127, minimum=4)
    assert shares("proportional", 62, small, big) == [4, 57]
    assert shares("proportional", 62, small, big, rules=Rules(leftovers=True)) == [5, 57]
    assert shares("equal", 93, *[Claim(minimum=6)] * 5) == [18] * 5


def test_the_answers_of_the_handout():
    """Step 1, and question 2."""
    assert shares("proportional", 62, Claim(size=10, minimum=8), Claim(size=127, minimum=8)) == [8, 54]
    assert shares("proportional", 100, *(Claim(size=size, minimum=30) for size in (10, 38, 52))) == [30, 30, 40]


def test_rates_on_paper():
    rates = [(500, True, 100), (5000, False, 100), (1001, True, 100), (99, True, 100), (0, True, 8), (0, True, 0)]
    claims = [Claim(minimum=8, fault_rate=rate, judged=judged, share=share) for rate, judged, share in rates]
    assert shares("fault-frequency", 1000, *claims) == [100, 100, 126, 93, 8, 8]
    assert shares("fault-frequency", 420, *claims) == [100, 100, 100 + (420 - 409) * 26 // 26, 93, 8, 8]


@pytest.mark.parametrize("rules", [Rules(), Rules(leftovers=True)])
def test_minimums_and_sums(rules):
    """For any claims."""
    chance = random.Random(str(commits()))
    for _ in range(500):
        claims = [
            Claim(
                size=chance.choice((0, chance.randint(1, 5000))),
                minimum=chance.randint(1, 40),
                weight=chance.randint(15, 88_000),
                working_set=chance.randint(0, 3000),
                fault_rate=chance.randint(0, 3000),
                judged=chance.random() < 0.5,
                share=chance.choice((0, chance.randint(40, 4000))),
            )
            for _ in range(chance.randint(1, 30))
        ]
        frames = sum(claim.minimum for claim in claims) + chance.randint(0, 20_000)
        for scheme in ("equal", "proportional", "priority", "working-set", "fault-frequency"):
            got = shares(scheme, frames, *claims, rules=rules)
            assert sum(got) <= frames
            assert all(share >= claim.minimum for share, claim in zip(got, claims, strict=True))
            all_used = rules.leftovers and any(s > c.minimum for s, c in zip(got, claims, strict=True))
            assert not (all_used and scheme in ("equal", "priority")) or sum(got) == frames
