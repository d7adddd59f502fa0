/* leak.c - what a call writes for the program contains nothing of the kernel's.
 *
 * With stack_junk=1 the kernel fills its stack with one letter before each call: wherever a
 * structure, or a hole in one, is copied out without having been written, that letter comes
 * out. So make every call that has something to say, and look for the letter in its buffer;
 * then at the registers, and at the picture that a signal handler finds on its stack. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

enum { JUNK = 0x6b, RUN = 3, SIZE = 4096 };

static uint8_t buffer[SIZE] __attribute__((aligned(64)));
static uint8_t more[SIZE] __attribute__((aligned(64)));

static bool has_junk(const void *bytes, size_t length)
{
    const uint8_t *byte = bytes;
    unsigned run = 0;

    for (size_t i = 0; i < length; i++) {
        run = byte[i] == JUNK ? run + 1 : 0;
        if (run == RUN)
            return true;
    }
    return false;
}

/* The call, and every register that comes back from it but the result's. */
static long call_all(long number, const long *a, uint64_t registers[8])
{
    long result;
    register long r10 __asm__("r10") = a[3];
    register long r8 __asm__("r8") = a[4];
    register long r9 __asm__("r9") = a[5];
    long rdi = a[0], rsi = a[1], rdx = a[2], rcx, r11;

    __asm__ volatile("syscall; mov %%r11, %[r11]"
                     : "=a"(result), "+D"(rdi), "+S"(rsi), "+d"(rdx), "+r"(r10), "+r"(r8),
                       "+r"(r9), "=c"(rcx), [r11] "=&b"(r11)
                     : "0"(number)
                     : "r11", "memory");
    uint64_t found[] = {rdi, rsi, rdx, r10, r8, r9, rcx, r11};
    memcpy(registers, found, sizeof(found));
    return result;
}

#define OUT  ((long)buffer)
#define OUT2 ((long)more)

static void call_try(const char *name, long number, const long arguments[6])
{
    uint64_t registers[8];

    long result = call_all(number, arguments, registers);
    if (result < 0 && result != -ENOSYS && result != -EINVAL)
        note("%s: %ld", name, result);
    bool clean = !has_junk(buffer, SIZE) && !has_junk(more, SIZE);
    bool kept = !has_junk(registers, sizeof(registers));
    for (int i = 0; i < 6; i++)
        kept = kept && registers[i] == (uint64_t)arguments[i];
    check(clean && kept, "%s", name);
}

/* Both buffers hold what is no junk; the calls that want something to begin with find it. */
#define TRY(number, ...)                                               \
    do {                                                               \
        call_try(#number, SYS_##number, (const long[6]){__VA_ARGS__}); \
        memset(buffer, 0, SIZE);                                       \
        memset(more, 0, SIZE);                                         \
    } while (0)

/* --- Files --------------------------------------------------------------------------- */

static void test_files(void)
{
    static const char *const paths[] = {"/", "/tmp", "/dev/null", "/proc",
                                        "/proc/self/stat"};

    for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        long path = (long)paths[i];

        TRY(stat, path, OUT);
        TRY(lstat, path, OUT);
        TRY(newfstatat, AT_FDCWD, path, OUT, 0);
        TRY(statx, AT_FDCWD, path, 0, 0xfff, OUT);
        TRY(statfs, path, OUT);
        int fd = open(paths[i], O_RDONLY);
        TRY(fstat, fd, OUT);
        TRY(fstatfs, fd, OUT);
        TRY(getdents64, fd, OUT, 512);
        TRY(ioctl, fd, TIOCGWINSZ, OUT);
        TRY(ioctl, fd, TCGETS, OUT);
        TRY(ioctl, fd, FIONREAD, OUT);
        close(fd);
    }
    TRY(getcwd, OUT, 100);
    TRY(readlink, (long)"/proc/self/exe", OUT, 100);
}

static void test_descriptors(void)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT,
                                .data.u64 = 0x1122334455667788};
    struct flock lock = {.l_type = F_WRLCK};
    int ends[2], epoll = epoll_create1(0), sockets[2];
    int tty = open("/dev/console", O_RDWR | O_NOCTTY);

    TRY(pipe, OUT);
    TRY(pipe2, OUT, O_CLOEXEC);
    TRY(socketpair, AF_UNIX, SOCK_STREAM, 0, OUT);
    if (pipe(ends) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0)
        bail("pipe");
    epoll_ctl(epoll, EPOLL_CTL_ADD, ends[1], &event);
    TRY(epoll_wait, epoll, OUT, 8, 0);
    TRY(epoll_pwait, epoll, OUT, 8, 0, 0, 8);
    ((struct pollfd *)buffer)[0] = (struct pollfd){.fd = ends[1], .events = POLLOUT};
    TRY(poll, OUT, 1, 0);
    buffer[0] = 0xff;
    TRY(select, 8, OUT, OUT2, 0, (long)(struct timeval[1]){{0, 0}});
    memcpy(buffer, &lock, sizeof(lock));
    TRY(fcntl, epoll, F_GETLK, OUT);
    if (tty >= 0) {
        TRY(ioctl, tty, TIOCGWINSZ, OUT);
        TRY(ioctl, tty, TCGETS, OUT);
        TRY(ioctl, tty, TIOCGPGRP, OUT);
        TRY(ioctl, tty, TIOCGSID, OUT);
    }
    more[0] = 64;
    TRY(getsockname, sockets[0], OUT, OUT2);
    more[0] = 64;
    TRY(getpeername, sockets[0], OUT, OUT2);
    more[0] = 64;
    TRY(getsockopt, sockets[0], SOL_SOCKET, SO_TYPE, OUT, OUT2);
    close(ends[0]), close(ends[1]), close(epoll), close(sockets[0]), close(sockets[1]);
}

