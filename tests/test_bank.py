"""Real programs out of Debian's packages give what they give on this machine, byte for byte: half of them at
each commit, all with FAULTLINE_LONG=1."""

import subprocess
import tempfile

import pytest
from bank import BANK, INPUTS
from support import LAST_RESORT, in_turn

# The audit is silent unless something is broken.
AUDITED = 'cd /tmp; "$0" "$@"; status=$?; grep -v "^0 broken" /proc/audit; exit $status'
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/root", "LC_ALL": "C"}


def on_this_machine(program) -> subprocess.CompletedProcess:
    """In a folder of its own: what a run that was killed left behind is in nobody's way."""
    scratch = tempfile.TemporaryDirectory(prefix="faultline-test-")
    with scratch as folder, open(INPUTS / program.stdin if program.stdin else "/dev/null", "rb") as stdin:
        return subprocess.run(
            program.command,
            stdin=stdin,
            capture_output=True,
            env=ENVIRONMENT,
            cwd=folder,
            timeout=LAST_RESORT,
            check=False,
        )


@pytest.mark.parametrize("program", in_turn(BANK, 2), ids=lambda program: program.name)
def test_output(boot, program):
    expected = on_this_machine(program)
    options = ["--ram", program.ram, "--swap", program.swap, "--param", "junk=1"]
    options += [word for name in program.packages for word in ("--package", name)]
    if program.stdin:
        options += ["--stdin", str(INPUTS / program.stdin)]
    result = boot(*options, "--", "sh", "-c", AUDITED, *program.command)
    assert result.stdout == expected.stdout
    assert result.status == expected.returncode


def test_every_program_says_something():
    """What is compared is worth comparing."""
    for program in BANK:
        assert len(on_this_machine(program).stdout) > 150, program.name
