/* limit-memory.c - RLIMIT_AS bounds all that is promised to a process, RLIMIT_DATA what only
 * it can write; by whichever call it asks. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MB          (1ul << 20)
#define WRITE       (PROT_READ | PROT_WRITE)
#define ANONYMOUS   (MAP_PRIVATE | MAP_ANONYMOUS)
#define STACK_DEPTH (6 * MB)

static bool refused(void *place)
{
    return place == MAP_FAILED && errno == ENOMEM;
}

static void *promise(size_t length, int access, int flags)
{
    return mmap(NULL, length, access, flags, -1, 0);
}

/* Linux's call: the end of the heap as it is then. */
static bool heap_grows(size_t more)
{
    unsigned long end = (unsigned long)syscall(SYS_brk, 0);
    return (unsigned long)syscall(SYS_brk, end + more) == end + more;
}

static void limit_to(int resource, rlim_t most)
{
    struct rlimit limit = {most, RLIM_INFINITY};
    if (setrlimit(resource, &limit) != 0)
        bail("setrlimit");
}

static int grow_stack(void *argument)
{
    volatile char *top = argument;
    for (size_t depth = 0; depth < STACK_DEPTH; depth += 4096)
        top[-(long)depth] = 1;
    return 0;
}

static int exec_self(void *argument)
{
    execl("/proc/self/exe", "limit-memory", (char *)argument, NULL);
    return errno == ENOMEM ? 0 : 1;
}

static void test_space(void)
{
    char *old = promise(MB, WRITE, ANONYMOUS);
    limit_to(RLIMIT_AS, 32 * MB);
    check(refused(promise(64 * MB, PROT_NONE, ANONYMOUS)), "AS: mmap");
    check(refused(promise(64 * MB, PROT_NONE, ANONYMOUS | MAP_NORESERVE)), "NORESERVE");
    check(!heap_grows(64 * MB), "brk");
    check(refused(mremap(old, MB, 64 * MB, MREMAP_MAYMOVE)), "mremap");
    check(heap_grows(2 * MB) && promise(2 * MB, WRITE, ANONYMOUS) != MAP_FAILED,
          "what fits is granted");
    char *large = promise(20 * MB, PROT_READ, ANONYMOUS);
    check(large != MAP_FAILED, "20 of 32 MB");
    check(mmap(large, 20 * MB, PROT_READ, ANONYMOUS | MAP_FIXED, -1, 0) == large,
          "and in its place as much again");
    char here;
    int status = child_run(grow_stack, &here);
    check(status == 0, "the stack grows by 6 MB");
    limit_to(RLIMIT_AS, 30 * MB);
    status = child_run(grow_stack, &here);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
          "when it may not, it ends the process");
    limit_to(RLIMIT_AS, 16 * MB);
    check(promise(4096, PROT_READ, ANONYMOUS) == MAP_FAILED && munmap(large, 20 * MB) == 0,
          "a limit that fell below takes nothing back");
    limit_to(RLIMIT_AS, RLIM_INFINITY);
    check(promise(64 * MB, PROT_NONE, ANONYMOUS) != MAP_FAILED,
          "without it, all as before");
}

static void test_data(void)
{
    char *readable = promise(64 * MB, PROT_READ, ANONYMOUS);
    limit_to(RLIMIT_DATA, 16 * MB);
    check(refused(promise(32 * MB, WRITE, ANONYMOUS)), "DATA: mmap of private memory");
    check(promise(32 * MB, WRITE, MAP_SHARED | MAP_ANONYMOUS) != MAP_FAILED,
          "shared memory is no data");
    check(promise(32 * MB, PROT_READ, ANONYMOUS) != MAP_FAILED,
          "nor what nobody may write");
    check(mprotect(readable, 32 * MB, WRITE) == -1 && errno == ENOMEM,
          "mprotect that makes it writable");
    check(mprotect(readable, MB, WRITE) == 0 && mprotect(readable, MB, PROT_READ) == 0,
          "a little is granted");
    check(!heap_grows(32 * MB), "brk");
    check(heap_grows(MB), "a little of that, too");
    char *own = promise(10 * MB, WRITE, ANONYMOUS);
    check(mmap(own, 10 * MB, WRITE, ANONYMOUS | MAP_FIXED, -1, 0) == own,
          "what it takes the place of goes off");
    check(refused(mmap(own - 9 * MB, 10 * MB, WRITE, ANONYMOUS | MAP_FIXED, -1, 0)),
          "but not what it adds");
    munmap(own, 10 * MB);
    limit_to(RLIMIT_DATA, RLIM_INFINITY);
}

/* As Linux has it: a soft limit of nothing stops the heap, and all else at the hard one. */
static int data_of_nothing(void *nothing)
{
    (void)nothing;
    struct rlimit limit = {0, 16 * MB};
    setrlimit(RLIMIT_DATA, &limit);
    return promise(MB, WRITE, ANONYMOUS) != MAP_FAILED &&
                   refused(promise(32 * MB, WRITE, ANONYMOUS)) && !heap_grows(4096)
               ? 0
               : 1;
}

static int is_limited(void *nothing)
{
    (void)nothing;
    return refused(promise(64 * MB, PROT_NONE, ANONYMOUS)) ? 0 : 1;
}

int main(int count, char **words)
{
    (void)words;
    if (count > 1)
        return is_limited(NULL);
    test_space();
    test_data();
    check_equal(child_run(data_of_nothing, NULL), 0, "DATA: a soft limit of 0");
    limit_to(RLIMIT_AS, 32 * MB);
    check_equal(child_run(is_limited, NULL), 0, "a child has the limit");
    check_equal(child_run(exec_self, "again"), 0, "and the program that it becomes");
    return tap_end();
}
