/* kernel-address.c - no address that is not the process's own can be read, written or
 * executed: each attempt ends in SIGSEGV for the one who tried, and in nothing else.
 *
 * A non-canonical address (bits 63 to 47 not all alike) is no page fault at all but a
 * protection fault without an address: SI_KERNEL, si_addr 0, as on Linux. */
#include "user/lib/probe.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

static const struct {
    uintptr_t address;
    const char *name;
} places[] = {
    {0, "null"},
    {0xfff, "the end of page 0"},
    {0x7ffffffff000, "the last page below 2^47"},
    {0x7fffffffffff, "the last byte below 2^47"},
    {0x800000000000, "the first non-canonical address"},
    {0x1234567812345678, "a non-canonical address"},
    {0xffff7fffffffffff, "the last non-canonical address"},
    {0xffff800000000000, "the first kernel address"},
    {0xffff800000100000, "the kernel's frames in the direct map"},
    {0xffffc00000000000, "kernel stacks"},
    {0xffffffff80000000, "the kernel image"},
    {0xffffffff80100000, "the kernel's code"},
    {0xffffffff80200000, "the kernel's data"},
    {0xfffffffffee00000, "device registers"},
    {0xffffffffff600000, "where Linux has its vsyscall page"},
    {0xffffffffffffffff, "the last address"},
};

static bool canonical(uintptr_t address)
{
    return (intptr_t)(address << 16) >> 16 == (intptr_t)address;
}

static void test_accesses(void)
{
    for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        uintptr_t address = places[i].address;

        for (enum access how = ACCESS_READ; how <= ACCESS_EXECUTE; how++) {
            struct refusal refusal = probe(how, address);

            /* Linux emulates execution of its vsyscall page. */
            if (address == 0xffffffffff600000 && !on_faultline()) {
                check_skip("Linux has a page there", "%s: %s", access_name(how),
                           places[i].name);
                continue;
            }
            check(refusal.refused && refusal.signal == SIGSEGV, "%s %s: SIGSEGV",
                  access_name(how), places[i].name);
            if (canonical(address))
                check(refusal.address == address && refusal.code == SEGV_MAPERR,
                      "%s %s: its address, SEGV_MAPERR", access_name(how), places[i].name);
        }
    }
}

static void across_end(uintptr_t unused)
{
    (void)unused;
    (void)*(volatile uint64_t *)0x7fffffffeffc; /* and four bytes into the last page */
}

static void stack_in_kernel(uintptr_t stack)
{
    __asm__ volatile("mov %0, %%rsp; push %%rax" : : "r"(stack));
}

static void return_to(uintptr_t address)
{
    __asm__ volatile("push %0; ret" : : "r"(address));
}

static void test_odd_ways(void)
{
    check(probe_step(across_end, 0).signal == SIGSEGV,
          "reading across the end of user space");
    check(probe_step(stack_in_kernel, 0xffff800000100000).refused,
          "pushing on a stack in the kernel");
    check(probe_step(stack_in_kernel, 0x1234567812345678).refused,
          "pushing on a non-canonical stack");
    check(probe_step(return_to, 0xffffffff80100000).signal == SIGSEGV,
          "returning into the kernel");
    check(probe_step(return_to, 0x800000000000).signal == SIGSEGV,
          "returning to a non-canonical address");
}

/* A syscall instruction whose return address would be the first non-canonical one cannot be
 * placed, since the last page below 2^47 is never mapped: try to map it. */
static void test_last_page(void)
{
    check(raw6(SYS_mmap, 0x7ffffffff000, 4096, 5, 0x32, -1, 0) == -ENOMEM,
          "the last page below 2^47 cannot be mapped");
}

static void system_calls(uintptr_t address)
{
    int ends[2];

    if (pipe(ends) != 0)
        _exit(1);
    if (raw3(SYS_write, ends[1], address, 8) != -EFAULT ||
        raw3(SYS_read, ends[0], address, 0) > 0)
        __asm__ volatile("ud2");
}

static void test_through_kernel(void)
{
    for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        check(!probe_step(system_calls, places[i].address).refused,
              "the kernel does not read %s for us", places[i].name);
}

int main(void)
{
    test_accesses();
    test_odd_ways();
    test_last_page();
    test_through_kernel();
    return tap_end();
}
