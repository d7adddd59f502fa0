"""Page replacement on paper: the simulator against the books, and the kernel's policies against it.

The policies of mm/replacement/policy/ run on this machine (tests/host/policy_run.c); that the live kernel
agrees with the simulator too is tested where it is booted.
"""

import itertools
import random
import subprocess

import pytest
from support import BUILD, LAST_RESORT, ROOT

SIMULATOR = BUILD / "policysim"
KERNEL = BUILD / "host/policy_run"

TEXTBOOK = "7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1"
BELADY = "1 2 3 4 1 2 5 1 2 3 4 5"


def output(*words: str, stdin: str = "") -> str:
    result = subprocess.run(
        words, cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=LAST_RESORT, check=False
    )
    assert result.returncode == 0, (words[:6], result.stderr[-3000:])
    return result.stdout


def simulate(*words: str, stdin: str = "") -> str:
    return output(str(SIMULATOR), *words, stdin=stdin)


def rows(text: str) -> dict[str, dict[str, str]]:
    """TSV by policy."""
    lines = [line.split("\t") for line in text.splitlines()]
    return {line[0]: dict(zip(lines[0], line, strict=False)) for line in lines[1:]}


def faults(policy: str, frames: int, string: str, *more: str) -> int:
    words = ("--tsv", "--policy", policy, "--frames", str(frames), *more, *string.split())
    return int(rows(simulate(*words))[policy]["faults"])


def victims(policy: str, frames: int, string: str, *more: str) -> str:
    words = ("--tsv", "--victims", "--policy", policy, "--frames", str(frames), *more)
    last = simulate(*words, *string.split()).splitlines()[-1]
    assert last.startswith(f"victims\t{policy}")
    return last.split("\t")[-1]


NAMES = (
    "clock fifo clock-rm aging lfu mfu random sieve wsclock clock-pro distance lru opt".split()
)


def test_names():
    assert simulate("--list").split() == NAMES


# --- the simulator against books, and against paper -------------------------------------------


@pytest.mark.parametrize(("policy", "expected"), [("fifo", 15), ("lru", 12), ("opt", 9)])
def test_the_textbooks_string(policy, expected):
    assert faults(policy, 3, TEXTBOOK) == expected


def test_beladys_anomaly():
    assert [faults("fifo", frames, BELADY) for frames in (3, 4)] == [9, 10]
    for policy in ("lru", "opt"):
        counts = [faults(policy, frames, BELADY) for frames in range(1, 7)]
        assert counts == sorted(counts, reverse=True)


# Each of these was done with pencil and paper.
BY_HAND = [
    # 1 2 3 fill; at 4 all R are 1: cleared, round to 1. Then R: 2=0 3=0 4=1; 2 used: R=1. At 5 the
    # hand is at 2: spared; 3 goes.
    ("clock", 3, "1 2 3 4 2 5", (), "1 3"),
    # At 4 no use since arrival counts: 1. At 5 the hand is at 2, which was used: spared, 3 goes.
    # At 6 the hand is at 4, which nobody came back to; the clock would meet 2 first.
    ("sieve", 3, "1 2 3 4 2 5 6", (), "1 3 4"),
    # 2 is clean, 1 and 3 are dirty; at 4 all R are 1, no (0, x): R cleared; then (0, 0) is 2.
    ("clock-rm", 3, "1w 2r 3w 4w", (), "2"),
    # Counts in exact mode: 1 three, 2 two, 3 one.
    ("lfu", 3, "1 2 3 1 1 2 4 5", ("--exact",), "3 4"),
    ("mfu", 3, "1 2 3 1 1 2 4 5", ("--exact",), "1 2"),
    # A tick at each fault. At 4 (fault 4): 1 and 2 in use during the ticks, 3 just now.
    ("aging", 2, "1 2 1 3 1 4", ("--tick", "1"), "2 3"),
    ("lru", 3, "1 2 3 1 4 2 5", (), "2 3 1"),
    ("fifo", 3, "1 2 3 1 4 2 5", (), "1 2"),
    # 1 and 2 are not used again: of the two, the one first in the string goes first.
    ("opt", 3, "1 2 3 4 3 4 5 3", (), "1 2"),
]


