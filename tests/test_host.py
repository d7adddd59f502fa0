"""mm/ on this machine: unit tests, and the fuzzer's operations, under ASan and UBSan: a million with
FAULTLINE_LONG=1, else the first quarter of them."""

import re
import subprocess

import pytest
from support import BUILD, LAST_RESORT, LONG, ROOT

HOST = BUILD / "host"
OPERATIONS = "1000000" if LONG else "250000"
RUNS = {
    **{path.name: (path.name,) for path in sorted(HOST.glob("test_*")) if not path.suffix},
    "unit": ("unit",),
    "many operations": ("fuzz_vm", "--seed", "1", "--operations", OPERATIONS, "--frames", "1500"),
    "few frames": ("fuzz_vm", "--seed", "1", "--operations", "100000", "--frames", "400", "--quiet"),
    "guided by coverage": (
        *("fuzz_libfuzzer", "-seed=1", "-runs=10000"),
        *("-max_len=4096", "-len_control=0", "-verbosity=0"),
    ),
}


@pytest.mark.parametrize("name", RUNS)
def test_host(name):
    program, *arguments = RUNS[name]
    command = [str(HOST / program), *arguments]
    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=LAST_RESORT, check=False
    )
    text = result.stdout + result.stderr
    assert result.returncode == 0, text[-5000:]
    if program.startswith(("unit", "test_")):
        assert re.search(r"PASSED *\] [1-9]", text), text
