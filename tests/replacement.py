"""Reference strings, for tests: random ones, and both who run them."""

from __future__ import annotations

import random
import re
import subprocess
import tempfile

import agreement
import support

from labbing.clocks import Clock

SIMULATOR = support.BUILD / "policysim"


def policies() -> list[str]:
    """The kernel's, without `mine`, which is anybody's."""
    sources = [path.read_text("utf-8") for path in (support.ROOT / "mm/replacement/policy").glob("*.c")]
    names = {name for text in sources for name in re.findall(r'\.name = "(.*)"', text)}
    return sorted(names - {"mine"})


def random_case(dice: random.Random, longest: int, most_frames: int) -> tuple[int, int, str]:
    """(frames, faults between ticks, the string)."""
    frames = dice.randint(2, most_frames)
    pages = frames + dice.randint(1, 2 * frames + 4)
    weights = [1 / (page + 1) for page in range(pages)] if dice.random() < 0.5 else [1] * pages
    string = dice.choices(range(pages), weights, k=dice.randint(20, longest))
    written = dice.choice([0, 0.3, 1])
    words = [f"{page}{'w' if dice.random() < written else 'r'}" for page in string]
    return frames, dice.choice([0, frames // 8 + 1, frames]), " ".join(words)


def random_cases(seed: int, count: int, longest: int, most_frames: int) -> list:
    dice = random.Random(seed)
    return [random_case(dice, longest, most_frames) for _ in range(count)]


def batch(policy: str, cases: list, exact: bool) -> str:
    """What `policysim --batch` and `refstring --batch` read."""
    lines = [f"{policy} {frames} {exact:d} {tick} {string}\n" for frames, tick, string in cases]
    return "".join(lines)


def simulate(text: str) -> list[str]:
    result = subprocess.run(
        [SIMULATOR, "--batch"], input=text, capture_output=True, text=True, check=True
    )
    return result.stdout.splitlines()


def run_live(boot, text: str, *options: str, witness: bool = False) -> list[str]:
    """The same on the live kernel, all in one boot. `witness`: the faults of all strings, which one load and one
    store take, are those that QEMU sees."""
    with tempfile.NamedTemporaryFile("w", suffix=".batch") as file:
        file.write(text)
        file.flush()
        words = ("--ram", "24M", "--swap", "16M", "--stdin", file.name, *options)
        result = boot(*words, "--", "refstring", "--batch", witness=witness)
    assert result.status == 0, result.report()[-3000:]
    if witness:
        told = sum(map(int, re.findall(r"faults (\d+)", result.text)))
        assert told == sum(agreement.by_instruction(result.seen)[:2])
    return result.text.splitlines()


def victims_of_clock(model: Clock, string: str) -> list[int]:
    """Which pages a lab's model lets go at references like 1w 2r."""
    gone: list[int] = []
    for word in string.split():
        before = {page.number for page in model.ring}
        model.reference(int(word[:-1]), word[-1] == "w", "")
        gone += before - {page.number for page in model.ring}
    return gone
