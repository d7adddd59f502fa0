/* advice.c - madvise beyond MADV_DONTNEED (which madvise.c tests): what fork leaves out or
 * wipes, what may be freed, holes in shared memory, faulting in ahead; and mlock's errors. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/probe.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READ_WRITE = PROT_READ | PROT_WRITE };

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_COLD
#define MADV_COLD    20
#define MADV_PAGEOUT 21
#endif

static int child_reads(void *argument)
{
    return *(volatile char *)argument;
}

static void test_fork(void)
{
    char *at = region_map(3);

    memset(at, 7, 3 * PAGE);
    check(madvise(at + PAGE, PAGE, MADV_DONTFORK) == 0, "MADV_DONTFORK");
    int status = child_run(child_reads, at + PAGE);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "the child does not have it");
    status = child_run(child_reads, at + 2 * PAGE);
    check(WIFEXITED(status) && WEXITSTATUS(status) == 7, "but what lies beside it");
    check(madvise(at + PAGE, PAGE, MADV_DOFORK) == 0, "MADV_DOFORK");
    status = child_run(child_reads, at + PAGE);
    check(WIFEXITED(status) && WEXITSTATUS(status) == 7, "now it has");
    check(madvise(at, PAGE, MADV_WIPEONFORK) == 0, "MADV_WIPEONFORK");
    status = child_run(child_reads, at);
    check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child reads zero there");
    check(at[0] == 7, "the parent what it wrote");
    check(madvise(at, PAGE, MADV_KEEPONFORK) == 0, "MADV_KEEPONFORK");
    status = child_run(child_reads, at);
    check(WIFEXITED(status) && WEXITSTATUS(status) == 7, "and then the child too");
    munmap(at, 3 * PAGE);
    char *shared = shared_page();
    check(fails(madvise(shared, PAGE, MADV_WIPEONFORK), EINVAL),
          "MADV_WIPEONFORK of shared memory: EINVAL");
    munmap(shared, PAGE);
}

static void test_free(void)
{
    char *at = region_map(4);

    memset(at, 5, 4 * PAGE);
    check(madvise(at, 4 * PAGE, MADV_FREE) == 0, "MADV_FREE");
    check(at[PAGE] == 5 || at[PAGE] == 0, "the contents are as they were, or zeroes");
    at[2 * PAGE] = 6;
    check(at[2 * PAGE] == 6, "what is written afterwards stays");
    munmap(at, 4 * PAGE);
    check(fails(madvise(at, PAGE, MADV_FREE), ENOMEM), "nothing is there: ENOMEM");
    char *shared = shared_page();
    check(fails(madvise(shared, PAGE, MADV_FREE), EINVAL), "of shared memory: EINVAL");
    munmap(shared, PAGE);
}

static void test_remove(void)
{
    char *one = mmap(NULL, 4 * PAGE, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *two = mremap(one, 0, 4 * PAGE, MREMAP_MAYMOVE);

    memset(one, 9, 4 * PAGE);
    check(madvise(one + PAGE, 2 * PAGE, MADV_REMOVE) == 0, "MADV_REMOVE");
    check(one[PAGE] == 0 && two[2 * PAGE] == 0, "there are zeroes, in every view");
    check(one[0] == 9 && two[3 * PAGE] == 9, "not beside it");
    munmap(one, 4 * PAGE);
    munmap(two, 4 * PAGE);
    char *mine = region_map(1);
    check(fails(madvise(mine, PAGE, MADV_REMOVE), EINVAL), "of private memory: EINVAL");
    munmap(mine, PAGE);
}

static void test_populate(void)
{
    char *at = region_map(8);
    unsigned char here[8];

    check(madvise(at, 4 * PAGE, MADV_POPULATE_WRITE) == 0, "MADV_POPULATE_WRITE");
    check(mincore(at, 8 * PAGE, here) == 0, "mincore");
    check(here[0] & here[3] & 1, "the pages are there");
    check(!(here[4] & 1), "those behind are not");
    long before = faults_now();
    for (int i = 0; i < 4; i++)
        at[i * PAGE] = 1;
    counted_equal(faults_now() - before, 0, "writing them faults no more");
    check(madvise(at, 8 * PAGE, MADV_POPULATE_READ) == 0, "MADV_POPULATE_READ");
    mprotect(at, 8 * PAGE, PROT_READ);
    check(fails(madvise(at, PAGE, MADV_POPULATE_WRITE), EINVAL), "not writable: EINVAL");
    mprotect(at, 8 * PAGE, PROT_WRITE);
    check(fails(madvise(at, PAGE, MADV_POPULATE_READ), EINVAL), "only to write: EINVAL");
    mprotect(at, 8 * PAGE, PROT_NONE);
    check(fails(madvise(at, PAGE, MADV_POPULATE_READ), EINVAL), "not readable: EINVAL");
    munmap(at, 8 * PAGE);
    check(fails(madvise(at, PAGE, MADV_POPULATE_READ), ENOMEM), "nothing there: ENOMEM");
    mmap(at + 4 * PAGE, PAGE, READ_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
    check(fails(madvise(at, PAGE, MADV_POPULATE_WRITE), ENOMEM), "and no stack grows");
    munmap(at + 4 * PAGE, PAGE);
}

static void test_beyond_end(void)
{
    int fd = open("advice", O_RDWR | O_CREAT | O_TRUNC, 0600);

    if (fd < 0 || ftruncate(fd, 100) != 0)
        bail("advice");
    char *at = mmap(NULL, 2 * PAGE, READ_WRITE, MAP_SHARED, fd, 0);
    char *mine = mmap(NULL, PAGE, READ_WRITE, MAP_PRIVATE, fd, 0);
    check(fails(madvise(mine, PAGE, MADV_REMOVE), EACCES),
          "MADV_REMOVE of a file's private view: EACCES");
    munmap(mine, PAGE);
    check(madvise(at, PAGE, MADV_POPULATE_READ) == 0, "faulting in a file's page");
    check(fails(madvise(at + PAGE, PAGE, MADV_POPULATE_READ), EFAULT),
          "beyond the end of the file: EFAULT");
    check(madvise(at, 2 * PAGE, MADV_WILLNEED) == 0,
          "MADV_WILLNEED asks for what there is");
    close(fd);
    unlink("advice");
    munmap(at, 2 * PAGE);
}

static void test_vain(void)
{
    static const int vain[] = {MADV_NORMAL,   MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED,
                               MADV_DONTDUMP, MADV_DODUMP, MADV_COLD,       MADV_PAGEOUT};
    char *at = region_map(2);

    memset(at, 3, 2 * PAGE);
    for (unsigned i = 0; i < sizeof(vain) / sizeof(vain[0]); i++)
        check(madvise(at, 2 * PAGE, vain[i]) == 0, "advice %d is taken", vain[i]);
    check(at[0] == 3 && at[PAGE] == 3, "and changes nothing");
    check(fails(madvise(at, PAGE, 5), EINVAL), "advice 5 does not exist");
    check(fails(madvise(at, PAGE, 99), EINVAL), "nor does 99");
    check(fails(madvise(at + 1, PAGE, MADV_NORMAL), EINVAL), "an address within a page");
    check(fails(madvise(at, -1ul, MADV_NORMAL), EINVAL), "a length that wraps");
    check(madvise(at, 0, MADV_DONTNEED) == 0, "no length, nothing to do");
    munmap(at, 2 * PAGE);
}

static void test_wired(void)
{
    char *at = region_map(4);

    check(mlock(at, 2 * PAGE) == 0, "mlock");
    check(fails(madvise(at, PAGE, MADV_DONTNEED), EINVAL), "MADV_DONTNEED of it: EINVAL");
    check(fails(msync(at, PAGE, MS_INVALIDATE), EBUSY),
          "msync(MS_INVALIDATE) of it: EBUSY");
    char *to = mremap(at, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at + 2 * PAGE);
    check(to == at + 2 * PAGE, "it can move");
    check(fails(madvise(to, PAGE, MADV_DONTNEED), EINVAL), "and stays locked");
    check(munlock(to, 2 * PAGE) == 0, "munlock");
    check(madvise(to, PAGE, MADV_DONTNEED) == 0, "now it can be forgotten");
    check(fails(mlock(at, PAGE), ENOMEM), "mlock where nothing is: ENOMEM");
    check(fails(munlock(at, PAGE), ENOMEM), "munlock too");
    check(fails(mlockall(0), EINVAL), "mlockall without flags: EINVAL");
    check(fails(mlockall(MCL_ONFAULT), EINVAL), "mlockall(MCL_ONFAULT) alone: EINVAL");
    munmap(to, 2 * PAGE);
}

int main(void)
{
    test_fork();
    test_free();
    test_remove();
    test_populate();
    test_beyond_end();
    test_vain();
    test_wired();
    return tap_end();
}
