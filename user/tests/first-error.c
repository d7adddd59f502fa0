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
    check_equal(call(SYS_pread64, end, (long)&byte, 1, LONG_MAX, 0), -ESPIPE, "of a pipe");
    int memory = open("/proc/self/mem", O_RDONLY);
    check_equal(call(SYS_pread64, memory, (long)&byte, 1, LONG_MAX, 0), -EIO,
                "of memory, where the last is an address as any");
    close(memory);
    check_equal(call(SYS_rename, (long)"/proc/meminfo", (long)"/proc/new", 0, 0, 0),
                -ENOENT, "rename: in a folder that the kernel alone fills");
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

/* Names that are made, and times that are set. */
static void test_names(int fd, int end)
{
    const struct timespec omit[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};

    check_equal(call(SYS_symlink, (long)"", NOWHERE, 0, 0, 0), -ENOENT,
                "symlink: to nothing, nowhere");
    check_equal(call(SYS_symlink, NOWHERE, (long)"first-error", 0, 0, 0), -EFAULT,
                "symlink: a target nowhere, and the name is there");
    check_equal(call(SYS_symlink, (long)"x", (long)"first-error", 0, 0, 0), -EEXIST,
                "symlink: the name is there");
    check_equal(call(SYS_memfd_create, 0, 0x80, 0, 0, 0), -EINVAL,
                "memfd_create: unknown flags, no name");
    check_equal(call(SYS_memfd_create, 0, 0, 0, 0, 0), -EFAULT, "memfd_create: no name");
    check_equal(call(SYS_utimensat, 99, NOWHERE, (long)omit, 1, 0), 0,
                "utimensat: nothing to set, and nothing is looked at");
    check_equal(call(SYS_utimensat, 99, NOWHERE, NOWHERE, 1, 0), -EFAULT,
                "utimensat: unknown flags, times nowhere");
    check_equal(call(SYS_utimensat, 99, NOWHERE, 0, 1, 0), -EINVAL,
                "utimensat: unknown flags, a name nowhere");
    check_equal(call(SYS_utimensat, fd, 0, 0, AT_SYMLINK_NOFOLLOW, 0), -EINVAL,
                "utimensat: a descriptor is no link");
    check_equal(call(SYS_utimensat, 99, (long)"", 0, 0, 0), -ENOENT,
                "utimensat: no name, from no folder");
    check_equal(call(SYS_getxattr, (long)"no-such-file", (long)"user.x", 0, 0, 0), -ENOENT,
                "getxattr: no file");
    check_equal(call(SYS_listxattr, NOWHERE, 0, 0, 0, 0), -EFAULT, "listxattr: nowhere");
    check_equal(call(SYS_fgetxattr, 99, (long)"user.x", 0, 0, 0), -EBADF,
                "fgetxattr: no descriptor");
    check_equal(call(SYS_chmod, (long)"/proc/self/stat", 0600, 0, 0, 0), -EPERM,
                "chmod: of a process's file");
    check_equal(call(SYS_fallocate, end, 0, 0, 1, 0), -ESPIPE, "fallocate: a pipe");
}

/* What has no contents has no position either, but can be asked. */
static void test_counters(void)
{
    int counter = (int)raw3(SYS_eventfd2, 0, 0, 0),
        set = (int)raw3(SYS_epoll_create1, 0, 0, 0);

    check_equal(call(SYS_lseek, counter, 5, SEEK_END, 0, 0), 0, "lseek: a counter");
    check_equal(call(SYS_lseek, set, -5, SEEK_SET, 0, 0), 0, "lseek: a set of files");
    check_equal(call(SYS_pwrite64, counter, (long)"12345678", 8, 0, 0), -ESPIPE,
                "pwrite: to one");
    check_equal(call(SYS_fallocate, counter, 0, 0, 1, 0), -ENODEV, "fallocate: a counter");
    check_equal(call(SYS_fallocate, set, 99, 0, 1, 0), -EOPNOTSUPP,
                "fallocate: unknown flags");
    close(counter), close(set);
}

/* What a process may do (capabilities). */
static void test_rights(void)
{
    unsigned header[2] = {0x20080522, 0}, odd[2] = {1, 0}, whose[2] = {0x20080522, -1u};

    check_equal(call(SYS_capget, (long)header, 0, 0, 0, 0), 0, "capget: the version");
    check_equal(call(SYS_capget, (long)whose, 0, 0, 0, 0), 0, "capget: whoever is meant");
    check_equal(call(SYS_capget, (long)whose, (long)odd, 0, 0, 0), -EINVAL,
                "capget: nobody");
    check_equal(call(SYS_capget, (long)odd, 0, 0, 0, 0), 0, "capget: which version");
    check_equal(odd[0], 0x20080522, "is told");
    check_equal(call(SYS_capget, NOWHERE, 0, 0, 0, 0), -EFAULT, "capget: nowhere");
}

