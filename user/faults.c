/* faults.c - strace for page faults: faults [--step] [--summary] PROGRAM [ARG...]
 *
 * Run a program and tell each of its page faults in one sentence: what it touched, what
 * stood in the way, what the kernel did, and what that cost. The kernel reports them through
 * /proc/PID/faults: whoever opens that file watches the process from its next exec on, and
 * the process waits while its watcher falls behind, so nothing is lost.
 *
 *   --step     wait for Enter at each fault
 *   --summary  only the table at the end
 *
 * The exit status is the program's (128 + signal if one killed it). */
#define _GNU_SOURCE
#include "user/lib/fault_line.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_USAGE = 2, EXIT_NO_WATCH = 125, EXIT_NOT_RUN = 126, EXIT_NOT_FOUND = 127 };

struct options {
    bool step, summary_only;
};

struct totals {
    long count[KINDS], cost[KINDS];
    long faults, majors;
};

static void usage(void)
{
    fputs("usage: faults [--step] [--summary] PROGRAM [ARG...]\n", stderr);
    exit(EXIT_USAGE);
}

static struct options options_read(int argc, char *argv[])
{
    static const struct option known[] = {
        {"step", no_argument, NULL, 's'}, {"summary", no_argument, NULL, 'S'}, {0}};
    struct options options = {false, false};
    int letter;

    while ((letter = getopt_long(argc, argv, "+", known, NULL)) != -1) {
        if (letter == 's')
            options.step = true;
        else if (letter == 'S')
            options.summary_only = true;
        else
            usage();
    }
    if (optind == argc)
        usage();
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

static int watch_open(pid_t child, bool step)
{
    static const char request[] = "step\n";
    char path[40];

    snprintf(path, sizeof(path), "/proc/%d/faults", child);
    int watch = open(path, O_RDWR | O_CLOEXEC);
    if (watch < 0 ||
        (step && write(watch, request, sizeof(request) - 1) != sizeof(request) - 1)) {
        fprintf(stderr, "faults: %s: %s\n", path, strerror(errno));
        exit(EXIT_NO_WATCH);
    }
    return watch;
}

/* Where Enter is awaited: the terminal itself, since stdin belongs to the program. */
static void enter_await(void)
{
    static FILE *terminal;
    int key;

    if (!terminal)
        terminal = fopen("/dev/tty", "r");
    if (!terminal)
        terminal = stdin;
    while ((key = getc(terminal)) != '\n' && key != EOF)
        ;
}

/* What cost counts: instructions where time is deterministic, else nanoseconds. */
static const char *cost_unit(void)
{
    char words[512] = "";
    FILE *file = fopen("/proc/cmdline", "r");

    if (file) {
        if (!fgets(words, sizeof(words), file))
            words[0] = '\0';
        fclose(file);
    }
    return strstr(words, "realtime=1") ? "ns" : "instructions";
}

static void fault_count(struct totals *totals, const struct fault_line *line)
{
    totals->faults++;
    totals->majors += line->major;
    totals->count[line->kind]++;
    if (line->cost > 0)
        totals->cost[line->kind] += line->cost;
}

static void faults_tell(int watch, const struct options *options, struct totals *totals,
                        const char *unit)
{
    static const char go[] = "go\n";
    char text[512], sentence[1024];
    struct fault_line line;
    FILE *reports = fdopen(watch, "r");

    while (reports && fgets(text, sizeof(text), reports)) {
        if (!fault_line_read(text, &line)) {
            fprintf(stderr, "faults: not a fault: %s", text);
            continue;
        }
        fault_count(totals, &line);
        if (!options->summary_only) {
            fault_line_tell(&line, unit, sentence, sizeof(sentence));
            puts(sentence);
        }
        if (options->step) {
            enter_await();
            if (write(watch, go, sizeof(go) - 1) < 0)
                return;
        }
    }
}

static void summary_print(const struct totals *totals, const char *unit)
{
    printf("\n%8s  %-10s  %12s  %s\n", "faults", "kind", unit, "what it is");
    for (enum fault_kind kind = 0; kind < KINDS; kind++)
        if (totals->count[kind])
            printf("%8ld  %-10s  %12ld  %s\n", totals->count[kind], fault_kind_name(kind),
                   totals->cost[kind], fault_kind_meaning(kind));
    printf("%8ld  in all, %ld of them major\n", totals->faults, totals->majors);
}

int main(int argc, char *argv[])
{
    struct options options = options_read(argc, argv);
    struct totals totals = {0};
    const char *unit = cost_unit();
    int gate, status;

    setvbuf(stdout, NULL, _IOLBF, 0); /* the program writes to the same place */
    pid_t child = program_start(argv + optind, &gate);
    int watch = watch_open(child, options.step);
    if (write(gate, "x", 1) != 1)
        return EXIT_NO_WATCH;
    close(gate);
    faults_tell(watch, &options, &totals, unit);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    summary_print(&totals, unit);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
