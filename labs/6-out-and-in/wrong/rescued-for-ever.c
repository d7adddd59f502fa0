/* a page that was rescued is not given back to its policy, and never goes again. */

/* file: mm/demand_paging/page_in.c */

static enum bring page_rescue(page_t page, struct charge *charge,
                              struct fault_report *report) REQUIRES(mm)
{
    if (!group_demand(charge))
        return BRING_NO_MEMORY;
    frame_t frame = page_get(page)->frame;
    frame_rescue(frame);
    page_returned(page, charge);
    group_remove(frame);
    frame_pin(frame);
    report->kind = FAULT_RESCUE;
    return BRING_RESIDENT;
}
