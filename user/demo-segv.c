/* demo-segv.c - everything that is refused, and how the process is told.
 *
 * Each access is made in a child of its own, whose handler reports what the kernel told it:
 * the signal, why (si_code) and where (si_addr). There are two reasons: nothing is mapped
 * there (SEGV_MAPERR), or something is, but not for this kind of access (SEGV_ACCERR). */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/demo.h"
#include "user/lib/probe.h"
#include "user/lib/trace_note.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static int rows;

static const char *signal_name(int signal)
{
    return signal == SIGSEGV ? "SIGSEGV" : signal == SIGBUS ? "SIGBUS" : "none";
}

static void row(const char *what, struct refusal refusal, int signal, int code)
{
    rows++;
    say("  %-37s %-7s %-12s %#lx", what, signal_name(refusal.signal),
        code_name(refusal.signal, refusal.code), refusal.address);
    if (refusal.signal != signal || refusal.code != code)
        claim(false, "expected %s, %s", signal_name(signal), code_name(signal, code));
}

static void try(const char *what, enum access how, uintptr_t address, int code)
{
    trace_note("%s", what);
    struct refusal refusal = probe(how, address);

    row(what, refusal, SIGSEGV, code);
    if (refusal.address != address)
        claim(false, "si_addr should be %#lx", address);
}

/* Down the stack, a page at a time, under a limit of 64 KiB. */
static void overflow(uintptr_t limit)
{
    struct rlimit small = {limit, RLIM_INFINITY};
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);

    setrlimit(RLIMIT_STACK, &small);
    for (uintptr_t down = 0; down < 4 * limit; down += PAGE)
        *(volatile char *)(here - down) = 1;
}

static void rows_nothing_mapped(char *region)
{
    say("\nNothing is mapped there:");
    try("read null", ACCESS_READ, 0, SEGV_MAPERR);
    try("write through null, 24 bytes in", ACCESS_WRITE, 24, SEGV_MAPERR);
    try("call null", ACCESS_EXECUTE, 0, SEGV_MAPERR);
    munmap(region, PAGE);
    try("read what was unmapped", ACCESS_READ, (uintptr_t)region, SEGV_MAPERR);
    trace_note("write beyond the stack's limit");
    row("write beyond the stack's limit", probe_step(overflow, 64 << 10), SIGSEGV,
        SEGV_MAPERR);
}

static void rows_not_allowed(char *region)
{
    static volatile char data[PAGE] = {(char)0xc3};
    char on_stack = (char)0xc3;

    say("\nSomething is mapped, but not for this:");
    try("write to a read-only page", ACCESS_WRITE, (uintptr_t)region, SEGV_ACCERR);
    try("write to code", ACCESS_WRITE, (uintptr_t)&rows_not_allowed, SEGV_ACCERR);
    try("execute the stack", ACCESS_EXECUTE, (uintptr_t)&on_stack, SEGV_ACCERR);
    try("execute data", ACCESS_EXECUTE, (uintptr_t)data, SEGV_ACCERR);
    mprotect(region, PAGE, PROT_NONE);
    try("read a guard page", ACCESS_READ, (uintptr_t)region, SEGV_ACCERR);
}

static void rows_kernel(void)
{
    say("\nThe kernel's own:");
    try("read a kernel address", ACCESS_READ, 0xffff800000100000, SEGV_MAPERR);
    try("write to the kernel's code", ACCESS_WRITE, 0xffffffff80100000, SEGV_MAPERR);
    try("jump into the kernel", ACCESS_EXECUTE, 0xffffffff80100000, SEGV_MAPERR);
    trace_note("read a non-canonical address");
    row("read a non-canonical address", probe(ACCESS_READ, 0x800000000000), SIGSEGV,
        SI_KERNEL);
    say("    (the last is no address at all: the processor refuses it before paging,");
    say("     and does not say where it was)");
}

static void rows_file(void)
{
    int fd = open("/tmp/demo-segv", O_RDWR | O_CREAT | O_TRUNC, 0600);

    say("\nMapped, but the file ends before it:");
    if (fd < 0 || write(fd, "x", 1) != 1) {
        claim(false, "/tmp/demo-segv can be written");
        return;
    }
    char *view = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    trace_note("read past the end of a mapped file");
    struct refusal refusal = probe(ACCESS_READ, (uintptr_t)view + PAGE);
    row("read past the end of a mapped file", refusal, SIGBUS, BUS_ADRERR);
    munmap(view, 2 * PAGE);
    close(fd);
    unlink("/tmp/demo-segv");
}

int main(void)
{
    char *one = region_map(1), *two = region_map(1);

    mprotect(one, PAGE, PROT_READ);
    title("What is refused, and how");
    say("  %-37s %-7s %-12s %s", "tried", "signal", "si_code", "si_addr");
    rows_not_allowed(one);
    rows_nothing_mapped(two);
    rows_file();
    rows_kernel();
    say("\nIn all:");
    claim(rows == 15, "%d attempts, each ended one process: the one that made it", rows);
    return demo_end();
}
