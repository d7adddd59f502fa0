/* demo-matrix.c - program structure: two loops that differ in their order only, and one
 * takes 128 times as many page faults.
 *
 * The textbook's array: 128 rows of 128 elements, a row a page. By rows all of a page is
 * cleared before the next is touched: a fault a row. By columns each element lies in another
 * page than the one before: with fewer frames than rows, a fault an element.
 *
 *   demo-matrix [--csv] [FRAMES...] */
#define _GNU_SOURCE
#include "user/lib/arena.h"
#include "user/lib/counters.h"
#include "user/lib/demo.h"
#include "user/lib/load.h"
#include "user/lib/tap.h"
#include "user/lib/trace_note.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS = 128, COLUMNS = 128, NS_A_MS = 1000000 };

struct element {
    int value;
    char rest[PAGE / COLUMNS - sizeof(int)];
};
typedef volatile struct element matrix[ROWS][COLUMNS];

static void clear_by_rows(matrix *data)
{
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < COLUMNS; column++)
            (*data)[row][column].value = 0;
}

static void clear_by_columns(matrix *data)
{
    for (int column = 0; column < COLUMNS; column++)
        for (int row = 0; row < ROWS; row++)
            (*data)[row][column].value = 0;
}

struct cost {
    long faults;
    double milliseconds;
};

static double time_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e3 + (double)now.tv_nsec / NS_A_MS;
}

static struct cost measure(void (*clear)(matrix *), unsigned long frames)
{
    struct cost cost;
    matrix *data = (matrix *)arena_open("demo-matrix", frames, NULL, ROWS);
    trace_note("%lu frames: the array is cleared by %s", frames,
               clear == clear_by_rows ? "rows" : "columns");
    double begin = time_ms();

    clear(data);
    cost.milliseconds = time_ms() - begin;
    cost.faults = arena_faults();
    arena_close();
    return cost;
}

/* Where it is real time that passes, whoever waits is told how long: each fault by columns reads
 * the disk. */
static void wait_say(unsigned long frames, bool csv)
{
    struct load_counts counts;
    double seconds =
        load_counts_read(&counts) ? ROWS * COLUMNS * (double)counts.service / 1e9 : 0;

    if (!csv && frames < ROWS && seconds > 2 && !time_is_counted())
        say("%8lu frames: %d faults by columns will take %.0f s or more ...", frames,
            ROWS * COLUMNS, seconds);
}

static void row_say(unsigned long frames, bool csv)
{
    if (frames < ROWS && field_read("/proc/meminfo", "SwapTotal") <= 0)
        bail("there is no swap area: tools/boot --swap 16M");
    wait_say(frames, csv);
    struct cost rows = measure(clear_by_rows, frames);
    struct cost columns = measure(clear_by_columns, frames);
    if (csv)
        say("%lu,%ld,%ld,%.3f,%.3f", frames, rows.faults, columns.faults, rows.milliseconds,
            columns.milliseconds);
    else
        say("%8lu %10ld %12ld %14.1f %14.1f", frames, rows.faults, columns.faults,
            rows.milliseconds, columns.milliseconds);
    long expected = frames < ROWS ? ROWS * COLUMNS : ROWS;
    if (rows.faults != ROWS || columns.faults != expected)
        claim(false, "expected %d by rows, %ld by columns", ROWS, expected);
}

int main(int argc, char *argv[])
{
    static const unsigned long sizes[] = {8, 64, 127, 128};
    bool csv = argc > 1 && strcmp(argv[1], "--csv") == 0;

    if (csv) {
        say("frames,faults_by_rows,faults_by_columns,ms_by_rows,ms_by_columns");
    } else {
        title("An array of 128 x 128 elements, a row a page, is cleared");
        say("%8s %10s %12s %14s %14s", "frames", "by rows", "by columns", "ms by rows",
            "by columns");
    }
    if (argc > 1 + csv)
        for (int i = 1 + csv; i < argc; i++)
            row_say(strtoul(argv[i], NULL, 10), csv);
    else
        for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
            row_say(sizes[i], csv);
    if (!csv) {
        say("\nThe loops do the same work. With one frame too few, the order makes the "
            "factor:");
        claim(true, "128 faults by rows, 128 x 128 = 16384 by columns");
    }
    return demo_end();
}
