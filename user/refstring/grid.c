/* grid.c - the textbook's picture of a run: references across, frames down. */
#include "user/refstring/refstring.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH = 80, HEAD = 10 };

/* What each frame holds after each reference: cell[frame * count + reference]. */
static void cells_fill(const struct string *string, size_t frames,
                       const struct outcome *outcome, int64_t *cell)
{
    size_t used = 0;

    for (size_t i = 0; i < string->count; i++) {
        for (size_t f = 0; f < frames; f++)
            cell[f * string->count + i] = i ? cell[f * string->count + i - 1] : -1;
        if (!outcome->faulted[i])
            continue;
        size_t before = outcome->victims_before[i];
        size_t after =
            i + 1 < string->count ? outcome->victims_before[i + 1] : outcome->victims;
        size_t place = used;
        if (after > before)
            for (place = 0; place + 1 < frames; place++)
                if (cell[place * string->count + i] == outcome->victim[before])
                    break;
        if (after == before && used + 1 < frames)
            used++;
        cell[place * string->count + i] = string->reference[i] >> 1;
    }
}

static int digits(const struct string *string)
{
    int most = 1;

    for (uint32_t page = 0; page < string->pages; page++) {
        int length = snprintf(NULL, 0, "%llu", (unsigned long long)string->name[page]);
        most = length > most ? length : most;
    }
    return most;
}

static void row_print(const char *head, const struct string *string, const int64_t *cell,
                      size_t from, size_t to, int width)
{
    printf("%-*s", HEAD, head);
    for (size_t i = from; i < to; i++) {
        if (cell[i] < 0)
            printf("%*s", width, "");
        else
            printf("%*llu", width, (unsigned long long)string->name[cell[i]]);
    }
    printf("\n");
}

static void part_print(const struct string *string, size_t frames,
                       const struct outcome *outcome, const int64_t *cell, size_t from,
                       size_t to, int width)
{
    char head[32];

    printf("%-*s", HEAD, "reference");
    for (size_t i = from; i < to; i++)
        printf("%*llu", width, (unsigned long long)string->name[string->reference[i] >> 1]);
    printf("\n");
    for (size_t f = 0; f < frames; f++) {
        snprintf(head, sizeof(head), "frame %zu", f);
        row_print(head, string, cell + f * string->count, from, to, width);
    }
    printf("%-*s", HEAD, "fault");
    for (size_t i = from; i < to; i++)
        printf("%*s", width, outcome->faulted[i] ? "*" : "");
    printf("\n\n");
}

void grid_print(const struct string *string, const struct settings *settings,
                const struct outcome *outcome)
{
    size_t frames = settings->frames < string->pages ? settings->frames : string->pages;
    int64_t *cell = memory(NULL, frames * string->count * sizeof(*cell));
    int width = digits(string) + 1;
    size_t columns = width < WIDTH - HEAD ? (size_t)((WIDTH - HEAD) / width) : 1;

    cells_fill(string, frames, outcome, cell);
    for (size_t from = 0; from < string->count; from += columns) {
        size_t to = from + columns < string->count ? from + columns : string->count;
        part_print(string, frames, outcome, cell, from, to, width);
    }
}
