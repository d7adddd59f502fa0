/* demo-tlb.c - what the TLB makes of two loops, and of two processes that take turns.
 *
 * The kernel sees nothing of it: a translation that is missing from the TLB is looked up in the
 * tables by the processor itself, without a fault. So this program only refers to memory, in ways
 * of which one can say beforehand how often a TLB would miss; tools/tlb, outside, tells how
 * often a modelled one did.
 *
 *   demo-tlb rows | columns | turns       one of the scenes
 *
 * The array is of 256 rows of 64 elements, a row a page. By rows a page is used 64 times before
 * the next: one miss a row. By columns each element is in another page than the one before; with
 * fewer entries than rows, under LRU, the page has been forgotten when its turn comes again: a
 * miss an element. It is page replacement once more, with entries for frames. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/demo.h"
#include "user/lib/trace_note.h"

#include <stdbool.h>
#include <string.h>

enum { ROWS = 256, COLUMNS = 64, PASSES = 4, TURNS = 200, OWN_PAGES = 32 };

struct element {
    long value;
    char rest[PAGE / COLUMNS - sizeof(long)];
};
typedef volatile struct element matrix[ROWS][COLUMNS];

/* Each element once, so that no fault is left. */
static matrix *matrix_new(void)
{
    matrix *data = (matrix *)region_map(ROWS);

    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < COLUMNS; column++)
            (*data)[row][column].value = row * COLUMNS + column;
    return data;
}

static long sum_by_rows(matrix *data)
{
    long sum = 0;

    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < COLUMNS; column++)
            sum += (*data)[row][column].value;
    return sum;
}

static long sum_by_columns(matrix *data)
{
    long sum = 0;

    for (int column = 0; column < COLUMNS; column++)
        for (int row = 0; row < ROWS; row++)
            sum += (*data)[row][column].value;
    return sum;
}

static void scene_loop(const char *order, long (*sum)(matrix *), long misses)
{
    trace_note("each element of an array is written once");
    matrix *data = matrix_new();
    long all = 0, expected = (long)ROWS * COLUMNS * (ROWS * COLUMNS - 1) / 2;
    trace_note("the array is read by %s, %d times", order, PASSES);
    long before = faults_now();

    for (int pass = 0; pass < PASSES; pass++)
        all += sum(data);
    long faults = faults_now() - before;
    say("  by %s: %d passes over %d pages, %d references", order, PASSES, ROWS,
        PASSES * ROWS * COLUMNS);
    say("  a TLB with fewer entries than pages misses %ld times in a pass", misses);
    claim(all == PASSES * expected, "each element was read once a pass");
    claim(faults == 0, "and none of it was a page fault: the kernel was not asked");
}

/* --- Two processes ------------------------------------------------------------------------- */

static struct turns turns;

/* Use so many pages of one's own. */
static long own_use(volatile char *own)
{
    long sum = 0;

    for (int page = 0; page < OWN_PAGES; page++)
        sum += ++own[page * PAGE];
    return sum;
}

static int child_plays(void *unused)
{
    volatile char *own = region_map(OWN_PAGES);

    (void)unused;
    for (int turn = 0; turn < TURNS; turn++) {
        if (!turn_of_parent(&turns))
            return 1;
        own_use(own);
        turn_to_parent(&turns, 1);
    }
    return 0;
}

static void scene_turns(void)
{
    int taken = 0;

    title("Two processes take turns, each with its own pages");
    turns_open(&turns);
    trace_note("two processes take turns, each with its own pages");
    pid_t other = child_start(child_plays, NULL);
    volatile char *own = region_map(OWN_PAGES);
    for (; taken < TURNS; taken++) {
        own_use(own);
        turn_to_child(&turns, 1);
        if (!turn_of_child(&turns))
            break;
    }
    bool well = child_wait(other) == 0;
    turns_close(&turns);
    say("  %d turns of each, and %d pages at every turn: %d switches of space at least",
        taken, OWN_PAGES, 2 * taken);
    say("  without ASIDs a switch empties the TLB, and the %d pages are looked up again",
        OWN_PAGES);
    claim(well && taken == TURNS, "nobody has lost a turn");
}

int main(int argc, char *argv[])
{
    const char *scene = argc > 1 ? argv[1] : "";

    if (*scene == 0 || strcmp(scene, "rows") == 0) {
        title("An array of 256 x 64 elements, a row a page, is read row by row");
        scene_loop("rows", sum_by_rows, ROWS);
    }
    if (*scene == 0 || strcmp(scene, "columns") == 0) {
        title("The same array, column by column");
        scene_loop("columns", sum_by_columns, ROWS * COLUMNS);
    }
    if (*scene == 0 || strcmp(scene, "turns") == 0)
        scene_turns();
    say("\nWhat a TLB makes of it is seen from outside: tools/tlb demo-tlb");
    return demo_end();
}
