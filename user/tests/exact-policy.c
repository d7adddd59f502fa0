/* exact-policy.c - page replacement in exact mode, counted with pencil and paper: exact LRU
 * on the textbook's string; and under the smallest limits, with any policy, an instruction
 * that needs two pages gets past. Pages are only read, so that nothing needs a disk. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/exact.h"
#include "user/lib/group.h"
#include "user/lib/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { PAGES = 16 };

static char *region;

static const int textbook[] = {7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1};
static const int belady[] = {1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5};

/* Claims are told outside: where they are written to a file, its pages would be the group's. */
static void inside(bool yes)
{
    if (!group_join(yes ? EXACT_GROUP : GROUP_ROOT))
        bail("joining a group");
}

static long run(const char *policy, int frames, const int *string, int length)
{
    inside(true);
    group_limit(EXACT_GROUP, 10 * PAGES);
    madvise(region, PAGES * PAGE, MADV_DONTNEED);
    exact_tell("memory.policy", policy);
    if (!group_limit(EXACT_GROUP, frames))
        bail("memory.max");
    exact_begin();
    long before = faults_now();
    for (int i = 0; i < length; i++)
        (void)*(volatile char *)(region + string[i] * PAGE);
    long faults = faults_now() - before;
    exact_tell("memory.exact", "0");
    inside(false);
    check_equal(group_number(EXACT_GROUP, "memory.stat", "exact_references"), length,
                "%s, %d frames: each reference seen", policy, frames);
    return faults;
}

#define RUN(policy, frames, string) \
    run(policy, frames, string, sizeof(string) / sizeof(*(string)))

static void test_textbook(void)
{
    check_equal(RUN("lru", 3, textbook), 12, "the textbook's string, LRU, 3 frames");
    check_equal(RUN("lru", 4, textbook), 8, "4 frames");
    check_equal(RUN("fifo", 3, textbook), 15, "FIFO, 3 frames");
    check_equal(RUN("fifo", 3, belady), 9, "Belady's string, FIFO, 3 frames");
    check_equal(RUN("fifo", 4, belady), 10, "and 4 frames: more");
    check_equal(RUN("lru", 3, belady), 10, "LRU, 3 frames");
    check_equal(RUN("lru", 4, belady), 8, "and 4: fewer");
}

/* cmpsq reads a word of one page and one of another, as one instruction. */
static void pairs(void)
{
    for (int i = 0; i < 200; i++) {
        const char *a = region + i * 5 % PAGES * PAGE;
        const char *b = region + (i * 7 + 1) % PAGES * PAGE;

        __asm__ volatile("cmpsq" : "+S"(a), "+D"(b) : : "cc");
    }
}

static void test_pairs(void)
{
    static const char *const policies[] = {"clock",   "fifo",      "clock-rm", "aging",
                                           "lfu",     "mfu",       "random",   "sieve",
                                           "wsclock", "clock-pro", "lru",      "mine"};

    for (unsigned i = 0; i < sizeof(policies) / sizeof(*policies); i++) {
        inside(true);
        group_limit(EXACT_GROUP, 10 * PAGES);
        madvise(region, PAGES * PAGE, MADV_DONTNEED);
        exact_tell("memory.policy", policies[i]);
        if (!group_limit(EXACT_GROUP, 2))
            bail("memory.max");
        pairs();
        exact_begin();
        pairs();
        exact_tell("memory.exact", "0");
        long most = group_number(EXACT_GROUP, "memory.current", NULL) / PAGE;
        inside(false);
        check(most <= 2, "%s: two pages for each instruction, and two frames", policies[i]);
    }
}

static void test_one(void)
{
    static const int string[] = {0, 1, 2, 0, 0, 1};

    check_equal(RUN("lru", 1, string), 5, "one frame");
}

/* For the simulator: exact-policy record POLICY FRAMES REFERENCE..., as 3r or 3w. The
 * references as the kernel has them, and the last line: `# faults N`. */
static int record(const char *policy, unsigned long frames, int count, char *references[])
{
    region = exact_open(PAGES);
    exact_tell("memory.policy", policy);
    if (!group_limit(EXACT_GROUP, frames))
        bail("memory.max");
    exact_begin();
    long before = faults_now();
    for (int i = 0; i < count; i++) {
        char *kind;
        volatile char *byte = region + strtoul(references[i], &kind, 10) % PAGES * PAGE;

        if (*kind == 'w')
            *byte = i;
        else
            (void)*byte;
    }
    long faults = faults_now() - before;
    exact_end();
    fputs(exact_lines(), stdout);
    printf("# faults %ld\n", faults);
    exact_close();
    return 0;
}

int main(int argc, char *argv[])
{
    if (argc > 4)
        return record(argv[2], strtoul(argv[3], NULL, 10), argc - 4, argv + 4);
    if (!on_faultline()) {
        check_skip("Faultline's own", "exact mode");
        return tap_end();
    }
    region = exact_open(PAGES);
    test_textbook();
    test_pairs();
    test_one();
    exact_close();
    return tap_end();
}
