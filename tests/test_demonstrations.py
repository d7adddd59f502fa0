"""What the demonstrations of frames say is so: they check themselves, and exit with 1 if not."""

import csv
import io

import agreement
import pytest
from support import ROOT, in_turn

DEMONSTRATIONS = [
    (("--ram", "64M"), "demo-free"),
    (("--ram", "32M", "--swap", "64M", "--swap-latency", "200"), "demo-free"),
    (("--ram", "64M", "--swap", "16M", "--swap-latency", "8000"), "demo-eat"),
    (("--ram", "64M"), "demo-fork"),
]


@pytest.mark.parametrize("options, program", DEMONSTRATIONS)
def test_every_sentence_holds(boot, options, program):
    result = boot(*options, "--", program)
    assert result.status == 0 and "NOT SO" not in result.text, result.report()


# The machine of `make run`, where time is the host's; what waits for 16,384 disks is made shorter.
REAL_TIME = ("--realtime", "--cpus", "2", "--swap", "64M", "--swap-latency", "1000")
IN_REAL_TIME = [
    *(("demo-alloc",), ("demo-cow",), ("demo-eat",), ("demo-fork",), ("demo-fragment",), ("demo-free",)),
    *(("demo-ipc",), ("demo-lazy",), ("demo-matrix", "128"), ("demo-segv",), ("demo-share",), ("demo-thrash",)),
    *(("demo-race",), ("demo-shootdown",), ("demo-tlb",), ("demo-ws",)),
]


@pytest.mark.parametrize("words", in_turn(IN_REAL_TIME, 3), ids=lambda words: words[0])
def test_no_sentence_is_wrong_in_real_time(boot, words):
    """However busy the host is: what hangs on time is told as of this run, or not judged. A third of them at each
    commit."""
    result = boot(*REAL_TIME, "--", *words)
    assert result.status == 0 and "NOT SO" not in result.text, result.report()


def test_every_demonstration_is_tried_in_real_time():
    programs = {path.stem for path in (ROOT / "user").glob("demo-*")}
    assert programs == {words[0] for words in IN_REAL_TIME}


@pytest.mark.parametrize("words", in_turn(IN_REAL_TIME, 4), ids=lambda words: words[0])
def test_no_sentence_is_wrong_with_two_processors(boot, words):
    """Where time is counted all of it is judged."""
    machine = ("--ram", "16M") if words[0] == "demo-thrash" else ()
    result = boot(*machine, "--cpus", "2", "--swap", "64M", "--swap-latency", "1000", "--", *words)
    assert result.status == 0 and "NOT SO" not in result.text, result.report()


OTHERS = [("0", "fifo"), ("200", "clock"), ("200", "fifo")]


@pytest.mark.parametrize("latency, policy", [("0", "clock"), *in_turn(OTHERS, 3)])
def test_program_structure(boot, latency, policy):
    """The textbook's 128 x 128 array under fewer than 128 frames."""
    words = ("--swap", "16M", "--swap-latency", latency, "--policy", policy)
    asked = (latency, policy) == ("0", "clock")
    result = boot(*words, "--", "demo-matrix", "--csv", "8", "127", "128", witness=asked)
    rows = {int(row["frames"]): row for row in csv.DictReader(io.StringIO(result.text))}
    assert result.status == 0, result.report()
    assert {row["faults_by_rows"] for row in rows.values()} == {"128"}
    assert [rows[n]["faults_by_columns"] for n in (8, 127, 128)] == ["16384", "16384", "128"]
    if asked:
        assert agreement.by_instruction(result.seen)[:2] == [16384 + 16384 + 128, 3 * 128]


def test_access_time_is_the_formulas(boot):
    words = ("--ram", "64M", "--swap", "16M", "--swap-latency", "8000")
    result = boot(*words, "--", "demo-eat", "--csv", witness=True)
    rows = list(csv.DictReader(io.StringIO(result.text)))
    assert sum(int(row["faults"]) for row in rows) in agreement.by_instruction(result.seen)
    for row in rows:
        assert int(row["faults"]) * int(row["one_in"]) == int(row["references"])
        assert float(row["measured_ns"]) == pytest.approx(float(row["formula_ns"]), rel=0.05)


@pytest.mark.parametrize("seed", in_turn([1, 2, 3, 4, 5, 6], 2))
def test_who_is_told_stops(boot, seed):
    words = ("--cpus", "2", "--ram", "64M", "--interleave", str(seed))
    result = boot(*words, "--", "demo-shootdown")
    assert result.status == 0 and "has asked that processor" in result.text, result.report()
    assert "next read was refused" in result.text and "reads on" not in result.text, result.report()


@pytest.mark.parametrize("seed", in_turn([1, 2, 3, 4, 5, 6], 2))
def test_who_is_not_told_reads_what_is_anothers(boot, seed):
    words = ("--cpus", "2", "--ram", "64M", "--interleave", str(seed), "--param", "shootdown=0")
    result = boot(*words, "--", "demo-shootdown")
    assert result.status == 0 and "another process's: 0x7ec7e70000000042" in result.text, result.report()


def test_one_processor_has_nobody_to_tell(boot):
    result = boot("--", "demo-shootdown")
    assert result.status == 0 and "one processor here" in result.text, result.report()
