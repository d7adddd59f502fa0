"""What the calls about memory answer over odd, huge and wrapping ranges: as the host's Linux does.

user/tests/try-call.c makes each call in a process of its own, on both.
"""

import subprocess

import pytest
from support import BUILD, run_boot

CALLS = {  # number, and what may follow address and length
    "mprotect": (10, ["1", "0", "8"]),
    "munmap": (11, [""]),
    "msync": (26, ["0", "4", "2", "16"]),
    "mincore": (27, ["@zeroes"]),
    "madvise": (28, ["3", "0", "99"]),
    "mlock": (149, [""]),
    "munlock": (150, [""]),
    "mlock2": (325, ["0", "1", "4"]),
    "mmap": (9, ["3 0x22 -1 0", "3 0x2 @file 0", "3 0x32 -1 0"]),
    "mremap": (25, [f"{new} {how} 0x20000000" for new in ("0", "1", "8192", "-1") for how in (0, 1, 3)]),
}
# Every number as C reads it. Nothing is mapped at 0x10000000; what is below 64 KiB is ours to refuse.
ADDRESSES = "0x10000000 0x10000001 @page @none 0x7ffffffff000 0x800000000000 0xffffffff80000000 -4096"
LENGTHS = (
    "0 1 4095 4096 4097 8193 0x7fffffffffff 0x800000000000 0x7fffffffffffffff 0x8000000000000000 "
    "-8192 -4096 -4095 -1"
)
FILE_OFFSETS = "1 4095 4096 -4096 -1 0x7ffffffffffff000 0x8000000000000000"


def lines(call: str) -> list[str]:
    number, rest = CALLS[call]
    ranges = [f"{at} {length}" for at in ADDRESSES.split() for length in LENGTHS.split()]
    made = [f"{number} {one} {more}" for one in ranges for more in rest]
    if call == "mmap":
        made += [f"9 0 {length} 1 2 @file {at}" for at in FILE_OFFSETS.split() for length in LENGTHS.split()]
    return made


@pytest.fixture(scope="module")
def here(tmp_path_factory) -> dict[str, list[str]]:
    """The answers of one boot."""
    feed = tmp_path_factory.mktemp("odd") / "calls"
    feed.write_text("".join(line + "\n" for call in CALLS for line in lines(call)), "utf-8")
    answers = run_boot("--ram", "64M", "--stdin", str(feed), "--", "/test/try-call").text.splitlines()
    cut, found = 0, {}
    for call in CALLS:
        found[call] = answers[cut : cut + len(lines(call))]
        cut += len(lines(call))
    assert cut == len(answers)
    return found


@pytest.mark.parametrize("call", CALLS)
def test_as_linux(here, call):
    feed = "".join(line + "\n" for line in lines(call))
    ended = subprocess.run(
        [BUILD / "user/test/try-call"], input=feed, capture_output=True, text=True, check=True
    )
    theirs = ended.stdout.splitlines()
    assert len(theirs) == len(here[call])
    wrong = [
        f"{line}: here {ours}, Linux {answer}"
        for line, ours, answer in zip(lines(call), here[call], theirs, strict=True)
        if ours != answer
    ]
    assert wrong == []
