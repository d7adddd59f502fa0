/* small-calls.c - what each of many calls answers in its odd cases: places without a position,
 * clocks that cannot be slept by, nodes, numbers of threads where a process is meant. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* --- A futex where nothing is --------------------------------------------------------------- */

enum { WAKE = 1, CMP_REQUEUE = 4, PRIVATE_FLAG = 128 };

static long futex(const void *word, int operation, const void *other)
{
    return raw6(SYS_futex, (long)word, operation, 1, 1, (long)other, 0);
}

static void test_futex(void)
{
    static int good;
    int fd = open("small-calls-times", O_RDWR | O_CREAT | O_TRUNC, 0600);
    char *none = mmap(0, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *gone = mmap(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *beyond = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    munmap(gone, PAGE);
    check_equal(futex(gone, WAKE, 0), -EFAULT, "wake where nothing is mapped");
    check_equal(futex(none, WAKE, 0), -EFAULT, "wake where nothing may be touched");
    check_equal(futex(beyond, WAKE, 0), -EFAULT, "wake beyond a file's end");
    check_equal(futex(gone, WAKE | PRIVATE_FLAG, 0), 0, "a private wake does not look");
    check_equal(futex(&good, CMP_REQUEUE, gone), -EFAULT, "requeue to where nothing is");
    check_equal(futex(&good, CMP_REQUEUE, none), -EFAULT, "or may be touched");
    check_equal(futex((char *)&good + 1, WAKE, 0), -EINVAL, "a word across its bounds");
    check_equal(futex((void *)-4096l, WAKE, 0), -EFAULT, "a kernel address");
    check_equal(raw6(SYS_futex, (long)&good, 0x100, 1, 0, 0, 0), -ENOSYS,
                "FUTEX_WAIT counts by no other clock");
    munmap(none, PAGE), munmap(beyond, PAGE), close(fd);
    unlink("small-calls-times");
}

/* --- A thread's number ---------------------------------------------------------------------- */

static volatile int handled, thread_id;

static void handle(int signal)
{
    (void)signal;
    handled++;
}

static void *thread(void *argument)
{
    sigset_t all;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, 0);
    thread_id = (int)syscall(SYS_gettid);
    for (;;)
        pause();
    return argument;
}

static void test_thread_number(void)
{
    pthread_t started;
    siginfo_t info = {.si_signo = SIGUSR1, .si_code = SI_QUEUE};

    signal(SIGUSR1, handle);
    pthread_create(&started, 0, thread, 0);
    while (!thread_id)
        sched_yield();
    check_equal(raw3(SYS_kill, thread_id, SIGUSR1, 0), 0, "kill by a thread's number");
    check_equal(handled, 1, "means its process");
    check_equal(raw3(SYS_rt_sigqueueinfo, thread_id, SIGUSR1, (long)&info), 0,
                "rt_sigqueueinfo too");
    check_equal(handled, 2, "means that");
    check_equal(raw3(SYS_tgkill, thread_id, thread_id, SIGUSR1), -ESRCH,
                "tgkill wants the process's own");
    check_equal(getpgid(thread_id), getpgid(0), "getpgid");
    check_equal(getsid(thread_id), getsid(0), "getsid");
    check_equal(raw3(SYS_setpgid, thread_id, 0, 0), -EINVAL, "setpgid does not");
    check_equal(raw6(SYS_prlimit64, thread_id, RLIMIT_CORE, 0, 0, 0, 0), 0, "prlimit64");
    check_equal(waitpid(thread_id, 0, WNOHANG), -1, "nobody's child");
}

/* --- Places and files ------------------------------------------------------------------------- */

static void test_places(void)
{
    struct statvfs file_system;
    int full = open("/dev/full", O_RDWR), zero = open("/dev/zero", O_RDWR), fd[3];

    check_equal(lseek(full, -1234567, SEEK_SET), 0, "/dev/full has no position");
    check_equal(lseek(zero, -1234567, SEEK_CUR), 0, "nor has /dev/zero");
    check_equal(lseek(zero, 99, SEEK_END), 0, "from anywhere");
    statvfs("/", &file_system);
    check(file_system.f_files > 0 && file_system.f_ffree <= file_system.f_files,
          "statvfs tells how many files there can be");
    unlink("node");
    check_equal(mknod("node", S_IFBLK | 0600, 0x7fff00), 0, "a block device's node");
    check_equal(raw3(SYS_open, (long)"node", O_RDONLY, 0), -ENXIO,
                "with nothing behind it");
    unlink("node");
    long attribute = raw6(SYS_fgetxattr, full, (long)"user.x", 0, 0, 0, 0);
    check(attribute == -ENODATA || attribute == -EOPNOTSUPP, "no file has that attribute");
    for (int i = 0; i < 3; i++)
        fd[i] = fcntl(full, F_DUPFD, 60 + i);
    check_equal(raw3(SYS_close_range, 60, 61, 4), 0, "close_range for exec");
    check(fcntl(fd[1], F_GETFD) == FD_CLOEXEC && fcntl(fd[2], F_GETFD) == 0,
          "marks a range");
    check_equal(raw3(SYS_close_range, 61, ~0u, 0), 0, "close_range to the end");
    check(fcntl(fd[0], F_GETFD) >= 0 && fcntl(fd[1], F_GETFD) < 0 &&
              fcntl(fd[2], F_GETFD) < 0,
          "closes it");
    check_equal(raw3(SYS_close_range, 9, 8, 0), -EINVAL, "a range of less than nothing");
    check_equal(raw3(SYS_close_range, 60, 61, 1), -EINVAL, "an unknown flag");
    close(full), close(zero), close(fd[0]);
}

static long exec_at(int fd, const char *path, int flags)
{
    char *arguments[] = {(char *)"small-calls", (char *)"executed", NULL};
    pid_t child = fork();
    int status;

    if (child == 0)
        _exit(-raw6(SYS_execveat, fd, (long)path, (long)arguments, 0, flags, 0));
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

static void test_exec_at(const char *program)
{
    int fd = open(program, O_RDONLY), directory = open("/", O_RDONLY | O_DIRECTORY);

    check_equal(exec_at(AT_FDCWD, program, 0), 77, "execveat of a path");
    check_equal(exec_at(fd, "", AT_EMPTY_PATH), 77, "of what is open");
    check_equal(exec_at(directory, program + (program[0] == '/'), 0), 77,
                "of a path from a directory");
    check_equal(exec_at(-1, "x", 0), EBADF, "from nowhere");
    check_equal(exec_at(fd, "", 0), ENOENT, "of nothing");
    check_equal(exec_at(fd, "x", 0), ENOTDIR, "from what is no directory");
    check_equal(exec_at(AT_FDCWD, program, 0x4000), EINVAL, "with an unknown flag");
    check_equal(exec_at(AT_FDCWD, program, AT_SYMLINK_NOFOLLOW), 77, "of what is no link");
    symlink(program, "small-calls-link");
    check_equal(exec_at(AT_FDCWD, "small-calls-link", 0), 77, "through a link");
    check_equal(exec_at(AT_FDCWD, "small-calls-link", AT_SYMLINK_NOFOLLOW), ELOOP,
                "not where links are not followed");
    unlink("small-calls-link");
    close(fd), close(directory);
}

/* --- RDTSC, which a thread can be refused --------------------------------------------------- */

static int tsc_state(void)
{
    int state = 0;

    return prctl(PR_GET_TSC, &state) == 0 ? state : -1;
}

static int tsc_read(void *unused)
{
    (void)unused;
    ticks();
    return 0;
}

/* In a child: refused, RDTSC is a fault, in children too and whoever else ran meanwhile. */
static int tsc_refused(void *unused)
{
    (void)unused;
    if (prctl(PR_SET_TSC, PR_TSC_SIGSEGV) != 0 || tsc_state() != PR_TSC_SIGSEGV)
        return 1;
    if (WTERMSIG(child_run(tsc_read, NULL)) != SIGSEGV)
        return 2;
    prctl(PR_SET_TSC, PR_TSC_ENABLE);
    if (child_run(tsc_read, NULL) != 0)
        return 3;
    prctl(PR_SET_TSC, PR_TSC_SIGSEGV);
    sched_yield();
    return tsc_read(NULL);
}

static void test_tsc(void)
{
    check_equal(tsc_state(), PR_TSC_ENABLE, "RDTSC is allowed");
    check_equal(WTERMSIG(child_run(tsc_refused, NULL)), SIGSEGV,
                "until a thread refuses it");
    check(tsc_state() == PR_TSC_ENABLE && tsc_read(NULL) == 0, "another's is as it was");
    check(prctl(PR_SET_TSC, 3) == -1 && errno == EINVAL, "there are two states");
}

/* --- Others ----------------------------------------------------------------------------------- */

static void test_clocks(void)
{
    struct timespec moment = {0, 1};
    const int refused[] = {CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW,
                           CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE};

    for (unsigned i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        check_equal(raw6(SYS_clock_nanosleep, refused[i], 0, (long)&moment, 0, 0, 0),
                    -EOPNOTSUPP, "nobody sleeps by clock %d", refused[i]);
    check_equal(raw6(SYS_clock_nanosleep, CLOCK_BOOTTIME, 0, (long)&moment, 0, 0, 0), 0,
                "by the time since boot one does");
    check_equal(raw6(SYS_clock_nanosleep, CLOCK_TAI, 0, (long)&moment, 0, 0, 0), 0,
                "and by atomic time");
    struct timespec atomic, civil;
    clock_gettime(CLOCK_REALTIME, &civil);
    check(clock_gettime(CLOCK_TAI, &atomic) == 0 && atomic.tv_sec - civil.tv_sec < 60,
          "which nobody has told of leap seconds, or of less than a minute");
    check_equal(raw6(SYS_clock_nanosleep, CLOCK_TAI, TIMER_ABSTIME, (long)&civil, 0, 0, 0),
                0, "until a moment that is over");
    check_equal(raw6(SYS_clock_nanosleep, 99, 0, (long)&moment, 0, 0, 0), -EINVAL,
                "no such clock");
}

static void test_persona(void)
{
    struct utsname name;

    check_equal(personality(0xffffffff), 0, "nobody in particular");
    check_equal(personality(ADDR_NO_RANDOMIZE | UNAME26), 0,
                "addresses that are not random");
    check_equal(personality(0xffffffff), ADDR_NO_RANDOMIZE | UNAME26, "are kept");
    uname(&name);
    check(strncmp(name.release, "2.6.", 4) == 0, "UNAME26 tells an old release");
    personality(0);
    uname(&name);
    check(strncmp(name.release, "2.6.", 4) != 0, "until it goes");
}

/* What is left of a second for which nothing was waited. */
static void test_sticky(void)
{
    struct timespec left[2] = {{1, 0}, {1, 0}};
    int ends[2];

    if (pipe(ends) != 0)
        bail("pipe");
    long ready[] = {ends[1], 1L << ends[1]};
    struct pollfd asked = {(int)ready[0], POLLOUT, 0};
    for (int i = 0; i < 2; i++) {
        raw6(SYS_ppoll, (long)&asked, 1, (long)&left[i], 0, 8, 0);
        personality(STICKY_TIMEOUTS);
    }
    check(left[0].tv_sec == 0 && left[0].tv_nsec > 0,
          "ppoll tells what is left of a second");
    check(left[1].tv_sec == 1 && left[1].tv_nsec == 0, "but not with STICKY_TIMEOUTS");
    for (int i = 0; i < 2; i++) {
        left[i] = (struct timespec){1, 0};
        long set = ready[1];
        raw6(SYS_select, ready[0] + 1, 0, (long)&set, 0, (long)&left[i], 0);
        personality(0);
    }
    check(left[0].tv_sec == 1 && left[1].tv_sec == 0, "nor does select");
    close(ends[0]), close(ends[1]);
}

/* By what is not kept a program learns which flags there are. */
static void test_unknown_flags(void)
{
    struct {
        uint64_t handler, flags, restorer, mask;
    } action = {1, 0x400 | 0x4, 0, 0};

    raw6(SYS_rt_sigaction, SIGUSR2, (long)&action, 0, 8, 0, 0);
    raw6(SYS_rt_sigaction, SIGUSR2, 0, (long)&action, 8, 0, 0);
    check_equal((long)action.flags, 0x4, "SA_UNSUPPORTED is not kept");
}

static void test_priorities(void)
{
    check_equal(raw3(SYS_sched_get_priority_max, 6, 0, 0), 0,
                "SCHED_DEADLINE has one priority");
    check_equal(raw3(SYS_sched_get_priority_min, 6, 0, 0), 0, "nought");
    check_equal(raw3(SYS_sched_get_priority_max, 4, 0, 0), -EINVAL, "no such policy");
}

static void test_signal_info(void)
{
    siginfo_t info = {.si_code = SI_QUEUE};
    long self = getpid();

    check_equal(raw6(SYS_rt_tgsigqueueinfo, 0, 1, 0, 16, 0, 0), -EFAULT,
                "what a signal tells is looked at first");
    check_equal(raw6(SYS_rt_tgsigqueueinfo, self, 0, 0, (long)&info, 0, 0), -EINVAL,
                "then the thread");
    info.si_code = SI_USER;
    check_equal(raw6(SYS_rt_tgsigqueueinfo, self, 1, 99, (long)&info, 0, 0), -EPERM,
                "then whether it says who sent it");
    info.si_code = SI_QUEUE;
    check_equal(raw6(SYS_rt_tgsigqueueinfo, self, self, 99, (long)&info, 0, 0), -EINVAL,
                "and at last whether there is such a signal");
}

/* Sets as long as a table of files may be. */
static void test_select(void)
{
    static uint64_t set[1024];
    struct rlimit limit;
    struct timeval none = {0, 0};
    enum { HIGH = 2000 };

    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max <= HIGH) {
        check_skip("few files may be open", "select of many");
        return;
    }
    limit.rlim_cur = HIGH + 1;
    setrlimit(RLIMIT_NOFILE, &limit);
    int ends[2];
    if (pipe(ends) != 0 || write(ends[1], "x", 1) != 1 || dup2(ends[0], HIGH) != HIGH)
        bail("pipe");
    set[HIGH / 64] = 1ull << HIGH % 64;
    check_equal(raw6(SYS_select, HIGH + 1, (long)set, 0, 0, (long)&none, 0), 1,
                "select of a high number");
    check(set[HIGH / 64] == 1ull << HIGH % 64, "which is told");
    check_equal(raw6(SYS_select, HIGH, (long)set, 0, 0, (long)&none, 0), 0, "but below it");
    set[HIGH / 64] = 0;
    set[(HIGH - 100) / 64] = 1;
    check_equal(raw6(SYS_select, HIGH, (long)set, 0, 0, (long)&none, 0), -EBADF,
                "one that is not open");
    memset(set, 0, sizeof(set));
    check_equal(raw6(SYS_select, INT32_MAX, (long)set, 0, 0, (long)&none, 0), 0,
                "however many are asked about");
    check_equal(raw6(SYS_select, -1, 0, 0, 0, (long)&none, 0), -EINVAL,
                "but fewer than none");
    close(HIGH), close(ends[0]), close(ends[1]);
}

/* What a call looks at first, and what only some files can. */
static void test_descriptors(void)
{
    struct {
        unsigned events;
        unsigned long data;
    } __attribute__((packed)) event = {1, 0};
    int set = (int)raw3(SYS_epoll_create1, 0, 0, 0), directory = open("/", O_RDONLY);
    int file = open("small-calls-times", O_RDWR | O_CREAT, 0600),
        null = open("/dev/null", O_RDWR);
    int ends[2];

    if (pipe(ends) != 0)
        bail("pipe");
    check_equal(raw6(SYS_epoll_ctl, set, 1, file, (long)&event, 0, 0), -EPERM,
                "a file is not waited for");
    check_equal(raw6(SYS_epoll_ctl, set, 1, directory, (long)&event, 0, 0), -EPERM,
                "nor a directory");
    check_equal(raw6(SYS_epoll_ctl, set, 9, file, (long)&event, 0, 0), -EPERM,
                "whatever is asked");
    check_equal(raw6(SYS_epoll_ctl, ends[0], 1, file, (long)&event, 0, 0), -EPERM,
                "and where");
    check_equal(raw6(SYS_epoll_ctl, set, 9, ends[0], (long)&event, 0, 0), -EINVAL,
                "an unknown operation");
    check_equal(raw6(SYS_epoll_ctl, set, 9, ends[0], 8, 0, 0), -EFAULT, "nothing to say");
    check_equal(raw3(SYS_flock, -1, 3, 0), -EINVAL, "flock of no kind, of no file");
    check_equal(raw3(SYS_flock, -1, 1, 0), -EBADF, "flock of no file");
    check_equal(raw6(SYS_sync_file_range, file, 0, 10, 7, 0, 0), 0, "sync_file_range");
    check_equal(raw6(SYS_sync_file_range, file, 0, 10, 8, 0, 0), -EINVAL, "unknown flags");
    check_equal(raw6(SYS_sync_file_range, file, 10, -5, 0, 0, 0), -EINVAL,
                "less than none");
    check_equal(raw6(SYS_sync_file_range, file, -1, 5, 0, 0, 0), -EINVAL,
                "before the start");
    check_equal(raw6(SYS_sync_file_range, ends[0], 0, 10, 0, 0, 0), -ESPIPE, "of a pipe");
    check_equal(raw6(SYS_sync_file_range, null, 0, 10, 0, 0, 0), -ESPIPE, "of a device");
    check_equal(raw6(SYS_sync_file_range, -1, 0, 10, 8, 0, 0), -EBADF, "of nothing");
    close(set), close(directory), close(file), close(null), close(ends[0]), close(ends[1]);
    unlink("small-calls-times");
}

static int nice_of_many(void *unused)
{
    (void)unused;
    return setpriority(PRIO_PROCESS, 0, 100) == 0 && getpriority(PRIO_PROCESS, 0) == 19 ? 0
                                                                                        : 1;
}

static void test_nice(void)
{
    check_equal(child_run(nice_of_many, NULL), 0, "who would be nicer than all is as nice");
}

static void test_uptime(void)
{
    struct sysinfo info;
    struct timespec now;

    check_equal(sysinfo(&info), 0, "sysinfo");
    clock_gettime(CLOCK_BOOTTIME, &now);
    long begun = (long)info.uptime - now.tv_sec;
    check(begun == 1 || begun == 0,
          "a second that has begun counts as one that it has run");
    check(info.uptime > 0, "so it has always run for some time");
}

static void test_times(void)
{
    const struct timespec set[2] = {{1000, 0}, {2000, 0}},
                          left[2] = {{3000, 0}, {0, UTIME_OMIT}},
                          early[2] = {{-5, 0}, {0, UTIME_OMIT}};
    const struct timeval much[2] = {{0, 1l << 61}, {0, 0}}, seconds[2] = {{5, 0}, {6, 0}};
    struct stat status;
    int file = open("small-calls-times", O_RDWR | O_CREAT, 0600);

    futimens(file, set);
    futimens(file, left);
    check(fstat(file, &status) == 0 && status.st_atim.tv_sec == 3000 &&
              status.st_mtim.tv_sec == 2000,
          "UTIME_OMIT leaves a time as it was");
    futimens(file, early);
    check(fstat(file, &status) == 0 && status.st_atim.tv_sec <= 0,
          "what was before 1970 is not to come");
    check_equal(raw3(SYS_utimes, (long)"small-calls-times", (long)much, 0), -EINVAL,
                "so many microseconds that as ns they would be none");
    check_equal(raw3(SYS_futimesat, AT_FDCWD, (long)"small-calls-times", (long)seconds), 0,
                "futimesat by a path");
    check(fstat(file, &status) == 0 && status.st_mtim.tv_sec == 6, "sets the times");
    check_equal(raw3(SYS_futimesat, file, 0, 0), 0, "of what is open");
    check(fstat(file, &status) == 0 && status.st_mtim.tv_sec > 6, "to now");
    close(file);
    unlink("small-calls-times");
}

int main(int count, char **arguments)
{
    if (count > 1)
        return 77; /* executed */
    test_futex();
    test_exec_at(arguments[0]);
    test_tsc();
    test_thread_number();
    test_places();
    test_clocks();
    test_persona();
    test_sticky();
    test_unknown_flags();
    test_priorities();
    test_signal_info();
    test_select();
    test_descriptors();
    test_nice();
    test_uptime();
    test_times();
    return tap_end();
}
