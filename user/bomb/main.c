/* bomb KIND… - beside a program that computes, another that takes all it can get of one kind.
 *
 * Whatever the bomb does, the bystander comes to its right result, and when the bomb is gone
 * all is as before: programs run, and frames are free. The bomb is a program of its own
 * (exec), and a group of its own, so that all of it can be ended, however many it has become.
 * What it left behind that has a name is removed by that. */
#include "user/bomb/bomb.h"
#include "user/lib/tap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LARGE     100000 /* bytes */
#define SLACK_KIB 64     /* what may be missing afterwards: 16 frames */

static const struct bomb *const tables[] = {bombs_of_processes, bombs_of_memory,
                                            bombs_of_files,     bombs_of_objects,
                                            bombs_of_timers,    bombs_of_what_stays};

void bomb_exec(const char *role, const char *argument)
{
    static char large[LARGE + 1];

    memset(large, 'x', LARGE);
    execl("/bin/bomb", "bomb", role, argument, large, (char *)NULL);
    _exit(1);
}

int bomb_fork(void)
{
    return fork();
}

void bomb_wait(void)
{
    for (;;)
        pause();
}

static const struct bomb *bomb_find(const char *name)
{
    for (unsigned i = 0; i < sizeof(tables) / sizeof(*tables); i++)
        for (const struct bomb *bomb = tables[i]; bomb->name; bomb++)
            if (strcmp(bomb->name, name) == 0)
                return bomb;
    return NULL;
}

/* --- The bystander ----------------------------------------------------------------------- */

#define WORDS    (1u << 21) /* 16 MiB: far more than any one process of a bomb has */
#define STEP     128u
#define ROUNDS   60u  /* that are timed, and it goes on */
#define LEAST_MS 8000 /* now and then, until bombs have had time to take all */

static uint64_t mix(uint64_t x)
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdull;
    return x ^ x >> 29;
}

static long now_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* It uses memory, old and new, and calls that need some of the kernel's. 0: all went well. */
static int compute_round(uint64_t *words, unsigned round, uint64_t *sum)
{
    int file = open("/proc/self/status", O_RDONLY);
    char *more =
        mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (file < 0 || more == MAP_FAILED)
        return 2;
    for (unsigned i = 0; i < WORDS; i += STEP) {
        words[i] += mix(i + round);
        *sum += mix(i + round);
    }
    for (unsigned i = 0; i < 64; i++)
        more[i * PAGE] = (char)(i + 1);
    for (unsigned i = 0; i < 64; i++)
        if (more[i * PAGE] != (char)(i + 1))
            return 3;
    munmap(more, 64 * PAGE);
    close(file);
    return 0;
}

static int compute(const char *beside, long least_ms)
{
    uint64_t *words =
        mmap(NULL, WORDS * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint64_t sum = 0, expected = 0;
    unsigned rounds = 0;

    usleep(20000); /* the bomb is well under way */
    if (words == MAP_FAILED)
        return 1;
    long begin = now_ms();
    while (rounds < ROUNDS || now_ms() - begin < least_ms) {
        int wrong = compute_round(words, rounds, &expected);
        if (wrong)
            return wrong;
        if (++rounds == ROUNDS)
            note("%s: %u rounds in %ld ms", beside, ROUNDS, now_ms() - begin);
        if (rounds >= ROUNDS)
            usleep(30000);
    }
    for (unsigned i = 0; i < WORDS; i += STEP)
        sum += words[i];
    return sum == expected ? 0 : 4;
}

/* --- What is free ------------------------------------------------------------------------- */

static long free_kib(void)
{
    char line[100];
    long kib = -1;
    int drop = open("/proc/sys/vm/drop_caches", O_WRONLY);

    if (drop < 0 || write(drop, "3\n", 2) != 2)
        return -1;
    close(drop);
    FILE *file = fopen("/proc/meminfo", "r");
    while (file && kib < 0 && fgets(line, sizeof(line), file))
        sscanf(line, "MemFree: %ld", &kib);
    if (file)
        fclose(file);
    return kib;
}

/* --- Running ------------------------------------------------------------------------------ */

/* This program again, as another one. */
static int start(const char *role, const char *argument)
{
    int pid = fork();

    if (pid)
        return pid;
    setpgid(0, 0);
    execl("/bin/bomb", "bomb", role, argument, (char *)NULL);
    _exit(127);
}

static void remove_segments(void)
{
    struct shmid_ds segment;
    struct shm_info info;
    int last = shmctl(0, SHM_INFO, (void *)&info);

    for (int place = 0; place <= last; place++) {
        int id = shmctl(place, SHM_STAT, &segment);
        if (id >= 0)
            shmctl(id, IPC_RMID, NULL);
    }
}

/* End all other processes of this program, in whatever group and session they are. */
static int end_others(void)
{
    char name[300], own[] = "bomb\n", line[20];
    DIR *processes = opendir("/proc");
    struct dirent *entry;
    int ended = 0;

    while (processes && (entry = readdir(processes))) {
        int pid = atoi(entry->d_name);
        snprintf(name, sizeof(name), "/proc/%s/comm", entry->d_name);
        FILE *file = pid > 0 && pid != getpid() ? fopen(name, "r") : NULL;
        if (file && fgets(line, sizeof(line), file) && strcmp(line, own) == 0)
            ended += kill(pid, SIGKILL) == 0;
        if (file)
            fclose(file);
    }
    if (processes)
        closedir(processes);
    return ended;
}

/* All of the bomb's, children left to init too. */
static void put_out(int bomb)
{
    char command[] = "rm -rf " BOMB_DIRECTORY;

    while (kill(-bomb, SIGKILL) == 0 || errno == EPERM || end_others() > 0) {
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        usleep(1000);
    }
    remove_segments();
    bomb_groups_remove();
    if (system(command) < 0)
        perror("rm");
}

static void beside(const char *name)
{
    long before = free_kib();
    int bystander = start("--beside", name), bomb = start("--bomb", name), status = -1;

    check(bystander > 0 && waitpid(bystander, &status, 0) == bystander && status == 0,
          "%s: the bystander comes to its result", name);
    if (status)
        note("it ended with status %#x", status);
    put_out(bomb);
    int again = start("--alone", name);
    check(again > 0 && waitpid(again, &status, 0) == again && status == 0,
          "%s: afterwards a program runs", name);
    long after = free_kib();
    check(before > 0 && after >= before - SLACK_KIB, "%s: frames are free as before", name);
    note("%ld KiB were free, %ld are", before, after);
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "--beside") == 0)
        return compute(argv[2], LEAST_MS);
    if (argc > 2 && strcmp(argv[1], "--alone") == 0)
        return compute(argv[2], 0);
    if (argc > 2 && strcmp(argv[1], "--wait") == 0)
        bomb_wait();
    if (argc > 2 && strcmp(argv[1], "--bomb") == 0) {
        bomb_find(argv[2])->run();
        bomb_wait();
    }
    for (int i = 1; i < argc; i++)
        if (!bomb_find(argv[i])) {
            fprintf(stderr, "bomb: there is no kind %s\n", argv[i]);
            return 2;
        }
    free_kib(); /* what this itself needs is there now */
    for (int i = 1; i < argc; i++)
        beside(argv[i]);
    return tap_end();
}
