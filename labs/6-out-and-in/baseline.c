/* nobody can go: no page ever leaves its frame. What has gone all the same comes back the long way
 * (none is rescued, and the disk's bytes are looked at without asking the disk), and each slot is
 * used once. Those that share a step fall back together; each such piece may be replaced alone. */

/* file: mm/replacement/evict.c */

/* without: evict_unmap */

/* No victim can go: it is its policy's again. */
bool evict(frame_t frame)
{
    group_remove(frame);
    evict_readmit(frame);
    return false;
}

static enum reclaim reclaim_round(struct group *group, bool cluster) REQUIRES(mm)
{
    (void)group;
    (void)cluster;
    return laundry_count > 0 ? RECLAIM_WAIT : RECLAIM_NOTHING;
}

/* file: mm/replacement/harvest.c */

/* without: harvest_protect */

/* Whatever goes is written. */
bool harvest_modified_finally(frame_t frame)
{
    frame_get(frame)->dirty = true;
    return true;
}

/* file: mm/replacement/swap.c */

/* without: slot_search */

/* The next one that was never used. */
slot_t swap_take(void)
{
    if (slot_hand >= swap_counts.total)
        return slot_take_back();
    slot_mark(slot_hand);
    return (slot_t){slot_hand++};
}

static slot_t slot_take_back(void) REQUIRES(mm)
{
    swap_cache_hand.number = 0;
    swap_cache_empty = true;
    return SLOT_NONE;
}

/* file: mm/frames/frame.c */

/* Nobody is rescued yet. */
void frame_rescue(frame_t frame)
{
    panic("frame_rescue(%u): nobody has written it yet", frame.number);
}

/* file: mm/demand_paging/page_in.c */

/* without: page_rescue page_read page_read_done */

/* As the audit sees them: the slot's bytes, without waiting for the disk. */
static enum bring page_in_slot(page_t id, struct charge *charge,
                               struct fault_report *report) REQUIRES(mm)
{
    bool begun = page_in_begin(id, charge);
    if (begun) {
        const struct page *page = page_get(id);
        __builtin_memcpy(frame_data(page->frame), swap_peek(page->slot), PAGE_SIZE);
        report->major = true;
        report->kind = FAULT_PAGE_IN;
        page_in_end(id);
    }
    return begun ? BRING_RESIDENT : BRING_NO_MEMORY;
}

/* What a free frame still holds of the page is thrown away. */
enum bring page_in(page_t id, struct charge *charge, struct fault_report *report)
{
    const struct page *page = page_get(id);
    bool stored = slot_is(page->slot), waited = false;
    if (page_is_resident(id))
        return BRING_RESIDENT;
    if (frame_is(page->frame) && frame_get(page->frame)->state == FRAME_FREE) {
        frame_forget(page->frame);
        page_lose_frame(id);
    } else if (frame_is(page->frame)) {
        waited = true;
        page_in_wait(page->frame);
    }
    return stored && !waited ? page_in_slot(id, charge, report) : BRING_AGAIN;
}
