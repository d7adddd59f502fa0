"""Ten thousand processes come and go; every frame comes back."""

import re


def test_ten_thousand_rounds(boot):
    words = ("--ram", "64M", "--", "/test/churn", "10000")
    result = boot(*words, timeout=600)
    assert result.status == 0
    free = re.findall(r"free after \d+ rounds: (\d+) kB", result.text)
    assert len(free) == 2 and free[0] == free[1]


def test_audited_rounds(boot):
    """Fewer rounds, with every invariant recomputed every hundred faults."""
    result = boot("--param", "audit=100", "--param", "junk=1", "--", "/test/churn", "100", timeout=300)
    assert result.status == 0
    free = re.findall(r"free after \d+ rounds: (\d+) kB", result.text)
    assert len(free) == 2 and free[0] == free[1]
