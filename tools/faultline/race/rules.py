"""The rules of page replacement policies: which one does a policy break, where, and in which case?

build/policy_check (tests/host/policy_check.c) looks at every call; build/policy_run gives the victims,
which are compared with the simulator's.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache

from faultline import project

CONTRACT = "mm/replacement/policy.h"
COMPARED = 400  # cases

# By the rule that was broken: what a policy is like that behaves just so.
JUST_SO = {
    "victim() names a frame as long as one may go": "admit() forgets a frame, or victim() gives up too early",
    "victim() names a frame of its group": "victim() returns something else than a frame it was given by admit()",
    "a frame is the policy's no more once remove() was called": "remove() does not take the frame out",
    "victim() names a frame that policy_may_evict() allows": "victim() does not ask policy_may_evict()",
    "no loop is longer than a few rounds of the frames": "a loop in victim() has no end",
    "every call comes to its end": "a loop has no end",
    "a policy touches its group's state and its frames only": "a pointer, or a frame's number, was never set",
    "admit() puts a frame into a queue, and remove() alone takes it out": (
        "admit() leaves the frame out, or victim() removes what it should only name"
    ),
}

CASE = re.compile(r"([1-9]\d{0,3}) ([01]) (\d{1,4})((?: \d{1,3}[wrpux]?)+)")


def case(text: str) -> str:
    """A case as it is typed, for argparse."""
    if not CASE.fullmatch(" ".join(text.split())):
        raise argparse.ArgumentTypeError(f"{text!r}: not FRAMES EXACT TICK EVENT…, as in '3 0 1 7w 0r 1w 7x'")
    return " ".join(text.split())


# --- The rules --------------------------------------------------------------------------------


@cache
def check(policy: str, given: str | None) -> tuple[int, list[list[str]]]:
    """What policy_check says, key by key."""
    command = [str(project.BUILD / "policy_check"), policy, *(given or "").split()]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.returncode, [line.split("\t", 1) for line in result.stdout.splitlines()]


def place(address: str) -> str:
    """The function and the line there, in the policy's own file if it called what is elsewhere."""
    program = shutil.which("addr2line") or shutil.which("llvm-addr2line")
    if program is None:
        return "in its file (addr2line, which would tell the line, is not here)"
    command = [program, "-f", "-i", "-e", str(project.BUILD / "policy_check"), address]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    places = list(zip(lines[::2], lines[1::2], strict=True))
    own = [each for each in places if "/policy/" in each[1]] or places
    function, line = own[0]
    at = line.split(" ", 1)[0]
    return f"in {function}, {at[at.find('mm/') :]}"


def broken(policy: str, given: str | None) -> str:
    """The rule that the policy breaks, in words; nothing if it breaks none."""
    status, told = check(policy, given)
    if status == 0:
        return ""
    said = dict(told)
    just_so = JUST_SO.get(said["rule"])
    lines = [
        f"policy {policy} breaks a rule, {place(said['place'])}",
        f"  due:      {said['rule']}",
        f"            (the rules: {CONTRACT})",
        f"  happened: {said['happened']}",
        f"  just so:  behaves a policy where {just_so}" if just_so else "  just so:  unknown",
        f"  see:      tools/check-policy {policy} --case '{said['case']}'",
    ]
    return "\n".join(lines)


def aloud(policy: str, given: str) -> str:
    """The case event by event, with the victims."""
    words = {"event": "  ", "victim": "        its victim: page "}
    _, told = check(policy, given)
    return "\n".join(words[key] + value for key, value in told if key in words)


def summary(policy: str, given: str | None) -> str:
    """How much was looked at, where all is well."""
    said = dict(check(policy, given)[1])
    text = f"{said['cases']} cases, {said['victims']} victims, no rule broken"
    if not given and policy in simulated():
        text += f"; {COMPARED} cases as docs/replacement.md has them"
    return text


# --- The victims ------------------------------------------------------------------------------


def output(program: str, words: Sequence[str], text: str) -> list[str]:
    command = [str(project.BUILD / program), *words]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout.splitlines()


@cache
def simulated() -> list[str]:
    return output("policysim", ["--list"], "")


def cases(policy: str) -> list[str]:
    """Short strings first."""
    dice = random.Random(7)
    made = []
    for number in range(COMPARED):
        frames = dice.randint(1, 2 + number // 40)
        pages = frames + dice.randint(1, 4)
        length = 4 + number // 4
        words = " ".join(f"{int(pages * dice.random() ** 2)}{dice.choice('rw')}" for _ in range(length))
        exact = 1 if policy == "lru" else dice.randint(0, 1)
        made.append(f"{frames} {exact} {dice.choice([0, 1, 2, 5])} {words}".replace("w", ""))
    return made


def other_victim(policy: str) -> str:
    """The first case in which the policy names another victim than the simulator; nothing if none."""
    known = simulated()
    if policy not in known:
        return ""
    strings = cases(policy)
    text = "".join(f"{policy} {each}\n" for each in strings)
    here, there = output("policy_run", [], text), output("policysim", ["--batch"], text)
    for string, ours, due in zip(strings, here, there, strict=True):
        if ours != due:
            return differs(policy, string, ours, due, known)
    return ""


def differs(policy: str, string: str, ours: str, due: str, known: list[str]) -> str:
    """Where the victims differ, and whose they are."""
    numbers = [line.split(" faults ")[0].split() for line in (ours, due)]
    first = next((i for i, (a, b) in enumerate(zip(*numbers, strict=False)) if a != b), min(map(len, numbers)))
    others = [name for name in known if name not in (policy, "opt", "random")]
    text = "".join(f"{name} {string}\n" for name in others)
    same = [name for name, line in zip(others, output("policysim", ["--batch"], text), strict=True) if line == ours]

    def victim(which: list[str]) -> str:
        return f"page {which[first]}" if first < len(which) else "none"

    lines = [
        f"policy {policy} names another victim than docs/replacement.md",
        f"  due:      victim {first + 1} is {victim(numbers[1])}",
        f"  happened: it is {victim(numbers[0])}",
        f"  just so:  behaves {same[0]}, in this case" if same else "  just so:  unknown",
        f"  see:      tools/check-policy {policy} --case '{string}'",
    ]
    return "\n".join(lines)
