/* tests/host/fuzz_log.c - what led to a failure: the last things that were done. */
#include "tests/host/fuzz.h"

#include <stdio.h>

uint64_t fuzz_operations;
bool fuzz_verbose;

#define LOG_LENGTH 30

struct log_line {
    uint64_t operation;
    int thread;
    const char *text;
    uint64_t a, b, c, d;
};
static struct log_line log_lines[LOG_LENGTH];
static uint64_t log_count;

static void log_print(const struct log_line *line)
{
    fprintf(stderr, "%9lu  thread %2d  ", line->operation, line->thread);
    fprintf(stderr, line->text, line->a, line->b, line->c, line->d);
    fprintf(stderr, "\n");
}

void fuzz_log(const char *text, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    struct log_line *line = &log_lines[log_count++ % LOG_LENGTH];
    int thread = thread_current != NULL ? (int)thread_current->number : -1;
    *line = (struct log_line){fuzz_operations, thread, text, a, b, c, d};
    if (fuzz_verbose)
        log_print(line);
}

void fuzz_log_print(void)
{
    fprintf(stderr, "operation %lu; the last %d things done:\n", fuzz_operations,
            LOG_LENGTH);
    for (uint64_t i = log_count < LOG_LENGTH ? 0 : log_count - LOG_LENGTH; i < log_count;
         i++)
        log_print(&log_lines[i % LOG_LENGTH]);
}
