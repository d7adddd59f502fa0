/* mm/page_tables/position.c - from one table to the next.  See position.h for the idea. */
#include "mm/page_tables/position.h"

/* The stretch begins at `first`, whose entry the position is at. */
static void stretch_begin(struct position *at, uintptr_t first)
{
    uintptr_t piece_end = (first | (STRETCH_MOST * PAGE_SIZE - 1)) + 1;
    at->first = first;
    at->stop = at->end < piece_end ? at->end : piece_end;
    unsigned length = position_length(at);
    at->last = at->entry + length;
    at->work = at->table->used < length ? at->table->used : length;
}

/* The entry is of a table that the kernel lends to every space (lent.h): a walk passes it by. */
static inline bool table_is_lent(const pte_t *entry, uintptr_t *missing) REQUIRES(mm)
{
    *missing = TABLE_SPAN;
    return frame_get(frame_of_data(entry))->state != FRAME_TABLE;
}

bool position_enter_table(struct position *at)
{
    uintptr_t missing;
    while ((at->entry = table_seek(at->tree, at->stop, &missing)) == NULL ||
           table_is_lent(at->entry, &missing)) {
        at->stop = (at->stop | (missing - 1)) + 1;
        if (at->stop < at->end)
            at->stop = table_next(at->tree, at->stop);
        if (at->stop >= at->end) {
            at->last = NULL;
            return false;
        }
    }
    at->table = frame_get(frame_of_data(at->entry));
    stretch_begin(at, at->stop);
    at->work += TABLE_WORK;
    return true;
}

bool position_enter_range(struct position *at, uintptr_t start, uintptr_t end)
{
    at->end = end;
    at->stop = start;
    if (!position_near(at, start))
        return position_enter_table(at);
    at->entry--; /* from behind the stretch of before into its table */
    position_shift(at, start);
    stretch_begin(at, start);
    return true;
}

/* Most entries of most tables are zero: four are looked at at once. */
static bool four_are_zero(const pte_t *entry)
{
    return (pte_read(&entry[0]).bits | pte_read(&entry[1]).bits | pte_read(&entry[2]).bits |
            pte_read(&entry[3]).bits) == 0;
}

bool position_skip(struct position *at)
{
    pte_t *entry = at->entry;
    while (at->last - entry >= 4 && four_are_zero(entry))
        entry += 4;
    while (entry < at->last && pte_is_zero(pte_read(entry)))
        entry++;
    at->entry = entry;
    return entry < at->last;
}

bool position_find_beyond(struct position *at)
{
    while (position_enter(at))
        if (position_find_here(at))
            return true;
    return false;
}
