/* a frame that comes back is taken off its list by hand, and its page is asked first. */

/* file: mm/frames/frame.c */

void frame_rescue(frame_t frame)
{
    struct frame *f = frame_get(frame);
    ASSERT(f->state == FRAME_FREE && f->pins == 0);
    queue_remove(&lists[FRAME_LIST_KEPT], frame);
    frame_counts.kept--;
    if (--frame_counts.free < frame_watermarks.low)
        pageout_wake();
    f->referenced = f->recent = false;
    f->history = 0;
    f->mappers = MAPPER_NONE;
    f->state = FRAME_RESIDENT;
}

/* file: mm/demand_paging/page_in.c */

static enum bring page_rescue(page_t page, struct charge *charge,
                              struct fault_report *report) REQUIRES(mm)
{
    frame_t frame = page_get(page)->frame;
    ASSERT(frame_same(page_get(frame_get(frame)->page)->frame, frame));
    bool room = group_demand(charge);
    if (room) {
        report->kind = FAULT_RESCUE;
        frame_rescue(frame);
        groups[charge->group].rescued++;
        page_returned(page, charge);
    }
    return room ? BRING_RESIDENT : BRING_NO_MEMORY;
}
