/* a rescue does not ask whether the group has room for the frame. */

/* file: mm/demand_paging/page_in.c */

static enum bring page_rescue(page_t page, struct charge *charge,
                              struct fault_report *report) REQUIRES(mm)
{
    group_demand(charge);
    frame_rescue(page_get(page)->frame);
    page_returned(page, charge);
    groups[charge->group].rescued++;
    report->kind = FAULT_RESCUE;
    return BRING_RESIDENT;
}
