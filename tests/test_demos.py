"""Every demonstration holds what it says, whatever the environment of the program is.

What a program finds on its stack decides where a page of it begins; what is shown must not
depend on that. A few sizes at each commit, all with FAULTLINE_LONG=1.
"""

import pytest
from support import ROOT, in_turn

ELSEWHERE = {"demo-thrash", "demo-alloc"}  # long; tests of their own
DEMOS = sorted(path.stem for path in (ROOT / "user").glob("demo-*.c") if path.stem not in ELSEWHERE)
SIZES = (0, 700, 1500, 2300, 3100)
ALL = """for size in $SIZES; do
    E=$(printf "%0${size}d" 0) "$0" >/tmp/said || { echo "with $size:"; cat /tmp/said; }
done"""


@pytest.mark.parametrize("demo", DEMOS)
def test_what_it_says_holds(boot, demo):
    sizes = " ".join(map(str, in_turn(SIZES, 2)))
    result = boot("--ram", "64M", "--swap", "32M", "--", "sh", "-c", f"SIZES='{sizes}'; {ALL}", demo)
    assert result.text == ""
    assert result.status == 0
