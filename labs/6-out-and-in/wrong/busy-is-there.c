/* a page that is on its way counts as resident. */

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
        return page_rescue(page, charge, report);
    default:
        return BRING_RESIDENT;
    }
}
