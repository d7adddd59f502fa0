/* int-arguments.c - an argument that a call declares with 32 bits is the lower half of its register
 * (a mode: the lowest 16 bits): what a program has left above makes no difference.
 *
 * Every call that is here and has such an argument is made twice, each time in a child of its own:
 * as it is, and with garbage there. Both answer the same. tests/test_calls.py looks whether a call
 * is missing here. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What each child finds open. */
enum {
    A_FILE = 20,
    A_ROOT,
    A_PIPE,
    A_PIPE_END,
    AN_EPOLL,
    A_TIMER,
    AN_EVENT,
    A_SOCKET,
    A_PEER
};
/* What is known only then. */
enum { SELF = 0x7e570000, SEGMENT };
enum { HERE = AT_FDCWD };
#ifndef SYS_futex_waitv /* in musl's headers from 1.2.4 on */
#define SYS_futex_waitv 449
#endif

static char file[] = "int-arguments-file", new[] = "int-arguments-new",
            no_file[] = "/no/such/file";
static char link_of_self[] = "/proc/self/exe";
static char page[4096] __attribute__((aligned(4096)));
static long buffer[512], zeroes[16];
static uint32_t word = 7;
static uint64_t several[] = {8, (uintptr_t)&word, 130}; /* of futex_waitv */
static struct epoll_event event = {.events = EPOLLIN};
static struct iovec vector = {buffer, 8};
static struct rlimit no_core;
static struct pollfd poll_list[1] = {{A_PIPE, 1, 0}};
static long *answer;

#define AT(thing) ((long)(thing))
#define ROW(name, widths, ...)     \
    {                              \
        SYS_##name, #name, widths, \
        {                          \
            __VA_ARGS__            \
        }                          \
    }

