/* a page of a file is read again, though a frame still keeps it. */

/* file: mm/demand_paging/page_in.c */

static enum bring page_rescue(page_t page, struct charge *charge,
                              struct fault_report *report) REQUIRES(mm)
{
    frame_t frame = page_get(page)->frame;
    if (page_get(page)->object != NULL) {
        frame_forget(frame);
        page_lose_frame(page);
        return BRING_AGAIN;
    }
    if (!group_demand(charge))
        return BRING_NO_MEMORY;
    frame_rescue(frame);
    page_returned(page, charge);
    report->kind = FAULT_RESCUE;
    return BRING_RESIDENT;
}
