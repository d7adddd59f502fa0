/* faults.c - strace for page faults: faults [-f] [--step | --predict] [--summary] PROGRAM [ARG...]
 *
 * Run a program and tell each of its page faults in one sentence: what it touched, what
 * stood in the way, what the kernel did, and what that cost. The kernel reports them through
 * /proc/PID/faults: whoever opens that file watches the process from its next exec on, and
 * the process waits, between two calls, while its watcher falls behind. A single call that faults
 * many thousand times may fault more than is kept; how many are not told is said at the end.
 *
 *   -f         follow: tell the faults of the processes that it forks too, each with its number;
 *              without, they are counted at the end
 *   --step     wait at each fault for a key: Enter, the next one; c, all the rest without
 *              waiting; q, the end of the program
 *   --predict  ask first what each fault will be, and keep the score; --seed N asks only
 *              about every second, always the same ones
 *   --summary  only the table at the end
 *
 * The exit status is the program's (128 + signal if one killed it). */
#define _GNU_SOURCE
#include "user/lib/fault_line.h"
#include "user/lib/predict.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_USAGE = 2, EXIT_NO_WATCH = 125, EXIT_NOT_RUN = 126, EXIT_NOT_FOUND = 127 };

struct options {
    bool step, summary_only, ask, follow;
    bool await;         /* for a key, at each fault; `c` and `q` end that */
    pid_t child;        /* the program */
    unsigned seed;      /* of the questions; 0: all are asked */
    int instruction_ns; /* what one instruction takes; 0: time is real */
};

struct totals {
    long count[KINDS], cost[KINDS], major[KINDS];
    long faults, majors;
    long not_followed; /* processes that were forked */
    long lost;         /* faults that the kernel had no room for */
};

/* Ticks of the time stamp counter that 2,000 instructions take. */
static uint64_t ticks_measure(void)
{
    uint32_t low, high, low_after, high_after;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    __asm__ volatile("mov $1000, %%ecx; 1: dec %%ecx; jnz 1b" : : : "ecx", "cc");
    __asm__ volatile("rdtsc" : "=a"(low_after), "=d"(high_after));
    return ((uint64_t)high_after << 32 | low_after) - ((uint64_t)high << 32 | low);
}

/* The kernel tells cost in ns. Where time is counted in instructions, every instruction takes
 * the same power of two of them, and so measuring twice gives the same twice: then we can
 * tell cost in instructions. 0: time is real. */
static int instruction_ns(void)
{
    uint64_t ticks = ticks_measure();
    int ns = 1;

    for (int again = 0; again < 4; again++)
        if (ticks_measure() != ticks)
            return 0;
    while (ns * 2 * 2000u <= ticks)
        ns *= 2;
    return ns;
}

static const char *cost_unit(const struct options *options)
{
    return options->instruction_ns ? "instructions" : "ns";
}

static void usage(void)
{
    fputs("usage: faults [-f] [--step] [--summary] PROGRAM [ARG...]\n"
          "       faults --predict [--seed N] [--summary] PROGRAM [ARG...]\n",
          stderr);
    exit(EXIT_USAGE);
}

static struct options options_read(int argc, char *argv[])
{
    static const struct option known[] = {
        {"follow", no_argument, NULL, 'f'},     {"step", no_argument, NULL, 's'},
        {"summary", no_argument, NULL, 'S'},    {"predict", no_argument, NULL, 'p'},
        {"seed", required_argument, NULL, 'n'}, {0},
    };
    struct options options = {.instruction_ns = instruction_ns()};
    int letter;

    while ((letter = getopt_long(argc, argv, "+f", known, NULL)) != -1) {
        if (letter == 'f')
            options.follow = true;
        else if (letter == 's')
            options.step = true;
        else if (letter == 'S')
            options.summary_only = true;
        else if (letter == 'p')
            options.ask = true;
        else if (letter == 'n')
            options.seed = (unsigned)strtoul(optarg, NULL, 0);
        else
            usage();
    }
    if (optind == argc || (options.ask && options.follow))
        usage();
    options.await = options.step && !options.ask;
    options.step |= options.ask;
    return options;
}

/* The child waits until it is watched, then becomes the program. */
static pid_t program_start(char *argv[], int *gate)
{
    int ends[2];
    char word;

    if (pipe2(ends, O_CLOEXEC) != 0) {
        perror("faults: pipe");
        exit(EXIT_NO_WATCH);
    }
    pid_t child = fork();
    if (child < 0) {
        perror("faults: fork");
        exit(EXIT_NO_WATCH);
    }
    if (child > 0) {
        close(ends[0]);
        *gate = ends[1];
        return child;
    }
    close(ends[1]);
    if (read(ends[0], &word, 1) != 1)
        _exit(EXIT_NO_WATCH); /* the watcher gave up */
    execvp(argv[0], argv);
    fprintf(stderr, "faults: %s: %s\n", argv[0], strerror(errno));
    _exit(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUN);
}

static bool watch_ask(int watch, const char *request)
{
    return write(watch, request, strlen(request)) == (ssize_t)strlen(request);
}

