/* the copy holds whatever was in the frame. */

/* file: mm/demand_paging/fault.c */

static bool fault_copy(struct fault *fault) REQUIRES(mm)
{
    frame_t from = fault->frame;
    bool zeroes = frame_same(from, zero_frame);
    if (!page_create(&fault->charge, zeroes, &fault->page, &fault->frame))
        return fault_wait(fault);
    if (frame_same(fault->frame, from)) {
        page_end_alone(fault->page);
        return fault_again(fault);
    }
    if (!zeroes) {
        frame_get(fault->frame)->dirty = true;
    }
    page_leave_entry(&fault->at);
    fault->old = PTE_ZERO;
    fault->report->kind = zeroes ? FAULT_ZERO_FILL : FAULT_COPY;
    fault->report->from = zeroes ? FRAME_NONE : from;
    return true;
}
