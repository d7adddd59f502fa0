/* first-error.c - of several things that are wrong with a call, which it names: Linux's order. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOWHERE 8L /* where no memory can be */

/* A call with up to five arguments: what came back, -errno. */
static long call(long number, long a, long b, long c, long d, long e)
{
    return raw6(number, a, b, c, d, e, 0);
}

static void test_vectors(int read_only, int write_only)
{
    check_equal(call(SYS_writev, read_only, NOWHERE, 1, 0, 0), -EBADF,
                "not for writing: the vector is not looked at");
    check_equal(call(SYS_writev, read_only, NOWHERE, -1, 0, 0), -EBADF, "nor its length");
    check_equal(call(SYS_readv, write_only, NOWHERE, 1025, 0, 0), -EBADF,
                "not for reading: the same");
    check_equal(call(SYS_preadv, -1, NOWHERE, 1, -1, 0), -EINVAL,
                "a position before all: the file is not looked at");
}

static void test_positions(int fd, int end)
{
    char byte = 0;

    check_equal(call(SYS_pread64, -1, (long)&byte, 1, -1, 0), -EINVAL, "pread: before all");
    check_equal(call(SYS_pwrite64, -1, (long)&byte, 1, -1, 0), -EINVAL, "pwrite");
    check_equal(call(SYS_pread64, fd, (long)&byte, 1, LONG_MAX, 0), -EINVAL,
                "pread: across the last");
    check_equal(call(SYS_pwrite64, fd, (long)&byte, 1, LONG_MAX, 0), -EINVAL, "pwrite");
    check_equal(call(SYS_lseek, end, 0, 5, 0, 0), -EINVAL, "a pipe, from no known place");
    lseek(fd, 1, SEEK_SET);
    check_equal(call(SYS_lseek, fd, LONG_MAX, SEEK_CUR, 0, 0), -EINVAL, "lseek that wraps");
}

static void test_sizes(int fd, int read_only, int end)
{
    check_equal(call(SYS_truncate, NOWHERE, -1, 0, 0, 0), -EINVAL, "no size, nowhere");
    check_equal(call(SYS_ftruncate, -1, -1, 0, 0, 0), -EINVAL, "no size, of no file");
    check_equal(call(SYS_fallocate, read_only, 0, 0, 0, 0), -EINVAL,
                "fallocate: nothing, of a file not for writing");
    check_equal(call(SYS_fallocate, read_only, 0, 0, 1, 0), -EBADF, "not for writing");
    check_equal(call(SYS_fadvise64, fd, 0, -1, 0, 0), -EINVAL, "advice of less than none");
    check_equal(call(SYS_fadvise64, end, 0, 0, 99, 0), -ESPIPE, "of a pipe, unknown");
}

static void test_copies(int fd, int read_only, int write_only, int end)
{
    long before = -1;

    check_equal(call(SYS_sendfile, fd, write_only, NOWHERE, 1, 0), -EFAULT,
                "sendfile: where from is nowhere");
    check_equal(call(SYS_sendfile, fd, write_only, (long)&before, 1, 0), -EBADF,
                "sendfile: not for reading, and before all");
    check_equal(call(SYS_sendfile, fd, read_only, (long)&before, 1, 0), -EINVAL,
                "sendfile: before all");
    before = 0;
    check_equal(call(SYS_sendfile, fd, end, (long)&before, 1, 0), -ESPIPE,
                "sendfile: a place in a pipe");
    check_equal(raw6(SYS_copy_file_range, read_only, 0, end, 0, 1, 0), -EINVAL,
                "copy_file_range: a pipe, not for writing");
    check_equal(raw6(SYS_copy_file_range, write_only, NOWHERE, fd, 0, 1, 0), -EFAULT,
                "copy_file_range: where from is nowhere");
    check_equal(raw6(SYS_copy_file_range, -1, 0, fd, 0, 1, 1), -EBADF,
                "copy_file_range: no file, unknown flags");
}

static void test_links(int fd)
{
    char target[8];

    check_equal(call(SYS_readlink, NOWHERE, (long)target, 0, 0, 0), -EINVAL,
                "readlink: no room, nowhere");
    check_equal(call(SYS_readlink, (long)"", (long)target, 8, 0, 0), -ENOENT,
                "readlink: no name at all");
    check_equal(call(SYS_readlinkat, fd, (long)"", (long)target, 8, 0), -ENOENT,
                "readlinkat: a descriptor that is no link");
    symlink("here", "first-link");
    int link = open("first-link", O_PATH | O_NOFOLLOW);
    check_equal(call(SYS_readlinkat, link, (long)"", (long)target, 8, 0), 4,
                "readlinkat: one that is");
    close(link);
    unlink("first-link");
}

static void test_processes(void)
{
    struct timespec odd = {0, 1000000000};
    siginfo_t told;

    check_equal(call(SYS_waitid, P_ALL, 0, (long)&told, WEXITED | 0xe0000000u, 0), -ECHILD,
                "waitid: threads' options are known");
    check_equal(call(SYS_rt_sigaction, 99, NOWHERE, 0, 8, 0), -EFAULT,
                "no signal, and an action nowhere");
    check_equal(call(SYS_rt_sigaction, SIGKILL, NOWHERE, 0, 8, 0), -EFAULT,
                "nor for SIGKILL");
    check_equal(call(SYS_prlimit64, INT_MAX, 99, NOWHERE, 0, 0), -EFAULT,
                "no process, no limit, and that nowhere");
    check_equal(call(SYS_prlimit64, INT_MAX, 99, 0, 0, 0), -ESRCH, "no process, no limit");
    check_equal(call(SYS_setpgid, -1, 0, 0, 0, 0), -EINVAL,
                "the group of a negative process");
    check_equal(call(SYS_setitimer, 99, NOWHERE, 0, 0, 0), -EFAULT,
                "no timer, set nowhere");
    check_equal(call(SYS_clock_settime, 1, NOWHERE, 0, 0, 0), -EINVAL,
                "a clock that nobody sets");
    check_equal(call(SYS_clock_settime, 0, NOWHERE, 0, 0, 0), -EFAULT,
                "the time is nowhere");
    check_equal(call(SYS_clock_settime, 0, (long)&odd, 0, 0, 0), -EINVAL, "no time");
}

static void test_locked(void)
{
    char *page = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    mlock(page, PAGE);
    check_equal(call(SYS_madvise, (long)page, PAGE, MADV_FREE, 0, 0), -EINVAL,
                "locked memory is not free to go");
    munlock(page, PAGE);
    check_equal(call(SYS_madvise, (long)page, PAGE, MADV_FREE, 0, 0), 0, "until unlocked");
    munmap(page, PAGE);
}

int main(void)
{
    int fd = open("first-error", O_RDWR | O_CREAT | O_TRUNC, 0600), ends[2];
    int read_only = open("first-error", O_RDONLY),
        write_only = open("first-error", O_WRONLY);

    if (pipe(ends) != 0)
        bail("pipe");
    test_vectors(read_only, write_only);
    test_positions(fd, ends[0]);
    test_sizes(fd, read_only, ends[0]);
    test_copies(fd, read_only, write_only, ends[0]);
    test_links(fd);
    test_processes();
    test_locked();
    unlink("first-error");
    return tap_end();
}
