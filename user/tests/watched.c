/* watched.c - whose faults are looked at does not wait for it with anything locked.
 *
 * A fault may happen in the middle of a copy of the kernel's: to a file, say, which whoever looks
 * on writes to as well. There both get on; a third one too, if nobody reads what was told. A
 * program that is stepped waits for each of a call's faults; and of a call that faults more than
 * can be kept, it is told how many are missing. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/held.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE  4096ul
#define PAGES 64     /* more than a page of lines tells of */
#define MANY  10000l /* more than is kept */

/* Descriptors that all sides know. */
enum { FILE_A = 800, FILE_B };

/* --- The program that is watched -------------------------------------------------------------- */

static char *untouched(unsigned long pages)
{
    char *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED)
        _exit(9);
    return memory;
}

/* A byte that has to be fetched, and some more. */
static int write_few(void)
{
    return write(FILE_A, untouched(2) + PAGE - 1, 2) == 2 ? 0 : 1;
}

static int write_pages(void)
{
    char *memory = untouched(PAGES);

    return write(FILE_A, memory, PAGES * PAGE) == PAGES * PAGE ? 0 : 1;
}

/* What is read is the page of zeroes, over and over: it costs no memory. */
static int write_many(void)
{
    char *memory = untouched(MANY);

    return write(FILE_A, memory, MANY * PAGE) == MANY * PAGE ? 0 : 1;
}

static int watched_main(const char *step)
{
    if (strcmp(step, "few") == 0)
        return write_few();
    return strcmp(step, "many") == 0 ? write_many() : write_pages();
}

/* --- Whoever looks on ----------------------------------------------------------------- */

struct watched {
    pid_t process;
    int watch;
};

/* The program, begun, with `word` written to its watch first. */
static struct watched watched_start(const char *step, const char *word)
{
    struct watched watched;
    char path[64], byte;
    int go[2];

    if (pipe(go) != 0)
        bail("pipe");
    watched.process = fork();
    if (watched.process == 0) {
        if (read(go[0], &byte, 1) == 1)
            execl("/proc/self/exe", "watched", step, (char *)NULL);
        _exit(9);
    }
    snprintf(path, sizeof(path), "/proc/%d/faults", watched.process);
    watched.watch = open(path, O_RDWR | O_CLOEXEC);
    if (watched.watch < 0 || write(watched.watch, word, strlen(word)) < 0 ||
        write(go[1], "g", 1) != 1)
        bail(path);
    close(go[0]);
    close(go[1]);
    return watched;
}

static int watched_end(const struct watched *watched)
{
    close(watched->watch);
    return child_wait(watched->process);
}

static const char *step_now, *word_now;
static int to_now;

/* Lines are read, and for each something is written to the same place. */
static int look_on(void)
{
    struct watched watched = watched_start(step_now, word_now);
    char text[PAGE], *line, *rest;
    ssize_t length;

    while ((length = read(watched.watch, text, sizeof(text) - 1)) > 0) {
        text[length] = 0;
        for (rest = text; (line = strsep(&rest, "\n")) && rest;)
            if (write(to_now, "\n", 1) != 1 || write(watched.watch, "go\n", 3) != 3)
                return 1;
    }
    return watched_end(&watched) == 0 ? 0 : 2;
}

/* Who looks on gets to the end, and so does the program. */
static bool gets_on(const char *step, const char *word, int to)
{
    step_now = step;
    word_now = word;
    to_now = to;
    pid_t looker = beside_start(look_on);
    bool ended = beside_ended(looker);

    if (!ended)
        kill(looker, SIGKILL);
    return child_wait(looker) == 0 && ended;
}

static void open_as(int number, const char *path, int flags)
{
    int file = open(path, flags, 0600);

    if (file < 0 || dup2(file, number) != number)
        bail(path);
    close(file);
}

/* Somebody reads what comes out of `end`, until there is no more or that was `most` bytes. */
static pid_t drain_start(int end, size_t most)
{
    static char bytes[16 * PAGE];
    pid_t child = fork();
    ssize_t length;

    if (child != 0)
        return child;
    close(FILE_A);
    for (size_t got = 0; got < most && (length = read(end, bytes, sizeof(bytes))) > 0;)
        got += length;
    _exit(0);
}

static void test_files(void)
{
    open_as(FILE_A, "watched-a", O_RDWR | O_CREAT | O_TRUNC);
    open_as(FILE_B, "watched-a", O_RDWR);
    check(gets_on("pages", "run\n", FILE_A), "both write through one opening");
    check(gets_on("pages", "step\n", FILE_A), "and when it is stepped");
    check(gets_on("pages", "step\n", FILE_B), "both write to one file");
    open_as(FILE_A, "/dev/console", O_WRONLY | O_NOCTTY);
    check(gets_on("few", "step\n", FILE_A), "both write to the terminal");
    open_as(FILE_A, "/dev/hostout", O_WRONLY);
    check(gets_on("few", "step\n", FILE_A), "both write to the host");
}

