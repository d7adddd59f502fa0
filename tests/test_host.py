"""mm/ on this machine: unit tests, and the fuzzer's operations, under ASan and UBSan: with one processor a million
with FAULTLINE_LONG=1, else the first quarter of them; with four a million, and ten with FAULTLINE_LONG=1."""

import re
import subprocess
import sys

import pytest
from support import BUILD, LAST_RESORT, LONG, ROOT

sys.path.insert(0, str(ROOT / "tests/host"))

from mutants import several_complain  # noqa: E402  (tests/host/mutants.py)
from mutations import CLASSIC  # noqa: E402

HOST = BUILD / "host"
OPERATIONS = "1000000" if LONG else "250000"
PROCESSORS = ("--processors", "4", "--quiet")
SEEDS = range(1, 11 if LONG else 2)  # a million operations each
GUIDED = ("-max_len=4096", "-len_control=0", "-verbosity=0")
RUNS = {
    **{path.name: (path.name,) for path in sorted(HOST.glob("test_*")) if not path.suffix},
    "unit": ("unit",),
    "many operations": ("fuzz_vm", "--seed", "1", "--operations", OPERATIONS, "--frames", "1500"),
    "few frames": ("fuzz_vm", "--seed", "1", "--operations", "100000", "--frames", "400", "--quiet"),
    **{
        f"processors, seed {seed}": ("fuzz_vm", "--seed", f"{seed}", "--operations", "1000000", *PROCESSORS)
        for seed in SEEDS
    },
    "processors, few frames": (
        *("fuzz_vm", "--seed", "1", "--operations", "100000", "--frames", "400", "--slots", "150", *PROCESSORS),
    ),
    "processors, no slots": (
        *("fuzz_vm", "--seed", "1", "--operations", "100000", "--frames", "1500", "--slots", "0", *PROCESSORS),
    ),
    "guided by coverage": ("fuzz_libfuzzer", "-seed=1", "-runs=10000", *GUIDED),
    "guided, processors": ("fuzz_libfuzzer_several", "-seed=1", "-runs=10000", *GUIDED),
}


@pytest.mark.parametrize("mutation", CLASSIC, ids=lambda mutation: mutation.what)
def test_what_is_got_wrong_is_found(mutation):
    """With several processors, in 200,000 operations, or its tests: each way in which a shootdown is got wrong."""
    assert several_complain(mutation, ROOT, HOST) is not None


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
