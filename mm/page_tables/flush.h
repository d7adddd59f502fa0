/* mm/page_tables/flush.h - a batch of translations taken away, and the frames that wait for it.
 *
 * The processor may remember a translation (TLB) after its entry has changed. So whoever
 * takes rights away works in three beats, in this order and no other (X86-CHECKLIST 2, 3):
 * change the entry; flush; only then let go of what the entry led to. A struct flush
 * carries the addresses of the first beat and the frames of the third, and its end is the
 * second: one flush for many pages. With several processors the second beat is each one's
 * (arch/shootdown.c). */
#ifndef MM_FLUSH_H
#define MM_FLUSH_H

#include "mm/frames/frames.h"

struct page_table;

struct flush {
    frame_t root; /* of the space whose translations they are; FRAME_NONE: of any */
    unsigned count;
    frame_t to_free; /* frames to free after the flush, chained through `next` */
    uintptr_t addresses[TLB_FLUSH_MAX];
};

void flush_begin(struct flush *flush, const struct page_table *tree) REQUIRES(mm);
/* The same for translations that may be any space's. */
void flush_begin_loaded(struct flush *flush);
/* Flush, then free those frames. Every flush_begin needs one, before the mm lock is
 * released or user code runs. */
void flush_end(struct flush *flush) REQUIRES(mm);
/* A tree ends, which this processor has not loaded: others forget all of it. */
void flush_whole(const struct page_table *tree) REQUIRES(mm);

/* The translation of `address` was downgraded. */
static inline void flush_add(struct flush *flush, uintptr_t address)
{
    if (flush->count < TLB_FLUSH_MAX)
        flush->addresses[flush->count] = address;
    flush->count++;
}

/* What is added next is of the space with this root. If that is another than that of what is there,
 * or than the one that the batch has begun with, all together is of any. */
static inline void flush_of(struct flush *flush, frame_t root)
{
    if (flush->count == 0 && !frame_is(flush->root))
        flush->root = root;
    else if (!frame_same(flush->root, root))
        flush->root = FRAME_NONE;
}

/* Free the frame once the flush is done. */
static inline void flush_free(struct flush *flush, frame_t frame) REQUIRES(mm)
{
    frame_get(frame)->next = flush->to_free;
    flush->to_free = frame;
}

#endif
