"""Thrashing, and load control: the curve, fairness, and whom it may suspend in the middle of what."""

from __future__ import annotations

import csv
import subprocess

import pytest
from support import LONG, ROOT, find, in_turn
from user_programs import failures

MACHINE = ("--ram", "16M", "--swap", "64M", "--swap-latency", "1000")
RISE, BEYOND = (1, 2, 3), (12, 16)  # degrees of multiprogramming


def rows(result) -> list[dict[str, str]]:
    assert result.status == 0, result.report()[-3000:]
    return list(csv.DictReader(result.text.splitlines()))


def thrash(boot, *words: object, machine: tuple[str, ...] = MACHINE) -> list[dict[str, str]]:
    return rows(boot(*machine, "--", "thrash", "--csv", *map(str, words)))


def test_the_curve(boot):
    """Rises, peaks and collapses without load control; with it, it stays up, and the same work
    takes less than half the time."""
    work = ("--rounds", 300)
    off = thrash(boot, *work, "--control", "off", *RISE, *BEYOND)
    on = thrash(boot, *work, "--control", "working-set", *RISE, *BEYOND)
    busy = [float(row["cpu_percent"]) for row in off]
    rise = busy[: len(RISE)]
    assert rise == sorted(rise) and rise[0] < 40 and rise[-1] > 90
    peak = max(busy)
    assert min(busy[len(RISE) :]) < peak / 3
    assert all(int(row["episodes"]) > 0 or float(row["device_percent"]) > 70 for row in off[len(RISE) :])
    for with_it, without in list(zip(on, off, strict=True))[len(RISE) :]:
        assert float(with_it["cpu_percent"]) > 0.75 * peak
        assert float(with_it["seconds"]) < 0.5 * float(without["seconds"])
        assert int(with_it["suspensions"]) > 0
    middle = thrash(boot, *work, *((6, 8, 24) if LONG else (8,)))  # a little too much, and far too much
    assert all(float(row["cpu_percent"]) > 0.75 * peak for row in middle)
    for with_it, without in list(zip(on, off, strict=True))[: len(RISE)]:
        assert with_it["suspensions"] == "0" and with_it["faults"] == without["faults"]


def test_ten_processes_all_go_on(boot):
    """A minute of virtual time, ten processes, frames for three: each goes on in every two seconds."""
    words = ("--rounds", 0, "--seconds", 60, "--frames", 700, 10)
    row = thrash(boot, *words)[0]
    assert int(row["suspensions"]) > 100
    assert int(row["least_in_2s"]) >= 200  # pages: once round its memory


@pytest.mark.parametrize("criterion", in_turn(("fault-frequency", "fault-interval"), 2))
def test_other_criteria(boot, criterion):
    """Over 600 rounds: over 300, a latency of 0.5 % more or less makes it 48 % busy or 73."""
    row = thrash(boot, "--rounds", 600, "--control", criterion, 16)[0]
    assert row["control"] == criterion
    assert float(row["cpu_percent"]) > 60 and int(row["suspensions"]) > 0


@pytest.mark.parametrize("scheme", in_turn(("equal", "working-set", "fault-frequency"), 3))
def test_with_local_allocation(boot, scheme):
    """Who is suspended has no share, so that those that run have what they need."""
    row = thrash(boot, "--rounds", 300, 12, machine=(*MACHINE, "--alloc", scheme))[0]
    assert float(row["cpu_percent"]) > 65 and float(row["seconds"]) < 16
    assert int(row["suspensions"]) > 0


STARTING = """
words=0123456789abcdef; for n in 1 2 3 4 5 6 7 8 9 10 11 12; do words=$words$words; done
swaptest 40 &
for j in 1 2 3 4 5 6; do
    ( i=0; while [ $i -lt 10 ]; do /bin/true $words || echo failed; i=$((i+1)); done ) &
done
wait; cat /proc/audit
"""


def test_fork_and_exec_wait_for_frames(boot, tmp_path):
    """Somebody wants more than there is: programs are started all the same, with many words."""
    (tmp_path / "script").write_text(STARTING)
    machine = ("--ram", "16M", "--swap", "64M", "--swap-latency", "100", "--param", "load_control=off")
    result = boot(*machine, "--stdin", str(tmp_path / "script"), "--", "sh")
    assert result.text.endswith("intact 1 lost 0 killed 0 corrupt 0\n0 broken\n"), result.report()[-3000:]
    assert "failed" not in result.text, result.report()[-3000:]


