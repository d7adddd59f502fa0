"""A core, as a debugger opens it: `gdb program core` tells where the program failed, and what its memory held."""

import subprocess

from support import LAST_RESORT, find, run_boot

PROGRAM = """
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int number = 77;
char *text;

static void *beside(void *unused)
{
    pause();
    return unused;
}

__attribute__((noinline)) static int inner(int depth, volatile int *where)
{
    if (depth == 0)
        *where = 1;
    return inner(depth - 1, where) + 1;
}

int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, beside, NULL);
    text = strdup("what the heap held");
    number++;
    return inner(3, (int *)16);
}
"""


def test_gdb_opens_a_core(tmp_path):
    source, program, core = tmp_path / "fails.c", tmp_path / "fails", tmp_path / "core"
    source.write_text(PROGRAM, "ascii")
    subprocess.run(["musl-gcc", "-static", "-g", "-O0", "-o", program, source], check=True)
    job = "cd /tmp; ulimit -c unlimited; fails 2> /dev/null > /dev/null; cat core"
    result = run_boot("--ram", "64M", "--add", str(program), "--", "sh", "-c", job)
    core.write_bytes(result.stdout[result.stdout.index(b"\x7fELF") :])
    words = ["bt", "print number", "print text", "info threads", "info auxv", "x/3c 0x7ffff8101001"]
    asked = [word for each in words for word in ("-ex", each)]
    told = subprocess.run(
        ["gdb", "-nx", "-batch", *asked, program, core],
        capture_output=True,
        text=True,
        timeout=LAST_RESORT,
        check=True,
    ).stdout
    find(r"terminated with signal SIGSEGV", told)
    find(r"#0 .* inner \(depth=0, where=0x10\)", told)
    find(r"#4 .* main \(\)", told)
    find(r"= 78$", told)
    find(r'"what the heap held"', told)
    find(r"69 'E'\s+76 'L'\s+70 'F'", told)  # the code that every space has is there, too
    assert told.count("LWP") >= 4 and "AT_ENTRY" in told, told
