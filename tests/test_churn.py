"""Ten thousand processes come and go; every frame comes back."""

import re

AUDITED = '"$0" "$@"; status=$?; cat /proc/audit; exit $status'


def test_ten_thousand_rounds(boot):
    job = ("sh", "-c", AUDITED, "/test/churn", "10000")
    result = boot("--ram", "64M", "--", *job)
    assert result.status == 0 and result.text.endswith("\n0 broken\n")
    free = re.findall(r"free after \d+ rounds: (\d+) kB", result.text)
    assert len(free) == 2 and free[0] == free[1]


def test_audited_rounds(boot):
    """Fewer rounds, with every invariant recomputed every hundred faults."""
    options = ("--param", "audit=100", "--param", "junk=1")
    result = boot(*options, "--", "/test/churn", "100")
    assert result.status == 0
    free = re.findall(r"free after \d+ rounds: (\d+) kB", result.text)
    assert len(free) == 2 and free[0] == free[1]
