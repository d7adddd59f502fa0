/* a page whose frame is free is read into another frame, and the first still holds it, too. */

/* file: mm/demand_paging/page_in.c */

enum bring page_in(page_t page, struct charge *charge, struct fault_report *report)
{
    mm_assert_locked();
    frame_t frame = page_get(page)->frame;
    if (!frame_is(frame))
        return page_in_slot(page, charge, report);
    switch (frame_get(frame)->state) {
    case FRAME_RESIDENT:
        return BRING_RESIDENT;
    case FRAME_FREE:
        return slot_is(page_get(page)->slot) ? page_in_slot(page, charge, report)
                                             : page_rescue(page, charge, report);
    default:
        ASSERT(frame_get(frame)->state == FRAME_BUSY);
        page_in_wait(frame);
        return BRING_AGAIN;
    }
}
