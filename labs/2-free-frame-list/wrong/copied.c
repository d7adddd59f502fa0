/* a page comes back as a copy in another frame. */

/* file: mm/demand_paging/page_in.c */

static enum bring page_rescue(page_t page, struct charge *charge,
                              struct fault_report *report) REQUIRES(mm)
{
    if (!group_demand(charge))
        return BRING_NO_MEMORY;
    frame_t from = page_get(page)->frame;
    frame_t to = frame_take(FRAME_FOR_USER, FRAME_RESIDENT);
    if (!frame_is(to))
        return BRING_NO_MEMORY;
    if (frame_same(from, to))
        return BRING_AGAIN;
    frame_copy(to, from);
    frame_forget(from);
    page_get(page)->frame = to;
    frame_get(to)->page = page;
    page_returned(page, charge);
    report->kind = FAULT_RESCUE;
    return BRING_RESIDENT;
}
