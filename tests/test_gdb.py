"""GDB attaches cleanly, knows the kernel's names, and a program's, stopped at its main."""

import os
import subprocess

from support import LAST_RESORT, ROOT


def gdb(*commands: str, program: str = "") -> str:
    words = " ".join(f"-ex '{command}'" for command in commands)
    arguments = "-batch " + words.replace("$", "$$")  # make reads it too
    result = subprocess.run(
        ["make", "-s", "--no-print-directory", "gdb", f"PROGRAM={program}", f"GDB_ARGS={arguments}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=LAST_RESORT,
        env={key: value for key, value in os.environ.items() if key != "MAKEFLAGS"},
        check=False,
    )
    assert "packet reply is too long" not in result.stdout + result.stderr
    return result.stdout + result.stderr


def test_stops_at_the_kernels_entry():
    text = gdb("bt", "info symbol $pc")
    assert "kernel_main" in text and "in section .text" in text


def test_stops_at_main_of_the_program():
    text = gdb("bt", "info symbol $pc", "info line", program="demo-cow")
    assert "main" in text and "demo-cow.c" in text


def test_stops_in_a_fault_of_the_program():
    """The kernel's symbols are there beside the program's: the next fault after main is met."""
    text = gdb("tbreak fault_handle_pinned", "continue", "bt", program="demo-cow")
    assert "fault_handle" in text