/* --- The system and time ------------------------------------------------------------- */

static void test_system(void)
{
    TRY(uname, OUT);
    TRY(sysinfo, OUT);
    TRY(times, OUT);
    TRY(getrusage, RUSAGE_SELF, OUT);
    TRY(getrusage, RUSAGE_CHILDREN, OUT);
    TRY(getrusage, RUSAGE_THREAD, OUT);
    for (int limit = 0; limit < 16; limit++)
        TRY(prlimit64, 0, limit, 0, OUT);
    TRY(getrlimit, RLIMIT_STACK, OUT);
    TRY(sched_getaffinity, 0, 128, OUT);
    TRY(sched_getparam, 0, OUT);
    TRY(sched_rr_get_interval, 0, OUT);
    TRY(getresuid, OUT, OUT + 64, OUT2);
    TRY(getresgid, OUT, OUT + 64, OUT2);
    TRY(getgroups, 8, OUT);
    TRY(getcpu, OUT, OUT2, 0);
    TRY(prctl, 16, OUT);
    TRY(prctl, 2, OUT);
    TRY(mincore, (long)buffer & -4096l, 4096, OUT2);
    TRY(get_robust_list, 0, OUT, OUT2);
    TRY(arch_prctl, 0x1003, OUT);
    TRY(getitimer, 0, OUT);
    TRY(setitimer, 0, (long)more, OUT);
    ((uint32_t *)more)[0] = 0x20080522;
    TRY(capget, OUT2, OUT);
}

static void test_time(void)
{
    static const long clocks[] = {0, 1, 2, 3, 4, 5, 6, 7, 11};
    int timer = (int)raw3(SYS_timerfd_create, 1, 0, 0);

    for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
        TRY(clock_gettime, clocks[i], OUT);
        TRY(clock_getres, clocks[i], OUT);
    }
    TRY(gettimeofday, OUT, OUT2);
    TRY(time, OUT);
    TRY(timer_create, 1, 0, OUT);
    TRY(timer_gettime, 0, OUT);
    TRY(timer_settime, 0, 0, OUT2, OUT);
    TRY(timerfd_gettime, timer, OUT);
    TRY(timerfd_settime, timer, 0, OUT2, OUT);
    TRY(nanosleep, (long)(struct timespec[1]){{0, 1000}}, OUT);
    close(timer);
}

static void test_shared(void)
{
    int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);

    TRY(shmctl, id, IPC_STAT, OUT);
    TRY(shmctl, 0, SHM_STAT, OUT);
    TRY(shmctl, 0, IPC_INFO, OUT);
    TRY(shmctl, 0, SHM_INFO, OUT);
    shmctl(id, IPC_RMID, NULL);
}

/* --- Children and signals ------------------------------------------------------------ */

static int nothing(void *unused)
{
    (void)unused;
    return 0;
}

static void test_children(void)
{
    child_start(nothing, NULL);
    TRY(waitid, P_ALL, 0, OUT, WSTOPPED | WNOHANG, OUT2);
    TRY(waitid, P_ALL, 0, OUT, WEXITED, OUT2);
    child_start(nothing, NULL);
    TRY(wait4, -1, OUT, 0, OUT2);
}

static void test_signals(void)
{
    uint64_t set = 1ull << (SIGUSR1 - 1);
    sigset_t blocked;

    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    TRY(rt_sigaction, SIGUSR1, 0, OUT, 8);
    TRY(rt_sigprocmask, 0, 0, OUT, 8);
    TRY(rt_sigpending, OUT, 8);
    TRY(sigaltstack, 0, OUT);
    raise(SIGUSR1);
    TRY(rt_sigtimedwait, (long)&set, OUT, 0, 8);
    kill(getpid(), SIGUSR1);
    TRY(rt_sigtimedwait, (long)&set, OUT, 0, 8);
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 5});
    TRY(rt_sigtimedwait, (long)&set, OUT, 0, 8);
    sigprocmask(SIG_UNBLOCK, &blocked, NULL);
}

/* From the return address up to the end of the FPU's image, and of what lies between. */
static void look(int signal, siginfo_t *info, void *context)
{
    const uint8_t *fpu = (const uint8_t *)((ucontext_t *)context)->uc_mcontext.fpregs;
    bool reserved = false;

    (void)signal;
    (void)info;
    for (int i = 32; i < 160; i++) /* ST0 to ST7: ten bytes of each sixteen */
        reserved = reserved || (i % 16 >= 10 && fpu[i]);
    for (int i = 416; i < 464; i++)
        reserved = reserved || fpu[i];
    more[0] = reserved;
    more[1] = has_junk(context, (size_t)(fpu + 512 - (const uint8_t *)context));
}

static void test_frame(void)
{
    struct sigaction action = {.sa_sigaction = look, .sa_flags = SA_SIGINFO};

    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGILL, &action, NULL);
    raise(SIGUSR1);
    check(!more[1], "the frame of a signal that was sent");
    check(!more[0], "reserved bytes of the FPU's image are zero");
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 5});
    check(!more[1] && !more[0], "the frame of one that was queued");
}

int main(void)
{
    memset(buffer, 0, SIZE);
    test_files();
    test_descriptors();
    test_system();
    test_time();
    test_shared();
    test_children();
    test_signals();
    test_frame();
    return tap_end();
}
