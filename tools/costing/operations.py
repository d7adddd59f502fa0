"""The operations that tools/cost knows: tests/bench/costs.c has a function for each."""

from __future__ import annotations

from dataclasses import dataclass

NTH = 12  # which call is told of: by then all that is prepared at a first time has been
MANY = 1024  # pages, in costs.c


@dataclass(frozen=True)
class Operation:
    """`row`: vmbench's, which measures the same; `units` times what that is."""

    function: str
    what: str
    row: str = ""
    units: int = 1
    unit: str = ""
    boot: tuple[str, ...] = ()  # options of tools/boot


OPERATIONS = {
    "null-call": Operation("null_call", "a system call that does nothing", "null_syscall"),
    "clock-gettime": Operation("clock_gettime_", "the time, read without a call", "clock_gettime"),
    "yield": Operation("yield", "sched_yield with nobody else", "sched_yield_alone"),
    "zero-fill": Operation("zero_fill", "the first write to a page", "anon_fault_16M"),
    "zero-read": Operation("zero_read", "the first read of a page", "zero_read_16M"),
    "zero-upgrade": Operation("zero_upgrade", "a write to a page that was only read", "zero_upgrade_16M"),
    "copy": Operation("copy", "a write to a page that another process shares", "cow_child_16M"),
    "reuse": Operation("reuse", "the same, with nobody left to share it", "cow_reuse_16M"),
    "page-in": Operation(
        "page_in",
        "a read of a page that is in the swap area",
        boot=("--ram", "24M", "--swap", "64M"),
    ),
    "munmap": Operation("munmap_", "munmap of 1,024 pages", "anon_fault_16M_munmap", MANY, "page"),
    "dontneed": Operation("dontneed", "MADV_DONTNEED of 1,024 pages", "madv_dontneed_4M", MANY, "page"),
    "fork": Operation("fork_", "fork, until it returns to the parent"),
    "exit": Operation("exit_", "a child's end, and wait for it"),
    "fork-exit-wait": Operation("fork_exit_wait", "fork, the child's end, and wait for it", "fork_exit_wait_0M"),
    "vfork-exit-wait": Operation("vfork_exit_wait", "the same with vfork", "vfork_exit_wait"),
    "fork-exec-exit-wait": Operation("fork_exec_exit_wait", "and the child runs a program", "fork_exec_exit_wait"),
    "mmap-munmap": Operation("mmap_munmap", "mmap of a page, and munmap", "mmap_munmap_4K"),
    "mmap-touch-munmap": Operation("mmap_touch_munmap", "and a write to it in between", "mmap_touch_munmap_4K"),
    "mprotect": Operation("mprotect_", "mprotect of a page, twice", "mprotect_1p", 2, "call"),
    "mprotect-touch": Operation("mprotect_touch", "and a write to it", "mprotect_1p_toggle_touch"),
    "pipe-self": Operation("pipe_self", "a byte into a pipe and out again", "pipe_self"),
    "pipe-pingpong": Operation("pipe_pingpong", "a byte to another process and back", "pipe_pingpong"),
    "signal": Operation("signal_", "a signal to itself", "sig_kill_self"),
    "sigsegv": Operation("sigsegv", "a write that is refused, and its handler", "sigsegv_skip"),
    "file-read": Operation("file_read", "the first read of a file's page that is in memory", "file_shared_read_4M"),
    "file-write": Operation("file_write", "a private write to one", "file_private_write_4M"),
    "pread": Operation("pread_", "pread of a page", "file_pread_4K"),
}
