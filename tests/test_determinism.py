"""The same input gives the same bytes, the same faults and the same virtual time."""

from concurrent.futures import ThreadPoolExecutor

import pytest

WORK = """
seq 1 300 | sort -r | md5sum
for i in 1 2 3 4 5; do (echo $i; cat /proc/self/stat) & done; wait
cat /proc/uptime /proc/vmstat /proc/self/maps /proc/meminfo /proc/stat
sleep 3; head -c 16 /dev/urandom | od; date; cat /proc/uptime
ps
"""


@pytest.mark.parametrize("options", [(), ("--image-latency", "50"), ("--ram", "32M")])
def test_twice_the_same(boot, options):
    first = boot(*options, "--", "sh", "-c", WORK)
    second = boot(*options, "--", "sh", "-c", WORK)
    assert first.status == second.status == 0
    assert first.stdout == second.stdout
    assert first.stderr == second.stderr
    assert len(first.stdout) > 1000


def test_faults_twice_the_same(boot):
    runs = [boot("--", "faults", "/bin/one-fault") for _ in range(2)]
    assert runs[0].stdout == runs[1].stdout and runs[0].stdout


def test_idling_takes_the_same_time_on_a_busy_host(boot):
    """Four machines on two processors: QEMU's threads meet in all orders, 30,000 times each."""
    with ThreadPoolExecutor(max_workers=4) as pool:
        runs = list(pool.map(lambda _: boot("--", "/test/doze", "30000"), range(8)))
    assert {run.status for run in runs} == {0}
    assert len({run.text for run in runs}) == 1