@pytest.mark.parametrize("case", BY_HAND, ids=[f"{c[0]} {c[2]}" for c in BY_HAND])
def test_by_hand(case):
    policy, frames, string, more, expected = case
    assert victims(policy, frames, string, *more) == expected


def best_faults(string: list[int], frames: int) -> int:
    """The fewest faults there can be: every choice tried."""
    states: dict[frozenset[int], int] = {frozenset(): 0}
    for page in string:
        after: dict[frozenset[int], int] = {}
        for held, count in states.items():
            if page in held:
                choices, cost = [held], 0
            elif len(held) < frames:
                choices, cost = [held | {page}], 1
            else:
                choices, cost = [held - {victim} | {page} for victim in held], 1
            for choice in choices:
                after[choice] = min(after.get(choice, 1 << 30), count + cost)
        states = after
    return min(states.values())


def test_opt_is_the_best_there_can_be():
    dice = random.Random(1)
    cases, expected = [], []
    for frames, pages in itertools.product((1, 2, 3, 4), (3, 4, 5, 6)):
        for _ in range(10):
            string = [dice.randrange(pages) for _ in range(dice.randint(5, 25))]
            cases.append(f"opt {frames} 1 0 {' '.join(map(str, string))}\n")
            expected.append(best_faults(string, frames))
    found = [
        int(line.split("faults ")[1].split()[0])
        for line in simulate("--batch", stdin="".join(cases)).splitlines()
    ]
    assert found == expected


def test_nobody_beats_opt():
    string = ("--generate", "zipf", "300", "100", "10", "--frames", "100", "--tsv")
    for row in rows(simulate(*string)).values():
        assert float(row["ratio"]) >= 1


# --- what else it prints ----------------------------------------------------------------------


def test_stack_algorithms():
    for policy in ("lru", "opt"):
        assert "behaves as a stack algorithm" in simulate("--is-stack", "--policy", policy)
    for policy in ("fifo", "clock", "random"):
        text = simulate("--is-stack", "--policy", policy)
        assert "is not a stack algorithm: after" in text
        assert "Belady's anomaly: " in text


def test_grid_is_the_textbooks():
    lines = simulate("--grid", "--policy", "fifo", *TEXTBOOK.split()).splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[2].split() == ["reference", *TEXTBOOK.split()]
    assert lines[-1] == "faults 15"
    assert simulate("--grid", "--policy", "fifo", *(TEXTBOOK.split() * 5)).count("reference ") > 1


def test_stack_tells_lru_for_every_size():
    text = simulate("--stack", "--tsv", *TEXTBOOK.split())
    table = dict(line.split("\t")[::2] for line in text.splitlines()[2:])
    for depth, count in table.items():
        assert faults("lru", int(depth), TEXTBOOK) == int(count)


def test_strings_from_files(tmp_path):
    recording = tmp_path / "recording"
    recording.write_text("# as exact mode records it\n1 r\n2 w\n3 r\n4 r\n")
    row = rows(simulate("--file", str(recording), "--policy", "fifo", "--tsv", "--frames", "1"))
    assert (row["fifo"]["faults"], row["fifo"]["writes"]) == ("4", "1")
    lackey = tmp_path / "lackey"
    lackey.write_text("==1== x\nI  0400fffe,4\n L 1ffe,2\n S 1ffe,8\n M 5000,4\n")
    row = rows(simulate("--lackey", str(lackey), "--policy", "fifo", "--tsv", "--frames", "9"))
    assert (row["fifo"]["faults"], row["fifo"]["references"]) == ("5", "5")


def test_errors_are_told():
    wrong: list[list[str]] = [["7q"], [], ["--frames", "0", "1"], ["--policy", "x", "1"], ["--nonsense"]]
    for words in wrong:
        result = subprocess.run([SIMULATOR, *words], capture_output=True, text=True, check=False)
        assert (result.returncode, result.stderr[:11]) == (2, "policysim: "), words


