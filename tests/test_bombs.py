"""Programs that take all they can get of one thing, each beside one that computes, in 64 MiB:
it comes to its right result, programs run afterwards, and frames are free as before.

Half of the kinds meet one sort of memory, another one with each commit; each meets all with FAULTLINE_LONG=1."""

import re

import pytest
from support import LONG, commits
from user_programs import failures

KINDS = {
    "forks": "fork-waiting fork-touching fork-zombies",
    "programs": "fork-exec exec-large exec-orphans",
    "families": "exec-generations exec-onwards exec-endless exec-laden",
    "endless": "fork-endless fork-stubborn shell",
    "threads": "threads threads-forked",
    "regions": "regions regions-forked tables pages",
    "segments": "segments segments-orphaned segments-small",
    "files": "file-large files-small file-mapped memfds",
    "names": "directories directories-deep links",
    "pipes": "pipes sockets",
    "left": "groups groups-left everything-left",
    "objects": "events epolls timers signals locks",
    "storms": "timer-storm timer-storms",
}
MEMORY = {
    "no swap": (),
    "swap": ("--swap", "32M"),
    "large swap": ("--swap", "128M"),
    "local": ("--swap", "32M", "--alloc", "working-set"),
}
TURN = commits()
PAIRS = [
    (kinds, memory)
    for i, kinds in enumerate(KINDS)
    for j, memory in enumerate(MEMORY)
    if LONG or (TURN + i + j) % (2 * len(MEMORY)) == 0
]
# Of one program each, however many processes and threads: the bystander has half of the time.
BUSY = "fork-endless fork-stubborn shell threads threads-forked timer-storm"
RUN = 'bomb "$@"; status=$?; cat /proc/audit; exit $status'


def held(result) -> None:
    assert failures(result.text) == []
    assert result.text.endswith("\n0 broken\n")
    assert result.status == 0


@pytest.mark.parametrize("kinds, memory", PAIRS)
def test_the_bystander_is_not_the_one(boot, kinds, memory):
    job = ("sh", "-c", RUN, "sh", *KINDS[kinds].split())
    held(boot("--ram", "64M", *MEMORY[memory], "--", *job))


def test_who_forks_without_end_is_refused(boot):
    job = ("sh", "-c", f"echo 60 > /proc/sys/kernel/threads-max; {RUN}", "sh", *BUSY.split())
    held(boot("--ram", "64M", "--", *job))


def test_the_processor_goes_by_programs(boot):
    """The same work takes a little more than twice as long beside one other program."""
    result = boot("--ram", "64M", "--", "sh", "-c", RUN, "sh", *BUSY.split())
    held(result)
    times = re.findall(r"^# (\S+): \d+ rounds in (\d+) ms$", result.text, re.MULTILINE)
    for kind in BUSY.split():
        beside, alone = (int(ms) for name, ms in times if name == kind)
        assert beside <= 2.5 * alone, f"{kind}: {beside} ms, and {alone} ms alone"


SETTINGS = """
cd /proc/sys
for name in kernel/threads-max kernel/pid_max vm/max_map_count kernel/shmall; do
    echo $name $(cat $name)
done
echo 30 > kernel/threads-max; cat kernel/threads-max
echo 5 > kernel/threads-max 2> /dev/null || echo refused
echo 400 > kernel/pid_max
n=0; while [ $n -lt 400 ]; do true & wait $!; [ $! -lt 400 ] || echo $!; n=$((n + 1)); done
"""


def test_limits_follow_memory_and_can_be_set(boot):
    small = boot("--ram", "20M", "--", "sh", "-c", SETTINGS)
    large = boot("--ram", "256M", "--", "sh", "-c", SETTINGS)
    for result in (small, large):
        assert result.text.endswith("30\nrefused\n")
    numbers = [dict(re.findall(r"^(\S+) (\d+)$", r.text, re.MULTILINE)) for r in (small, large)]
    for name in ("kernel/threads-max", "vm/max_map_count", "kernel/shmall"):
        assert int(numbers[0][name]) < int(numbers[1][name])
