/* locality.c - which pages a program uses, over time: the textbook's picture of locality.
 *
 *   locality [--every MS] PROGRAM ARG...
 *
 * Looks every so many milliseconds which pages were referenced since the last look (the A
 * bits of its entries, /proc/PID/pages), and has the bits begin anew (/proc/PID/clear_refs).
 * Prints a line for each run of neighbouring pages, as CSV: when, in the program's own
 * running time; first address, number of pages. What the program prints goes nowhere. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/tap.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EVERY_MS = 10, NS_A_MS = 1000000, EXIT_NOT_FOUND = 127 };

#define WINDOW "/proc/sys/vm/working_set_window"

static void file_write(const char *path, const char *text)
{
    int file = open(path, O_WRONLY);

    if (file < 0 || write(file, text, strlen(text)) < 0)
        bail(path);
    close(file);
}

static pid_t program_start(char *words[])
{
    pid_t child = fork();

    if (child < 0)
        bail("fork");
    if (child > 0)
        return child;
    int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    execvp(words[0], words);
    perror(words[0]);
    _exit(EXIT_NOT_FOUND);
}

static bool running(pid_t child, int *status)
{
    return waitpid(child, status, WNOHANG) == 0;
}

static double time_of(pid_t child)
{
    struct timespec used = {0, 0};
    clockid_t clock;

    if (clock_getcpuclockid(child, &clock) == 0)
        clock_gettime(clock, &used);
    return used.tv_sec * 1e3 + (double)used.tv_nsec / NS_A_MS;
}

static void run_print(double when, unsigned long first, unsigned long pages)
{
    if (pages)
        printf("%.2f,%#lx,%lu\n", when, first, pages);
}

/* One look: the runs of pages that were referenced. */
static void look(pid_t child)
{
    char path[64], line[160];
    unsigned long address, first = 0, pages = 0;
    double when = time_of(child);

    snprintf(path, sizeof(path), "/proc/%d/pages", child);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof(line), file)) {
        if (sscanf(line, "%lx", &address) != 1 || !strstr(line, "flags=R"))
            continue;
        if (address != first + pages * PAGE) {
            run_print(when, first, pages);
            first = address, pages = 0;
        }
        pages++;
    }
    run_print(when, first, pages);
    if (file)
        fclose(file);
    snprintf(path, sizeof(path), "/proc/%d/clear_refs", child);
    int clear = open(path, O_WRONLY);
    if (clear >= 0 && write(clear, "1", 1) > 0)
        close(clear);
}

int main(int argc, char *argv[])
{
    long every = EVERY_MS;
    int at = 1, status = 0;

    if (argc > 2 && strcmp(argv[1], "--every") == 0) {
        every = strtol(argv[2], NULL, 10);
        at = 3;
    }
    if (at >= argc || every <= 0) {
        fputs("usage: locality [--every MS] PROGRAM ARG...\n", stderr);
        return 2;
    }
    char window[24];
    snprintf(window, sizeof(window), "%ld", number_read(WINDOW));
    file_write(WINDOW, "0"); /* nobody else takes the bits */
    setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
    printf("time_ms,address,pages\n");
    pid_t child = program_start(argv + at);
    const struct timespec pause = {every / 1000, every % 1000 * NS_A_MS};
    while (running(child, &status)) {
        nanosleep(&pause, NULL);
        look(child);
    }
    file_write(WINDOW, window);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
