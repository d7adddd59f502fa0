/* a page that its frame still keeps is read from its slot all the same. */

/* file: mm/demand_paging/page_in.c */

static enum bring page_rescue(page_t page, struct charge *charge,
                              struct fault_report *report) REQUIRES(mm)
{
    (void)charge, (void)report;
    frame_forget(page_get(page)->frame);
    page_lose_frame(page);
    return BRING_AGAIN;
}
