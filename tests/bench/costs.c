/* costs - one thing that memory management does, in a function of its own; for whoever counts its
 * instructions from outside (tools/cost).
 *
 *     costs OPERATION
 *
 * Each operation is a function with the operation's name, called a few times after what it needs has been
 * prepared; they are those of vmbench's rows, and page-in. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define PAGE 4096ul
#define OPERATION __attribute__((noinline, used, no_icf)) static void

enum { TIMES = 20, AREA = 4096, MANY = 1024 }; /* pages */

static volatile char *at;
static char *area, *self;
static int in[2], out[2], file, me;
static char byte, chunk[PAGE];

static char *map(unsigned long pages)
{
    char *place = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED)
        _exit(1);
    return place;
}

static void touch(volatile char *place, unsigned long pages)
{
    for (unsigned long i = 0; i < pages; i++)
        place[i * PAGE] = 1;
}

/* --- Calls and processes -------------------------------------------------------------------- */

OPERATION null_call(void) { syscall(SYS_getppid); }
OPERATION clock_gettime_(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
}
OPERATION yield(void) { syscall(SYS_sched_yield); }
OPERATION fork_(void)
{
    if (fork() == 0)
        _exit(0);
}
OPERATION fork_exit_wait(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
}
OPERATION exit_(void) { waitpid(-1, NULL, 0); } /* the child has been made, and ends meanwhile */
OPERATION vfork_exit_wait(void)
{
    pid_t child = vfork();
    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
}
OPERATION fork_exec_exit_wait(void)
{
    char *words[] = {self, "nothing", NULL};
    pid_t child = fork();
    if (child == 0) {
        execv(self, words);
        _exit(1);
    }
    waitpid(child, NULL, 0);
}

/* --- Faults: the page is at `at` ------------------------------------------------------------- */

OPERATION zero_fill(void) { *at = 1; }
OPERATION zero_read(void) { byte = *at; }
OPERATION zero_upgrade(void) { *at = 1; }
OPERATION copy(void) { *at = 2; }
OPERATION reuse(void) { *at = 3; }
OPERATION page_in(void) { byte = *at; }
OPERATION file_read(void) { byte = *at; }
OPERATION file_write(void) { *at = 1; }

/* --- Calls that change a space ---------------------------------------------------------------- */

OPERATION munmap_(void) { munmap(area, MANY * PAGE); }
OPERATION dontneed(void) { madvise(area, MANY * PAGE, MADV_DONTNEED); }
OPERATION mmap_munmap(void) { munmap(map(1), PAGE); }
OPERATION mmap_touch_munmap(void)
{
    char *place = map(1);
    touch(place, 1);
    munmap(place, PAGE);
}
OPERATION mprotect_(void)
{
    mprotect(area, PAGE, PROT_READ);
    mprotect(area, PAGE, PROT_READ | PROT_WRITE);
}
OPERATION mprotect_touch(void)
{
    mprotect(area, PAGE, PROT_READ);
    mprotect(area, PAGE, PROT_READ | PROT_WRITE);
    *(volatile char *)area = 1;
}

/* --- Pipes, signals, files ---------------------------------------------------------------------- */

OPERATION pipe_self(void)
{
    if (write(in[1], &byte, 1) != 1 || read(in[0], &byte, 1) != 1)
        _exit(1);
}
OPERATION pipe_pingpong(void)
{
    if (write(in[1], &byte, 1) != 1 || read(out[0], &byte, 1) != 1)
        _exit(1);
}
OPERATION signal_(void) { syscall(SYS_kill, me, SIGUSR1); }
OPERATION sigsegv(void) { __asm__ volatile(".byte 0xc6,0x07,0x00" : : "D"(area) : "memory"); } /* movb $0,(%rdi) */
OPERATION pread_(void)
{
    if (pread(file, chunk, PAGE, 0) != PAGE)
        _exit(1);
}

/* --- What each needs ----------------------------------------------------------------------------- */

static void again(void (*operation)(void))
{
    for (int i = 0; i < TIMES; i++)
        operation();
}

/* On pages from the middle of the area on: the table stands, and the first were others'. */
static void each_page(void (*operation)(void))
{
    for (int i = 0; i < TIMES; i++) {
        at = area + (AREA / 2 + 8 + i) * PAGE;
        operation();
    }
}

/* Memory has been used and given back, as in a machine that has run for a while: no frame is clear. */
static void fresh(void)
{
    for (int i = 0; i < 2; i++) {
        area = map(AREA);
        touch(area, AREA);
        munmap(area, AREA * PAGE);
    }
    area = map(AREA);
    touch(area, AREA / 2 + 8);
}

