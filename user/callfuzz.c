/* callfuzz.c - every system call, with arguments drawn at random.
 *
 * callfuzz SEED [CALLS [WORKERS]]. Each worker is a process of three threads that make calls
 * without sense: numbers from all over the table, arguments that are small, huge, descriptors,
 * flags, or addresses: of good memory, of memory that is read-only, or not there, at the edge,
 * or the kernel's. What the workers do to themselves is no matter; one that dies, or gets
 * stuck in a call that waits, is replaced. What is tested is that the kernel stays whole: at
 * the end the program prints how many calls it made, and /proc/audit must find nothing.
 *
 * Left out is only what would end the test itself: reboot, and signals or limits for other
 * processes than the worker's own. It refuses to run anywhere but here. */
#define _GNU_SOURCE
#include "user/lib/tap.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NUMBERS     460
#define WORKERS_MAX 8
#define THREADS     3
#define ARENA_PAGES 24
#define ARENA       (ARENA_PAGES * 4096ul)
#define PATIENCE_MS 40

struct slot {
    long done;
    long number, argument[6]; /* the call under way, for who looks at a failure */
};

static struct slot *slots;
static char *arena; /* some pages of it are gone, some may not be written */
static struct slot *slot;
static long quota;
static int self;

/* --- Numbers ------------------------------------------------------------------------------ */

struct random {
    uint64_t state;
};

static uint64_t draw(struct random *random)
{
    random->state ^= random->state >> 12;
    random->state ^= random->state << 25;
    random->state ^= random->state >> 27;
    return random->state * 0x2545f4914f6cdd1dull;
}

static uint64_t below(struct random *random, uint64_t limit)
{
    return draw(random) % limit;
}

static const uint64_t edges[] = {
    0,
    1,
    UINT64_MAX,
    (uint64_t)INT64_MIN,
    INT64_MAX,
    INT32_MAX,
    (uint32_t)INT32_MIN,
    UINT32_MAX,
    0x7ffffffff000ul,
    0x7fffffffeffful,
    0x7ffffffffffful,
    0x800000000000ul,
    0xffff800000000000ul,
    0xffff800000100000ul,
    0xffffc00000004000ul,
    0xffffffff80100000ul,
    0xfffffffffffff000ul,
    4096,
    4095,
    0x10000,
    0xffff,
};

static uint64_t any_address(struct random *random)
{
    uint64_t base = (uint64_t)arena;

    switch (below(random, 8)) {
    case 0:
        return base + below(random, ARENA);
    case 1:
        return base + below(random, ARENA_PAGES) * 4096;
    case 2: /* just before a page's end */
        return base + (1 + below(random, ARENA_PAGES)) * 4096 - 1 - below(random, 16);
    case 3:
        return edges[below(random, sizeof(edges) / sizeof(edges[0]))];
    default: /* good memory with something sensible in it */
        return base + below(random, 64) * 64;
    }
}

static uint64_t any_value(struct random *random)
{
    switch (below(random, 10)) {
    case 0:
        return draw(random);
    case 1:
        return edges[below(random, sizeof(edges) / sizeof(edges[0]))];
    case 2:
        return 1ull << below(random, 64);
    case 3:
        return below(random, 1 << 20);
    case 4:
    case 5:
        return below(random, 24);
    default:
        return any_address(random);
    }
}

/* --- Calls whose arguments mean something -------------------------------------------------------- */

/* f a descriptor, p a path, a an address, l a length, s a small number, t a time, v anything.
 * Half of these calls get such arguments; the other half, and all other calls, anything. */
static const struct {
    short number;
    const char *arguments;
} sensible[] = {
    {SYS_read, "fal"},
    {SYS_write, "fal"},
    {SYS_open, "pvs"},
    {SYS_close, "f"},
    {SYS_stat, "pa"},
    {SYS_fstat, "fa"},
    {SYS_poll, "asst"},
    {SYS_lseek, "fvs"},
    {SYS_mmap, "alsvfl"},
    {SYS_mprotect, "als"},
    {SYS_munmap, "al"},
    {SYS_ioctl, "fva"},
    {SYS_pread64, "fals"},
    {SYS_pwrite64, "fals"},
    {SYS_readv, "fas"},
    {SYS_writev, "fas"},
    {SYS_access, "ps"},
    {SYS_mremap, "allsa"},
    {SYS_msync, "als"},
    {SYS_mincore, "ala"},
    {SYS_madvise, "als"},
    {SYS_dup2, "ff"},
    {SYS_sendfile, "ffal"},
    {SYS_fcntl, "fsv"},
    {SYS_flock, "fs"},
    {SYS_ftruncate, "fl"},
    {SYS_truncate, "pl"},
    {SYS_chdir, "p"},
    {SYS_rename, "pp"},
    {SYS_mkdir, "ps"},
    {SYS_rmdir, "p"},
    {SYS_link, "pp"},
    {SYS_unlink, "p"},
    {SYS_symlink, "pp"},
    {SYS_readlink, "pal"},
    {SYS_getdents64, "fal"},
    {SYS_openat, "fpvs"},
    {SYS_newfstatat, "fpas"},
    {SYS_mknod, "pvs"},
    {SYS_utimensat, "fpts"},
    {SYS_fallocate, "fsll"},
    {SYS_epoll_ctl, "fsfa"},
    {SYS_epoll_wait, "fass"},
    {SYS_eventfd2, "ss"},
    {SYS_timerfd_create, "ss"},
    {SYS_timerfd_settime, "fsta"},
    {SYS_futex, "asstas"},
    {SYS_rt_sigaction, "saas"},
    {SYS_rt_sigtimedwait, "ats"},
    {SYS_nanosleep, "ta"},
    {SYS_setitimer, "sta"},
    {SYS_timer_create, "saa"},
    {SYS_timer_settime, "ssta"},
    {SYS_select, "saaat"},
    {SYS_mlock, "al"},
    {SYS_munlock, "al"},
    {SYS_memfd_create, "ps"},
    {SYS_shmget, "sls"},
    {SYS_shmat, "sas"},
    {SYS_shmdt, "a"},
    {SYS_shmctl, "ssa"},
    {SYS_socketpair, "ssaa"},
    {SYS_sendto, "fals"},
    {SYS_recvfrom, "fals"},
    {SYS_shutdown, "fs"},
    {SYS_splice, "fafals"},
    {SYS_copy_file_range, "fafals"},
    {SYS_statx, "fpssa"},
    {SYS_waitid, "ssas"},
    {SYS_clone, "vaaaa"},
    {SYS_clone3, "al"},
    {SYS_brk, "a"},
    {SYS_prctl, "saaaa"},
    {SYS_sigaltstack, "aa"},
    {SYS_set_robust_list, "al"},
};
#define SENSIBLE (sizeof(sensible) / sizeof(sensible[0]))

