/* odd-calls.c - calls that few programs make, and files of /proc that few read: what they do,
 * and what they answer to what cannot be. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READ_WRITE = PROT_READ | PROT_WRITE, PAGES = 8 };

/* A call with up to five arguments: what came back, -errno. */
static long call(long number, long a, long b, long c, long d, long e)
{
    return raw6(number, a, b, c, d, e, 0);
}

static int file_new(long bytes)
{
    int fd = open("odd-calls", O_RDWR | O_CREAT | O_TRUNC, 0600);

    if (fd < 0 || ftruncate(fd, bytes) != 0)
        bail("odd-calls");
    return fd;
}

/* --- Memory ----------------------------------------------------------------------------------- */

static void test_remap_pages(void)
{
    int fd = file_new(PAGES * PAGE);
    volatile char *at = mmap(0, PAGES * PAGE, READ_WRITE, MAP_SHARED, fd, 0);
    char *mine = mmap(0, PAGE, READ_WRITE, MAP_PRIVATE, fd, 0), order[PAGES + 1] = "";

    for (int i = 0; i < PAGES; i++)
        at[i * PAGE] = (char)('a' + i);
    for (int i = 0; i < PAGES; i++)
        call(SYS_remap_file_pages, (long)at + i * PAGE, PAGE, 0, PAGES - 1 - i, 0);
    for (int i = 0; i < PAGES; i++)
        order[i] = at[i * PAGE];
    check(strcmp(order, "hgfedcba") == 0,
          "remap_file_pages: the pages the other way round");
    at[0] = 'H';
    check(pread(fd, order, 1, (PAGES - 1) * PAGE) == 1 && order[0] == 'H',
          "written where they are from");
    check_equal(call(SYS_remap_file_pages, (long)at, PAGE, PROT_READ, 0, 0), -EINVAL,
                "with rights: EINVAL");
    check_equal(call(SYS_remap_file_pages, (long)mine, PAGE, 0, 0, 0), -EINVAL,
                "private memory: EINVAL");
    check_equal(call(SYS_remap_file_pages, (long)at, 0, 0, 0, 0), -EINVAL, "none: EINVAL");
    check_equal(call(SYS_remap_file_pages, (long)at, PAGE, 0, -1, 0), -EINVAL,
                "no such page of any file: EINVAL");
    munmap((void *)at, PAGES * PAGE), munmap(mine, PAGE), close(fd);
}

/* What is locked stays so, and is there. */
static void test_remap_locked(void)
{
    int fd = file_new(PAGES * PAGE);
    char *at = mmap(0, PAGES * PAGE, READ_WRITE, MAP_SHARED, fd, 0);
    long before = field_read("/proc/self/status", "VmLck");

    check(mlock(at, PAGES * PAGE) == 0, "pages of a file, locked");
    check_equal(call(SYS_remap_file_pages, (long)at, 2 * PAGE, 0, PAGES - 2, 0), 0,
                "remap_file_pages of locked memory");
    check_equal(field_read("/proc/self/status", "VmLck") - before, PAGES * PAGE / 1024,
                "it is locked as before");
    munmap(at, PAGES * PAGE), close(fd);
}

static void test_holes(void)
{
    int fd = file_new(30 * PAGE);
    char byte;

    pwrite(fd, "data", 4, 0), pwrite(fd, "data", 4, 10 * PAGE + 7);
    pwrite(fd, "data", 4, 30 * PAGE - 100);
    check_equal(lseek(fd, 4, SEEK_DATA), 4, "SEEK_DATA: where it is");
    check_equal(lseek(fd, 4, SEEK_HOLE), PAGE, "SEEK_HOLE: behind the page");
    check_equal(lseek(fd, PAGE + 5, SEEK_HOLE), PAGE + 5, "in a hole: here");
    pread(fd, &byte, 1, 5 * PAGE);
    check_equal(lseek(fd, PAGE, SEEK_DATA), 10 * PAGE, "a hole that was read is one still");
    check_equal(lseek(fd, 10 * PAGE, SEEK_HOLE), 11 * PAGE, "the next hole");
    check_equal(lseek(fd, 29 * PAGE, SEEK_HOLE), 30 * PAGE, "the end is one");
    check_equal(raw3(SYS_lseek, fd, 30 * PAGE, SEEK_HOLE), -ENXIO, "from there: ENXIO");
    ftruncate(fd, 30 * PAGE - 200);
    check_equal(lseek(fd, 11 * PAGE, SEEK_DATA), 29 * PAGE,
                "what was cut within a page is still contents");
    ftruncate(fd, 29 * PAGE);
    check_equal(raw3(SYS_lseek, fd, 11 * PAGE, SEEK_DATA), -ENXIO, "no more: ENXIO");
    close(fd);
}

