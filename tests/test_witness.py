"""The witness: what it tells of programs whose faults, values and frames are known beforehand."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import hostile
import mutate
import pytest
import witnessed
from support import BUILD, ROOT, await_that
from witnessing import log, run, tell, watch
from witnessing.ram import Ram
from witnessing.seen import LAST_MARK, MAGIC, Seen

KERNEL, IMAGE = BUILD / "faultline.elf", BUILD / "image.cpio"


@pytest.fixture(scope="module")
def program(compile_static):
    """The hidden program of a seed, compiled."""

    def make(seed: int):
        plan = witnessed.Plan(seed)
        return plan, compile_static(f"hidden{seed}", witnessed.text(plan), *witnessed.COMPILER)

    return make


@pytest.mark.parametrize("seed", range(5))
def test_what_it_tells_is_what_the_model_says(program, seed):
    """Values at the marks, faults of each phase, in order, and the frames of parent and child."""
    plan, file = program(seed)
    seen = run.witness(KERNEL, IMAGE, file, window=plan.window, nonce=seed)
    assert seen.end == "done", seen
    expected = witnessed.Model(plan)
    assert [(mark.number, mark.value) for mark in seen.marks] == expected.marks
    for phase, faults in expected.faults.items():
        told = [(fault.page, fault.access, fault.present) for fault in seen.in_phase(phase, *plan.window)]
        assert told == faults, f"phase {phase}"
    assert witnessed.frames_at_fault(plan, seen) == []


def test_twice_the_same(program):
    plan, file = program(7)
    assert run.witness(KERNEL, IMAGE, file, window=plan.window) == run.witness(KERNEL, IMAGE, file, window=plan.window)


def test_ram_that_was_used_holds_nothing_but_the_nonce():
    """Whatever the machine before it left there, and whatever its size was."""
    for size, nonce in ((2, 1), (3, 2), (1, 3)):
        ram = Ram(size * run.MIB, nonce)
        assert os.fstat(ram.file).st_size == size * run.MIB
        assert ram.read(0, ram.size) == nonce.to_bytes(8, "little") * (ram.size // 8)
        os.pwrite(ram.file, b"left behind", 5000)
        ram.close()


# --- How it ends --------------------------------------------------------------------------------


def ending(compile_static, name: str, body: str, kernel: Path = KERNEL, **how: Any) -> Seen:
    """Of a program with this main."""
    text = f"""
        #include "tools/witnessing/mark.h"
        #include <sys/syscall.h>
        #include <unistd.h>
        int main(void) {{ mark_open(); mark(1, 1); {body}; mark_last(0); return 0; }}
    """
    return run.witness(kernel, IMAGE, compile_static(name, text, *witnessed.COMPILER), **how)


@pytest.mark.parametrize("body, end, status", [
    ("for (;;) ;", "limit", None),
    ("sleep(300)", "done", 0),
    ("pause()", "stopped", None),
    ("_exit(3)", "stopped", 3),
    ("__builtin_trap()", "stopped", 132),
    ('__asm__ volatile("int3" : : "a"(0xfa17113dfffffffful))', "done", 0),  # no mark, and SIGTRAP is caught
])  # fmt: skip
def test_how_a_program_ends(compile_static, body, end, status):
    seen = ending(compile_static, "ending", body, budget=20_000_000)
    assert (seen.end, seen.status) == (end, status)
    assert [mark.number for mark in seen.marks] == ([1, LAST_MARK] if end == "done" else [1])


def test_one_that_tells_without_end(compile_static):
    seen = ending(compile_static, "chatter", "for (;;) mark(2, 0)", events=300)
    assert seen.end == "limit" and len(seen.faults) + len(seen.kernel_faults) + len(seen.marks) == 300


@pytest.fixture(scope="module")
def hostile_kernel(tmp_path_factory):
    return hostile.make(tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize("deed, end", [("passes", "stopped"), ("halts", "stopped"), ("resets", "lost")])
def test_a_kernel_that_ends_early(compile_static, hostile_kernel, deed, end):
    """Whatever it says: what the program has not done is not done."""
    number = hostile.DEEDS.index(deed)
    seen = ending(compile_static, deed, f"syscall(SYS_reboot, {number}, 0, 0, 0)", hostile_kernel)
    assert seen.end == end and [mark.number for mark in seen.marks] == [1]
    if deed == "passes":
        assert b"all passed" in seen.output and seen.status == 0


@pytest.mark.parametrize("deed", ["unwatched", "talks"])
def test_a_kernel_that_switches_the_watchdog_off(compile_static, hostile_kernel, deed):
    number = hostile.DEEDS.index(deed)
    seen = ending(compile_static, deed, f"syscall(SYS_reboot, {number}, 0, 0, 0)", hostile_kernel, budget=10**8)
    assert seen.end == "limit" and 10**8 < seen.instructions


def test_a_kernel_that_switches_the_watchdog_off_and_halts(compile_static, hostile_kernel, monkeypatch):
    """It cannot do so once more: the watchdog, set again, finds it as halted as any other."""
    monkeypatch.setattr(watch, "ASKED_QUIET", 10**9)
    number = hostile.DEEDS.index("unwatched-halts")
    seen = ending(compile_static, "unwatched-halts", f"syscall(SYS_reboot, {number}, 0, 0, 0)", hostile_kernel)
    assert seen.end == "stopped" and [mark.number for mark in seen.marks] == [1]


def test_a_kernel_that_sends_the_machine_to_sleep(compile_static, hostile_kernel):
    """It executes nothing then, and cannot be stopped."""
    number = hostile.DEEDS.index("asleep")
    seen = ending(compile_static, "asleep", f"syscall(SYS_reboot, {number}, 0, 0, 0)", hostile_kernel)
    assert seen.end == "lost" and [mark.number for mark in seen.marks] == [1]


@pytest.mark.parametrize("deed", ["rings", "managed", "counted"])
def test_a_kernel_that_keeps_who_watches_it_busy(compile_static, hostile_kernel, deed, monkeypatch):
    """In few instructions, and without an event: it is ended by how often it was paused, by the log's lines; or, as
    whoever is busy, by the processor time of QEMU and us."""
    if deed == "counted":
        monkeypatch.setattr(watch, "PAUSES_MOST", 10**9)
    number = hostile.DEEDS.index(deed.replace("counted", "rings"))
    hows: dict[str, dict[str, int]] = {"managed": {"exceptions": 5000}, "counted": {"seconds": 5}}
    how = hows.get(deed, {})
    began = time.process_time()
    seen = ending(compile_static, deed, f"syscall(SYS_reboot, {number}, 0, 0, 0)", hostile_kernel, **how)
    assert seen.end == "limit" and [mark.number for mark in seen.marks] == [1]
    assert seen.instructions < 10**8 and time.process_time() - began < 15


def test_a_kernel_that_makes_marks(compile_static, hostile_kernel):
    """In ring 0 an int3 is nothing to us."""
    number = hostile.DEEDS.index("marks")
    seen = ending(compile_static, "marks", f"syscall(SYS_reboot, {number}, 0, 0, 0)", hostile_kernel)
    assert 7 not in [mark.number for mark in seen.marks]


def test_the_nonce_is_in_frames_that_nobody_cleared(compile_static, hostile_kernel):
    number, nonce = hostile.DEEDS.index("junk"), 0x1234567887654321
    body = """
        volatile uint64_t *page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        syscall(SYS_reboot, %d, 0, 0, 0);
        page[1] = 5;
        mark(2, page[0]); mark(3, page[511])
    """
    bad = ending(compile_static, "junk", body % number, hostile_kernel, nonce=nonce)
    good = ending(compile_static, "clean", body % 99, hostile_kernel, nonce=nonce)
    assert (bad.values(2), bad.values(3)) == ([nonce], [nonce])
    assert (good.values(2), good.values(3)) == ([0], [0])


# --- The log ------------------------------------------------------------------------------------


def exception(vector: int, code: int, ring: int, before: str = "", rax: int = 0) -> str:
    """One of QEMU's entries, as short as it may be."""
    header = f"v={vector:02x} e={code:04x} i={int(vector == 3)} cpl={ring} IP=0023:{0x401000:016x} "
    return f"""{before or f'check_exception old: 0xffffffff new {vector:#x}'}
     0: {header}pc={0x401000:016x} SP=001b:{0:016x} CR2={0x5000:016x}
RAX={rax:016x} RBX={9:016x} RCX={0:016x}
CR0=80010033 CR2={0x5000:016x} CR3={0x3000:016x} CR4=00300ea0
EFER=0000000000000d01
"""


