"""The code that every space has (kernel/vdso/vdso.h): C libraries find it, and then the time is no call; a program that
does not find it calls. What it is, /test/vdso tells from inside."""

from __future__ import annotations

import re

import pytest

COUNT = 1000
MOST = 60  # instructions, with the loop and what the C library adds: docs/decisions.md
CALL = 120  # no system call takes so few

# How many instructions one look at each takes, and whether all is in order.
ASKS = """
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static unsigned long ticks(void)
{
    unsigned low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (unsigned long)high << 32 | low;
}

static struct timespec now, then;
static struct timeval day;
static volatile long seconds;
static int wrong;

static void monotonic(void)
{
    then = now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    wrong += now.tv_sec < then.tv_sec || (now.tv_sec == then.tv_sec && now.tv_nsec < then.tv_nsec);
}
static void real(void) { clock_gettime(CLOCK_REALTIME, &then); }
static void of_day(void) { gettimeofday(&day, NULL); }
static void of_time(void) { seconds = time(NULL); }
static void processor(void)
{
    unsigned told = 99;
    syscall(SYS_getcpu, &told, NULL, NULL);
    wrong += (int)told < 0 || told >= 8 || sched_getcpu() < 0;
}

static void measure(const char *name, void (*ask)(void))
{
    ask(); /* now it has been looked up */
    unsigned long start = ticks();
    for (int i = 0; i < COUNT; i++)
        ask();
    printf("%s %lu\\n", name, (ticks() - start) / COUNT);
}

int main(void)
{
    printf("at %lx\\n", getauxval(AT_SYSINFO_EHDR));
    measure("clock_gettime", monotonic);
    measure("realtime", real);
    measure("gettimeofday", of_day);
    measure("time", of_time);
    processor();
    printf("wrong %d\\n", wrong);
    return wrong != 0;
}
"""
LIBRARIES = {
    "musl": ("musl-gcc", "-static", "-O2"),
    "musl, shared": ("musl-gcc", "-O2"),
    "glibc": ("gcc", "-static", "-O2"),
    "glibc, shared": ("gcc", "-O2"),
}


def told(boot, program, *options: str) -> dict[str, int]:
    result = boot("--shift", "0", *options, "--add", str(program), "--", program.name)
    assert result.status == 0, result.report()
    lines = re.findall(r"^(\w+) (\w+)$", result.text, re.MULTILINE)
    return {name: int(value, 16 if name == "at" else 10) for name, value in lines}


@pytest.fixture(scope="module")
def asking(compile_static):
    def compiled(library: str):
        return compile_static("asks", ASKS, *LIBRARIES[library], f"-DCOUNT={COUNT}")

    return compiled


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_c_library_finds_it(boot, asking, library):
    found = told(boot, asking(library))
    assert found["at"] == 0x7FFFF8101000 and found["wrong"] == 0
    assert found["clock_gettime"] <= MOST + 20  # and the comparison
    assert found["realtime"] <= MOST
    # musl's gettimeofday and time ask clock_gettime
    assert found["gettimeofday"] <= 1.5 * MOST and found["time"] <= 1.5 * MOST


@pytest.mark.parametrize("library", ["musl", "glibc"])
def test_without_it_each_look_is_a_call(boot, asking, library):
    found = told(boot, asking(library), "--param", "vdso=0")
    assert found["at"] == 0 and found["wrong"] == 0
    assert all(found[name] > CALL for name in ("clock_gettime", "realtime", "gettimeofday", "time"))


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_several_processors_have_one_clock(boot, asking, seed):
    """Threads of several programs, in many orders: for none it goes back, and each is told where it runs."""
    program = asking("glibc")
    job = "for i in 1 2 3 4 5 6; do asks > /tmp/$i & done; wait; cat /tmp/[1-6] | grep wrong; test/vdso > /dev/null"
    result = boot("--cpus", "4", "--interleave", seed, "--add", str(program), "--", "sh", "-c", f"cd /; {job}")
    assert result.status == 0 and result.text.splitlines() == ["wrong 0"] * 6, result.report()
