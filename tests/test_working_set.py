"""Working sets: the textbook's example in references, and by sampling within a tenth."""

import csv
import io
import re

import pytest

WINDOW = 100.0  # ms; demo-ws sets it, and each of its phases is four windows long


def sets(text):
    """t -> the working set that demo-ws printed."""
    return {
        int(t): {int(page) for page in pages.split(",")}
        for t, pages in re.findall(r"t = *(\d+) .*\{([\d,]+)\}", text)
    }


def test_the_textbooks_example(boot):
    """At t1 and t2, and at every other time: the pages among the last ten references."""
    result = boot("--ram", "64M", "--", "demo-ws")
    assert result.status == 0 and "NOT SO" not in result.text, result.report()
    told = sets(result.text)
    assert told[10] == {1, 2, 5, 6, 7} and told[26] == {3, 4}
    string = [int(page) for page in re.findall(r"t = *\d+  page (\d)", result.text)]
    for t, working_set in told.items():
        assert working_set == set(string[max(0, t - 10) : t])


def phases(text: str) -> list[tuple[int, list[tuple[float, int]]]]:
    """Runs of samples with the same known set: (known, [(time, sampled)])."""
    found: list[tuple[int, list[tuple[float, int]]]] = []
    for row in csv.DictReader(io.StringIO(text)):
        known, time, size = int(row["known"]), float(row["time_ms"]), int(row["working_set"])
        if not found or found[-1][0] != known:
            found.append((known, []))
        found[-1][1].append((time, size))
    return found


SIZES = [
    ["16", "2000", "16", "64", "250", "1000"],
    ["2000", "1999", "500", "30", "20", "16"],
    ["1200", "24", "1500", "100", "99", "2000"],
]


@pytest.mark.parametrize("sizes", SIZES, ids=" ".join)
@pytest.mark.parametrize("policy", ["clock", "aging"])
def test_sampled_sets_are_within_a_tenth_after_two_windows(boot, sizes, policy):
    words = ("--ram", "64M", "--policy", policy)
    result = boot(*words, "--", "demo-ws", "--csv", *sizes)
    assert result.status == 0, result.report()
    found = phases(result.text)
    assert len(found) == len(sizes)
    for known, samples in found:
        begin = samples[0][0] - WINDOW / 8
        settled = [size for time, size in samples if time > begin + 2 * WINDOW]
        assert len(settled) >= 8
        assert all(abs(size - known) * 10 <= known for size in settled), (known, samples)


def test_a_set_larger_than_memory_is_counted_whole(boot):
    """The name of an evicted page keeps its age: what is wanted and not there counts."""
    script = (
        "mkdir /sys/fs/cgroup/g; echo $((900 * 4096)) > /sys/fs/cgroup/g/memory.max; "
        "echo 0 > /sys/fs/cgroup/g/cgroup.procs; exec demo-ws --csv 1000"
    )
    result = boot("--ram", "64M", "--swap", "32M", "--", "sh", "-c", script)
    assert result.status == 0, result.report()
    [(known, samples)] = phases(result.text)
    assert all(abs(size - known) * 10 <= known for _, size in samples[16:]), samples
