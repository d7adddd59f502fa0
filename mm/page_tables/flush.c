/* mm/page_tables/flush.c - the end of a batch: forget, then free.  See flush.h for the idea. */
#include "mm/page_tables/flush.h"

#include "mm/frames/frames.h"
#include "mm/page_tables/table.h"

void flush_begin(struct flush *flush, const struct page_table *tree)
{
    flush->live = frame_same(root_loaded(), tree->root);
    flush->count = 0;
    flush->to_free = FRAME_NONE;
}

void flush_begin_loaded(struct flush *flush)
{
    flush->live = true;
    flush->count = 0;
    flush->to_free = FRAME_NONE;
}

void flush_end(struct flush *flush)
{
    mm_assert_locked();
    if (flush->live && flush->count > TLB_FLUSH_MAX) {
        tlb_flush_user();
    } else if (flush->live) {
        for (unsigned i = 0; i < flush->count; i++)
            tlb_flush_page(flush->addresses[i]);
    }
    while (frame_is(flush->to_free)) {
        frame_t frame = flush->to_free;
        flush->to_free = frame_get(frame)->next;
        frame_free(frame);
    }
}