static void test_advice(void)
{
    char *at = mmap(0, PAGE, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);

    check_equal(call(SYS_madvise, (long)at, PAGE, MADV_COLD, 0, 0), -EINVAL,
                "MADV_COLD of locked memory: EINVAL");
    check_equal(call(SYS_madvise, (long)at, PAGE, MADV_PAGEOUT, 0, 0), -EINVAL,
                "MADV_PAGEOUT: EINVAL");
    munlock(at, PAGE);
    check_equal(call(SYS_madvise, (long)at, PAGE, MADV_COLD, 0, 0), 0, "of other: a wish");
    munmap(at, PAGE);
}

static void test_readahead(void)
{
    int fd = file_new(PAGE), ends[2], writer = open("odd-calls", O_WRONLY);

    pipe(ends);
    check_equal(call(SYS_readahead, fd, 0, PAGE, 0, 0), 0, "readahead");
    check_equal(call(SYS_readahead, writer, 0, PAGE, 0, 0), -EBADF,
                "not to be read: EBADF");
    check_equal(call(SYS_readahead, -1, 0, PAGE, 0, 0), -EBADF, "no file: EBADF");
    check_equal(call(SYS_readahead, ends[0], 0, PAGE, 0, 0), -EINVAL, "a pipe: EINVAL");
    close(fd), close(writer), close(ends[0]), close(ends[1]);
}

/* --- Processes ---------------------------------------------------------------------------- */

static int become_orphan(void *told)
{
    pid_t before = getppid();

    if (fork())
        return prctl(PR_GET_CHILD_SUBREAPER, told) == 0 && *(int *)told == 0 ? 0 : 9;
    while (getppid() != before)
        sched_yield();
    _exit(7);
}

static void test_orphans(void)
{
    int told = -1, status = 0;

    check_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0, "a subreaper");
    check(prctl(PR_GET_CHILD_SUBREAPER, &told) == 0 && told == 1, "knows that it is one");
    check_equal(child_run(become_orphan, &told), 0, "its children are none");
    check(wait(&status) > 0 && WEXITSTATUS(status) == 7,
          "its grandchildren become its children");
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}

static int look_at_slack(void *expected)
{
    bool same = prctl(PR_GET_TIMERSLACK) == *(int *)expected;

    prctl(PR_SET_TIMERSLACK, 1);
    prctl(PR_SET_TIMERSLACK, 0);
    return same && prctl(PR_GET_TIMERSLACK) == *(int *)expected ? 0 : 1;
}

static void test_prctl(void)
{
    int first = prctl(PR_GET_TIMERSLACK), slack = 70000;

    prctl(PR_SET_TIMERSLACK, slack);
    check_equal(prctl(PR_GET_TIMERSLACK), slack, "timer slack is kept");
    check_equal(child_run(look_at_slack, &slack), 0,
                "and inherited, as what it begins with");
    prctl(PR_SET_TIMERSLACK, 0);
    check_equal(prctl(PR_GET_TIMERSLACK), first, "0: what it was at first");
    check_equal(call(SYS_prctl, PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0), -EINVAL,
                "PR_GET_NO_NEW_PRIVS takes no arguments");
    if (on_faultline())
        check(call(SYS_prctl, PR_CAPBSET_DROP, 1, 0, 0, 0) == -EPERM &&
                  call(SYS_prctl, PR_SET_SECUREBITS, 0, 0, 0, 0) == -EPERM,
              "what root may do is nobody's to change");
    check_equal(call(SYS_arch_prctl, 0x1011, 0, 0, 0, 0), 1, "CPUID runs");
    check_equal(call(SYS_arch_prctl, 0x1012, 0, 0, 0, 0), -ENODEV, "and cannot be refused");
}

static void test_persona(void)
{
    struct utsname name;

    check_equal(personality(PER_LINUX32), 0, "another system's personality");
    uname(&name);
    check(strcmp(name.machine, "i686") == 0, "PER_LINUX32: an i686");
    check_equal(personality(PER_SVR4), PER_LINUX32, "is told");
    check_equal(personality(0), PER_SVR4, "kept");
    check_equal(personality(0xdd), 0, "whatever its number");
    personality(0);
}

