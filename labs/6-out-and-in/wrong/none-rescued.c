/* what a free frame still holds is thrown away, and read again. */

/* file: mm/demand_paging/page_in.c */

/* without: page_rescue */

enum bring page_in(page_t page, struct charge *charge, struct fault_report *report)
{
    frame_t frame = page_get(page)->frame;
    bool stored = slot_is(page_get(page)->slot);
    if (page_is_resident(page))
        return BRING_RESIDENT;
    if (frame_is(frame) && frame_get(frame)->state == FRAME_BUSY) {
        page_in_wait(frame);
        return BRING_AGAIN;
    }
    if (frame_is(frame)) {
        frame_forget(frame);
        page_lose_frame(page);
    }
    return stored ? page_in_slot(page, charge, report) : BRING_AGAIN;
}