MARK = MAGIC << 32
COUNTED = {
    "a fault": (exception(14, 6, 3), (1, 0, 0)),
    "of the kernel, at a user's address": (exception(14, 2, 0), (0, 1, 0)),
    "a device's vector 14": (exception(14, 6, 3, "Servicing hardware INT=0x0e"), (0, 0, 0)),
    "a mark": (exception(3, 0, 3, rax=MARK + 1), (0, 0, 1)),
    "an int3 of somebody else's": (exception(3, 0, 3, rax=5), (0, 0, 0)),
    "a mark of the kernel's": (exception(3, 0, 0, rax=MARK + 1), (0, 0, 0)),
    "another exception": (exception(13, 0, 3), (0, 0, 0)),
}


@pytest.mark.parametrize("what", COUNTED)
def test_what_counts(what):
    text, (faults, kernels, marks) = COUNTED[what]
    seen = log.read(text.encode())
    assert (len(seen.faults), len(seen.kernel_faults), len(seen.marks)) == (faults, kernels, marks)


@pytest.mark.parametrize("text, complaint", [
    ("", "no exception"),
    ("hello\n", "no exception"),
    ("\0" * 100 + "\n", "line 1 is no text"),
    ("x" * 5000, "line 1 has no end"),
    (exception(14, 6, 3)[:-10], "breaks off in line 5"),
    (exception(14, 6, 3) + "   1: v=0e e=zz\n", "line 6: no exception"),
    (exception(14, 6, 3).replace(" CR2", " CR5", 1), "line 2: a page fault without an address"),
    (exception(14, 6, 3).replace("CR3", "CR9"), "line 5: an exception without CR3"),
    (exception(3, 0, 3).replace("RBX", "RBY"), "line 5: a breakpoint without"),
    (exception(14, 6, 3) + "witness q 1 1\n", "line 6: no access"),
    (exception(14, 6, 3).replace("RAX", "   1: v=0e e=", 1), "line 3: an exception within"),
])  # fmt: skip
def test_what_is_no_log(text, complaint):
    with pytest.raises(log.LogError, match=complaint):
        log.read(text.encode())


