/* proc-names.c - what /proc calls things: memory of files that have lost their names, or never had
 * any; threads, which can be given names; and which of a process's numbers stat and status tell. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char text[65536];

static ssize_t file_read(const char *path)
{
    int fd = open(path, O_RDONLY);
    ssize_t length = 0, got = -1;

    while (fd >= 0 && (got = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
        length += got;
    close(fd);
    text[length] = '\0';
    return got < 0 ? -1 : length;
}

/* --- maps ----------------------------------------------------------------------------------- */

/* What maps has behind the numbers of the region that begins at `address`; NULL: nothing. */
static const char *name_of(const void *address)
{
    char begin[32];

    snprintf(begin, sizeof(begin), "%08lx-", (uintptr_t)address);
    if (file_read("/proc/self/maps") < 0)
        bail("maps");
    char *line = strncmp(text, begin, strlen(begin)) == 0 ? text : strstr(text, begin);
    if (!line)
        return "no such region";
    line[strcspn(line, "\n")] = '\0';
    return strlen(line) > 73 ? line + 73 : NULL;
}

static bool ends_in(const char *name, const char *end)
{
    size_t length = name ? strlen(name) : 0, tail = strlen(end);

    return length >= tail && strcmp(name + length - tail, end) == 0;
}

static bool is_called(const void *address, const char *name)
{
    const char *found = name_of(address);

    return name ? found && strcmp(found, name) == 0 : !found;
}

static int file_make(const char *name)
{
    int file = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

    ftruncate(file, 2 * PAGE);
    return file;
}

static char *file_map(int file, int kind)
{
    return mmap(NULL, PAGE, PROT_READ, kind, file, 0);
}

static void test_files(void)
{
    int file = file_make("names-one");
    char *page = file_map(file, MAP_SHARED);

    check(ends_in(name_of(page), "/names-one"), "a file's memory has its path");
    file_make("names-two");
    rename("names-one", "names-two");
    check(ends_in(name_of(page), "/names-two"), "the path of now");
    unlink("names-two");
    check(ends_in(name_of(page), "/names-two (deleted)"), "which is taken away");
    close(file);
    check(ends_in(name_of(page), "/names-two (deleted)"),
          "and told as long as it is mapped");
    munmap(page, PAGE);
    file = file_make("new\nline\\");
    page = file_map(file, MAP_PRIVATE);
    check(ends_in(name_of(page), "/new\\012line\\"), "a line is a region");
    munmap(page, PAGE), close(file);
    unlink("new\nline\\");
    struct stat status;
    unsigned long number = 0;
    file = memfd_create("na\nme", 0);
    ftruncate(file, PAGE);
    page = file_map(file, MAP_PRIVATE);
    check(is_called(page, "/memfd:na\\012me (deleted)"), "memfd_create's name");
    fstat(file, &status);
    sscanf(name_of(page) - 73, "%*s %*s %*s %*s %lu", &number);
    check_equal((long)number, (long)status.st_ino, "and its inode");
    char link[40];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
    memset(text, 0, 64);
    readlink(link, text, 64);
    check(strcmp(text, "/memfd:na\nme (deleted)") == 0, "the same of the descriptor");
    close(file);
    check(is_called(page, "/memfd:na\\012me (deleted)"), "and when that is closed");
    munmap(page, PAGE);
}

/* --- Descriptors of what never had a name ----------------------------------------------------- */

static void fd_check(int fd, const char *kind, int error)
{
    char link[40];
    struct stat status;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    memset(text, 0, 64);
    readlink(link, text, 63);
    fstat(fd, &status);
    if (ends_in(kind, ":"))
        check(strncmp(text, kind, strlen(kind)) == 0 &&
                  strtoul(text + strlen(kind) + 1, NULL, 10) == status.st_ino,
              "a descriptor of %s", text);
    else
        check(strcmp(text, kind) == 0, "a descriptor of %s", text);
    int again = open(link, O_RDONLY | O_NONBLOCK);
    check(error ? again == -1 && errno == error : again >= 0,
          error ? "and to open it again is an error" : "which can be opened again");
    close(again);
    close(fd);
}

