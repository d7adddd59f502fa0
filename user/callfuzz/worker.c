/* worker.c - a process of three threads that make calls without sense. */
#define _GNU_SOURCE
#include "user/callfuzz/callfuzz.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define NUMBERS 460
#define THREADS 3

char *arena;
static struct slot *slot;
static long quota;
static int self;

/* --- What may not be drawn ------------------------------------------------------------ */

static int own_id(struct random *random)
{
    const int ids[] = {self, 0, -self, 99999, self + 1};

    return ids[below(random, sizeof(ids) / sizeof(ids[0]))];
}

static void tame(struct random *random, long number, uint64_t argument[6])
{
    switch (number) {
    case SYS_kill:
    case SYS_tkill:
    case SYS_rt_sigqueueinfo:
    case SYS_tgkill:
    case SYS_rt_tgsigqueueinfo:
        argument[0] = own_id(random);
        argument[1] = number == SYS_tgkill || number == SYS_rt_tgsigqueueinfo
                          ? (uint64_t)own_id(random)
                          : below(random, 70);
        if (below(random, 4)) /* most of the time something that can be survived */
            argument[number == SYS_tgkill || number == SYS_rt_tgsigqueueinfo ? 2 : 1] =
                SIGCHLD;
        break;
    case SYS_prlimit64:
    case SYS_setpriority:
        argument[number == SYS_setpriority] = own_id(random);
        if (number == SYS_setpriority)
            argument[0] = 0;
        break;
    default:
        break;
    }
}

static int forbidden(long number)
{
    return number == SYS_reboot;
}

/* The call itself. A child that it makes ends at once, without touching its stack. */
static long call(long number, const uint64_t argument[6])
{
    register long r10 __asm__("r10") = argument[3];
    register long r8 __asm__("r8") = argument[4];
    register long r9 __asm__("r9") = argument[5];
    long result;

    __asm__ volatile("mov %%rax, %%r12\n"
                     "syscall\n"
                     "test %%eax, %%eax\n"
                     "jnz 2f\n"
                     "cmp $56, %%r12d\n"
                     "je 1f\n"
                     "cmp $57, %%r12d\n"
                     "je 1f\n"
                     "cmp $58, %%r12d\n"
                     "je 1f\n"
                     "cmp $435, %%r12d\n"
                     "jne 2f\n"
                     "1: xor %%edi, %%edi\n"
                     "mov $60, %%eax\n"
                     "syscall\n"
                     "jmp 1b\n"
                     "2:"
                     : "=a"(result)
                     : "a"(number), "D"(argument[0]), "S"(argument[1]), "d"(argument[2]),
                       "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "r12", "memory");
    return result;
}

/* --- A worker ------------------------------------------------------------------------- */

static const char *const paths[] = {
    "/tmp/callfuzz/a",
    "/tmp/callfuzz/b",
    "/tmp/callfuzz/d",
    "/tmp/callfuzz/d/e",
    "/tmp/callfuzz/l",
    "/",
    ".",
    "..",
    "",
    "/proc/self/maps",
    "/proc/self/fd/3",
    "/dev/null",
    "/dev/zero",
    "/proc/self/task",
    "/tmp/callfuzz/a/b/c",
    "/proc/self/stat",
};

static void arena_fill(struct random *random)
{
    for (int i = 0; i < 64; i++) {
        char *place = arena + i * 64;
        uint64_t *words = (uint64_t *)place;
        switch (i % 8) {
        case 0:
        case 1:
        case 2:
            strcpy(place, paths[below(random, sizeof(paths) / sizeof(paths[0]))]);
            break;
        case 3: /* a timespec, an itimerspec */
            words[0] = words[2] = 0;
            words[1] = words[3] = below(random, 3000000);
            break;
        case 4: /* iovecs */
            for (int j = 0; j < 4; j++)
                ((struct iovec *)place)[j] =
                    (struct iovec){(void *)any_address(random), below(random, 9000)};
            break;
        case 5: /* pollfds, small numbers */
            for (int j = 0; j < 8; j++)
                words[j] = below(random, 16) | below(random, 32) << 32;
            break;
        case 6: /* addresses */
            for (int j = 0; j < 7; j++)
                words[j] = any_address(random);
            words[7] = 0;
            break;
        default:
            for (int j = 0; j < 8; j++)
                words[j] = draw(random);
        }
    }
}

static void arena_make(struct random *random)
{
    int file = open("/tmp/callfuzz/a", O_RDWR | O_CREAT, 0600);

    arena = mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    arena_fill(random);
    for (size_t at = 4096; at < 16 * 4096; at += 8)
        *(uint64_t *)(arena + at) = draw(random);
    mprotect(arena + 4 * 4096, 4096, PROT_READ);
    mprotect(arena + 6 * 4096, 4096, PROT_NONE);
    munmap(arena + 8 * 4096, 4096);
    mmap(arena + 16 * 4096, 4 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file,
         0);
    mmap(arena + 20 * 4096, 2 * 4096, PROT_READ | PROT_WRITE,
         MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    close(file);
}

static void ignore(int signal)
{
    (void)signal;
}

/* Descriptors 0 to 12 are of every kind. */
static void files_make(void)
{
    int ends[2];

    for (int fd = 0; fd < 16; fd++)
        close(fd);
    open("/dev/null", O_RDWR);
    open("/dev/zero", O_RDWR);
    open("/tmp/callfuzz/a", O_RDWR | O_CREAT, 0600);
    open("/tmp/callfuzz", O_RDONLY | O_DIRECTORY);
    open("/proc/self/status", O_RDONLY);
    (void)!pipe2(ends, O_NONBLOCK);
    (void)!pipe(ends);
    memfd_create("fuzz", 0);
    syscall(SYS_eventfd2, 3, 0);
    syscall(SYS_epoll_create1, 0);
    syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 0);
    syscall(SYS_socketpair, 1, 1, 0, ends);
}

static void *make_calls(void *argument)
{
    struct random random = {(uint64_t)(uintptr_t)argument};

    while (__atomic_fetch_add(&slot->done, 1, __ATOMIC_RELAXED) < quota) {
        uint64_t arguments[6];
        long number = below(&random, NUMBERS);

        for (int i = 0; i < 6; i++)
            arguments[i] = any_value(&random);
        if (below(&random, 2))
            number = draw_sensible(&random, arguments);
        if (forbidden(number))
            continue;
        tame(&random, number, arguments);
        slot->number = number;
        memcpy(slot->argument, arguments, sizeof(arguments));
        call(number, arguments);
    }
    call(SYS_exit_group, (uint64_t[6]){0});
    return NULL;
}

void work(struct slot *mine, long calls, uint64_t seed)
{
    struct random random = {seed};
    struct sigaction action = {.sa_handler = ignore};
    pthread_t thread;

    slot = mine;
    quota = calls;
    setsid();
    self = getpid();
    for (int signal = 1; signal < 32; signal++)
        if (signal != SIGSEGV && signal != SIGBUS && signal != SIGILL && signal != SIGFPE)
            sigaction(signal, &action, NULL);
    files_make();
    arena_make(&random);
    for (int i = 1; i < THREADS; i++)
        pthread_create(&thread, NULL, make_calls, (void *)(uintptr_t)(draw(&random) | 1));
    make_calls((void *)(uintptr_t)(draw(&random) | 1));
    _exit(0);
}
