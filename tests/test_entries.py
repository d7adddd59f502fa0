"""What cannot be masked, at the instructions where the stack is not the kernel's, and a stack that runs out: each is
told by a report, on a stack of its own (docs/entries.md)."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest
from support import BUILD, LAST_RESORT, RawMachine, await_that

PAGE = 4096
STACK_STRIDE = 5 * PAGE  # arch/layout.h
STACK_AREA = 0xFFFFC00000000000


def report_after(*commands: str) -> str:
    """What the kernel says of itself when GDB has done this to it."""
    image = (BUILD / "image.cpio").read_bytes()
    with tempfile.TemporaryDirectory(prefix="faultline-test-") as folder:
        stub = Path(folder) / "gdb"
        with RawMachine(image, extra=("-gdb", f"unix:{stub},server=on,wait=off"), held=True) as machine:
            await_that(lambda: stub.exists() or machine.process.poll() is not None)
            words = [f"target remote {stub}", *commands, "detach"]
            gdb = subprocess.run(
                ["gdb", "-nx", "-batch", *[f"-ex={word}" for word in words], BUILD / "faultline.elf"],
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                timeout=LAST_RESORT,
                check=False,
            )
            assert gdb.returncode == 0, gdb.stderr
            return machine.wait_for("faultline: stopped")


@pytest.mark.parametrize("place", ["syscall_entry+0", "syscall_entry+0x3", "trap_iretq+0", "syscall_sysret+0"])
def test_a_non_maskable_interrupt_between_two_stacks(place: str):
    """And between two values of GS: before SWAPGS (three bytes) and behind it."""
    name, _, bytes_behind = place.partition("+")
    text = report_after(f"hbreak *((long)&{name} + {bytes_behind})", "continue", "monitor nmi", "delete")
    assert f" {place}\n" in text and "(vector 2," in text, text


def test_a_stack_that_runs_out():
    """There is no place left to push a page fault's frame: it is a double fault, which names the guard page."""
    now = "(unsigned long)$rsp"
    bottom = f"{now} - ({now} - {STACK_AREA}) % {STACK_STRIDE} + {PAGE}"
    text = report_after("hbreak *kernel_syscall", "continue", f"set $rsp = {bottom}", "delete")
    assert "panic: kernel stack overflow: rsp 0xffffc0000" in text, text
