"""The same static program prints the same on this machine's Linux and here.

The TAP programs of user/tests claim what Linux does: here each of them runs on both, and what
both claim is compared, line by line. Some claims are only made on one side, because only one
tells or promises it; there are few of them.
"""

import os
import re
import signal
import subprocess
import tempfile
from functools import cache

import pytest
from support import BUILD, LAST_RESORT, in_turn
from user_programs import AUDIT_EVERY, PROGRAMS

# Not about Linux: machinery of our own.
OURS = ("exact", "fault-cost", "group-turns", "limit-watch", "run-wired")
TRIES = (60, 120, 300, 600, LAST_RESORT)  # seconds each; two at most are enough on an idle machine
FEWEST = 300  # claims about memory, processes and signals

CALLS = {
    "memory": "advice brk cow lazy madvise mmap mmap-file mprotect mremap munmap proc-memory shm "
    "stack zero",
    "processes": "exec fork futex threads threads-end threads-memory wait",
    "signals": "events segv signal signal-state signal-wait timers",
}
ALL = """
cd /tmp
for name in "$@"; do echo "program $name"; /test/$name < /dev/null; done
echo "program audit"; cat /proc/audit
"""


def claims(text: str) -> list[str]:
    """What was claimed, and whether it held; without the numbers, for some are skipped."""
    found = re.findall(r"^(ok|not ok) \d+ - (.*)$", text, re.MULTILINE)
    return [f"{verdict} {claim}" for verdict, claim in found if "# SKIP" not in claim]


ALWAYS = " ".join(CALLS.values()).split()
# Those, and half of the others with each commit.
NAMES = ALWAYS + in_turn([name for name in PROGRAMS if name not in ALWAYS and not name.startswith(OURS)], 2)


@pytest.fixture(scope="module")
def here() -> dict[str, str]:
    """What each program prints in one boot, under audit."""
    from support import run_boot

    checks = ("--param", f"audit={max(AUDIT_EVERY.values())}", "--param", "junk=1")
    result = run_boot("--ram", "64M", *checks, "--", "sh", "-c", ALL, "sh", *NAMES)
    assert result.text.endswith("\nprogram audit\n0 broken\n"), result.report()[-3000:]
    parts = re.split(r"^program (\S+)\n", result.text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@cache
def on_linux(name: str) -> str:
    """What it prints there. Real time passes there: when the machine is busy, what was to be over
    after a moment may not be, or is waited for in vain, and is looked at again. What is wrong stays
    wrong."""
    for seconds in TRIES:
        text = run_on_linux(name, seconds)
        if not any(claim.startswith("not") for claim in claims(text)):
            break
    return text


def run_on_linux(name: str, seconds: int) -> str:
    """In a folder of its own: what it leaves, when it is killed, is in nobody's way. What started
    the tests may have had signals ignored: here none is."""
    program = BUILD / "user/test" / name
    with tempfile.TemporaryDirectory(prefix="faultline-test-") as folder:
        running = subprocess.Popen(
            ["env", "--default-signal", program.resolve()],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            cwd=folder,
            start_new_session=True,
        )
        try:
            text, _ = running.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            text, _ = running.communicate()
            text += f"\nnot ok 0 - it ends within {seconds} s\n".encode()
    return text.decode("utf-8", "replace")


def shared(ours: list[str], theirs: list[str]) -> list[str]:
    """What both sides printed, in our order."""
    return [line for line in ours if line in set(theirs)]


@pytest.mark.parametrize("name", NAMES)
def test_same_claims_hold(here, name):
    ours, theirs = claims(here[name]), claims(on_linux(name))
    assert not [line for line in ours + theirs if line.startswith("not")]
    assert shared(ours, theirs) == shared(theirs, ours)
    assert len(shared(theirs, ours)) >= 0.9 * len(theirs)


def test_there_are_enough(here):
    both = [shared(claims(here[name]), claims(on_linux(name))) for name in ALWAYS]
    assert sum(map(len, both)) >= FEWEST