static void test_resident(void)
{
    char *page = mmap(0, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const long kernel = 0xffff800000000000l;

    munmap(page + PAGE, PAGE);
    check_equal(call(SYS_mincore, (long)page + 1, PAGE, kernel, 0, 0), -EINVAL,
                "mincore: odd");
    check_equal(call(SYS_mincore, kernel, PAGE, kernel, 0, 0), -ENOMEM,
                "mincore: no address");
    check_equal(call(SYS_mincore, (long)page + PAGE, PAGE, kernel, 0, 0), -EFAULT,
                "mincore: told where nobody may, of what is not there");
    check_equal(call(SYS_mincore, (long)page + PAGE, PAGE, NOWHERE, 0, 0), -ENOMEM,
                "mincore: told nowhere, of what is not there");
    check_equal(call(SYS_mincore, (long)page, 2 * PAGE, NOWHERE, 0, 0), -EFAULT,
                "mincore: told nowhere, of what is there at first");
    check_equal(call(SYS_mincore, (long)page, 0, kernel, 0, 0), -EFAULT,
                "mincore: of nothing");
    munmap(page, PAGE);
}

#define LONGEST  (1ul << 63)
#define BEHIND   0x7ffffffffffff000ul /* no file goes so far */
#define UNKNOWN  0x800000
#define NO_BLANK 0x100000 /* MAP_FIXED_NOREPLACE */

static long map(unsigned long at, unsigned long length, int rights, int flags, int fd,
                unsigned long offset)
{
    return raw6(SYS_mmap, (long)at, (long)length, rights, flags, fd, (long)offset);
}

static void test_maps(int fd, int read_only, int write_only, int end)
{
    long there = map(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int write = PROT_READ | PROT_WRITE;

    check_equal(map(0, 0, 0, 0, -1, 1), -EINVAL, "mmap: an odd offset, of no file");
    check_equal(map(0, 0, 0, 0, -1, 0), -EBADF, "no length or kind, of no file");
    check_equal(map(0, LONGEST, 0, MAP_PRIVATE | MAP_HUGETLB, -1, 0), -EBADF,
                "huge pages of no file");
    check_equal(map(0, PAGE, 0, MAP_PRIVATE | MAP_HUGETLB, fd, 0), -EINVAL, "of one");
    check_equal(map(0, 0, 0, MAP_PRIVATE, write_only, BEHIND), -EINVAL,
                "no length, too far, not for reading");
    check_equal(map(0, LONGEST, 0, MAP_ANONYMOUS, -1, 0), -ENOMEM, "too long, of no kind");
    check_equal(map(LONGEST + 1, PAGE, 0, MAP_ANONYMOUS | MAP_FIXED, -1, 0), -ENOMEM,
                "too high, and odd");
    check_equal(map(there + 1, PAGE, 0, MAP_FIXED, fd, BEHIND), -EINVAL,
                "odd, and too far");
    check_equal(map(there, PAGE, 0, MAP_PRIVATE | NO_BLANK, write_only, BEHIND), -EEXIST,
                "taken, too far, not for reading");
    check_equal(map(0, PAGE, 0, 0, write_only, BEHIND), -EOVERFLOW,
                "too far, of no kind, not for reading");
    check_equal(map(0, PAGE, 0, 0, write_only, 0), -EINVAL, "of no kind, not for reading");
    check_equal(map(0, PAGE, write, MAP_SHARED_VALIDATE | UNKNOWN, read_only, 0),
                -EOPNOTSUPP, "an unknown flag, not for writing");
    check_equal(map(0, PAGE, write, MAP_SHARED | MAP_GROWSDOWN, read_only, 0), -EACCES,
                "not for writing, and a stack");
    check_equal(map(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_GROWSDOWN, end, 0), -ENODEV,
                "a pipe, as a stack");
    check_equal(map(0, PAGE, PROT_EXEC | PROT_READ, MAP_PRIVATE, end, 0), -EPERM,
                "a pipe, to run: nobody could run any");
    check_equal(map(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_GROWSDOWN, fd, 0), -EINVAL,
                "a file, as a stack");
    munmap((void *)there, PAGE);
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
    test_names(fd, ends[1]);
    test_counters();
    test_rights();
    test_resident();
    test_maps(fd, read_only, write_only, ends[0]);
    test_processes();
    test_locked();
    unlink("first-error");
    return tap_end();
}