/* Of each argument: 'l' as wide as its register, 'i' 32 bits, 'm' 16. */
static const struct row {
    long number;
    const char *name, *widths;
    long argument[6];
} rows[] = {
    /* files by descriptor */
    ROW(read, "ill", A_FILE, AT(buffer), 8),
    ROW(write, "ill", A_FILE, AT(buffer), 8),
    ROW(close, "i", A_FILE),
    ROW(fstat, "il", A_FILE, AT(buffer)),
    ROW(lseek, "ili", A_FILE, 3, SEEK_END),
    ROW(ioctl, "iil", A_FILE, 0x5450, 0), /* FIONCLEX */
    ROW(pread64, "illl", A_FILE, AT(buffer), 8, 1),
    ROW(pwrite64, "illl", A_FILE, AT(buffer), 8, 1),
    ROW(readv, "ili", A_FILE, AT(&vector), 1),
    ROW(writev, "ili", A_FILE, AT(&vector), 1),
    ROW(preadv, "ilill", A_FILE, AT(&vector), 1, 0, 0),
    ROW(pwritev, "ilill", A_FILE, AT(&vector), 1, 0, 0),
    ROW(preadv2, "ililli", A_FILE, AT(&vector), 1, 0, 0, 0),
    ROW(pwritev2, "ililli", A_FILE, AT(&vector), 1, 0, 0, 0),
    ROW(dup, "i", A_FILE),
    ROW(dup2, "ii", A_FILE, 50),
    ROW(dup2, "ii", A_FILE, A_FILE),
    ROW(dup3, "iii", A_FILE, 50, 0),
    ROW(sendfile, "iill", A_PIPE_END, A_FILE, AT(zeroes), 8),
    ROW(copy_file_range, "ililli", A_FILE, AT(zeroes), A_FILE, AT(zeroes + 1), 8, 0),
    ROW(fcntl, "iil", A_FILE, F_GETFD, 0),
    ROW(fcntl, "iii", A_FILE, F_DUPFD, 40),
    ROW(fcntl, "iii", A_FILE, F_SETFL, O_NONBLOCK),
    ROW(fcntl, "iii", A_PIPE, F_SETPIPE_SZ, 4096),
    ROW(flock, "ii", A_FILE, 8), /* LOCK_UN */
    ROW(fsync, "i", A_FILE),
    ROW(fdatasync, "i", A_FILE),
    ROW(ftruncate, "il", A_FILE, 100),
    ROW(fallocate, "iill", A_FILE, 0, 0, 100),
    ROW(fadvise64, "illi", A_FILE, 0, 0, 3),
    ROW(readahead, "ill", A_FILE, 0, 100),
    ROW(sync_file_range, "illi", A_FILE, 0, 100, 0),
    ROW(syncfs, "i", A_FILE),
    ROW(getdents64, "ili", A_ROOT, AT(buffer), 512),
    ROW(fchdir, "i", A_ROOT),
    ROW(fchmod, "im", A_FILE, 0600),
    ROW(fchown, "iii", A_FILE, -1, -1),
    ROW(fstatfs, "il", A_FILE, AT(buffer)),
    ROW(close_range, "iii", 60, 70, 0),
    ROW(fsetxattr, "illli", A_FILE, AT(file), AT(buffer), 0, 0),
    ROW(fgetxattr, "illl", A_FILE, AT(no_file), AT(buffer), 8),
    ROW(flistxattr, "ill", A_ROOT, AT(buffer), 0),
    ROW(fremovexattr, "il", A_FILE, AT(file)),
    ROW(setxattr, "lllli", AT(no_file), AT(file), AT(buffer), 0, 0),
    ROW(lsetxattr, "lllli", AT(no_file), AT(file), AT(buffer), 0, 0),
    /* files by name */
    ROW(open, "lim", AT(file), O_RDWR, 0),
    ROW(open, "lim", AT(new), O_RDWR | O_CREAT, 0600),
    ROW(creat, "lm", AT(new), 0600),
    ROW(access, "li", AT(file), 6),
    ROW(mkdir, "lm", AT(new), 0700),
    ROW(mknod, "lmi", AT(new), S_IFIFO | 0600, 0),
    ROW(chmod, "lm", AT(file), 0600),
    ROW(chown, "lii", AT(file), -1, -1),
    ROW(lchown, "lii", AT(file), -1, -1),
    ROW(readlink, "lli", AT(link_of_self), AT(buffer), 64),
    ROW(readlink, "lli", AT(link_of_self), AT(buffer), 0),
    ROW(umount2, "li", AT(no_file), 0),
    ROW(openat, "ilim", HERE, AT(file), O_RDWR, 0),
    ROW(mkdirat, "ilm", HERE, AT(new), 0700),
    ROW(mknodat, "ilmi", HERE, AT(new), S_IFREG | 0600, 0),
    ROW(fchownat, "iliii", HERE, AT(file), -1, -1, 0),
    ROW(futimesat, "ill", HERE, AT(file), 0),
    ROW(newfstatat, "illi", HERE, AT(file), AT(buffer), 0),
    ROW(newfstatat, "illi", A_FILE, AT(""), AT(buffer), AT_EMPTY_PATH),
    ROW(unlinkat, "ili", HERE, AT(file), 0),
    ROW(unlinkat, "ili", HERE, AT(file), AT_REMOVEDIR),
    ROW(renameat, "ilil", HERE, AT(file), HERE, AT(new)),
    ROW(renameat2, "ilili", HERE, AT(file), HERE, AT(new), 1),
    ROW(linkat, "ilili", HERE, AT(file), HERE, AT(new), 0),
    ROW(symlinkat, "lil", AT(file), HERE, AT(new)),
    ROW(readlinkat, "illi", HERE, AT(link_of_self), AT(buffer), 64),
    ROW(fchmodat, "ilm", HERE, AT(file), 0600),
    ROW(faccessat, "ili", HERE, AT(file), 6),
    ROW(faccessat2, "ilii", HERE, AT(file), 6, 0),
    ROW(utimensat, "illi", HERE, AT(file), 0, 0),
    ROW(statx, "iliil", HERE, AT(file), 0, 0x7ff, AT(buffer)),
    ROW(execveat, "illli", HERE, AT(no_file), 0, 0, 0),
    ROW(umask, "i", 022),
    /* files without a name, and waiting for them */
    ROW(pipe2, "li", AT(buffer), O_CLOEXEC),
    ROW(memfd_create, "li", AT(file), 0),
    ROW(eventfd, "i", 1),
    ROW(eventfd2, "ii", 1, 0),
    ROW(timerfd_create, "ii", CLOCK_MONOTONIC, 0),
    ROW(timerfd_settime, "iill", A_TIMER, 0, AT(zeroes), 0),
    ROW(timerfd_gettime, "il", A_TIMER, AT(buffer)),
    ROW(socketpair, "iiil", AF_UNIX, SOCK_STREAM, 0, AT(buffer)),
    ROW(sendto, "illili", A_SOCKET, AT(buffer), 1, MSG_DONTWAIT, 0, 0),
    ROW(recvfrom, "illill", A_SOCKET, AT(buffer), 1, MSG_DONTWAIT, 0, 0),
    ROW(shutdown, "ii", A_SOCKET, SHUT_RD),
    ROW(connect, "ili", A_FILE, AT(buffer), 16),
    ROW(accept, "ill", A_FILE, 0, 0),
    ROW(accept4, "illi", A_FILE, 0, 0, 0),
    ROW(sendmsg, "ili", A_FILE, AT(buffer), 0),
    ROW(recvmsg, "ili", A_FILE, AT(buffer), 0),
    ROW(bind, "ili", A_FILE, AT(buffer), 16),
    ROW(listen, "ii", A_FILE, 1),
    ROW(getsockname, "ill", A_FILE, AT(buffer), AT(buffer)),
    ROW(getpeername, "ill", A_FILE, AT(buffer), AT(buffer)),
    ROW(setsockopt, "iiili", A_FILE, 0, 0, AT(buffer), 4),
    ROW(getsockopt, "iiill", A_FILE, 0, 0, AT(buffer), AT(buffer)),
    ROW(poll, "lii", AT(poll_list), 1, 0),
    ROW(ppoll, "lilll", AT(poll_list), 1, AT(zeroes), 0, 8),
    ROW(select, "illll", 1, 0, 0, 0, AT(zeroes)),
    ROW(select, "illll", -1, 0, 0, 0, AT(zeroes)),
    ROW(pselect6, "illlll", 1, 0, 0, 0, AT(zeroes), 0),
    ROW(epoll_create, "i", 1),
    ROW(epoll_create, "i", 0),
    ROW(epoll_create1, "i", 0),
    ROW(epoll_ctl, "iiil", AN_EPOLL, EPOLL_CTL_ADD, A_PIPE, AT(&event)),
    ROW(epoll_ctl, "iiil", AN_EPOLL, EPOLL_CTL_DEL, A_PIPE_END, 0),
    ROW(epoll_wait, "ilii", AN_EPOLL, AT(buffer), 1, 0),
    ROW(epoll_wait, "ilii", AN_EPOLL, AT(buffer), 0, 0),
    ROW(epoll_pwait, "iliill", AN_EPOLL, AT(buffer), 1, 0, 0, 8),
    ROW(epoll_pwait2, "ililll", AN_EPOLL, AT(buffer), 1, AT(zeroes), 0, 8),
    /* memory */
    ROW(mmap, "llllil", 0, 4096, PROT_READ, MAP_SHARED, A_FILE, 0),
    ROW(madvise, "lli", AT(page), 4096, MADV_NORMAL),
    ROW(madvise, "lli", AT(page), 4096, 77),
    ROW(msync, "lli", AT(page), 4096, MS_ASYNC),
    ROW(mlock2, "lli", AT(page), 4096, 0),
    ROW(mlockall, "i", MCL_FUTURE),
    ROW(shmget, "ili", 0x600d, 4096, 0600),
    ROW(shmat, "ili", SEGMENT, 0, SHM_RDONLY),
    ROW(shmctl, "iil", SEGMENT, SHM_LOCK, 0),
    ROW(shmctl, "iil", SEGMENT, IPC_STAT, AT(buffer)),
    ROW(process_vm_readv, "ililll", SELF, AT(&vector), 1, AT(&vector), 1, 0),
    ROW(process_vm_writev, "ililll", SELF, AT(&vector), 1, AT(&vector), 1, 0),
    ROW(membarrier, "iii", 0, 0, 0),
    /* processes and threads */
    ROW(exit, "i", 5),
    ROW(exit_group, "i", 5),
    ROW(wait4, "ilil", -1, 0, 1, 0),
    ROW(waitid, "iilil", 0, 0, 0, 5, 0),
    ROW(getpgid, "i", 0),
    ROW(getsid, "i", 0),
    ROW(setpgid, "ii", 0, 0),
    ROW(getrusage, "il", RUSAGE_CHILDREN, AT(buffer)),
    ROW(setuid, "i", 0),
    ROW(setgid, "i", 0),
    ROW(setreuid, "ii", -1, -1),
    ROW(setregid, "ii", -1, -1),
    ROW(setresuid, "iii", -1, -1, -1),
    ROW(setresgid, "iii", -1, -1, -1),
    ROW(getgroups, "il", 0, 0),
    ROW(setgroups, "il", 0, 0),
    ROW(get_robust_list, "ill", 0, AT(buffer), AT(buffer + 1)),
    ROW(rseq, "liii", AT(zeroes), 1, 0, 0),
    ROW(futex, "liilli", AT(&word), 128, 8, 0, 0, 0),
    ROW(futex, "liilli", AT(&word), 128, 7, AT(zeroes), 0, 0),
    ROW(futex, "liilli", AT(&word), 138, 1, 0, 0, 0),
    ROW(futex, "liiili", AT(&word), 132, 1, 1, AT(zeroes), 8),
    ROW(futex_waitv, "liili", AT(several), 1, 0, 0, 0),
    ROW(getrlimit, "il", RLIMIT_CORE, AT(buffer)),
    ROW(setrlimit, "il", RLIMIT_CORE, AT(&no_core)),
    ROW(prlimit64, "iill", 0, RLIMIT_CORE, 0, AT(buffer)),
    ROW(arch_prctl, "il", 0x1003, AT(buffer)), /* ARCH_GET_FS */
    ROW(prctl, "illll", 3, 0, 0, 0, 0),        /* PR_GET_DUMPABLE */
    ROW(personality, "i", -1),
    ROW(sched_setparam, "il", 0, AT(zeroes)),
    ROW(sched_getparam, "il", 0, AT(buffer)),
    ROW(sched_setscheduler, "iil", 0, 3, AT(zeroes)),
    ROW(sched_getscheduler, "i", 0),
    ROW(sched_get_priority_max, "i", 1),
    ROW(sched_get_priority_min, "i", 1),
    ROW(sched_rr_get_interval, "il", 0, AT(buffer)),
    ROW(sched_setaffinity, "iil", 0, 8, AT(buffer)),
    ROW(sched_getaffinity, "iil", 0, 512, AT(buffer)),
    ROW(sched_setattr, "ili", 0, AT(zeroes), 0),
    ROW(sched_getattr, "ilii", 0, AT(buffer), 48, 0),
    ROW(getpriority, "ii", PRIO_PROCESS, 0),
    ROW(setpriority, "iii", PRIO_PROCESS, 0, 5),
    /* signals and time */
    ROW(rt_sigaction, "illl", 10, 0, AT(buffer), 8),
    ROW(rt_sigprocmask, "illl", 0, AT(zeroes), AT(buffer), 8),
    ROW(kill, "ii", SELF, 0),
    ROW(tkill, "ii", SELF, 0),
    ROW(tgkill, "iii", SELF, SELF, 0),
    ROW(rt_sigqueueinfo, "iil", SELF, 0, AT(zeroes)),
    ROW(rt_tgsigqueueinfo, "iiil", SELF, SELF, 0, AT(zeroes)),
    ROW(alarm, "i", 0),
    ROW(getitimer, "il", 0, AT(buffer)),
    ROW(setitimer, "ill", 0, AT(zeroes), 0),
    ROW(timer_create, "ill", CLOCK_MONOTONIC, 0, AT(buffer)),
    ROW(timer_create, "ill", CLOCK_PROCESS_CPUTIME_ID, 0, AT(buffer)),
    ROW(timer_settime, "iill", 0, 0, AT(zeroes), 0),
    ROW(timer_gettime, "il", 0, AT(buffer)),
    ROW(timer_getoverrun, "i", 0),
    ROW(timer_delete, "i", 0),
    ROW(clock_gettime, "il", CLOCK_MONOTONIC, AT(buffer)),
    ROW(clock_gettime, "il", -6, AT(buffer)), /* this process's running time */
    ROW(clock_getres, "il", CLOCK_MONOTONIC, AT(buffer)),
    ROW(clock_settime, "il", CLOCK_REALTIME, 0),
    ROW(clock_nanosleep, "iill", CLOCK_MONOTONIC, 0, AT(zeroes), 0),
    ROW(clock_adjtime, "il", CLOCK_REALTIME, AT(zeroes)),
    /* the system */
    ROW(sethostname, "li", 0, 5),
    ROW(setdomainname, "li", 0, 5),
    ROW(getrandom, "lli", AT(buffer), 8, 0),
    ROW(reboot, "iiil", 0, 0, 0, 0),
    ROW(socket, "iii", -1, 0, 0),
};

