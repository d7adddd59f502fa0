/* limit-file.c - RLIMIT_FSIZE: nobody's writes make a file longer than that. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT 10000

static volatile sig_atomic_t told;

static void on_told(int signal)
{
    (void)signal;
    told++;
}

/* Refused with EFBIG, and told by SIGXFSZ. */
static bool refused(long result)
{
    bool right = result == -1 && errno == EFBIG && told == 1;
    told = 0;
    return right;
}

static long size_of(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 ? status.st_size : -1;
}

static void test_write(int fd)
{
    static char bytes[3 * LIMIT];
    check_equal(write(fd, bytes, 9990), 9990, "below the limit all is written");
    check_equal(write(fd, bytes, 100), 10, "across it, what fits");
    check_equal(told, 0, "without a signal");
    check(refused(write(fd, bytes, 1)), "at it nothing: EFBIG and SIGXFSZ");
    check(refused(pwrite(fd, bytes, 1, LIMIT)), "pwrite");
    check_equal(pwrite(fd, bytes, 100, LIMIT - 1), 1, "pwrite across");
    struct iovec two[] = {{bytes, 6000}, {bytes, 6000}};
    check_equal(pwritev(fd, two, 2, 0), LIMIT, "pwritev across");
    check(write(fd, bytes, 0) == 0 && told == 0, "nothing at all may be written anywhere");
    check_equal(size_of(fd), LIMIT, "the file is as long as the limit");
    fcntl(fd, F_SETFL, O_APPEND);
    check(refused(pwrite(fd, bytes, 1, 0)), "O_APPEND writes behind the end");
    fcntl(fd, F_SETFL, 0);
}

static void test_size(int fd)
{
    check_equal(ftruncate(fd, LIMIT), 0, "ftruncate to the limit");
    check(refused(ftruncate(fd, LIMIT + 1)), "beyond it");
    check(refused(fallocate(fd, 0, LIMIT - 10, 11)), "fallocate beyond it");
    check_equal(fallocate(fd, 0, 0, LIMIT), 0, "fallocate to it");
    int memory = memfd_create("memory", 0);
    check(refused(fallocate(memory, FALLOC_FL_KEEP_SIZE, 0, LIMIT + 1)),
          "of a file in memory, even what does not make it longer");
    check(fallocate(memory, FALLOC_FL_KEEP_SIZE, 0, LIMIT) == 0 && size_of(memory) == 0,
          "to the limit it may, and stays as short");
    close(memory);
    check_equal(ftruncate(fd, 5), 0, "shorter");
    check_equal(size_of(fd), 5, "as it was asked for");
}

static int is_ended(void *argument)
{
    int fd = *(int *)argument;
    signal(SIGXFSZ, SIG_DFL);
    return (int)pwrite(fd, "x", 1, LIMIT);
}

static void test_whom(int fd)
{
    int status = child_run(is_ended, &fd), ends[2];
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ,
          "a child has the limit, and ends by the signal");
    if (pipe(ends) == 0) {
        char bytes[LIMIT + 10] = {0};
        check_equal(write(ends[1], bytes, sizeof(bytes)), sizeof(bytes),
                    "pipes have no size");
    }
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    page[0] = 'y';
    check(told == 0, "a write through a mapping makes no file longer");
    struct rlimit wrong = {LIMIT + 1, LIMIT};
    check(fails(setrlimit(RLIMIT_FSIZE, &wrong), EINVAL),
          "a soft limit above the hard one");
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &limit);
    check_equal(pwrite(fd, "x", 1, LIMIT), 1, "without the limit it goes on");
}

int main(void)
{
    struct rlimit limit = {LIMIT, RLIM_INFINITY};
    char name[] = "limit-file-XXXXXX";
    int fd = mkstemp(name);
    if (fd < 0)
        bail(name);
    unlink(name);
    signal(SIGXFSZ, on_told);
    setrlimit(RLIMIT_FSIZE, &limit);
    test_write(fd);
    test_size(fd);
    test_whom(fd);
    int memory = memfd_create("limit", 0);
    setrlimit(RLIMIT_FSIZE, &limit);
    check(refused(pwrite(memory, "x", 1, LIMIT)),
          "a file without a name has the limit, too");
    return tap_end();
}
