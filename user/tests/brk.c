/* brk.c - the heap's end, moved up and down: new memory is zero, old memory goes. */
#include "user/lib/counters.h"
#include "user/lib/probe.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

static char *brk_to(char *end)
{
    return (char *)raw3(SYS_brk, (long)end, 0, 0);
}

static void test_growth(char *start)
{
    check(brk_to(start + 3 * PAGE) == start + 3 * PAGE, "the heap grows");
    bool zero = true;
    for (int i = 0; i < 3 * PAGE; i++)
        zero &= start[i] == 0;
    check(zero, "new heap is zero");
    memset(start, 7, 3 * PAGE);
    check(brk_to(start + PAGE) == start + PAGE, "it shrinks");
    check(start[PAGE - 1] == 7, "what is left stays");
    check(probe(ACCESS_READ, (uintptr_t)start + PAGE).code == SEGV_MAPERR,
          "what was given back is gone");
    check(brk_to(start + 3 * PAGE) == start + 3 * PAGE && start[PAGE] == 0 &&
              start[2 * PAGE] == 0,
          "and zero when it comes again");
    check(brk_to(start + 100) == start + 100, "an end inside a page is remembered exactly");
    check(brk_to(start) == start, "the heap can be empty again");
}

static void test_refused(char *start)
{
    char *page = mmap(start + 16 * PAGE, PAGE, PROT_READ,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

    check(brk_to((char *)16) == start, "below its start it does not move");
    check(brk_to((char *)-1L) == start, "nor into kernel addresses");
    check(brk_to((char *)(1L << 47)) == start, "nor beyond user addresses");
    check(page == MAP_FAILED || brk_to(start + 32 * PAGE) == start,
          "nor over another region");
    check(page == MAP_FAILED || brk_to(start + 8 * PAGE) == start + 8 * PAGE,
          "but up to it");
    check(page == MAP_FAILED || brk_to(start + 15 * PAGE) == start + 15 * PAGE,
          "as long as a page stays free between");
    check(page == MAP_FAILED || brk_to(start + 15 * PAGE + 1) == start + 15 * PAGE,
          "and no closer");
    munmap(page, PAGE);
    brk_to(start);
}

static void test_limit(char *start)
{
    struct rlimit before, limit;

    getrlimit(RLIMIT_DATA, &before);
    limit = (struct rlimit){.rlim_cur = 1 << 20, .rlim_max = before.rlim_max};
    if (setrlimit(RLIMIT_DATA, &limit) != 0) {
        check_skip("RLIMIT_DATA cannot be set", "the limit on data");
        return;
    }
    check(brk_to(start + (4 << 20)) == start, "beyond RLIMIT_DATA it does not move");
    setrlimit(RLIMIT_DATA, &before);
}

static void test_promise(char *start)
{
    long before = faults_now();

    if (brk_to(start + (48 << 20)) != start + (48 << 20)) {
        check(false, "48 MiB of heap");
        return;
    }
    check(faults_now() - before <= 1, "48 MiB of heap cost no fault");
    before = faults_now();
    for (int i = 0; i < 32; i++)
        start[i * (1 << 20) + 5 * PAGE] = 1;
    counted_equal(faults_now() - before, 32, "touching 32 pages of it costs 32");
    brk_to(start);
}

int main(void)
{
    /* musl keeps its own heap below: start at a page of ours. */
    char *start = (char *)(((uintptr_t)brk_to(0) + PAGE - 1) & -(uintptr_t)PAGE);

    program_touch();
    brk_to(start);
    check(brk_to(0) == start, "brk(0) tells the end");
    test_growth(start);
    test_limit(start);
    test_promise(start);
    char *floor = brk_to(0);
    check(floor == start, "the end is where we left it");
    test_refused(start);
    return tap_end();
}