def test_any_bytes(compile_static):
    """A log, damaged: it is read, or refused in words."""
    good = "".join(text for text, _ in COUNTED.values()).encode() + b"witness w 5000 3\n"
    assert log.read(good).touches
    refused = 0
    for data in mutate.mutants(good, 3000, seed=1):
        try:
            log.read(data)
        except log.LogError:
            refused += 1
    assert 300 < refused < 3000


# --- The command --------------------------------------------------------------------------------


def command(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "FAULTLINE_NO_BUILD": "1", "COLUMNS": "80"}
    return subprocess.run(
        [ROOT / "tools/witness", *words], capture_output=True, text=True, env=environment, check=False
    )


def test_what_it_prints(program):
    plan, file = program(3)
    result = command("--add", f"{file}:/bin/hidden", "--window", f"{plan.window[0]:x}-{plan.window[1]:x}", "hidden")
    assert result.returncode == 0 and result.stderr == ""
    model = witnessed.Model(plan)
    lines = result.stdout.splitlines()
    faults = [line.split()[:3] for line in lines if line.startswith(("  read ", "  write "))]
    due = [[access, hex(page), "present" if present else "absent"]
           for part in (0, 2, 4) for page, access, present in model.faults[part]]
    low, high = plan.window
    assert [fault for fault in faults if low <= int(fault[1], 16) < high] == due
    assert [line for line in lines if line.startswith(("mark ", "the last mark"))] != []
    assert all(len(line) <= 80 for line in lines)
    for phase, value in model.marks[:-1]:
        assert any(line.startswith(f"mark {phase}, value {value:#x}, ") for line in lines)
    assert "done: the program has made its last mark" in lines


def test_json_has_all_of_it(program):
    _, file = program(3)
    told = json.loads(command("--json", "--add", f"{file}:/bin/hidden", "hidden").stdout)
    seen = run.witness(KERNEL, IMAGE, "hidden", files=[f"{file}:/bin/hidden"], window=run.EVERYWHERE)
    assert told == json.loads(tell.as_json(seen)) and len(told["touches"]) > 10


@pytest.mark.parametrize("words, complaint", [
    ((), "a PROGRAM, or --read LOG, is wanted"),
    (("--budget", "many", "ls"), "no number of instructions"),
    (("--window", "5-4", "ls"), "LOW is below HIGH"),
    (("--window", "x", "ls"), "two addresses in hexadecimal"),
    (("--nonce", "g", "ls"), "no number of 64 bits"),
    (("--add", "/no/such", "ls"), "no file /no/such"),
    (("--read", "/no/such"), "No such file"),
    (("--read", "/dev/null"), "no exception in it"),
    (("--kernel", "/no/such", "ls"), "could not open kernel"),
    (("--kernel", "/dev/null", "ls"), "could not load kernel"),
    (("--ram", "1M", "ls"), "no size from"),
])  # fmt: skip
def test_what_it_refuses(words, complaint):
    result = command(*words)
    assert result.returncode == 2 and complaint in result.stderr and "Traceback" not in result.stderr


@pytest.mark.parametrize("moment, word", [("the plugin is tried", b"infinity"), ("the program runs", b"-kernel")])
def test_nothing_is_left_of_one_that_is_killed(compile_static, tmp_path, moment, word):
    """QEMU goes with it, and there are no files: RAM, image and log have no names."""
    environment = {**os.environ, "FAULTLINE_NO_BUILD": "1"}
    if moment == "the plugin is tried":  # one that takes its time, and hears of no end
        deaf = tmp_path / "qemu-system-x86_64"
        deaf.write_text("#!/bin/sh\nexec sleep infinity\n", "ascii")
        deaf.chmod(0o755)
        environment["PATH"] = f"{tmp_path}:{environment['PATH']}"
    endless = compile_static("endless", 'int main(void) { for (;;) __asm__ volatile(""); }')
    words = [ROOT / "tools/witness", "--budget", "900G", "--add", endless, "endless"]
    with subprocess.Popen(words, env=environment) as witness:
        children = Path(f"/proc/{witness.pid}/task/{witness.pid}/children")

        def machines() -> list[str]:
            return [child for child in children.read_text().split() if word in words_of(child)]

        await_that(machines)
        started = machines()
        witness.kill()
    await_that(lambda: not any(word in words_of(machine) for machine in started))


def words_of(process: str) -> list[bytes]:
    """Its command; none if it is no longer there."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def test_its_help_fits_a_terminal():
    text = command("--help").stdout
    assert "--read" in text and all(len(line) <= 80 for line in text.splitlines())
