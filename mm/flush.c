/* mm/flush.c - the end of a batch: forget, then free.  See mm/flush.h for the idea. */
#include "mm/flush.h"

#include "mm/lock.h"
#include "mm/space.h"

void flush_begin(struct flush *flush, const struct space *space)
{
    flush->live = frame_same(root_loaded(), space->root);
    flush->count = 0;
    flush->doomed = FRAME_NONE;
}

void flush_begin_loaded(struct flush *flush)
{
    flush->live = true;
    flush->count = 0;
    flush->doomed = FRAME_NONE;
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
    while (frame_is(flush->doomed)) {
        frame_t frame = flush->doomed;
        flush->doomed = frame_get(frame)->next;
        frame_free(frame);
    }
}
