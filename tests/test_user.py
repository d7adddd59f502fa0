"""Every TAP program of user/tests, in little memory; again with a slow disk and every copy from and
to user memory asleep; and again where pages have to go."""

import os
import re

import pytest
from support import ROOT

PROGRAMS = sorted(
    path.stem
    for path in (ROOT / "user/tests").glob("*.c")
    if '"user/lib/tap.h"' in path.read_text("utf-8")
)

AUDITED = 'cd /tmp; "$0"; status=$?; cat /proc/audit; exit $status'


def failures(text: str) -> list[str]:
    """What is wrong with a TAP text: failed claims, a missing or wrong plan."""
    claims = re.findall(r"^(ok|not ok)\b(.*)$", text, re.MULTILINE)
    wrong = [rest for verdict, rest in claims if verdict == "not ok"]
    plan = re.search(r"^1\.\.(\d+)", text, re.MULTILINE)
    if not plan:
        wrong.append("no plan: the program did not get to its end")
    elif int(plan.group(1)) != len(claims):
        wrong.append(f"{len(claims)} claims, but a plan of {plan.group(1)}")
    if "Bail out!" in text:
        wrong.append(text[text.index("Bail out!") :].splitlines()[0])
    return wrong


SEEDS = ("1", "2", "3") if os.environ.get("FAULTLINE_LONG") else ("1",)
SCARCE = ("--ram", "20M", "--swap", "128M", "--swap-latency", "100", "--alloc", "working-set")


def run(boot, program: str, *options: str, job: str = AUDITED) -> None:
    audit = ("--param", "audit=1000", "--param", "junk=1")
    result = boot(*options, *audit, "--", "sh", "-c", job, f"/test/{program}")
    assert failures(result.text) == []
    assert result.status == 0
    assert result.text.endswith("\n0 broken\n"), "the audit after the test"


@pytest.mark.parametrize("program", PROGRAMS)
def test_program(boot, program):
    run(boot, program, "--ram", "64M")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_every_copy_sleeps(boot, program, seed):
    slow = ("--image-latency", "50", "--param", f"copy_sleep={seed}")
    run(boot, program, "--ram", "64M", *slow)


@pytest.mark.parametrize("program", PROGRAMS)
def test_pages_go(boot, program):
    """What counts frames or faults is skipped, and nothing else."""
    run(boot, program, *SCARCE, job=f"export TAP_SCARCE=1; {AUDITED}")


def test_there_are_programs():
    assert PROGRAMS