static void test_nameless(void)
{
    int ends[2];

    if (pipe(ends) != 0)
        bail("pipe");
    fd_check(ends[0], "pipe:", 0), close(ends[1]);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        bail("socketpair");
    fd_check(ends[0], "socket:", ENXIO), close(ends[1]);
    fd_check(eventfd(0, 0), "anon_inode:[eventfd]", ENXIO);
    fd_check(timerfd_create(CLOCK_MONOTONIC, 0), "anon_inode:[timerfd]", ENXIO);
    fd_check(epoll_create1(0), "anon_inode:[eventpoll]", ENXIO);
}

/* A path of 1,000 characters. */
static void test_long_path(void)
{
    char folder[201];
    int depth = 0;

    memset(folder, 'q', 200);
    folder[200] = '\0';
    for (; depth < 5 && mkdir(folder, 0700) == 0; depth++)
        if (chdir(folder) != 0)
            bail("chdir");
    int file = file_make("names-deep");
    char *page = file_map(file, MAP_SHARED);
    const char *name = name_of(page);
    check(ends_in(name, "/names-deep") && strlen(name) > 1000, "however long it is");
    munmap(page, PAGE), close(file);
    unlink("names-deep");
    for (; depth > 0; depth--)
        if (chdir("..") != 0 || rmdir(folder) != 0)
            bail("rmdir");
}

static void test_nobodys(void)
{
    const int key = 0x7e57;
    int zero = open("/dev/zero", O_RDWR);
    char *page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    check(is_called(page, "/dev/zero (deleted)"), "shared memory without a name");
    munmap(page, PAGE);
    page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, zero, 0);
    check(is_called(page, "/dev/zero (deleted)"), "shared zeroes");
    munmap(page, PAGE), close(zero);
    int segment = shmget(key, PAGE, IPC_CREAT | 0600);
    page = shmat(segment, NULL, 0);
    check(is_called(page, "/SYSV00007e57 (deleted)"), "a segment");
    shmctl(segment, IPC_RMID, NULL);
    check(is_called(page, "/SYSV00007e57 (deleted)"), "one that is removed");
    shmdt(page);
    page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0);
    check(is_called(page, NULL), "what grows down is not yet the stack");
    munmap(page, PAGE);
    file_read("/proc/self/maps");
    char *stack = strstr(text, "[stack]\n");
    check(stack && !strstr(stack + 1, "[stack]"), "of which there is one");
}

/* --- comm ------------------------------------------------------------------------------------- */

static long comm_write(const char *path, const char *name, size_t length)
{
    int file = open(path, O_WRONLY);
    long done = file < 0 ? -errno : raw3(SYS_write, file, (long)name, (long)length);

    close(file);
    return done;
}

static bool comm_is(const char *path, const char *name)
{
    return file_read(path) > 0 && strcmp(text, name) == 0;
}

static volatile int thread_id;

static void *rest(void *unused)
{
    thread_id = (int)raw3(SYS_gettid, 0, 0, 0);
    for (;;)
        pause();
    return unused;
}

static int pauses(void *unused)
{
    (void)unused;
    return pause();
}

static void test_comm(void)
{
    char name[16] = "";

    prctl(PR_SET_NAME, "a\nb) c\\");
    check(comm_is("/proc/self/comm", "a\nb) c\\\n"), "comm: the name as it is");
    check(file_read("/proc/self/stat") > 0 && strstr(text, " (a\nb) c\\) "), "stat: too");
    check(file_read("/proc/self/status") > 0 &&
              strncmp(text, "Name:\ta\\nb) c\\\\\n", 16) == 0,
          "status: in one line");
    check_equal(comm_write("/proc/self/comm", "zz", 2), 2, "comm can be written");
    prctl(PR_GET_NAME, name);
    check(strcmp(name, "zz") == 0, "prctl tells it");
    check_equal(comm_write("/proc/self/comm", "0123456789abcdefghij", 20), 20, "all of it");
    check(comm_is("/proc/self/comm", "0123456789abcde\n"), "15 characters are kept");
    check_equal(comm_write("/proc/self/comm", "", 0), 0, "nothing");
    check(comm_is("/proc/self/comm", "\n"), "is a name");
    pid_t child = child_start(pauses, NULL);
    char path[60];
    snprintf(path, sizeof(path), "/proc/%d/comm", child);
    check_equal(comm_write(path, "zz", 2), -EINVAL, "another's cannot be written");
    kill(child, SIGKILL);
    child_wait(child);
    prctl(PR_SET_NAME, "names");
}

