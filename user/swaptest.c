/* swaptest - more memory than there is, and every byte as it should be.
 *
 *   swaptest MIB [COUNT]    COUNT processes (1) of so many MiB each, at once
 *
 * Each process fills its pages with what only that page can hold, exchanges pages at random,
 * forks, writes to some while the child looks through all as they were, and then looks
 * through all itself. Prints what was done and what it took, so that two policies can be
 * compared, and how they ended; exits with 0 if all were intact:
 *
 *   policy clock
 *   pages written 13440 read 23040
 *   faults 25631 major 3012
 *   page-ins 12044 page-outs 14310
 *   intact 3 lost 1 killed 0 corrupt 0
 *
 * Page-ins and page-outs are the whole machine's meanwhile: pages read from the swap area, and
 * written to it.
 *
 * lost: a page could not be read back (SIGBUS), and its owner was told so. killed: ended for
 * want of memory. corrupt: a page held something else, which must never be. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/tap.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS = PAGE / sizeof(uint64_t), PAGES_A_MIB = 256 };
enum { EXIT_INTACT, EXIT_CORRUPT, EXIT_LOST, EXIT_KILLED };

/* Pages written and read, by all: they share it. */
struct work_done {
    unsigned long written, read;
};

struct memory {
    struct work_done *done;
    size_t pages;
    uint64_t *at;
    uint32_t *holds; /* for each page, which pattern */
    uint32_t seed, dice;
};

static uint32_t below(struct memory *memory, uint32_t bound)
{
    memory->dice = memory->dice * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)memory->dice * bound >> 32);
}

static uint64_t pattern(const struct memory *memory, uint32_t which)
{
    return ((uint64_t)memory->seed << 32 | which) * 0x9e3779b97f4a7c15ull;
}

static void page_fill(struct memory *memory, size_t page, uint32_t which)
{
    uint64_t *word = memory->at + page * WORDS, value = pattern(memory, which);

    for (size_t i = 0; i < WORDS; i++)
        word[i] = value + i;
    memory->holds[page] = which;
    __atomic_add_fetch(&memory->done->written, 1, __ATOMIC_RELAXED);
}

static bool page_check(const struct memory *memory, size_t page)
{
    const uint64_t *word = memory->at + page * WORDS;
    uint64_t value = pattern(memory, memory->holds[page]);

    __atomic_add_fetch(&memory->done->read, 1, __ATOMIC_RELAXED);
    for (size_t i = 0; i < WORDS; i++) {
        if (word[i] == value + i)
            continue;
        printf("page %zu of %zu, word %zu: %#lx, should be %#lx\n", page, memory->pages, i,
               word[i], value + i);
        return false;
    }
    return true;
}

static bool all_check(const struct memory *memory)
{
    for (size_t page = 0; page < memory->pages; page++)
        if (!page_check(memory, page))
            return false;
    return true;
}

static void pages_exchange(struct memory *memory, size_t a, size_t b)
{
    uint64_t *left = memory->at + a * WORDS, *right = memory->at + b * WORDS;
    uint32_t which = memory->holds[a];

    for (size_t i = 0; i < WORDS; i++) {
        uint64_t word = left[i];
        left[i] = right[i];
        right[i] = word;
    }
    memory->holds[a] = memory->holds[b];
    memory->holds[b] = which;
    __atomic_add_fetch(&memory->done->read, 2, __ATOMIC_RELAXED);
    __atomic_add_fetch(&memory->done->written, 2, __ATOMIC_RELAXED);
}

static int look_through(void *argument)
{
    const struct memory *memory = argument;

    return all_check(memory) ? EXIT_INTACT : EXIT_CORRUPT;
}

/* What a wait status says of a process that does these things. */
static int verdict(int status)
{
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    return WTERMSIG(status) == SIGBUS ? EXIT_LOST : EXIT_KILLED;
}

static int work(void *argument)
{
    struct memory *memory = argument;
    size_t pages = memory->pages;

    memory->at = (uint64_t *)region_map(pages);
    memory->holds = malloc(pages * sizeof(*memory->holds));
    if (!memory->holds)
        return EXIT_KILLED;
    for (size_t page = 0; page < pages; page++)
        page_fill(memory, page, (uint32_t)page);
    for (size_t i = 0; i < pages / 8; i++)
        pages_exchange(memory, below(memory, pages), below(memory, pages));
    pid_t child = child_start(look_through, memory);
    for (size_t i = 0; i < pages / 16; i++)
        page_fill(memory, below(memory, pages), (uint32_t)(pages + i));
    int seen = verdict(child_wait(child));
    return seen != EXIT_INTACT ? seen : look_through(memory);
}

/* Which pages go: the policy of the group that we are in. Linux has no such file. */
static void policy_say(void)
{
    char group[64] = "", path[128], name[32];
    FILE *file = fopen("/proc/self/cgroup", "r");

    if (file && fscanf(file, "0::%63s", group) < 1)
        group[0] = '\0';
    if (file)
        fclose(file);
    snprintf(path, sizeof(path), "/sys/fs/cgroup%s/memory.policy", group);
    file = fopen(path, "r");
    if (!file)
        return;
    if (fscanf(file, "%31s", name) == 1)
        printf("policy %s\n", name);
    fclose(file);
}

static long pages_in(void)
{
    return value_read("/proc/vmstat", "pswpin");
}

static long pages_out(void)
{
    return value_read("/proc/vmstat", "pswpout");
}

static void done_say(const struct work_done *done, long in, long out)
{
    struct rusage usage;

    getrusage(RUSAGE_CHILDREN, &usage);
    printf("pages written %lu read %lu\n", done->written, done->read);
    printf("faults %ld major %ld\n", usage.ru_minflt + usage.ru_majflt, usage.ru_majflt);
    printf("page-ins %ld page-outs %ld\n", in, out);
}

int main(int argc, char *argv[])
{
    size_t size = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    int count = argc > 2 ? atoi(argv[2]) : 1, ended[4] = {0}, status;
    struct work_done *done;

    if (!size || count < 1) {
        fputs("usage: swaptest MIB [COUNT]\n", stderr);
        return 2;
    }
    mlockall(MCL_CURRENT | MCL_FUTURE); /* who counts the lost is not to be among them */
    done = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (done == MAP_FAILED)
        bail("no memory for counting");
    policy_say();
    long in = pages_in(), out = pages_out();
    for (int i = 0; i < count; i++) {
        struct memory memory = {
            .done = done, .pages = size * PAGES_A_MIB, .seed = i + 1, .dice = i + 1};

        child_start(work, &memory);
    }
    for (int i = 0; i < count && wait(&status) > 0; i++)
        ended[verdict(status) & 3]++;
    done_say(done, pages_in() - in, pages_out() - out);
    printf("intact %d lost %d killed %d corrupt %d\n", ended[EXIT_INTACT], ended[EXIT_LOST],
           ended[EXIT_KILLED], ended[EXIT_CORRUPT]);
    return ended[EXIT_INTACT] != count;
}
