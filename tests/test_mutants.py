"""Breaking mm/ on purpose: every fourth of the mutants (all of them: `make mutants`)."""

import subprocess
import sys

from support import BUILD, LAST_RESORT, ROOT


def test_mutants_are_noticed():
    command = [sys.executable, ROOT / "tests/host/mutants.py", "--build", BUILD, "--every", "4"]
    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=LAST_RESORT, check=False
    )
    assert result.returncode == 0, (result.stdout + result.stderr)[-8000:]