static int watch_open(pid_t child, const struct options *options)
{
    char path[40];

    snprintf(path, sizeof(path), "/proc/%d/faults", child);
    int watch = open(path, O_RDWR | O_CLOEXEC);
    if (watch < 0 || (options->step && !watch_ask(watch, "step\n")) ||
        (options->follow && !watch_ask(watch, "follow\n"))) {
        fprintf(stderr, "faults: %s: %s\n", path, strerror(errno));
        exit(EXIT_NO_WATCH);
    }
    return watch;
}

/* Where keys and answers are awaited: the terminal itself, since stdin belongs to the
 * program; unless there is none. */
static FILE *answers_open(void)
{
    static FILE *terminal;

    if (!terminal)
        terminal = fopen("/dev/tty", "r");
    if (!terminal)
        terminal = stdin;
    return terminal;
}

static void keys_show(void)
{
    puts("     Enter: the next fault   c: the rest without waiting   q: end the program");
}

/* Wait for a line with one of the keys; the first time, and after any other, say which there
 * are. Where no answers come, the rest is told without waiting. */
static void key_await(struct options *options)
{
    static bool keys_shown;
    char answer[80] = "";

    for (;;) {
        if (!keys_shown)
            keys_show();
        keys_shown = true;
        fputs(" > ", stdout);
        fflush(stdout);
        if (!fgets(answer, sizeof(answer), answers_open())) {
            puts("(no more keys: the rest without waiting)");
            options->await = false;
            return;
        }
        answer[strcspn(answer, "\n")] = '\0';
        if (!answer[0])
            return;
        if (strcmp(answer, "c") == 0 || strcmp(answer, "q") == 0)
            break;
        printf("     %s is none of the keys.\n", answer);
        keys_shown = false;
    }
    options->await = false;
    if (answer[0] == 'q')
        kill(options->child, SIGKILL);
}

static void fault_count(struct totals *totals, const struct fault_line *line)
{
    totals->faults++;
    totals->majors += line->major;
    totals->count[line->kind]++;
    totals->major[line->kind] += line->major;
    if (line->cost > 0)
        totals->cost[line->kind] += line->cost;
}

/* One line of the kernel's: count it, tell it, and when stepping let the process go on. */
static void fault_take(const char *text, int watch, struct options *options,
                       struct totals *totals, struct predict *predict)
{
    char sentence[1024];
    struct fault_line line;

    if (strncmp(text, "not_followed=", strlen("not_followed=")) == 0) {
        totals->not_followed++;
        return;
    }
    if (strncmp(text, "lost=", strlen("lost=")) == 0) {
        totals->lost += strtol(text + strlen("lost="), NULL, 10);
        return;
    }
    if (!fault_line_read(text, &line)) {
        fprintf(stderr, "faults: not a fault: %s\n", text);
        return;
    }
    if (options->instruction_ns && line.cost > 0)
        line.cost /= options->instruction_ns;
    fault_count(totals, &line);
    if (predict)
        predict_ask(predict, &line);
    if (!options->summary_only) {
        fault_line_tell(&line, cost_unit(options), sentence, sizeof(sentence));
        puts(sentence);
    }
    if (options->await)
        key_await(options);
    if (options->step) {
        if (!watch_ask(watch, "go\n"))
            perror("faults: go");
    }
}

/* A read gives whole lines, as many as there are. */
static void faults_take(int watch, struct options *options, struct totals *totals,
                        struct predict *predict)
{
    char text[4096 + 1], *line, *rest;
    ssize_t length;

    while ((length = read(watch, text, sizeof(text) - 1)) > 0) {
        text[length] = '\0';
        for (rest = text; (line = strsep(&rest, "\n")) && rest;)
            fault_take(line, watch, options, totals, predict);
    }
    if (length < 0)
        perror("faults: read");
}

static void summary_print(const struct totals *totals, const char *unit)
{
    printf("\n%8s  %6s  %-10s  %12s  %s\n", "faults", "major", "kind", unit, "what it is");
    for (enum fault_kind kind = 0; kind < KINDS; kind++)
        if (totals->count[kind])
            printf("%8ld  %6ld  %-10s  %12ld  %s\n", totals->count[kind],
                   totals->major[kind], fault_kind_name(kind), totals->cost[kind],
                   fault_kind_meaning(kind));
    printf("%8ld  in all, %ld of them major\n", totals->faults, totals->majors);
    if (totals->lost)
        printf("%8ld  more, in calls that faulted faster than could be told\n",
               totals->lost);
    if (totals->not_followed)
        printf("%ld %s not followed: faults -f\n", totals->not_followed,
               totals->not_followed == 1 ? "child was" : "children were");
}

int main(int argc, char *argv[])
{
    struct options options = options_read(argc, argv);
    struct totals totals = {0};
    int gate, status;

    setvbuf(stdout, NULL, _IOLBF, 0); /* the program writes to the same place */
    pid_t child = options.child = program_start(argv + optind, &gate);
    int watch = watch_open(child, &options);
    if (write(gate, "x", 1) != 1)
        return EXIT_NO_WATCH;
    close(gate);
    struct predict *predict =
        options.ask ? predict_begin(child, answers_open(), options.seed) : NULL;
    faults_take(watch, &options, &totals, predict);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (predict)
        predict_end(predict);
    summary_print(&totals, cost_unit(&options));
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
