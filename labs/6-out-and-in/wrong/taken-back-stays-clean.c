/* a page whose slot is taken back still counts as clean. */

/* file: mm/replacement/swap.c */

static slot_t slot_take_back(void) REQUIRES(mm)
{
    if (swap_cache_empty)
        return SLOT_NONE;
    for (uint32_t tried = 0; tried < nframes; tried++) {
        swap_cache_hand.number =
            swap_cache_hand.number + 1 < nframes ? swap_cache_hand.number + 1 : 0;
        struct frame *frame = frame_get(swap_cache_hand);
        if (frame->state != FRAME_RESIDENT || frame->pins > 0)
            continue;
        struct page *page = page_get(frame->page);
        slot_t slot = page->slot;
        if (slot_is(slot)) {
            page->slot = SLOT_NONE;
            trace_page(TRACE_SLOT, frame->page, swap_cache_hand, UINT32_MAX);
            return slot;
        }
    }
    swap_cache_empty = true;
    return SLOT_NONE;
}
