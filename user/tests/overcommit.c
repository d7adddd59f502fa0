/* overcommit.c - vm.overcommit_memory: how much more may be promised than there is. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MB        (1ul << 20)
#define WRITE     (PROT_READ | PROT_WRITE)
#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)

/* A line of /proc/meminfo, in bytes. */
static unsigned long told(const char *name)
{
    char line[100];
    unsigned long kib = 0;
    FILE *file = fopen("/proc/meminfo", "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            sscanf(line + strlen(name), ": %lu", &kib);
    if (file != NULL)
        fclose(file);
    return kib << 10;
}

static bool set(const char *name, const char *value)
{
    char path[100];
    snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
    FILE *file = fopen(path, "w");
    bool written = file != NULL && fputs(value, file) >= 0;
    return file != NULL && fclose(file) == 0 && written;
}

static char *promise(size_t length, int access, int flags)
{
    return mmap(NULL, length, access, flags, -1, 0);
}

static bool refused(void *place)
{
    return place == MAP_FAILED && errno == ENOMEM;
}

static void test_plausible(void)
{
    size_t all = told("MemTotal") + told("SwapTotal");
    check(refused(promise(all + all / 8, WRITE, ANONYMOUS)),
          "0: more than there is, at once");
    check(refused(promise(64ul << 40, WRITE, ANONYMOUS)), "64 TiB");
    char *half[4];
    for (int i = 0; i < 4; i++)
        half[i] = promise(all / 2, WRITE, ANONYMOUS);
    check(half[3] != MAP_FAILED, "twice as much as there is, in four parts");
    char *reserved = promise(2 * all, PROT_NONE, ANONYMOUS);
    check(reserved != MAP_FAILED, "any amount that nobody may write");
    check(mprotect(reserved, 2 * all, WRITE) == -1 && errno == ENOMEM,
          "until it is to be written");
    check(promise(2 * all, WRITE, ANONYMOUS | MAP_NORESERVE) != MAP_FAILED,
          "MAP_NORESERVE: any amount");
    for (int i = 0; i < 4; i++)
        munmap(half[i], all / 2);
}

static int forks(void *nothing)
{
    (void)nothing;
    return 0;
}

static void test_kept(void)
{
    check(set("overcommit_memory", "2"), "2: all promises are kept");
    size_t limit = told("CommitLimit"), part = limit / 4 / 4096 * 4096,
           before = told("Committed_AS");
    char *kept = promise(part, WRITE, ANONYMOUS);
    check_equal((long)(told("Committed_AS") - before), (long)part,
                "what is promised is counted");
    check(refused(promise(limit, WRITE, ANONYMOUS)), "not above the limit");
    check(refused(promise(limit, WRITE, ANONYMOUS | MAP_NORESERVE)), "whatever the flags");
    check(refused(promise(limit, PROT_READ, MAP_SHARED | MAP_ANONYMOUS)), "nor shared");
    char *shared = promise(part, WRITE, MAP_SHARED | MAP_ANONYMOUS);
    check(shared != MAP_FAILED, "shared memory counts once");
    check_equal(child_run(forks, NULL), 0, "a child with as much again: there is room");
    char *more = promise(part, WRITE, ANONYMOUS);
    check(more != MAP_FAILED, "three quarters");
    check(mmap(kept, part, WRITE, ANONYMOUS | MAP_FIXED, -1, 0) == kept,
          "what takes the place of as much is no more");
    check(fork() < 0 && errno == ENOMEM, "now a child would be too much");
    check(refused(mremap(kept, part, 3 * part, MREMAP_MAYMOVE)), "and a longer region");
    munmap(more, part), munmap(kept, part), munmap(shared, part);
    check(told("Committed_AS") <= before, "what was taken back counts no more");
    check(set("overcommit_ratio", "1"), "the limit follows vm.overcommit_ratio");
    check(told("CommitLimit") < limit, "it is lower");
    set("overcommit_ratio", "50");
}

static void test_anything(void)
{
    check(set("overcommit_memory", "1"), "1: anything");
    check(promise(1ul << 40, WRITE, ANONYMOUS) != MAP_FAILED, "a terabyte");
}

int main(void)
{
    if (!on_faultline()) {
        check_skip("it would change this machine's settings", "vm.overcommit_memory");
        return tap_end();
    }
    test_plausible();
    test_kept();
    test_anything();
    check(!set("overcommit_memory", "3"), "3 is refused");
    check(set("overcommit_memory", "0"), "0, as at first");
    return tap_end();
}