static int begin_barriers(void *unused)
{
    (void)unused;
    if (call(SYS_membarrier, 8, 0, 0, 0, 0) != -EPERM)
        return 1;
    return call(SYS_membarrier, 16, 0, 0, 0, 0) || call(SYS_membarrier, 8, 0, 0, 0, 0);
}

static void test_barriers(void)
{
    long all = call(SYS_membarrier, 0, 0, 0, 0, 0);

    check(all > 0 && (all & 1) && (all & 8), "membarrier tells what it can");
    check_equal(call(SYS_membarrier, 1, 0, 0, 0, 0), 0, "a barrier for all");
    check_equal(child_run(begin_barriers, NULL), 0, "one's own: when one has registered");
    check_equal(call(SYS_membarrier, 0, 7, 0, 0, 0), -EINVAL, "no such flags");
    check_equal(call(SYS_membarrier, -1, 0, 0, 0, 0), -EINVAL, "no such barrier");
}

/* --- Files ---------------------------------------------------------------------------------- */

static unsigned mode_of(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 ? status.st_mode & 07777 : 0xffff;
}

static void test_owners(void)
{
    int fd = file_new(0);

    fchmod(fd, 06770);
    fchown(fd, 700, 701);
    check_equal(mode_of(fd), 0770, "another owner: S_ISUID and S_ISGID go");
    fchmod(fd, 02700);
    chown("odd-calls", 0, 0);
    check_equal(mode_of(fd), 02700, "S_ISGID of what the group may not run stays");
    close(fd);
}

static int close_own(void *fd)
{
    int number = *(int *)fd;

    if (call(SYS_close_range, number, number, 2, 0, 0) != 0)
        return 1;
    return fcntl(number, F_GETFD) == -1 ? 0 : 2;
}

static void test_close_range(void)
{
    int fd = file_new(0);
    static char stack[16 * PAGE];
    int status, pid = clone(close_own, stack + sizeof(stack), CLONE_FILES | SIGCHLD, &fd);

    check(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0,
          "CLOSE_RANGE_UNSHARE closes what is then the caller's alone");
    check(fcntl(fd, F_GETFD) >= 0, "and nobody else's");
    close(fd);
}

static void test_direct(void)
{
    int fd = file_new(PAGE);

    check_equal(fcntl(fd, F_SETFL, O_DIRECT | O_APPEND), 0,
                "O_DIRECT of a file can be set");
    check_equal(fcntl(fd, F_GETFL) & (O_DIRECT | O_APPEND), O_DIRECT | O_APPEND, "is told");
    fcntl(fd, F_SETFL, 0);
    check_equal(fcntl(fd, F_GETFL) & (O_DIRECT | O_APPEND), 0, "and goes");
    close(fd);
    check(fails(open(".", O_RDONLY | O_DIRECT), EINVAL), "a directory has none: EINVAL");
    check(fails(open("/dev/null", O_RDWR | O_DIRECT), EINVAL), "nor has a device");
    check(fails(open("/proc/meminfo", O_RDONLY | O_DIRECT), EINVAL), "nor a text of /proc");
    fd = open("/proc/meminfo", O_RDONLY);
    check(fails(fcntl(fd, F_SETFL, O_DIRECT), EINVAL), "nor can it be set there");
    close(fd);
}

/* A pipe is one of packets when it is made, or never: bytes that are in it are no packets. */
static void test_direct_pipe(void)
{
    char name[32], got[8];
    int ends[2], fd = mkfifo("fifo", 0600) == 0 ? open("fifo", O_RDWR) : -1;

    check(write(fd, "bytes", 5) == 5, "a FIFO with bytes in it");
    check(fails(open("fifo", O_RDWR | O_DIRECT), EINVAL),
          "cannot be opened as one of packets: EINVAL");
    check(read(fd, got, sizeof(got)) == 5, "its bytes are there as before");
    close(fd);
    int neither = open("fifo", 3 | O_NONBLOCK); /* an end that neither reads nor writes */
    check(neither < 0 && errno == EINVAL, "a FIFO has no third access mode");
    unlink("fifo");
    check(pipe(ends) == 0 && write(ends[1], "bytes", 5) == 5, "a pipe with bytes in it");
    snprintf(name, sizeof(name), "/proc/self/fd/%d", ends[1]);
    check(fails(open(name, O_WRONLY | O_DIRECT), EINVAL), "nor can that, by its name");
    check(read(ends[0], got, sizeof(got)) == 5, "and its bytes are there");
    close(ends[0]);
    close(ends[1]);
}