static long stat_field(const char *path, int field)
{
    file_read(path);
    char *word = strrchr(text, ')');
    for (int at = 2; word && at < field; at++)
        word = strchr(word + 1, ' ');
    return word ? strtol(word, NULL, 10) : -1;
}

static void test_threads(void)
{
    static const char *const files[] = {
        "auxv",      "cgroup",        "clear_refs", "cmdline", "comm",         "cwd",
        "environ",   "exe",           "fd",         "limits",  "maps",         "mem",
        "mounts",    "oom_score",     "pagemap",    "root",    "smaps",        "stat",
        "oom_score", "oom_score_adj", "statm",      "status",  "smaps_rollup",
    };
    pthread_t thread;
    char path[60], folder[40];

    pthread_create(&thread, NULL, rest, NULL);
    while (!thread_id)
        usleep(1000);
    usleep(20000);
    snprintf(folder, sizeof(folder), "/proc/self/task/%d", thread_id);
    for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
        check_equal(access(path, F_OK), 0, "a thread has %s", files[i]);
    }
    snprintf(path, sizeof(path), "%s/task", folder);
    check(access(path, F_OK) < 0, "but not others");
    snprintf(path, sizeof(path), "%s/comm", folder);
    check(comm_is(path, "names\n"), "it begins with the name of who made it");
    check_equal(comm_write(path, "second", 6), 6, "and can have its own");
    check(comm_is(path, "second\n") && comm_is("/proc/self/comm", "names\n"),
          "which it has");
    snprintf(path, sizeof(path), "%s/status", folder);
    check_equal(field_read(path, "Pid"), thread_id, "Pid: the thread");
    check_equal(field_read(path, "Tgid"), getpid(), "Tgid: the process");
    snprintf(path, sizeof(path), "%s/stat", folder);
    check_equal(stat_field(path, 38), -1, "no signal tells of a thread's end");
    check_equal(stat_field(path, 35), 1, "it sleeps");
    check_equal(stat_field("/proc/self/stat", 38), SIGCHLD, "of the process's one does");
    snprintf(path, sizeof(path), "%s/maps", folder);
    int file = open(path, O_RDONLY);
    check(read(file, text, 64) > 0, "its memory is the process's");
    close(file);
    snprintf(path, sizeof(path), "/proc/self/task/0%d", thread_id);
    check(access(path, F_OK) < 0 && access("/proc/self/fd/00", F_OK) < 0 &&
              access("/proc/self/fd/0x0", F_OK) < 0,
          "numbers are written in one way");
}

/* --- stat and status -------------------------------------------------------------------------- */

static void test_status(void)
{
    static const char *const fields[] = {
        "Groups",   "VmPeak", "VmSize", "VmLck",  "VmPin",  "VmHWM",       "VmRSS",
        "RssFile",  "VmData", "VmStk",  "VmExe",  "VmLib",  "VmPTE",       "VmSwap",
        "RssShmem", "SigQ",   "CapInh", "CapPrm", "CapEff", "Cpus_allowed"};
    char *here = (char *)"/proc/self/status";

    for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        check(field_read(here, fields[i]) >= 0, "status: %s", fields[i]);
    long data = field_read(here, "VmData"), shared = field_read(here, "RssShmem");
    char *own =
        mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *common =
        mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memset(common, 1, 64 * PAGE);
    check_equal(field_read(here, "VmData") - data, 256,
                "private memory to write is VmData");
    counted_near(field_read(here, "RssShmem") - shared, 256, 64,
                 "shared memory is RssShmem");
    munmap(own, 64 * PAGE), munmap(common, 64 * PAGE);
    own = mmap(NULL, 64 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1,
               0);
    check(field_read(here, "VmStk") >= 256, "what grows down is VmStk");
    munmap(own, 64 * PAGE);
    check(field_read(here, "VmExe") > 0 && field_read(here, "VmLib") < 64,
          "VmExe: the program's");
}

