"""Every TAP program of user/tests, in little memory; and again with a slow disk."""

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


@pytest.mark.parametrize("latency", ["0", "50"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_program(boot, program, latency):
    options = ("--ram", "64M", "--image-latency", latency, "--param", "audit=1000")
    job = ("sh", "-c", AUDITED, f"/test/{program}")
    result = boot(*options, "--param", "junk=1", "--", *job)
    assert failures(result.text) == []
    assert result.status == 0
    assert result.text.endswith("\n0 broken\n"), "the audit after the test"


def test_there_are_programs():
    assert PROGRAMS
