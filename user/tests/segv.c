/* segv.c - what is refused, and what the process is told: signal, si_code and si_addr. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/probe.h"
#include "user/lib/tap.h"

#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void refused_with(const char *what, enum access how, uintptr_t address, int code)
{
    struct refusal refusal = probe(how, address);

    check(refusal.refused && refusal.signal == SIGSEGV, "%s: SIGSEGV", what);
    check_equal(refusal.code, code, "%s: si_code is %s", what, code_name(SIGSEGV, code));
    check_equal((long)refusal.address, (long)address, "%s: si_addr is the address", what);
}

static void test_codes(void)
{
    static char data[2 * PAGE];
    char on_stack = (char)0xc3;
    char *region = region_map(2);
    uintptr_t text = (uintptr_t)&test_codes;

    refused_with("reading null", ACCESS_READ, 0, SEGV_MAPERR);
    refused_with("writing null", ACCESS_WRITE, 0, SEGV_MAPERR);
    refused_with("executing null", ACCESS_EXECUTE, 0, SEGV_MAPERR);
    refused_with("reading near null", ACCESS_READ, 100, SEGV_MAPERR);
    refused_with("writing code", ACCESS_WRITE, text, SEGV_ACCERR);
    refused_with("executing data", ACCESS_EXECUTE, (uintptr_t)data + PAGE, SEGV_ACCERR);
    refused_with("executing the stack", ACCESS_EXECUTE, (uintptr_t)&on_stack, SEGV_ACCERR);
    region[0] = region[PAGE] = (char)0xc3;
    refused_with("executing the heap", ACCESS_EXECUTE, (uintptr_t)region, SEGV_ACCERR);
    mprotect(region, PAGE, PROT_READ);
    refused_with("writing a read-only page", ACCESS_WRITE, (uintptr_t)region + 77,
                 SEGV_ACCERR);
    munmap(region, 2 * PAGE);
    refused_with("reading what was unmapped", ACCESS_READ, (uintptr_t)region + PAGE + 5,
                 SEGV_MAPERR);
    refused_with("executing what was unmapped", ACCESS_EXECUTE, (uintptr_t)region,
                 SEGV_MAPERR);
}

static sigjmp_buf back;
static volatile uintptr_t told;
static volatile int times;

static void on_fault(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)context;
    told = (uintptr_t)info->si_addr;
    times++;
    siglongjmp(back, 1);
}

/* The same access again and again: each is refused anew, and the process lives. */
static void test_survivor(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    struct sigaction before;

    sigaction(SIGSEGV, &action, &before);
    for (volatile int i = 0; i < 100; i++)
        if (sigsetjmp(back, 1) == 0)
            *(volatile char *)(uintptr_t)(4 + i) = 1;
    check_equal(times, 100, "a handler that jumps away survives a hundred refusals");
    check_equal(told, 103, "each with its own address");
    sigaction(SIGSEGV, &before, NULL);
}

static volatile char *mending;

static void on_fault_mend(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    (void)context;
    mprotect((void *)mending, PAGE, PROT_READ | PROT_WRITE);
    times++;
}

/* What user-level pagers do: the handler repairs the page, and the instruction runs again. */
static void test_mended(void)
{
    struct sigaction action = {.sa_sigaction = on_fault_mend, .sa_flags = SA_SIGINFO};
    struct sigaction before;

    mending = region_map(1);
    mprotect((void *)mending, PAGE, PROT_NONE);
    times = 0;
    sigaction(SIGSEGV, &action, &before);
    mending[3] = 42;
    sigaction(SIGSEGV, &before, NULL);
    check(times == 1 && mending[3] == 42, "a handler that mends the page: the instruction "
                                          "runs again");
    munmap((void *)mending, PAGE);
}

static void write_near_null(void)
{
    volatile uintptr_t address = 8; /* a variable: the compiler knows null */

    *(volatile char *)address = 1;
}

static int fault_ignored(void *unused)
{
    (void)unused;
    signal(SIGSEGV, SIG_IGN);
    write_near_null();
    return 0;
}

static int fault_blocked(void *unused)
{
    sigset_t all;

    (void)unused;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    write_near_null();
    return 0;
}

static void test_forced(void)
{
    int status = child_run(fault_ignored, NULL);

    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
          "a fault that is ignored ends the process all the same");
    status = child_run(fault_blocked, NULL);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "one that is blocked too");
}

static void undefined(uintptr_t unused)
{
    (void)unused;
    __asm__ volatile("ud2");
}

static int divide(void *zero)
{
    volatile int divisor = *(int *)zero;

    return 7 / divisor;
}

static int privileged(void *unused)
{
    (void)unused;
    __asm__ volatile("cli");
    return 0;
}

static void test_others(void)
{
    int zero = 0;

    check_equal(probe_step(undefined, 0).signal, SIGILL,
                "an undefined instruction: SIGILL");
    check_equal(WTERMSIG(child_run(divide, &zero)), SIGFPE, "division by zero: SIGFPE");
    check_equal(WTERMSIG(child_run(privileged, NULL)), SIGSEGV,
                "a privileged instruction: SIGSEGV");
}

int main(void)
{
    test_codes();
    test_survivor();
    test_mended();
    test_forced();
    test_others();
    return tap_end();
}
