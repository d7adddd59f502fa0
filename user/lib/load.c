/* load.c - processes with working sets, and their progress.  See load.h. */
#define _GNU_SOURCE
#include "user/lib/load.h"

#include "user/lib/child.h"
#include "user/lib/counters.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_SECOND 1000000000l

const struct load load_standard = {.degree = 4,
                                   .pages = 200,
                                   .rounds = 600,
                                   .compute = 100,
                                   .wait = 40000,
                                   .frames = 1100};

/* What all of them see. */
static struct board {
    atomic_int ready, touch, over;
    atomic_long begin; /* ns; 0: not yet */
    long rounds[LOAD_MOST];
    long ended[LOAD_MOST];                  /* ns; 0: not yet */
    uint32_t went[LOAD_MOST][LOAD_WINDOWS]; /* pages, in each window of two seconds */
} * board;

static unsigned long steps_a_us;

static long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * NS_PER_SECOND + time.tv_nsec;
}

static void pause_us(long us)
{
    struct timespec time = {us / 1000000, us % 1000000 * 1000};
    nanosleep(&time, NULL);
}

/* --- What the kernel counts ------------------------------------------------------------- */

static long number_after(const char *text, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = text; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) == 0 && line[length] == ' ')
            return strtol(line + length, NULL, 10);
    }
    return 0;
}

bool load_counts_read(struct load_counts *counts)
{
    char text[1024];
    int fd = open("/proc/load_control", O_RDONLY);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (fd >= 0)
        close(fd);
    if (length <= 0)
        return false;
    text[length] = 0;
    *counts = (struct load_counts){
        .time = number_after(text, "time_ns"),
        .busy = number_after(text, "busy_ns"),
        .device = number_after(text, "device_ns"),
        .service = number_after(text, "service_ns"),
        .faults = number_after(text, "faults"),
        .suspensions = number_after(text, "suspensions"),
        .rotations = number_after(text, "rotations"),
        .prepaged = number_after(text, "prepaged"),
        .working_sets = number_after(text, "working_sets"),
        .frames = number_after(text, "frames"),
        .active = number_after(text, "active"),
        .suspended = number_after(text, "suspended"),
        .episodes = number_after(text, "episodes"),
    };
    return true;
}

static double part(long of, const struct load_counts *from, const struct load_counts *to)
{
    return to->time > from->time ? (double)of / (double)(to->time - from->time) : 0;
}

double load_busy(const struct load_counts *from, const struct load_counts *to)
{
    return 100 * part(to->busy - from->busy, from, to);
}

double load_device(const struct load_counts *from, const struct load_counts *to)
{
    return 100 * part(to->device - from->device, from, to);
}

double load_faults(const struct load_counts *from, const struct load_counts *to)
{
    return NS_PER_SECOND * part(to->faults - from->faults, from, to);
}

bool setting_write(const char *name, const char *word)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
    int fd = open(path, O_WRONLY);
    bool done = fd >= 0 && write(fd, word, strlen(word)) == (ssize_t)strlen(word);
    if (fd >= 0)
        close(fd);
    return done;
}

/* --- One of the processes --------------------------------------------------------------- */

static void compute(unsigned long steps)
{
    for (volatile unsigned long step = 0; step < steps; step++)
        ;
}

/* How many steps a microsecond has here: of several tries the best, as others may run. */
static void calibrate(void)
{
    enum { STEPS = 20000, TRIES = 8 };
    for (int try = 0; try < TRIES; try++) {
        long begin = now();
        compute(STEPS);
        long took = now() - begin;
        unsigned long found = took > 0 ? STEPS * 1000ul / (unsigned long)took : 0;
        if (found > steps_a_us)
            steps_a_us = found;
    }
    steps_a_us += steps_a_us == 0;
}

static void page_use(char *page, unsigned long steps)
{
    uint64_t *words = (uint64_t *)page;
    for (unsigned i = 0; i < 8; i++)
        words[64 * i] = words[64 * i] * 3 + 1;
    compute(steps);
}

/* Through all pages once; false: time is up. */
static bool round_make(const struct load *load, int self, char *memory)
{
    for (int page = 0; page < load->pages; page++) {
        if (page % 8 == 0) {
            long window = (now() - board->begin) / (2 * NS_PER_SECOND);
            board->went[self][window < LOAD_WINDOWS ? window : LOAD_WINDOWS - 1] += 8;
            if (atomic_load(&board->over))
                return false;
        }
        page_use(memory + (size_t)page * PAGE, steps_a_us * load->compute);
    }
    board->rounds[self]++;
    return true;
}

