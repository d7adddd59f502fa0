"""How the TAP programs of user/tests are run in the machine, and what is wrong with how it went."""

from __future__ import annotations

import re

from support import ROOT, Result

PROGRAMS = sorted(
    path.stem
    for path in (ROOT / "user/tests").glob("*.c")
    if '"user/lib/tap.h"' in path.read_text("utf-8")
)

AUDITED = 'cd /tmp; "$0"; status=$?; cat /proc/audit; exit $status'
# An audit is one long step of the kernel's that nobody's time includes: rarer, where time is claimed.
AUDIT_EVERY = {"fair-share": 20000}


def words(program: str, *options: str, job: str = AUDITED) -> list[str]:
    """For tools/boot: the program in /tmp, under audit, with another audit after it."""
    audit = AUDIT_EVERY.get(program, 1000)
    checks = ("--param", f"audit={audit}", "--param", "junk=1")
    return [*options, *checks, "--", "sh", "-c", job, f"/test/{program}"]


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


def complaints(result: Result) -> list[str]:
    """What is wrong with how such a boot went, the kernel's own words first."""
    wrong = [line for line in result.stderr.splitlines() if "panic" in line]
    wrong += failures(result.text)
    if result.status:
        wrong.append(f"status {result.status}")
    if not result.text.endswith("\n0 broken\n"):
        wrong.append(f"the audit after the test: {result.text[-80:]!r}")
    return wrong
