"""Several processors: started and set up as the first; programs run on them; and what is taken away on one is forgotten
by all. Schedules differ from one QEMU to the next, so outcomes are claimed, never schedules."""

from __future__ import annotations

import os
import re
import subprocess

import pytest
from support import BOOT, BUILD, RawMachine, commits
from user_programs import PROGRAMS, complaints, failures, words

COUNTS = (2, 4, 8)
SAME = ("CR0", "CR4", "EFER", "IDT")  # how it protects, and where it enters
OWN = ("GS", "GDT", "TR")
INTERRUPTS = 0x200  # in RFLAGS: they are on


FIGURES = ("nr_tlb_remote_flush", "nr_tlb_remote_flush_received", "shootdown_avoided")
TIGHT = ("--frames", "100", "--swap", "16M")
# Claims about turns and their length, which the audit's or the other processors' time would spoil.
TIMED = {"fair-share", "long-calls", "preempt", "change-rounds"}


def with_processors(count: int, *more: str) -> tuple[str, ...]:
    return ("--cpus", str(count), *more)


@pytest.mark.parametrize("count", COUNTS)
def test_they_are_counted(boot, count):
    assert f"faultline: {count} processors\n" in boot(*with_processors(count), "--", "true").stderr


def test_one_is_not_worth_a_word(boot):
    assert "processors" not in boot("--", "true").stderr


@pytest.mark.parametrize("firmware", ["--grub", "--uefi"])
def test_other_firmware_tells_of_them_too(boot, firmware):
    result = boot(firmware, "--realtime", *with_processors(2), "--", "true")
    assert "faultline: 2 processors\n" in result.stderr and result.status == 0, result.report()


def test_all_at_once(boot):
    """Each on a processor of the host's, where it has them; the audit looks after it all."""
    job = "for i in 1 2 3 4; do ls -R /proc/1 > /dev/null & done; wait; /test/shootdown && cat /proc/audit"
    result = boot("--realtime", "--parallel", *with_processors(2), "--", "sh", "-c", job)
    assert result.status == 0 and "faultline: 2 processors\n" in result.stderr, result.report()


def test_fewer_are_started_when_that_is_asked_for(boot):
    result = boot(*with_processors(4), "--param", "cpus=3", "--", "true")
    assert "faultline: 3 processors\n" in result.stderr
    assert "processors" not in boot(*with_processors(4), "--param", "cpus=1", "--", "true").stderr


@pytest.mark.parametrize("number", ["0", "9", "two"])
def test_a_number_that_cannot_be(boot, number):
    result = boot("--param", f"cpus={number}", "--", "true")
    assert "cpus" in result.stderr and result.status == 125, result.report()


@pytest.mark.parametrize("count", COUNTS)
def test_programs_find_them(boot, count):
    job = "nproc; grep -c ^processor /proc/cpuinfo; grep -c ^cpu[0-9] /proc/stat; taskset 2 nproc"
    result = boot(*with_processors(count), "--", "sh", "-c", f"{job}; taskset 2 cut -d' ' -f39 /proc/self/stat")
    assert result.text.split() == [str(count)] * 3 + ["1", "1"], result.report()


def test_affinity_is_told_and_kept(boot):
    job = "grep Cpus_allowed: /proc/self/status; taskset 5 grep Cpus_allowed_list /proc/self/status; taskset 10 true"
    result = boot(*with_processors(4), "--", "sh", "-c", job)
    assert result.text.split("\n")[:2] == ["Cpus_allowed:\tf", "Cpus_allowed_list:\t0,2"], result.report()
    assert result.status != 0, "none of them runs"


@pytest.mark.parametrize("count", [2, 4])
def test_they_work_at_the_same_time(boot, count):
    """By the counters: each runs user code for about as long as the others."""
    spin = "for i in 1 2 3 4; do (n=0; while [ $n -lt 4000 ]; do n=$((n+1)); done) & done; wait; cat /proc/stat"
    result = boot(*with_processors(count), "--", "sh", "-c", spin)
    user = [int(words) for words in re.findall(r"^cpu\d (\d+)", result.text, re.M)]
    assert len(user) == count and min(user) > max(user) / 4, result.report()


def seeds(count: int, every: int) -> range:
    """So many; in a long run, or as many as `every` says."""
    return range(1, 1 + (every if os.environ.get("FAULTLINE_LONG") else count))