static int worker(const struct load *load, int self)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int rounds = load->rounds / load->degree + (self < load->rounds % load->degree);
    char *memory = region_map(load->pages);
    memory[0] = 1; /* its tables */
    atomic_fetch_add(&board->ready, 1);
    while (!board->touch)
        pause_us(10000);
    for (int page = 0; page < load->pages; page++)
        memory[(size_t)page * PAGE] = 1;
    atomic_fetch_add(&board->ready, 1);
    while (!board->begin)
        pause_us(10000);
    pause_us((long)load->wait * self / load->degree); /* not all in step */
    for (int i = 0; load->rounds == 0 || i < rounds; i++) {
        if (!round_make(load, self, memory))
            break;
        pause_us(load->wait);
    }
    board->ended[self] = now();
    return 0;
}

/* --- What is left of memory --------------------------------------------------------------- */

static void ballast_run(int left, int told)
{
    struct load_counts counts;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (load_counts_read(&counts) && counts.frames > left) {
        size_t size = (size_t)(counts.frames - left) * PAGE;
        void *memory =
            mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED || mlock(memory, size) != 0)
            _exit(1);
    }
    if (write(told, "", 1) != 1)
        _exit(1);
    for (;;)
        pause();
}

pid_t ballast_start(int left)
{
    int ends[2];
    char byte;
    if (pipe(ends) != 0)
        return -1;
    pid_t child = fork();
    if (child == 0)
        ballast_run(left, ends[1]);
    close(ends[1]);
    bool ready = child > 0 && read(ends[0], &byte, 1) == 1;
    close(ends[0]);
    return ready ? child : -1;
}

void ballast_end(pid_t ballast)
{
    kill(ballast, SIGKILL);
    waitpid(ballast, NULL, 0);
}

static bool await_ready(int count)
{
    while (atomic_load(&board->ready) < count) {
        int status;
        if (waitpid(-1, &status, WNOHANG) > 0) /* nobody should end yet */
            return false;
        pause_us(10000);
    }
    return true;
}

/* --- All of them ------------------------------------------------------------------------ */

static bool board_open(void)
{
    board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                 -1, 0);
    return board != MAP_FAILED && mlock(board, sizeof(*board)) == 0;
}

/* Whole windows, up to when the first ended. */
static void progress_take(const struct load *load, struct load_result *result)
{
    long first = 0;
    for (int i = 0; i < load->degree; i++)
        if (board->ended[i] && (first == 0 || board->ended[i] < first))
            first = board->ended[i];
    long windows = first ? (first - board->begin) / (2 * NS_PER_SECOND) : 0;
    for (int i = 0; i < load->degree; i++) {
        result->rounds[i] = board->rounds[i];
        result->least[i] = -1;
        for (long window = 0; window < windows && window < LOAD_WINDOWS; window++)
            if (result->least[i] < 0 || board->went[i][window] < result->least[i])
                result->least[i] = board->went[i][window];
    }
}

/* Wait for the end of all, looking on. */
static void await_end(const struct load *load, struct load_result *result,
                      void (*look)(const struct load_counts *from,
                                   const struct load_counts *to))
{
    struct load_counts last = result->begin;
    int status, left = load->degree;
    while (left > 0) {
        while (left > 0 && (look || load->seconds ? waitpid(0, &status, WNOHANG)
                                                  : waitpid(0, &status, 0)) > 0) {
            left--;
            result->ended_well += WIFEXITED(status) && WEXITSTATUS(status) == 0;
        }
        if (left > 0)
            pause_us(50000);
        if (load->seconds && now() - board->begin > load->seconds * NS_PER_SECOND)
            atomic_store(&board->over, 1);
        if (look && left > 0 &&
            now() - board->begin >= last.time - result->begin.time + NS_PER_SECOND) {
            struct load_counts next;
            load_counts_read(&next);
            look(&last, &next);
            last = next;
        }
    }
}

bool load_run(const struct load *load, struct load_result *result,
              void (*look)(const struct load_counts *from, const struct load_counts *to))
{
    *result = (struct load_result){0};
    if (!board_open() || !load_counts_read(&result->begin))
        return false;
    calibrate();
    program_touch();
    for (int i = 0; i < load->degree; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(worker(load, i));
        if (child < 0)
            return false;
    }
    if (!await_ready(load->degree))
        return false;
    pid_t ballast = load->frames > 0 ? ballast_start(load->frames) : 0;
    if (ballast < 0)
        return false;
    atomic_store(&board->touch, 1);
    if (!await_ready(2 * load->degree))
        return false;
    load_counts_read(&result->begin);
    atomic_store(&board->begin, now());
    await_end(load, result, look);
    load_counts_read(&result->end);
    result->seconds = (double)(result->end.time - result->begin.time) / NS_PER_SECOND;
    progress_take(load, result);
    if (ballast > 0)
        ballast_end(ballast);
    munmap(board, sizeof(*board));
    return true;
}
