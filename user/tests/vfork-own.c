/* vfork-own.c - a child in its parent's memory, and what is its own all the same.
 *
 * With vfork, or clone's CLONE_VM, two processes have one memory. Limits are each process's own:
 * what it asks for is measured by its, and the other's is not. So is what is to be made of it when
 * memory is out (oom_score_adj): the child sets it for the program that it will be. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MB    (1ul << 20)
#define LARGE (32 * MB)
#define DEPTH (2 * MB)
#define MORE  5 /* than the parent's adjustment */

static volatile int forked, status_of_forked = -1;
static volatile int refused, before, seen, limited, mapped, parent_maps;

static bool may_map(int access)
{
    void *place = mmap(NULL, LARGE, access, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (place == MAP_FAILED)
        return false;
    munmap(place, LARGE);
    return true;
}

static void limit(int which, rlim_t most)
{
    struct rlimit pair = {most, RLIM_INFINITY};

    setrlimit(which, &pair);
}

/* --- Limits ---------------------------------------------------------------------------- */

static void test_limit(int which, int access, const char *name)
{
    pid_t child = vfork();

    if (child == 0) {
        limit(which, LARGE / 2);
        refused = !may_map(access);
        _exit(0);
    }
    child_wait(child);
    check(refused, "%s: the child is measured by its own", name);
    check(may_map(access), "%s: its parent is not", name);
}

/* It does not run: what is set for it is for when it does. */
static void test_limit_of_parent(void)
{
    const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
    struct rlimit pair = {LARGE / 2, RLIM_INFINITY};
    pid_t child = vfork();

    if (child == 0) {
        prlimit(getppid(), RLIMIT_AS, &pair, NULL);
        refused = !may_map(PROT_READ);
        _exit(0);
    }
    child_wait(child);
    check(!refused, "what is set for the parent does not measure the child");
    check(!may_map(PROT_READ), "but the parent");
    setrlimit(RLIMIT_AS, &none);
}

static int grow_stack(void *argument)
{
    volatile char *top = argument;

    for (size_t depth = 0; depth < DEPTH; depth += 4096)
        top[-(long)depth] = 1;
    return 0;
}

static int vfork_and_grow(void *unused)
{
    char here;

    (void)unused;
    pid_t child = vfork();
    if (child == 0) {
        limit(RLIMIT_STACK, DEPTH / 2);
        _exit(0);
    }
    child_wait(child);
    return grow_stack(&here);
}

/* --- Both at once ---------------------------------------------------------------------- */

static int beside(void *unused)
{
    (void)unused;
    limit(RLIMIT_AS, LARGE / 2);
    limited = 1;
    while (!parent_maps)
        sched_yield();
    mapped = may_map(PROT_READ);
    return 0;
}

static void test_beside(void)
{
    static char stack[16384] __attribute__((aligned(16)));
    pid_t child = clone(beside, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);

    while (child > 0 && !limited)
        sched_yield();
    bool maps = may_map(PROT_READ);
    parent_maps = 1;
    child_wait(child);
    check(maps && !mapped, "two that run beside each other are measured each by its own");
    check(may_map(PROT_READ), "and who stays by its own still");
}

/* --- When memory is out ---------------------------------------------------------------- */

static int adjustment(void)
{
    char text[32] = "";
    int file = open("/proc/self/oom_score_adj", O_RDONLY);

    if (file < 0 || read(file, text, sizeof(text) - 1) <= 0)
        _exit(99);
    close(file);
    return atoi(text);
}

static void adjust(int to)
{
    char text[32];
    int length = snprintf(text, sizeof(text), "%d", to);
    int file = open("/proc/self/oom_score_adj", O_WRONLY);

    if (write(file, text, (size_t)length) != length)
        _exit(98);
    close(file);
}

static void test_adjustment(char *program)
{
    char wanted[32];

    before = adjustment();
    snprintf(wanted, sizeof(wanted), "%d", before + MORE);
    pid_t child = vfork();

    if (child == 0) {
        adjust(before + MORE);
        seen = adjustment();
        forked = fork();
        if (forked == 0)
            _exit(adjustment() != before + MORE);
        waitpid(forked, (int *)&status_of_forked, 0);
        execl(program, "vfork-own", wanted, (char *)NULL);
        _exit(97);
    }
    int status = child_wait(child);
    check_equal(seen, before + MORE, "a child's adjustment is told");
    check_equal(status_of_forked, 0, "a child of its own has it");
    check_equal(adjustment(), before, "its parent has none of it");
    check_equal(status, 0, "its program has it");
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return adjustment() != atoi(argv[1]);
    one_processor();
    test_limit(RLIMIT_AS, PROT_READ, "address space");
    test_limit(RLIMIT_DATA, PROT_READ | PROT_WRITE, "data");
    test_limit_of_parent();
    check_equal(child_run(vfork_and_grow, NULL), 0,
                "stack: a parent's grows, whatever its child's limit is");
    test_beside();
    test_adjustment(argv[0]);
    return tap_end();
}