static void open_all(void)
{
    int pair[2];

    dup2(open(file, O_RDWR | O_CREAT, 0600), A_FILE);
    ftruncate(A_FILE, 4096);
    dup2(open("/", O_RDONLY), A_ROOT);
    pipe(pair);
    dup2(pair[0], A_PIPE), dup2(pair[1], A_PIPE_END);
    dup2(epoll_create1(0), AN_EPOLL);
    dup2(timerfd_create(CLOCK_MONOTONIC, 0), A_TIMER);
    dup2(eventfd(0, 0), AN_EVENT);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    dup2(pair[0], A_SOCKET), dup2(pair[1], A_PEER);
    raw3(SYS_timer_create, CLOCK_MONOTONIC, 0, AT(buffer));
}

struct trial {
    const struct row *row;
    unsigned long garbage;
    int segment;
};

static long with_garbage(long argument, char width, unsigned long garbage)
{
    if (!garbage || width == 'l' || !width)
        return argument;
    int shift = width == 'm' ? 16 : 32;
    return (long)((unsigned long)argument & ((1ul << shift) - 1)) |
           (long)(garbage << shift);
}

static int call_made(void *argument)
{
    const struct trial *trial = argument;
    const struct row *row = trial->row;
    long given[6];
    size_t widths = strlen(row->widths);

    open_all();
    memset(buffer, 0xff, 64);
    for (unsigned i = 0; i < 6; i++) {
        long plain = row->argument[i] == SELF      ? getpid()
                     : row->argument[i] == SEGMENT ? trial->segment
                                                   : row->argument[i];
        given[i] = with_garbage(plain, i < widths ? row->widths[i] : 0, trial->garbage);
    }
    *answer = raw6(row->number, given[0], given[1], given[2], given[3], given[4], given[5]);
    return 0;
}

/* What it answers, or how it ends. */
static long outcome(struct trial *trial)
{
    *answer = 0;
    int status = child_run(call_made, trial);
    unlink(new), rmdir(new), unlink(file);
    return status ? status + 0x10000 : *answer;
}

int main(void)
{
    struct trial trial = {.segment = shmget(IPC_PRIVATE, 4096, 0600)};

    answer = shared_page();
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        trial.row = &rows[i];
        trial.garbage = 0;
        long plain = outcome(&trial);
        trial.garbage = 0x5aa5a5a5; /* in each upper half */
        long positive = outcome(&trial);
        trial.garbage = 0xffffffffu;
        long negative = outcome(&trial);
        if (!check(positive == plain && negative == plain,
                   "%s: what is above its ints makes no difference", rows[i].name))
            note("%ld, and with garbage %ld or %ld", plain, positive, negative);
    }
    shmctl(trial.segment, IPC_RMID, 0);
    return tap_end();
}
