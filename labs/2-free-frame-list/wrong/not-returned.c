/* a page comes back and is charged to no group. */

/* file: mm/demand_paging/page_in.c */

static enum bring page_rescue(page_t page, struct charge *charge,
                              struct fault_report *report) REQUIRES(mm)
{
    if (!group_demand(charge))
        return BRING_NO_MEMORY;
    frame_rescue(page_get(page)->frame);
    groups[charge->group].rescued++;
    report->kind = FAULT_RESCUE;
    return BRING_RESIDENT;
}
