/* mm/page_tables/flush.c - the end of a batch: forget, then free.  See flush.h for the idea. */
#include "mm/page_tables/flush.h"

#include "mm/frames/frames.h"
#include "mm/page_tables/table.h"

void flush_begin(struct flush *flush, const struct page_table *tree)
{
    flush->root = tree->root;
    flush->count = 0;
    flush->to_free = FRAME_NONE;
}

void flush_begin_loaded(struct flush *flush)
{
    flush->root = FRAME_NONE;
    flush->count = 0;
    flush->to_free = FRAME_NONE;
}

/* Only of the space that is loaded does this processor remember anything. */
static void flush_here(const struct flush *flush)
{
    if (frame_is(flush->root) && !frame_same(flush->root, root_loaded()))
        return;
    if (flush->count > TLB_FLUSH_MAX)
        tlb_flush_user();
    else
        for (unsigned i = 0; i < flush->count; i++)
            tlb_flush_page(flush->addresses[i]);
}

void flush_end(struct flush *flush)
{
    mm_assert_locked();
    if (flush->count > 0) {
        flush_here(flush);
        if (processor_count > 1)
            tlb_flush_others(flush->root, flush->addresses, flush->count);
    }
    while (frame_is(flush->to_free)) {
        frame_t frame = flush->to_free;
        flush->to_free = frame_get(frame)->next;
        frame_free(frame);
    }
}

void flush_whole(const struct page_table *tree)
{
    uintptr_t first = 0;
    mm_assert_locked();
    if (processor_count > 1)
        tlb_flush_others(tree->root, &first, TLB_FLUSH_MAX + 1);
}
