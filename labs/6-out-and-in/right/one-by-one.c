/* page_in asks one question after the other, and a rescue is a part of it. */

/* file: mm/demand_paging/page_in.c */

/* without: page_rescue */

enum bring page_in(page_t page, struct charge *charge, struct fault_report *report)
{
    frame_t frame = page_get(page)->frame;
    if (page_is_resident(page))
        return BRING_RESIDENT;
    if (!frame_is(frame))
        return page_in_slot(page, charge, report);
    if (frame_get(frame)->state != FRAME_FREE) {
        page_in_wait(frame);
        return BRING_AGAIN;
    }
    report->kind = FAULT_RESCUE;
    if (!group_demand(charge))
        return BRING_NO_MEMORY;
    frame_rescue(frame);
    page_returned(page, charge);
    return BRING_RESIDENT;
}

/* file: mm/frames/frame.c */

void frame_rescue(frame_t frame)
{
    struct frame *f = frame_get(frame);
    frame_leave(frame);
    *f = (struct frame){.state = FRAME_RESIDENT,
                        .dirty = f->dirty,
                        .page = f->page,
                        .mappers = MAPPER_NONE};
}
