/* a page comes back though its group is at its limit. */

/* file: mm/demand_paging/page_in.c */

static enum bring page_rescue(page_t page, struct charge *charge,
                              struct fault_report *report) REQUIRES(mm)
{
    frame_rescue(page_get(page)->frame);
    page_returned(page, charge);
    groups[charge->group].rescued++;
    report->kind = FAULT_RESCUE;
    return BRING_RESIDENT;
}
