/* kernel/report/lines.c - see kernel/report/lines.h. */
#include "kernel/report/lines.h"

#include "arch/mmu.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/mm.h"

#define SHEETS_MOST 256u /* 1 MiB: a call that faults some 6,000 times */

/* A page of whole lines. */
struct sheet {
    struct sheet *next;
    uint32_t begin, end; /* what has not been dropped yet, in `text` */
    char text[PAGE_SIZE - 16];
};

static bool sheet_add(struct lines *lines)
{
    struct sheet *sheet = heap_take(sizeof(*sheet));
    if (!sheet)
        return false;
    if (lines->last)
        lines->last->next = sheet;
    else
        lines->first = sheet;
    lines->last = sheet;
    lines->sheets++;
    return true;
}

static void sheet_remove(struct lines *lines)
{
    struct sheet *sheet = lines->first;
    lines->first = sheet->next;
    lines->sheets--;
    heap_give(sheet, sizeof(*sheet));
}

bool lines_begin(struct lines *lines)
{
    *lines = (struct lines){0};
    return sheet_add(lines);
}

void lines_end(struct lines *lines)
{
    while (lines->first)
        sheet_remove(lines);
}

static bool line_put(struct lines *lines, const char *line, size_t length)
{
    if (lines->last->end + length > sizeof(lines->last->text) &&
        (lines->sheets == SHEETS_MOST || !sheet_add(lines)))
        return false;
    memcpy(lines->last->text + lines->last->end, line, length);
    lines->last->end += length;
    return true;
}

static void lost_tell(struct lines *lines)
{
    char line[32];
    if (lines->lost &&
        line_put(lines, line, format(line, sizeof(line), "lost=%lu\n", lines->lost)))
        lines->lost = 0;
}

bool lines_add(struct lines *lines, const char *line, size_t length)
{
    lost_tell(lines); /* they came before */
    bool put = !lines->lost && line_put(lines, line, length);
    lines->lost += !put;
    return put;
}

bool lines_are_none(const struct lines *lines)
{
    return lines->first->begin == lines->first->end;
}

bool lines_are_crowded(const struct lines *lines)
{
    return lines->sheets > 1;
}

size_t lines_first(const struct lines *lines, size_t length, const char **text)
{
    const struct sheet *sheet = lines->first;
    size_t there = sheet->end - sheet->begin;
    *text = sheet->text + sheet->begin;
    if (there <= length)
        return there;
    while (length > 0 && (*text)[length - 1] != '\n')
        length--;
    return length;
}

void lines_drop(struct lines *lines, size_t length)
{
    struct sheet *sheet = lines->first;
    sheet->begin += length;
    if (sheet->begin == sheet->end && sheet->next)
        sheet_remove(lines);
    else if (sheet->begin == sheet->end)
        sheet->begin = sheet->end = 0;
    lost_tell(lines);
}