def test_prepaging(boot):
    """Who is resumed finds its pages; without prepaging it must ask for each."""
    words = ("--rounds", 0, "--seconds", 8, 10)
    ahead = thrash(boot, "--prepaging", 1, *words)[0]
    alone = thrash(boot, "--prepaging", 0, *words)[0]
    assert int(ahead["faults"]) < 20 * int(ahead["suspensions"])
    assert int(alone["faults"]) > 50 * int(alone["suspensions"]) and alone["prepaged"] == "0"
    assert float(ahead["cpu_percent"]) > float(alone["cpu_percent"])


def test_in_the_middle_of_anything(boot):
    """user/tests/suspend.c, where there is something to suspend for; invariants audited."""
    job = ("sh", "-c", "/test/suspend; status=$?; cat /proc/audit; exit $status")
    result = boot(*MACHINE, "--param", "audit=1000", "--", *job)
    assert failures(result.text) == [] and result.status == 0, result.report()[-3000:]
    assert result.text.endswith("\n0 broken\n") and "# skip" not in result.text.lower()


def test_out_of_memory_while_suspended(boot):
    """Slots for half of what is wanted: somebody has to end, and the others go on."""
    script = (
        "/bin/thrash --frames 600 --rounds 0 --seconds 6 12; "
        "grep oom_kill /proc/vmstat; cat /proc/audit; grep '^suspended' /proc/load_control"
    )
    machine = ("--ram", "16M", "--swap", "5M", "--swap-latency", "1000")
    result = boot(*machine, "--", "sh", "-c", script)
    assert int(find(r"oom_kill (\d+)", result.text)[1]) > 0, result.report()[-3000:]
    assert result.text.endswith("0 broken\nsuspended 0\n"), result.report()[-3000:]


def test_it_acts_only_where_there_is_thrashing(boot):
    """Not with memory for all, and not where the device takes no time."""
    enough = thrash(boot, "--rounds", 100, "--frames", 0, 10)[0]
    assert (enough["suspensions"], enough["faults"]) == ("0", "0")
    script = "thrash --rounds 100 10 >/dev/null; grep -E '^(suspensions|active|episodes)' /proc/load_control"
    machine = ("--ram", "16M", "--swap", "64M")
    result = boot(*machine, "--", "sh", "-c", script)
    assert "suspensions 0\n" in result.text and "episodes 0\n" in result.text


def test_settings(boot):
    script = (
        "cd /proc/sys/vm; cat load_control prepaging; echo fault-interval > load_control; cat load_control; "
        "echo nonsense > load_control || echo refused; cat load_control; grep Suspended /proc/self/status"
    )
    result = boot("--param", "load_control=off", "--param", "prepaging=0", "--", "sh", "-c", script)
    assert result.text == "off\n0\nfault-interval\nrefused\nfault-interval\nSuspended:\t0\n"
    result = boot("--param", "load_control=nonsense", "--", "true")
    assert result.status == 125 and "fault-frequency" in result.stderr


def test_the_trace_tells_who_is_suspended(boot, tmp_path):
    trace = tmp_path / "trace"
    words = (*MACHINE, "--trace", str(trace), "--trace-size", "256M")
    script = "thrash --control off --rounds 60 12; thrash --control working-set --rounds 120 12"
    assert boot(*words, "--", "sh", "-c", script).status == 0
    told = subprocess.run(
        [ROOT / "tools/trace", "csv", trace], capture_output=True, text=True, check=True
    ).stdout
    assert ",suspend," in told and ",thrashing," in told


@pytest.mark.skipif(not LONG, reason="its short form says the same: with FAULTLINE_LONG")
def test_the_demonstration(boot):
    result = boot(*MACHINE, "--", "demo-thrash")
    assert result.status == 0 and result.text.count("\n  * ") == 6, result.report()[-3000:]


def test_the_short_one_is_short(boot):
    """Ten seconds or so."""
    result = boot(*MACHINE, "--", "sh", "-c", "demo-thrash --short && cut -d ' ' -f 1 /proc/uptime")
    assert result.status == 0 and result.text.count("\n  * ") == 6, result.report()[-3000:]
    assert float(result.text.split()[-1]) < 13
    assert boot("--", "demo-thrash", "--long").status == 2
