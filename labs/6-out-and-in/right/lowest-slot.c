/* the lowest free slot is taken, and slots are taken back from the lowest frame. */

/* file: mm/replacement/swap.c */

static slot_t slot_search(void) REQUIRES(mm)
{
    for (slot_hand = 0; slot_hand < swap_counts.total; slot_hand++)
        if (!(slot_map[slot_hand / 64] >> slot_hand % 64 & 1))
            return (slot_t){slot_hand};
    return SLOT_NONE;
}

static slot_t slot_take_back(void) REQUIRES(mm)
{
    swap_cache_hand.number = 0;
    for (frame_t at = swap_cache_hand; at.number < nframes; at.number++) {
        struct frame *f = frame_get(at);
        if (f->state != FRAME_RESIDENT || f->pins || !slot_is(page_get(f->page)->slot))
            continue;
        slot_t slot = page_get(f->page)->slot;
        f->dirty = true;
        page_get(f->page)->slot = SLOT_NONE;
        return slot;
    }
    swap_cache_empty = true;
    return SLOT_NONE;
}