static void test_stat(void)
{
    char path[40];
    pid_t child = child_start(pauses, NULL);

    usleep(20000);
    snprintf(path, sizeof(path), "/proc/%d/stat", child);
    check(stat_field(path, 9) & 0x40, "stat: forked, and has not exec'ed");
    check(!(stat_field("/proc/self/stat", 9) & 0x40), "has");
    check_equal(stat_field(path, 35), 1, "sleeps");
    check_equal(stat_field("/proc/self/stat", 35), 0, "runs");
    kill(child, SIGSTOP);
    usleep(20000);
    check_equal(stat_field(path, 52), SIGSTOP, "which signal has stopped it");
    waitpid(child, NULL, WUNTRACED);
    check_equal(stat_field(path, 52), 0, "until its parent has been told");
    kill(child, SIGCONT);
    kill(child, SIGKILL);
    waitid(P_PID, child, NULL, WEXITED | WNOWAIT);
    check_equal(stat_field(path, 52), SIGKILL, "which has ended it");
    check_equal(stat_field(path, 9) & 0x444, 0x444, "it ended, by a signal");
    check_equal(stat_field(path, 20), 1, "it counts as one thread");
    check(stat_field(path, 26) == 0 && stat_field(path, 48) == 0, "nothing is in memory");
    child_wait(child);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1), sigaddset(&set, 40);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR1);
    check_equal(stat_field("/proc/self/stat", 31), 1 << (SIGUSR1 - 1),
                "a signal that waits");
    check_equal(stat_field("/proc/self/stat", 32), 1 << (SIGUSR1 - 1), "of the first 31");
    signal(SIGUSR1, SIG_IGN);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* --- The peak -------------------------------------------------------------------------- */

enum { MUCH = 4096 }; /* pages */

static int exec_small(void *program)
{
    char *region = region_map(MUCH);

    memset(region, 1, MUCH * PAGE);
    execl(program, program, "nothing", NULL);
    return 1;
}

static void test_peak(char *program)
{
    struct rusage usage;
    int status;

    if (fork() == 0)
        _exit(exec_small(program));
    wait4(-1, &status, 0, &usage);
    counted_equal(status == 0 && usage.ru_maxrss >= MUCH * 4, true,
                  "ru_maxrss: what was before exec, too");
}

/* How often the processor went to somebody else. */
static void test_switches(void)
{
    const char *status = "/proc/self/status", *field = "voluntary_ctxt_switches";
    struct rusage before, after;

    getrusage(RUSAGE_SELF, &before);
    for (int i = 0; i < 5; i++)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    getrusage(RUSAGE_SELF, &after);
    check(after.ru_nvcsw - before.ru_nvcsw >= 5, "who sleeps lets others run");
    check(field_read(status, field) >= after.ru_nvcsw, "and status tells of it");
    check(field_read(status, "nonvoluntary_ctxt_switches") >= after.ru_nivcsw,
          "and of whoever had to");
    getrusage(RUSAGE_THREAD, &before);
    check(before.ru_nvcsw >= after.ru_nvcsw, "of a thread, too");
}

int main(int count, char **arguments)
{
    if (count > 1)
        return 0; /* executed */
    test_files();
    test_nameless();
    test_long_path();
    test_nobodys();
    test_status();
    test_switches();
    test_stat();
    test_peak(arguments[0]);
    test_comm();
    test_threads();
    return tap_end();
}