# Faults after the warm-up with 4,090 frames, from an independent simulator of the same strings.
SWAPBENCH = [
    ("cyclic", 4506, 45060, 45060, 45060),
    ("uniform", 6144, 20424, 20587, 20498),
    ("zipf", 6144, 5236, 4479, 4316),
    ("loop_hot", 6144, 25938, 21267, 19018),
    ("scan_hot", 6144, 13312, 13312, 13312),
    ("transpose", 6144, 21504, 9760, 6144),
]


@pytest.mark.parametrize("row", SWAPBENCH, ids=[row[0] for row in SWAPBENCH])
def test_generated_strings_are_those_of_swapbench(row):
    name, pages, *expected = row
    words = ("--generate", name, str(pages), "4090", "10", "--warm", "--frames", "4090", "--tsv")
    found = rows(simulate(*words, "--policy", "fifo,clock,lru"))
    for policy, count in zip(("fifo", "clock", "lru"), expected, strict=True):
        assert abs(int(found[policy]["faults"]) - count) <= 0.015 * count


# --- the kernel's policies --------------------------------------------------------------------


def random_string(dice: random.Random, frames: int) -> list[str]:
    pages = dice.randint(frames + 1, 4 * frames)
    kind = dice.choice(["uniform", "hot", "loop", "walk"])
    string, at = [], 0
    for k in range(dice.randint(10, 2000)):
        if kind == "hot":
            at = int(pages * dice.random() ** 3)
        elif kind == "walk":
            at = (at + dice.choice([-2, -1, 0, 1, 1, 2, 3])) % pages
        elif kind == "loop" and dice.random() < 0.8:
            at = k % pages
        else:
            at = dice.randrange(pages)
        string.append(f"{at}{'w' if dice.random() < 0.4 else 'r'}")
    return string


def test_kernel_and_simulator_agree_on_every_victim():
    """200 strings of up to 2,000 references, 2 to 64 frames, every policy."""
    dice = random.Random(2)
    cases = []
    for _ in range(200):
        frames, exact, tick = dice.randint(2, 64), dice.randint(0, 1), dice.choice([0, 1, 2, 5, 20])
        string = " ".join(random_string(dice, frames))
        for policy in NAMES:
            if policy != "opt":
                exact_here = 1 if policy == "lru" else exact
                cases.append(f"{policy} {frames} {exact_here} {tick} {string}\n")
    kernel = output(str(KERNEL), stdin="".join(cases)).splitlines()
    paper = simulate("--batch", stdin="".join(cases)).splitlines()
    assert len(kernel) == len(paper) == len(cases)
    for case, ours, theirs in zip(cases, kernel, paper, strict=True):
        assert ours == theirs, case[:200]


def test_large_groups_agree_too():
    dice = random.Random(3)
    cases = [
        f"{policy} 1000 0 126 {' '.join(str(dice.randrange(1500)) for _ in range(8000))}\n"
        for policy in NAMES
        if policy not in ("opt", "lru")
    ]
    kernel = output(str(KERNEL), stdin="".join(cases))
    assert kernel == simulate("--batch", stdin="".join(cases))


@pytest.mark.parametrize("policy", ["mine", *(name for name in NAMES if name != "opt")])
def test_pages_end_and_are_pinned(policy):
    """Whoever leaves, wherever the hands are, a victim is found if there is one; ASan watches."""
    dice = random.Random(4)
    cases = []
    for _ in range(60):
        frames = dice.randint(1, 40)
        words = random_string(dice, frames)
        for i, word in enumerate(words):
            if dice.random() < 0.25:
                words[i] = word[:-1] + dice.choice("xpuu")
        mode = f"{dice.randint(0, 1)} {dice.choice([0, 1, 7])}"
        cases.append(f"{policy} {frames} {mode} {' '.join(words)}\n")
    assert output(str(KERNEL), stdin="".join(cases)).count("faults") == len(cases)