static uint64_t sensible_value(struct random *random, char kind)
{
    uint64_t base = (uint64_t)arena;

    switch (kind) {
    case 'f':
        return below(random, 20);
    case 'p':
        return base + (below(random, 8) * 8 + below(random, 3)) * 64;
    case 'a':
        return any_address(random);
    case 'l':
        return below(random, 2) ? below(random, 20000) : below(random, ARENA_PAGES) * 4096;
    case 's':
        return below(random, 12);
    case 't':
        return base + (below(random, 8) * 8 + 3) * 64;
    default:
        return any_value(random);
    }
}

/* A call that makes some sense, and its number. */
static long draw_sensible(struct random *random, uint64_t arguments[6])
{
    uint64_t which = below(random, SENSIBLE);

    for (int i = 0; sensible[which].arguments[i]; i++)
        if (below(random, 8)) /* the others stay anything */
            arguments[i] = sensible_value(random, sensible[which].arguments[i]);
    return sensible[which].number;
}

/* --- What may not be drawn ---------------------------------------------------------------------- */

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

/* --- A worker ---------------------------------------------------------------------------------------- */

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

/* The first page: 64 places of 64 bytes that mean something to some call. */
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

static void work(uint64_t seed)
{
    struct random random = {seed};
    struct sigaction action = {.sa_handler = ignore};
    pthread_t thread;

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
}

/* --- Who looks after them ------------------------------------------------------------------------------ */

struct worker {
    int pid;
    long seen; /* calls when last looked at */
    int stuck; /* times that nothing had happened */
};

static long
    made[WORKERS_MAX]; /* calls in each worker's place, as far as they are believed */

static struct worker workers[WORKERS_MAX];
static int worker_count = 4;
static long replaced, freed;
static uint64_t seed;

static void worker_start(int number)
{
    static uint64_t births;
    struct random random = {(seed + ++births) * 0x9e3779b97f4a7c15ull | 1};

    draw(&random);
    fflush(stdout);
    int pid = fork();
    if (pid < 0)
        bail("fork");
    if (pid == 0) {
        slot = &slots[number];
        work(draw(&random) | 1);
        _exit(0);
    }
    workers[number] = (struct worker){.pid = pid, .seen = -1};
}

/* Waiting in a call for ever? A signal gets it out, if it has left itself a way; else it goes. */
static void worker_watch(struct worker *worker, long done)
{
    if (done != worker->seen) {
        worker->seen = done;
        worker->stuck = 0;
        return;
    }
    freed++;
    kill(worker->pid, ++worker->stuck == 1 ? SIGUSR1 : SIGKILL);
}

/* The count lies in memory that a call may have scribbled on. */
static long believe(int number)
{
    long now = slots[number].done;

    if (now < made[number] || now > made[number] + 1000000)
        __atomic_store_n(&slots[number].done, made[number], __ATOMIC_RELAXED);
    else
        made[number] = now;
    return made[number];
}

static int workers_look(void)
{
    int alive = 0;

    for (int i = 0; i < worker_count; i++) {
        long calls = believe(i);
        if (workers[i].pid && waitpid(workers[i].pid, NULL, WNOHANG | __WALL) != 0) {
            kill(-workers[i].pid, SIGKILL); /* children that it left behind */
            workers[i].pid = 0;
            if (calls < quota) {
                worker_start(i);
                replaced++;
            }
        }
        alive += workers[i].pid != 0;
        if (workers[i].pid)
            worker_watch(&workers[i], calls);
    }
    return alive;
}

int main(int count, char **words)
{
    const struct timespec patience = {0, PATIENCE_MS * 1000000};
    long calls = count > 2 ? atol(words[2]) : 100000, done = 0;

    if (!on_faultline() || count < 2 || getpid() == 1)
        return 2;
    seed = strtoull(words[1], NULL, 0);
    if (count > 3)
        worker_count = atoi(words[3]);
    if (worker_count < 1 || worker_count > WORKERS_MAX)
        worker_count = WORKERS_MAX;
    mkdir("/tmp", 0777);
    mkdir("/tmp/callfuzz", 0777);
    slots = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (slots == MAP_FAILED)
        bail("mmap");
    quota = calls / worker_count;
    for (int i = 0; i < worker_count; i++)
        worker_start(i);
    while (workers_look())
        nanosleep(&patience, NULL);
    for (int i = 0; i < worker_count; i++)
        done += made[i] < quota ? made[i] : quota;
    printf("%ld calls made; %ld workers replaced, %ld times one was stuck\n", done,
           replaced, freed);
    return done >= quota * worker_count ? 0 : 1;
}
