"""Where the kernel's words on faults come from, beside what the processor raised: the trace, and each process's
counters. (What single tests assert of single counts is compared where they assert it.)"""

from __future__ import annotations

from collections import Counter

import pytest
import traces
import witnessed
from support import BUILD, run_boot
from tracing.faults import all_faults
from tracing.reader import Trace
from witnessing import run
from witnessing.seen import PAGE

# What user programs of the tests count with, after each kind of work; the kernel's number is the mark's value.
COUNTING = """
#define _GNU_SOURCE
#include "tools/witnessing/mark.h"
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#define PAGE 4096
static uint64_t faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt + usage.ru_majflt;
}
static volatile char *map(size_t pages, int how)
{
    return mmap(0, pages * PAGE, PROT_READ | PROT_WRITE, how | MAP_ANONYMOUS, -1, 0);
}
static void each(volatile char *pages, size_t count, int write)
{
    for (size_t i = 0; i < count; i++)
        if (write)
            pages[i * PAGE] = 1;
        else
            (void)pages[i * PAGE];
}
static void deep(int levels)
{
    volatile char room[PAGE];
    room[0] = 0;
    if (levels)
        deep(levels - 1);
    room[1] = 0;
}
int main(int argc, char *argv[])
{
    (void)argc;
    int status, file = open(argv[0], O_RDONLY);
    mark_open();
    mark(1, faults());
    volatile char *private = map(300, MAP_PRIVATE);
    each(private, 200, 0);
    each(private, 300, 1);
    mark(2, faults());
    volatile char *shared = map(100, MAP_SHARED);
    each(shared, 100, 1);
    mark(3, faults());
    if (fork() == 0) {
        mark(100, faults());
        each(private, 300, 0);
        each(private, 150, 1);
        each(shared, 100, 1);
        mark(101, faults());
        _exit(0);
    }
    wait(&status);
    each(private, 300, 1);
    mark(4, faults());
    deep(20);
    mark(5, faults());
    volatile char *target = map(16, MAP_PRIVATE);
    status = read(file, (char *)target, 4 * PAGE); /* the kernel writes there, and faults */
    mark(6, faults());
    volatile char *mapped = mmap(0, 4 * PAGE, PROT_READ, MAP_PRIVATE, file, 0);
    each(mapped, 4, 0);
    mark(7, faults());
    private = mremap((char *)private, 300 * PAGE, 600 * PAGE, MREMAP_MAYMOVE);
    each(private, 600, 1);
    mark(8, faults());
    volatile char *much = map(3000, MAP_PRIVATE); /* more than there is room for, where there is a swap area */
    each(much, 3000, 1);
    each(much, 3000, 0);
    mark(9, faults());
    mark_last(faults());
    return 0;
}
"""


@pytest.mark.parametrize("machine", [{}, {"ram": "14M", "swap": "32M"}], ids=["roomy", "swapping"])
def test_getrusage(compile_static, machine):
    """Of each phase, in both processes: what ru_minflt and ru_majflt grew by, and the faults that QEMU saw in that
    address space, the kernel's own on user addresses included: copies."""
    program = compile_static("counting", COUNTING, *witnessed.COMPILER)
    seen = run.witness(BUILD / "faultline.elf", BUILD / "image.cpio", program, **machine)
    assert seen.end == "done", seen.console
    raised = Counter((fault.space, fault.mark) for fault in seen.faults + seen.kernel_faults)
    compared = 0
    for space in {mark.space for mark in seen.marks}:
        own = [place for place, mark in enumerate(seen.marks) if mark.space == space]
        for begin, end in zip(own, own[1:], strict=False):
            told = seen.marks[end].value - seen.marks[begin].value
            due = sum(raised[space, place] for place in range(begin, end))
            assert told == due, f"from mark {seen.marks[begin].number} to mark {seen.marks[end].number}"
            compared += 1
    assert compared == 10 and any(fault.phase == 5 for fault in seen.kernel_faults)
    assert not machine or len(seen.in_phase(8)) > 4000, "nothing came back"


def test_the_trace(tmp_path):
    """Each fault that QEMU saw is in the trace, with its page and access; and in the trace besides is only what the
    kernel serves without one: what exec writes to a new stack, and what is wired."""
    result = run_boot("--trace", str(tmp_path / "trace"), *traces.OPTIONS, "--", "sh", "-c", traces.WORK, witness=True)
    raised = Counter((fault.page, fault.access) for fault in result.seen.faults + result.seen.kernel_faults)
    told = Counter((f.begin.address // PAGE * PAGE, f.access) for f, _ in all_faults(Trace(tmp_path / "trace")))
    assert result.status == 0 and raised.total() > 5000
    assert not raised - told
    assert (told - raised).total() < raised.total() / 100
