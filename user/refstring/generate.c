/* generate.c - workloads: what programs' references are like, made by rule.
 *
 * Integer arithmetic and dice of a fixed seed: the same string on every machine, the one
 * that the simulator and the benchmark make under these names.
 *
 *   cyclic      round and round: a loop
 *   uniform     any page as likely as any other
 *   zipf        a few pages much, many little: the page of rank n with weight 1/n
 *   loop_hot    three of four references to a hot set of half the frames, the fourth goes
 *               round all other pages
 *   matrix_row  a matrix, a row a page, by rows; matrix_col: by columns
 *   scan_hot    a hot set of a quarter of the frames, now and then a scan of everything
 *   transpose   one half of the pages by rows, the other by columns, in turn */
#include "user/lib/refuse.h"
#include "user/refstring/refstring.h"

#include <string.h>

enum { GUIDE = 4096, SCAN_EVERY = 16384, BLOCKS = 8, TRAVERSALS = 2, TRANSPOSE = 7 };

const char *const workload_names[] = {"cyclic",   "uniform",    "zipf",
                                      "loop_hot", "matrix_row", "matrix_col",
                                      "scan_hot", "transpose",  NULL};

struct generator {
    uint32_t pages, frames;
    uint64_t dice;
    uint32_t round; /* loop_hot: where the round has got to */
    uint32_t
        guide[GUIDE + 1]; /* zipf: the rank at which each 4096th of the weight begins */
};

/* 0 … bound - 1 (xorshift64*). */
static uint32_t below(struct generator *from, uint32_t bound)
{
    from->dice ^= from->dice >> 12;
    from->dice ^= from->dice << 25;
    from->dice ^= from->dice >> 27;
    uint64_t top = (from->dice * 2685821657736338717ull) >> 32;
    return (uint32_t)((top * bound) >> 32);
}

static void zipf_begin(struct generator *from)
{
    uint64_t total = 0, sum = 0;
    uint32_t part = 0;

    for (uint32_t rank = 0; rank < from->pages; rank++)
        total += (1ull << 32) / (rank + 1);
    for (uint32_t rank = 0; rank < from->pages; rank++) {
        while (part < GUIDE && sum >= total / GUIDE * part)
            from->guide[part++] = rank;
        sum += (1ull << 32) / (rank + 1);
    }
    while (part <= GUIDE)
        from->guide[part++] = from->pages - 1;
}

static uint32_t zipf(struct generator *from)
{
    uint32_t part = below(from, GUIDE);
    uint32_t low = from->guide[part], high = from->guide[part + 1];
    uint64_t rank = low + (high > low ? below(from, high - low) : 0);

    return (uint32_t)((rank * 7919 + 13) % from->pages); /* the hot ones lie scattered */
}

static uint32_t loop_hot(struct generator *from, uint64_t step)
{
    uint32_t hot = from->frames / 2;

    if (hot >= from->pages)
        hot = from->pages / 2;
    return step % 4 ? below(from, hot) : hot + from->round++ % (from->pages - hot);
}

static uint32_t scan_hot(struct generator *from, uint64_t step)
{
    uint64_t phase = step % (SCAN_EVERY + from->pages);
    uint32_t hot = from->frames / 4;

    if (hot > from->pages)
        hot = from->pages;
    return phase < SCAN_EVERY ? below(from, hot) : (uint32_t)(phase - SCAN_EVERY);
}

static uint32_t transpose(const struct generator *from, uint64_t step)
{
    uint32_t half = from->pages / 2;
    uint64_t element = step / 2;

    return (uint32_t)(step % 2 ? half + element % half : element / BLOCKS % half);
}

static uint32_t next(struct generator *from, unsigned kind, uint64_t step)
{
    switch (kind) {
    case 1:
        return below(from, from->pages);
    case 2:
        return zipf(from);
    case 3:
        return loop_hot(from, step);
    case 4:
        return (uint32_t)(step / BLOCKS % from->pages);
    case 6:
        return scan_hot(from, step);
    case TRANSPOSE:
        return transpose(from, step);
    default: /* cyclic, matrix_col */
        return (uint32_t)(step % from->pages);
    }
}

bool string_generate(struct string *string, const char *kind, uint32_t pages,
                     uint32_t frames, uint32_t factor, bool warm)
{
    static struct generator from;
    unsigned number = 0;

    while (workload_names[number] && strcmp(workload_names[number], kind) != 0)
        number++;
    if (!workload_names[number] || pages < (number == TRANSPOSE ? 2 : 1))
        return false;
    bool matrix = number == 4 || number == 5 || number == TRANSPOSE;
    uint64_t total = (uint64_t)pages * (matrix ? TRAVERSALS * BLOCKS : factor);
    if (total > REFERENCES_MOST)
        refuse("a string has at most %d references", REFERENCES_MOST);
    from = (struct generator){pages, frames, 0x9e3779b97f4a7c15ull, 0, {0}};
    if (number == 2)
        zipf_begin(&from);
    for (uint32_t page = 0; warm && page < pages; page++)
        string_add(string, page, true);
    string->warm = string->count;
    for (uint64_t step = 0; step < total; step++)
        string_add(string, next(&from, number, step), true);
    return true;
}
