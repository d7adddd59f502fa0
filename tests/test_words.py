"""What is said is true, also where it is not usually said: no alarm without its cause, no figure
that time cannot give, and whoever lacks something says what."""

import re

import agreement
import pytest
from support import find, in_turn

DISK = ("--swap", "64M", "--swap-latency", "1000")


@pytest.mark.parametrize(
    "machine",
    in_turn([DISK, ("--ram", "24M", "--swap", "16M", "--swap-latency", "8000"), ("--ram", "20M", *DISK)], 3),
)
def test_no_alarm_for_who_faults_by_a_limit_of_its_own(boot, machine):
    """demo-eat first fills memory, so that the device writes and nobody faults, and then faults in a
    group of eight frames, beside a process whose wired pages compete with nobody."""
    result = boot(*machine, "--", "demo-eat")
    assert result.status == 0 and "thrashing" not in result.stderr, result.report()


def test_no_alarm_for_who_only_writes(boot):
    """Memory is filled once, far beyond what there is: all is written, and nothing read."""
    fill = "dd if=/dev/zero of=/tmp/fill bs=1M count=40 2> /dev/null; ls -l /tmp/fill | wc -l"
    result = boot("--ram", "32M", "--swap", "64M", "--swap-latency", "2000", "--", "sh", "-c", fill)
    assert result.text == "1\n" and "thrashing" not in result.stderr, result.report()


@pytest.mark.parametrize("program", in_turn(("demo-eat", "demo-fork", "demo-free"), 3))
def test_in_the_hosts_time(boot, program):
    """No difference of two times is told for true that is less than the host's time varies by."""
    result = boot("--realtime", *DISK, "--", program)
    assert result.status == 0, result.report()
    assert not re.search(r": -\d", result.text) and "NOT SO" not in result.text


def test_whoever_waits_in_the_hosts_time_is_told(boot):
    result = boot("--realtime", *DISK, "--", "demo-matrix", "127")
    assert re.search(r"^ +127 frames: 16384 faults by columns will take \d+ s or more", result.text, re.M)
    assert result.status == 0


NEEDS = {
    "demo-eat": "swap area: tools/boot --swap 16M",
    "demo-matrix": "swap area: tools/boot --swap 16M",
    "demo-alloc": "no swap area",
    "demo-free": "--swap 64M",
    "demo-thrash": "--swap 64M",
    "refstring --frames 3 7 0 1 2": "there is no swap area (tools/boot --swap 16M)",
}


@pytest.mark.parametrize("command", NEEDS)
def test_without_a_swap_area(boot, command):
    """Whoever needs one says so; nobody is killed for it."""
    result = boot("--ram", "32M", "--", *command.split())
    assert NEEDS[command] in result.text + result.stderr, result.report()
    assert "out of memory" not in result.stderr and "No error" not in result.text
    assert result.status < 128


@pytest.mark.parametrize("words", ["--frames 3 7r 0r 1r 2r", "--frames 4 7 0 1 2"])
def test_a_string_that_needs_no_swap_area(boot, words):
    """Pages that were only read go without being written; or there are frames for all."""
    result = boot("--ram", "32M", "--", "refstring", *words.split(), witness=True)
    assert result.status == 0 and "faults 4" in result.text, result.report()
    assert len(agreement.of_a_region(result.seen, 4)) == 4


def test_a_fork_that_does_not_fit(boot):
    result = boot("--ram", "20M", "--", "demo-fork")
    assert result.status == 0 and "There is no memory for more" in result.text, result.report()
    assert "out of memory" not in result.stderr


# --- faults ---------------------------------------------------------------------------------------

FORKS = "ls /bin > /dev/null; one-fault | cat; :"


def test_faults_says_which_were_major(boot):
    result = boot("--ram", "32M", "--", "faults", "one-fault", witness=True)
    assert len(agreement.of_who_enters(result.seen, 0x401000)) == 4
    told = re.findall(r"\((major, )?\d+ instructions\)", result.text)
    assert [bool(major) for major in told] == [True, True, False, False]
    assert re.search(r"^ +1 +1 +copy ", result.text, re.M) and "4  in all, 2 of them major" in result.text


def test_faults_says_who_was_not_followed(boot):
    alone = boot("--ram", "32M", "--", "faults", "sh", "-c", FORKS).text
    assert alone.endswith("\n3 children were not followed: faults -f\n")
    assert "not followed" not in boot("--ram", "32M", "--", "faults", "one-fault").text
    one = boot("--ram", "32M", "--", "faults", "--summary", "sh", "-c", "one-fault; :").text
    assert one.endswith("\n1 child was not followed: faults -f\n")


def test_faults_follows_children(boot):
    result = boot("--ram", "32M", "--", "faults", "-f", "sh", "-c", FORKS, witness=True)
    assert result.status == 0 and "not followed" not in result.text
    numbers = [int(n) for n in re.findall(r"^ *(\d+)  \[\d+\] ", result.text, re.M)]
    assert numbers == list(range(1, len(numbers) + 1))
    processes = set(re.findall(r"^ *\d+  \[(\d+)\] ", result.text, re.M))
    assert len(processes) == 4
    assert len(re.findall(r"code of one-fault", result.text)) == 1
    assert f"{len(numbers)}  in all" in result.text
    assert not agreement.unseen(result.text, result.seen)


def test_faults_waits_for_the_last_one(boot):
    """The program ends, and its child goes on."""
    script = "(sleep 1; one-fault) & exit 7"
    result = boot("--ram", "32M", "--", "faults", "-f", "sh", "-c", script)
    assert result.status == 7 and "code of one-fault" in result.text


def test_stepping_through_several_processes(boot, tmp_path):
    """One fault at a time, whoever has it: as many steps as faults."""
    (tmp_path / "enters").write_text("\n" * 2000)
    words = ("--ram", "32M", "--stdin", str(tmp_path / "enters"), "--", "faults", "-f")
    freely = boot(*words, "sh", "-c", FORKS)
    stepped = boot(*words, "--step", "sh", "-c", FORKS)
    count = [find(r"(\d+)  in all", result.text)[1] for result in (freely, stepped)]
    assert stepped.status == 0 and abs(int(count[0]) - int(count[1])) <= 5, count


def test_predicting_follows_nobody(boot):
    result = boot("--ram", "32M", "--", "faults", "-f", "--predict", "one-fault")
    assert result.status == 2 and "usage" in result.stderr
