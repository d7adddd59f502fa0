"""Real programs out of Debian's packages give what they give on this machine, byte for byte."""

import subprocess

import pytest
from bank import BANK, INPUTS

# The audit is silent unless something is broken.
AUDITED = '"$0" "$@"; status=$?; grep -v "^0 broken" /proc/audit; exit $status'
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/root", "LC_ALL": "C"}


def on_this_machine(program) -> subprocess.CompletedProcess:
    with open(INPUTS / program.stdin if program.stdin else "/dev/null", "rb") as stdin:
        return subprocess.run(
            program.command,
            stdin=stdin,
            capture_output=True,
            env=ENVIRONMENT,
            timeout=120,
            check=False,
        )


@pytest.mark.parametrize("program", BANK, ids=lambda program: program.name)
def test_output(boot, program):
    expected = on_this_machine(program)
    options = ["--ram", program.ram, "--swap", program.swap, "--param", "junk=1"]
    options += [word for name in program.packages for word in ("--package", name)]
    if program.stdin:
        options += ["--stdin", str(INPUTS / program.stdin)]
    result = boot(*options, "--", "sh", "-c", AUDITED, *program.command, timeout=300)
    assert result.stdout == expected.stdout
    assert result.status == expected.returncode


def test_every_program_says_something():
    """What is compared is worth comparing."""
    for program in BANK:
        assert len(on_this_machine(program).stdout) > 150, program.name
