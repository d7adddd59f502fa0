/* a page that came back is found by the next look. */

/* file: mm/demand_paging/page_in.c */

static enum bring page_rescue(page_t page, struct charge *charge,
                              struct fault_report *report) REQUIRES(mm)
{
    if (!group_demand(charge))
        return BRING_NO_MEMORY;
    charge->counted = true;
    frame_rescue(page_get(page)->frame);
    page_returned(page, charge);
    (void)report;
    return BRING_AGAIN;
}