/* The reader of both has what it needs, too. */
static void test_ends(const char *what, int ends[2])
{
    pid_t drain;

    if (dup2(ends[1], FILE_A) != FILE_A)
        bail("dup2");
    close(ends[1]);
    drain = drain_start(ends[0], SIZE_MAX);
    close(ends[0]);
    check(gets_on("pages", "run\n", FILE_A), "both write to a %s", what);
    check(gets_on("pages", "step\n", FILE_A), "and when it is stepped");
    close(FILE_A);
    check(child_wait(drain) == 0, "and it ends");
}

static void test_pipes(void)
{
    int ends[2];

    if (pipe(ends) != 0)
        bail("pipe");
    test_ends("pipe", ends);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        bail("socketpair");
    test_ends("socket", ends);
}

static int run_faults(void *argument)
{
    (void)argument;
    alarm(60);
    execl("/bin/sh", "sh", "-c", "faults cat /bin/demo-eat | wc -c >/dev/null",
          (char *)NULL);
    return 1;
}

static void test_program(void)
{
    check(child_run(run_faults, NULL) == 0, "`faults` and its program share a pipe");
}

/* --- Nobody reads --------------------------------------------------------------------- */

static int write_beside(void)
{
    return write(FILE_B, "x", 1) == 1 ? 0 : 1;
}

static void test_third(void)
{
    open_as(FILE_A, "watched-a", O_RDWR | O_CREAT | O_TRUNC);
    open_as(FILE_B, "watched-a", O_RDWR);
    struct watched watched = watched_start("pages", "run\n");
    check(!beside_ended(watched.process), "a program whose lines nobody reads waits");
    pid_t other = beside_start(write_beside);
    check(beside_ended(other), "but nobody waits with it for a file that it was writing");
    check(child_wait(other) == 0 && watched_end(&watched) == 0,
          "unwatched, it goes on to its end");
}

/* --- More than one fault in a call ---------------------------------------------------- */

static int lines_in(const char *text, ssize_t length)
{
    int count = 0;

    for (ssize_t i = 0; i < length; i++)
        count += text[i] == '\n';
    return count;
}

/* Let it go on from each fault until the call that writes has told of its two. */
static bool run_to_call(const struct watched *watched)
{
    char text[PAGE];
    ssize_t length;

    while ((length = read(watched->watch, text, sizeof(text))) > 0) {
        if (lines_in(text, length) == 2)
            return true;
        if (write(watched->watch, "go\n", 3) != 3)
            return false;
    }
    return false;
}

static void test_step(void)
{
    open_as(FILE_A, "watched-a", O_RDWR | O_CREAT | O_TRUNC);
    struct watched watched = watched_start("few", "step\n");
    char byte;

    check(run_to_call(&watched), "a call tells of two faults at once");
    check(write(watched.watch, "go\n", 3) == 3 && !beside_ended(watched.process) &&
              fcntl(watched.watch, F_SETFL, O_NONBLOCK) == 0 &&
              read(watched.watch, &byte, 1) == -1 && errno == EAGAIN,
          "it waits behind them for both");
    check(write(watched.watch, "run\n", 4) == 4 && watched_end(&watched) == 0,
          "run: for neither");
}

static void test_lost(void)
{
    char text[PAGE + 1], *line, *rest;
    long told = 0, lost = 0, last = 0, missing;
    ssize_t length;
    int ends[2];

    if (pipe(ends) != 0 || dup2(ends[1], FILE_A) != FILE_A)
        bail("pipe");
    close(ends[1]);
    pid_t drain = drain_start(ends[0], MANY * PAGE);
    struct watched watched = watched_start("many", "run\n");
    check(child_wait(drain) == 0, "a call that faults more than is kept does not wait");
    while ((length = read(watched.watch, text, PAGE)) > 0) {
        text[length] = 0;
        for (rest = text; (line = strsep(&rest, "\n")) && rest;) {
            if (sscanf(line, "lost=%ld", &missing) == 1)
                lost += missing;
            else if (sscanf(line, "n=%ld ", &last) == 1)
                told++;
        }
    }
    note("%ld told, %ld lost, %ld in all", told, lost, last);
    check(lost > 0 && told > MANY / 3, "what can be kept is told, and how much cannot");
    check_equal(told + lost, last, "each fault is the one or the other");
    check(last > MANY && watched_end(&watched) == 0, "and there were all of them");
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return watched_main(argv[1]);
    if (!on_faultline()) {
        check_skip("needs /proc/PID/faults", "programs whose faults are looked at");
        return tap_end();
    }
    signal(SIGPIPE, SIG_IGN);
    test_files();
    test_pipes();
    test_program();
    test_third();
    test_step();
    test_lost();
    return tap_end();
}
