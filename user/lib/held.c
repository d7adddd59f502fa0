/* held.c - see held.h. */
#define _GNU_SOURCE
#include "user/lib/held.h"

#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE  4096ul
#define WORDS 900 /* the descriptor that held_words comes by */

volatile long *held_words;

char *held_page(int page)
{
    return (char *)HELD_AT + page * PAGE;
}

/* --- The program that is held --------------------------------------------------------- */

static void words_map(void)
{
    void *words = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, WORDS, 0);

    if (words == MAP_FAILED)
        bail("mmap of the shared words");
    held_words = words;
}

void held_main(int argc, char **argv, const struct held_step *steps)
{
    if (argc < 2)
        return;
    words_map();
    mlockall(MCL_CURRENT); /* a second thread is not to fault while this one is held */
    if (mmap(held_page(0), HELD_PAGES * PAGE, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != held_page(0))
        _exit(99);
    for (; steps->name; steps++)
        if (strcmp(steps->name, argv[1]) == 0)
            exit(steps->run());
    _exit(98);
}

char *held_text(const char *text)
{
    int file = memfd_create("text", 0);
    ssize_t length = (ssize_t)strlen(text);

    if (write(file, text, length) != length ||
        mmap(held_page(1), PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, 0) !=
            held_page(1))
        _exit(95);
    return held_page(1);
}

static void *thread_run(void *argument)
{
    void (*step)(void) = (void (*)(void))argument;

    held_words[HELD_READY] = 1;
    while (!held_words[HELD_ACT])
        sched_yield();
    step();
    held_words[HELD_ACTED] = 1;
    for (;;)
        sched_yield();
    return NULL;
}

void held_thread(void (*step)(void))
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, thread_run, (void *)step) != 0)
        _exit(97);
    while (!held_words[HELD_READY])
        sched_yield();
}

/* --- The test's side ------------------------------------------------------------------ */

void held_begin(void)
{
    int file = memfd_create("words", 0);

    if (file < 0 || ftruncate(file, PAGE) != 0 || dup2(file, WORDS) != WORDS)
        bail("the shared words");
    close(file);
    words_map();
}

static pid_t process_start(const char *step, const int go[2])
{
    pid_t process = fork();
    char byte;

    if (process != 0)
        return process;
    if (read(go[0], &byte, 1) == 1)
        execl("/proc/self/exe", "held", step, (char *)NULL);
    _exit(96);
}

/* Let it go from fault to fault until it is where it is to be held. */
static void run_until(const struct held *held, const char *where)
{
    char line[1024];
    ssize_t length;

    while ((length = read(held->watch, line, sizeof(line) - 1)) > 0) {
        line[length] = 0;
        if (strstr(line, where))
            return;
        if (write(held->watch, "go\n", 3) != 3)
            break;
    }
    bail("the program ended, and had not been where it was to be held");
}

struct held held_start(const char *step, const char *where)
{
    struct held held;
    char path[64];
    int go[2];

    memset((void *)held_words, 0, HELD_GIVEN * sizeof(*held_words));
    if (pipe(go) != 0)
        bail("pipe");
    held.process = process_start(step, go);
    snprintf(path, sizeof(path), "/proc/%d/faults", held.process);
    held.watch = open(path, O_RDWR | O_CLOEXEC);
    if (held.process < 0 || held.watch < 0 || write(held.watch, "hold\n", 5) != 5)
        bail(path);
    if (write(go[1], "g", 1) != 1)
        bail("write");
    close(go[0]);
    close(go[1]);
    run_until(&held, where);
    return held;
}

struct held held_start_at(const char *step, int page)
{
    char where[64];

    snprintf(where, sizeof(where), "address=%#lx", HELD_AT / PAGE + page);
    return held_start(step, where);
}

void held_go(struct held *held)
{
    if (write(held->watch, "run\n", 4) != 4)
        bail("write");
    close(held->watch);
}

int held_end(struct held *held)
{
    held_go(held);
    return child_wait(held->process);
}

/* --- Others --------------------------------------------------------------------------- */

static int run_step(void *argument)
{
    return ((int (*)(void))argument)();
}

pid_t beside_start(int (*step)(void))
{
    return child_start(run_step, (void *)step);
}

static void pause_briefly(void)
{
    nanosleep(&(struct timespec){0, 1000000}, NULL);
}

static char state_of(pid_t process)
{
    char path[64], text[256] = "";

    snprintf(path, sizeof(path), "/proc/%d/stat", process);
    int file = open(path, O_RDONLY);
    if (file < 0 || read(file, text, sizeof(text) - 1) <= 0)
        bail(path);
    close(file);
    return strrchr(text, ')')[2];
}

/* Others may have to wait for the disk, so once is not enough. */
bool beside_ended(pid_t process)
{
    int quiet = 0;

    while (quiet < 50) {
        char state = state_of(process);
        if (state == 'Z')
            return true;
        quiet = state == 'R' ? 0 : quiet + 1;
        pause_briefly();
    }
    return false;
}

void held_thread_act(void)
{
    held_words[HELD_ACT] = 1;
    for (int i = 0; i < 50 && !held_words[HELD_ACTED]; i++)
        pause_briefly();
}

bool held_meet(const char *step, int (*beside)(void))
{
    struct held held = held_start_at(step, 1);
    pid_t other = beside_start(beside);
    bool waited = !beside_ended(other);

    int status = held_end(&held);
    if (child_wait(other) != 0 || status != 0)
        note("%s: status %#x", step, status);
    return waited;
}

void held_open(int number, const char *path, int flags)
{
    int file = open(path, flags, 0600);

    if (file < 0 || dup2(file, number) != number)
        bail(path);
    close(file);
}