static void do_zero_fill(void) { fresh(), each_page(zero_fill); }
static void read_all(unsigned long pages)
{
    for (unsigned long i = 0; i < pages; i++)
        byte = *(volatile char *)(area + i * PAGE);
}
static void do_zero_read(void)
{
    area = map(AREA);
    read_all(AREA / 2 + 8);
    each_page(zero_read);
}
static void do_zero_upgrade(void)
{
    fresh();
    read_all(AREA);
    each_page(zero_upgrade);
}
static void do_copy(void)
{
    fresh();
    touch(area, AREA);
    if (fork() == 0) {
        touch(area, AREA / 2 + 8);
        each_page(copy);
        _exit(0);
    }
    wait(NULL);
}
static void do_reuse(void)
{
    area = map(AREA);
    touch(area, AREA);
    if (fork() == 0)
        _exit(0);
    wait(NULL);
    touch(area, AREA / 2 + 8);
    each_page(reuse);
}
static void do_many(void (*operation)(void))
{
    for (int i = 0; i < TIMES; i++) {
        area = map(MANY);
        touch(area, MANY);
        operation();
        munmap(area, MANY * PAGE);
    }
}
static void do_munmap(void) { do_many(munmap_); }
static void do_dontneed(void) { do_many(dontneed); }
static void do_page_in(void) /* in 24 MiB, with a swap area: the first pages have gone when the last are there */
{
    area = map(2 * AREA);
    touch(area, 2 * AREA);
    for (int i = 0; i < TIMES; i++) {
        at = area + (64 + 2 * i) * PAGE;
        page_in();
    }
}
static void do_exit(void)
{
    for (int i = 0; i < TIMES; i++) {
        if (fork() == 0)
            _exit(0);
        exit_();
    }
}
static void do_fork(void)
{
    for (int i = 0; i < TIMES; i++) {
        fork_();
        wait(NULL);
    }
}
static void do_one_page(void (*operation)(void))
{
    char *whole = map(3); /* nothing beside it is like it */
    mprotect(whole, PAGE, PROT_NONE);
    mprotect(whole + 2 * PAGE, PAGE, PROT_NONE);
    area = whole + PAGE;
    touch(area, 1);
    again(operation);
}
static void do_mprotect(void) { do_one_page(mprotect_); }
static void do_mprotect_touch(void) { do_one_page(mprotect_touch); }
static void pipes(void)
{
    if (pipe(in) || pipe(out))
        _exit(1);
}
static void do_pipe_self(void) { pipes(), again(pipe_self); }
static void do_pipe_pingpong(void)
{
    pipes();
    if (fork() == 0) {
        close(in[1]);
        while (read(in[0], &byte, 1) == 1 && write(out[1], &byte, 1) == 1)
            ;
        _exit(0);
    }
    again(pipe_pingpong);
}
static void nothing(int number) { (void)number; }
static void skip(int number, siginfo_t *info, void *context)
{
    (void)number, (void)info;
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 3;
}
static void do_signal(void)
{
    signal(SIGUSR1, nothing);
    me = getpid();
    again(signal_);
}
static void do_sigsegv(void)
{
    struct sigaction action = {.sa_sigaction = skip, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    area = map(1);
    touch(area, 1);
    mprotect(area, PAGE, PROT_READ);
    again(sigsegv);
}
static void file_make(void)
{
    file = open("/tmp/costs", O_RDWR | O_CREAT | O_TRUNC, 0600);
    for (int i = 0; i < MANY; i++)
        if (write(file, chunk, PAGE) != PAGE)
            _exit(1);
}
static void do_file(int flags, void (*operation)(void))
{
    file_make();
    area = mmap(NULL, MANY * PAGE, PROT_READ | (flags & MAP_PRIVATE ? PROT_WRITE : 0), flags, file, 0);
    for (int i = 0; i < TIMES; i++) {
        at = area + (4 + i) * PAGE;
        if (i == 0)
            byte = *(volatile char *)area;
        operation();
    }
}
static void do_file_read(void) { do_file(MAP_SHARED, file_read); }
static void do_file_write(void) { do_file(MAP_PRIVATE, file_write); }
static void do_pread(void) { file_make(), again(pread_); }

static void do_null_call(void) { again(null_call); }
static void do_clock_gettime(void) { again(clock_gettime_); }
static void do_yield(void) { again(yield); }
static void do_fork_exit_wait(void) { again(fork_exit_wait); }
static void do_vfork_exit_wait(void) { again(vfork_exit_wait); }
static void do_fork_exec_exit_wait(void) { again(fork_exec_exit_wait); }
static void do_mmap_munmap(void) { again(mmap_munmap); }
static void do_mmap_touch_munmap(void) { again(mmap_touch_munmap); }
static void do_nothing(void) {}

static const struct {
    const char *name;
    void (*run)(void);
} operations[] = {
    {"nothing", do_nothing},
    {"null-call", do_null_call},
    {"clock-gettime", do_clock_gettime},
    {"yield", do_yield},
    {"zero-fill", do_zero_fill},
    {"zero-read", do_zero_read},
    {"zero-upgrade", do_zero_upgrade},
    {"copy", do_copy},
    {"reuse", do_reuse},
    {"page-in", do_page_in},
    {"munmap", do_munmap},
    {"dontneed", do_dontneed},
    {"fork", do_fork},
    {"exit", do_exit},
    {"fork-exit-wait", do_fork_exit_wait},
    {"vfork-exit-wait", do_vfork_exit_wait},
    {"fork-exec-exit-wait", do_fork_exec_exit_wait},
    {"mmap-munmap", do_mmap_munmap},
    {"mmap-touch-munmap", do_mmap_touch_munmap},
    {"mprotect", do_mprotect},
    {"mprotect-touch", do_mprotect_touch},
    {"pipe-self", do_pipe_self},
    {"pipe-pingpong", do_pipe_pingpong},
    {"signal", do_signal},
    {"sigsegv", do_sigsegv},
    {"file-read", do_file_read},
    {"file-write", do_file_write},
    {"pread", do_pread},
};

int main(int count, char **words)
{
    self = words[0];
    for (unsigned i = 0; count == 2 && i < sizeof(operations) / sizeof(operations[0]); i++)
        if (!strcmp(operations[i].name, words[1])) {
            operations[i].run();
            return 0;
        }
    return 2;
}
