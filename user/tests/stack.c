/* stack.c - the stack grows by faults, down to its limit and not a page further. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/probe.h"
#include "user/lib/tap.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SMALL = 256 << 10, LARGE = 4 << 20 };

static uintptr_t stack_pointer(void)
{
    uintptr_t here;

    __asm__("mov %%rsp, %0" : "=r"(here));
    return here;
}

/* Touch one byte a page from here down to `depth` bytes below. */
static void touch_down(uintptr_t depth)
{
    uintptr_t top = stack_pointer() & -(uintptr_t)PAGE;

    for (uintptr_t down = PAGE; down <= depth; down += PAGE)
        *(volatile char *)(top - down) = 1;
}

/* Last, since a stack never shrinks: below what is grown here no limit would be met. */
static void test_growth(void)
{
    struct rlimit limit = {LARGE * 2, RLIM_INFINITY};

    setrlimit(RLIMIT_STACK, &limit);
    touch_down(64 * PAGE); /* what lies there already */
    long before = faults_now();
    uintptr_t top = stack_pointer() & -(uintptr_t)PAGE;
    for (int i = 65; i <= 264; i++)
        *(volatile char *)(top - (uintptr_t)i * PAGE) = 1;
    counted_equal(faults_now() - before, 200, "each new page of stack takes one fault");
    check(*(volatile char *)(top - 264ul * PAGE) == 1, "and holds what is written");
    check(*(volatile char *)(top - 264ul * PAGE + 100) == 0, "the rest of it is zero");
    touch_down(LARGE);
    check(true, "4 MiB of stack under a limit of 8");
}

static void beyond_limit(uintptr_t depth)
{
    struct rlimit limit = {SMALL, RLIM_INFINITY};

    setrlimit(RLIMIT_STACK, &limit);
    touch_down(depth);
}

static void far_below(uintptr_t distance)
{
    *(volatile char *)(stack_pointer() - distance) = 1;
}

static int recurse(int depth)
{
    volatile char frame[4096];

    frame[0] = depth;
    if (depth < 0)
        return 0;
    return recurse(depth + 1) + frame[0];
}

static void recurse_for_ever(uintptr_t start)
{
    struct rlimit limit = {SMALL, RLIM_INFINITY};

    setrlimit(RLIMIT_STACK, &limit);
    recurse(start);
}

static void test_limit(void)
{
    struct refusal refusal = probe_step(beyond_limit, SMALL / 2);

    check(!refusal.refused, "within the limit nothing is refused");
    refusal = probe_step(beyond_limit, SMALL * 2);
    check(refusal.signal == SIGSEGV && refusal.code == SEGV_MAPERR,
          "beyond it: SIGSEGV, SEGV_MAPERR");
    check(refusal.address < stack_pointer() - SMALL / 2 &&
              refusal.address > stack_pointer() - SMALL * 2,
          "si_addr is where the limit was met");
    refusal = probe_step(recurse_for_ever, 0);
    check(refusal.signal == SIGSEGV,
          "endless recursion ends in SIGSEGV, handled on an alternate stack");
    refusal = probe_step(far_below, 32ul << 20);
    check(refusal.signal == SIGSEGV && refusal.code == SEGV_MAPERR,
          "far below the stack as well");
}

static int recurse_onto(void *unused)
{
    struct rlimit limit = {LARGE * 2, RLIM_INFINITY};

    (void)unused;
    setrlimit(RLIMIT_STACK, &limit);
    return recurse(0);
}

/* A region lies below the stack, well within its limit. It is shared, so that we would see
 * what the child's stack did to it. */
static void test_neighbour(void)
{
    uintptr_t below = (stack_pointer() - (2 << 20)) & -(uintptr_t)PAGE;
    char *page = mmap((void *)below, PAGE, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    bool whole = true;

    memset(page, 1, PAGE);
    check_equal(WTERMSIG(child_run(recurse_onto, NULL)), SIGSEGV,
                "a stack that meets a region ends the process by SIGSEGV");
    for (int i = 0; i < PAGE; i++)
        whole &= page[i] == 1;
    check(whole, "and does not write into the region");
    munmap(page, PAGE);
}

static void test_guard(void)
{
    char *region = region_map(3);

    mprotect(region + PAGE, PAGE, PROT_NONE);
    memset(region, 1, PAGE);
    struct refusal refusal = probe(ACCESS_WRITE, (uintptr_t)region + PAGE);
    check(refusal.code == SEGV_ACCERR && refusal.address == (uintptr_t)region + PAGE,
          "a guard page refuses the first byte past its neighbour");
    check(!probe(ACCESS_WRITE, (uintptr_t)region + 2 * PAGE).refused,
          "the page behind it is not affected");
    munmap(region, 3 * PAGE);
}

int main(void)
{
    program_touch();
    test_limit();
    test_neighbour();
    test_guard();
    test_growth();
    return tap_end();
}