/* --- The system ------------------------------------------------------------------------------- */

static bool file_says(const char *path, const char *line)
{
    char text[256] = "";
    int fd = open(path, O_RDONLY);
    long length = read(fd, text, sizeof(text) - 1);

    close(fd);
    return length > 0 && strncmp(text, line, strlen(line)) == 0;
}

static void test_names(void)
{
    char before[65] = "", long_name[65];
    struct utsname name;

    gethostname(before, sizeof(before));
    memset(long_name, 'x', sizeof(long_name));
    check_equal(sethostname("elsewhere", 9), 0, "sethostname");
    uname(&name);
    check(strcmp(name.nodename, "elsewhere") == 0, "uname tells it");
    check(file_says("/proc/sys/kernel/hostname", "elsewhere\n"), "and /proc");
    check_equal(call(SYS_sethostname, (long)long_name, 65, 0, 0, 0), -EINVAL, "too long");
    check_equal(call(SYS_sethostname, (long)long_name, -1, 0, 0, 0), -EINVAL, "no length");
    check_equal(call(SYS_sethostname, 8, 4, 0, 0, 0), -EFAULT, "from nowhere: EFAULT");
    uname(&name);
    check(strcmp(name.nodename, "elsewhere") == 0, "then it is as it was");
    sethostname(before, strlen(before));
}

/* --- /proc ---------------------------------------------------------------------------------- */

static void *thread_looks(void *told)
{
    char path[64], line[64];
    int tid = (int)syscall(SYS_gettid);

    snprintf(path, sizeof(path), "/proc/%d/status", tid);
    *(bool *)told = field_read(path, "Pid") == tid && field_read(path, "Tgid") == getpid();
    snprintf(path, sizeof(path), "/proc/%d/maps", tid);
    *(bool *)told &= access(path, R_OK) == 0;
    snprintf(path, sizeof(path), "/proc/%d/stat", tid);
    snprintf(line, sizeof(line), "%d (", tid);
    *(bool *)told &= file_says(path, line);
    return NULL;
}

static void test_threads(void)
{
    pthread_t thread;
    bool told = false;

    pthread_create(&thread, NULL, thread_looks, &told);
    pthread_join(thread, NULL);
    check(told, "/proc/TID of a thread that is not the first");
}

static int end_at_once(void *unused)
{
    (void)unused;
    return 0;
}

static void test_proc(void)
{
    int cmdline = open("/proc/self/cmdline", O_RDONLY), pid;
    int environment = open("/proc/self/environ", O_RDONLY);
    int adjust = open("/proc/self/oom_score_adj", O_RDWR);
    char path[64];
    siginfo_t info;

    check_equal(raw3(SYS_lseek, cmdline, 3, SEEK_END), 3, "cmdline ends where it begins");
    check_equal(raw3(SYS_lseek, environment, 5, SEEK_END), 5, "environ, too");
    check_equal(raw3(SYS_write, adjust, (long)"2147483648", 10), -ERANGE,
                "oom_score_adj: more than an int: ERANGE");
    check_equal(raw3(SYS_write, adjust, (long)"99999999999999999999", 20), -ERANGE,
                "and much more");
    check_equal(raw3(SYS_write, adjust, (long)"2147483647", 10), -EINVAL, "an int: EINVAL");
    pid = child_start(end_at_once, NULL);
    waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    snprintf(path, sizeof(path), "/proc/%d/mounts", pid);
    check(open(path, O_RDONLY) == -1 && errno == EINVAL, "mounts of one that has ended");
    child_wait(pid);
    check(file_says("/proc/sys/kernel/tainted", "0\n"), "nothing is tainted");
    check(number_read("/proc/sys/kernel/random/entropy_avail") > 0, "entropy");
    close(cmdline), close(environment), close(adjust);
}

int main(void)
{
    test_remap_pages();
    test_remap_locked();
    test_holes();
    test_advice();
    test_readahead();
    test_orphans();
    test_prctl();
    test_persona();
    test_barriers();
    test_owners();
    test_close_range();
    test_direct();
    test_direct_pipe();
    test_names();
    test_threads();
    test_proc();
    return tap_end();
}
