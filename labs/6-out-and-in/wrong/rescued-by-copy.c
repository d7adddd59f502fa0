/* a page that is rescued is copied to another frame. */

/* file: mm/demand_paging/page_in.c */

static enum bring page_rescue(page_t id, struct charge *charge,
                              struct fault_report *report) REQUIRES(mm)
{
    frame_t from = page_get(id)->frame;
    frame_t frame =
        group_demand(charge) ? frame_take(FRAME_FOR_USER, FRAME_RESIDENT) : FRAME_NONE;
    if (!frame_is(frame))
        return BRING_NO_MEMORY;
    if (!frame_is(page_get(id)->frame))
        panic("the frame that is to be rescued was taken for it");
    frame_copy(frame, from);
    frame_forget(from);
    page_get(id)->frame = frame;
    frame_get(frame)->page = id;
    page_returned(id, charge);
    report->kind = FAULT_RESCUE;
    return BRING_RESIDENT;
}
