"""Breaking the kernel on purpose: a part of the mutants, another one with each commit (all of
them: `make mutants`). What is known of them already is not tried again."""

import subprocess
import sys

from support import LAST_RESORT, ROOT

PARTS = 12


def part() -> int:
    """Whose turn it is: the number of commits so far; without git, the first's."""
    command = ["git", "rev-list", "--count", "HEAD"]
    count = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return int(count or 0) % PARTS


def test_a_part_of_the_mutants_is_noticed():
    command = [sys.executable, ROOT / "tests/all_mutants.py", "--part", f"{part()}/{PARTS}"]
    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=LAST_RESORT, check=False
    )
    print(result.stdout)
    assert result.returncode == 0, (result.stdout + result.stderr)[-8000:]
