"""stress-ng's stressors of memory and processes, one after the other in one boot: each verifies
what it did, and the audit finds nothing after it. At every other commit with so little memory that they
swap; with FAULTLINE_LONG=1 in both ways."""

import re

import pytest
from support import in_turn

# Each does a fixed number of operations. What it allocates does not all fit in SMALL.
STRESSORS = {
    "vm": "--vm-bytes 24m --vm-ops 60",
    "mmap": "--mmap-bytes 2m --mmap-ops 3",
    "mmapfork": "--mmapfork-ops 2",
    "munmap": "--munmap-ops 20",
    "mremap": "--mremap-bytes 4m --mremap-ops 4",
    "brk": "--brk-ops 5000",
    "stack": "--stack-ops 5",
    "fork": "--fork-ops 100",
    "vfork": "--vfork-ops 100",
    "clone": "--clone-ops 50",
    "shm": "--shm-bytes 4m --shm-objs 4 --shm-ops 4",
    "shm-sysv": "--shm-sysv-bytes 1m --shm-sysv-segs 4 --shm-sysv-ops 4",
    "memfd": "--memfd-bytes 8m --memfd-fds 16 --memfd-ops 10",
    "madvise": "--madvise-ops 1",
    "mincore": "--mincore-ops 20",
    "mlock": "--mlock-ops 200",
    "mprotect": "--mprotect-ops 200",
    "msync": "--msync-bytes 1m --msync-ops 20",
    "pthread": "--pthread-ops 100",
    "futex": "--futex-ops 200",
}
LARGE = ("--ram", "256M", "--swap", "256M")
SMALL = ("--ram", "40M", "--swap", "256M")

RUN = r"""
ulimit -l 256 # mlock's table of what it has locked grows with the limit
for words in "$@"; do
    name=${words%% *}
    stress-ng --$name 1 ${words#* } --verify > /tmp/said 2>&1
    echo "$name: status $?, audit: $(cat /proc/audit)"
    grep -E ': (fail|error):' /tmp/said | grep -v /sys/devices/system/cpu
done
grep -E '^(pswpin|pswpout|oom_kill) ' /proc/vmstat
"""


@pytest.mark.parametrize("memory", in_turn((LARGE, SMALL), 2), ids=" ".join)
def test_stressors(boot, memory):
    lists = [f"{name} {options}" for name, options in STRESSORS.items()]
    command = ["sh", "-c", RUN, "sh", *lists]
    result = boot(*memory, "--package", "stress-ng", "--", *command)
    lines = [line for line in result.text.splitlines() if not re.match(r"(pswp|oom_)", line)]
    assert lines == [f"{name}: status 0, audit: 0 broken" for name in STRESSORS]
    counts = dict(re.findall(r"^(pswpin|pswpout|oom_kill) (\d+)$", result.text, re.MULTILINE))
    if memory is SMALL:
        assert int(counts["pswpin"]) > 1000 and int(counts["pswpout"]) > 1000