@pytest.mark.parametrize("count", [1, 2, 4])
@pytest.mark.parametrize("memory", [(), TIGHT], ids=["enough", "tight"])
def test_what_is_taken_away_is_forgotten(boot, count, memory):
    for seed in seeds(2, 20):
        result = boot(*words("shootdown", *memory, *with_processors(count, "--interleave", str(seed))))
        assert not complaints(result), (seed, result.report())


def test_it_is_counted(boot):
    job = f"/test/shootdown >/dev/null && grep -e {' -e '.join(FIGURES)} /proc/vmstat"
    alone, beside = (boot(*with_processors(count), "--", "sh", "-c", job) for count in (1, 2))
    numbers = [dict(re.findall(r"^(\w+) (\d+)$", result.text, re.M)) for result in (alone, beside)]
    assert set(numbers[0].values()) == {"0"}, alone.report()
    assert all(int(numbers[1][name]) > 0 for name in FIGURES), beside.report()


@pytest.mark.parametrize("count", [2, 4])
def test_the_same_run_again(boot, count):
    job = ("--", "sh", "-c", "/test/shootdown; cat /proc/uptime /proc/stat /proc/vmstat")
    texts = {boot(*with_processors(count, "--interleave", "5"), *job).text for _ in range(3)}
    assert len(texts) == 1
    assert boot(*with_processors(count, "--interleave", "6"), *job).text not in texts


def in_turn() -> list[str]:
    """Of all programs those whose turn it is."""
    programs = [program for program in PROGRAMS if program not in TIMED]
    return programs if os.environ.get("FAULTLINE_LONG") else programs[commits() % 20 :: 20]


@pytest.mark.parametrize("count", [2, 4])
def test_programs_hold_their_claims(boot, count):
    for program in in_turn():
        for seed in seeds(1, 20):
            result = boot(*words(program, *with_processors(count, "--interleave", str(seed))))
            assert not complaints(result), (program, seed, result.report())


@pytest.mark.parametrize("count", [2, 4])
@pytest.mark.parametrize("program", sorted(TIMED))
def test_turns_among_them(boot, program, count):
    """Bound to one, these hold as with one: the others have nothing to do."""
    result = boot(*with_processors(count), "--", "taskset", "1", f"/test/{program}")
    assert not failures(result.text) and result.status == 0, result.report()


def test_each_reference_is_seen_beside_others(boot):
    """A group in exact mode runs on the first processor alone: the same references as with one."""
    counts = {boot(*with_processors(count), "--", "/test/exact").text for count in (1, 4)}
    assert len(counts) == 1


def all_registers(machine: RawMachine) -> list[dict[str, str]]:
    """Of each processor."""
    said = machine.ask("info registers -a").replace("\r", "")
    return [registers(each) for each in re.split(r"^CPU#\d+", said, flags=re.M)[1:]]


def test_no_recording_of_several():
    done = subprocess.run(
        [BOOT, "--cpus", "2", "--record", "/nonexistent", "--", "true"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and "--record wants one processor" in done.stderr


def registers(said: str) -> dict[str, str]:
    """Of one processor, as QEMU's `info registers` has them: of segments and tables where they lie."""
    found = dict(re.findall(r"\b(CR0|CR3|CR4|EFER|HLT|RFL)=([0-9a-f]+)", said))
    found |= dict(re.findall(r"^(GDT|IDT)= +([0-9a-f]+)", said, re.M))
    return found | dict(re.findall(r"^(GS|TR) =[0-9a-f]{4} ([0-9a-f]+)", said, re.M))


def test_each_is_set_up(tmp_path):
    """Their guards, tables and entries are the first one's; their GDT, TSS and GS are nobody else's."""
    image = (BUILD / "image.cpio").read_bytes()
    with RawMachine(image, extra=("-smp", "4")) as machine:
        machine.wait_for("/ # ")
        first, *others = all_registers(machine)
    assert len(others) == 3
    for other in others:
        assert other["HLT"] == "1" and int(other["RFL"], 16) & INTERRUPTS
        assert {name: other[name] for name in SAME} == {name: first[name] for name in SAME}
    for name in OWN:
        assert len({one[name] for one in [first, *others]}) == 4
    assert all(int(other["GS"], 16) >> 47 for other in others)
