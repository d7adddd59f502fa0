/* turns [-p PAGES] [-n THINGS] [NAME…] - how long does a bystander wait for his turn?
 *
 * The kernel is not preempted: what it does in one go, all others wait for. So whatever takes
 * long must be done in pieces, with a point between them where another may run. A bystander
 * (another program, for the processor goes round among programs) looks at the clock, again and
 * again, and keeps the longest time between two looks; beside him each call is made whose work
 * grows with something that a program can make, on much of it.
 * Prints each call's name and the bystander's longest wait in microseconds. */
#define _GNU_SOURCE
#include "user/turns/turns.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

size_t much = 16384, many = 4000;
char *block;

static const struct turn *const tables[] = {
    turns_of_memory, turns_of_regions, turns_of_files, turns_of_reports,
    turns_of_groups, turns_of_threads, turns_of_locks};

/* Shared with the bystander. */
static volatile struct {
    uint64_t longest; /* ns */
    uint64_t looks;
} * seen;

void fail(const char *what)
{
    perror(what);
    exit(1);
}

void must(int held, const char *what)
{
    if (!held)
        fail(what);
}

void file_read(const char *path)
{
    static char bytes[1 << 16];
    int file = open(path, O_RDONLY);

    must(file >= 0, path);
    while (read(file, bytes, sizeof(bytes)) > 0)
        ;
    close(file);
}

void smaps_read(void)
{
    file_read("/proc/self/smaps");
    file_read("/proc/self/smaps_rollup");
}

void lines_read(void)
{
    file_read("/proc/self/stat");
    file_read("/proc/self/statm");
    file_read("/proc/self/status");
}

void child_pass(void)
{
    pid_t child = fork();

    must(child >= 0, "fork");
    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
}

void file_tell(const char *path, const char *text)
{
    int file = open(path, O_WRONLY);

    must(file >= 0 && write(file, text, strlen(text)) >= 0, path);
    close(file);
}

/* --- Memory ------------------------------------------------------------------------------ */

void block_promise(void)
{
    block =
        mmap(NULL, much * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(block != MAP_FAILED, "mmap");
}

void block_touch(void)
{
    for (size_t i = 0; i < much; i++)
        block[i * PAGE] = 1;
}

void block_make(void)
{
    block_promise();
    block_touch();
}

void block_end(void)
{
    must(munmap(block, much * PAGE) == 0, "munmap");
}

/* --- Waiting ----------------------------------------------------------------------------- */

static uint64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ull + time.tv_nsec;
}

/* His pages stay, so that it is the processor that he waits for. */
static _Noreturn void look_on(void)
{
    must(mlockall(MCL_CURRENT) == 0, "mlockall");
    for (uint64_t last = now();;) {
        uint64_t at = now();
        if (at - last > seen->longest)
            seen->longest = at - last;
        seen->looks++;
        last = at;
    }
}

/* Until the bystander has had a turn: what was so far is in. */
static void bystander_await(void)
{
    uint64_t before = seen->looks;

    while (seen->looks == before)
        usleep(1000);
}

static void measure(const struct turn *turn)
{
    if (turn->prepare)
        turn->prepare();
    bystander_await();
    seen->longest = 0;
    turn->call();
    bystander_await();
    printf("%s %lu\n", turn->name, (unsigned long)(seen->longest / 1000));
    fflush(stdout);
    if (turn->clean)
        turn->clean();
}

static int is_wanted(const char *name, char **names)
{
    for (char **wanted = names; *wanted; wanted++)
        if (strcmp(*wanted, name) == 0)
            return 1;
    return !*names;
}

/* What the bystander has seen is in a file that both have mapped. */
static void seen_map(int file)
{
    seen = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    must(seen != MAP_FAILED, "mmap");
}

static pid_t bystander_start(void)
{
    char number[12];
    int file = memfd_create("seen", 0);

    must(file >= 0 && ftruncate(file, PAGE) == 0, "memfd_create");
    seen_map(file);
    snprintf(number, sizeof(number), "%d", file);
    pid_t child = fork();
    if (child == 0) {
        execl("/proc/self/exe", "turns", "-b", number, (char *)NULL);
        fail("exec");
    }
    return child;
}

int main(int argc, char *argv[])
{
    for (int option; (option = getopt(argc, argv, "p:n:b:")) != -1;) {
        if (option == 'b') {
            seen_map(atoi(optarg));
            look_on();
        }
        *(option == 'p' ? &much : &many) = strtoul(optarg, NULL, 0);
    }
    pid_t bystander = bystander_start();
    must(bystander > 0, "fork");
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
        for (const struct turn *turn = tables[i]; turn->name; turn++)
            if (is_wanted(turn->name, argv + optind))
                measure(turn);
    kill(bystander, SIGKILL);
    waitpid(bystander, NULL, 0);
    return 0;
}
