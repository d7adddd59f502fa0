/* the copy is said to be where its original is in the swap area. */

/* file: mm/demand_paging/fault.c */

static bool fault_copy(struct fault *fault) REQUIRES(mm)
{
    frame_t from = fault->frame;
    page_t old = fault->page;
    bool zeroes = frame_same(from, zero_frame);
    if (!page_create(&fault->charge, zeroes, &fault->page, &fault->frame))
        return fault_wait(fault);
    if (frame_same(fault->frame, from)) {
        page_end_alone(fault->page);
        return fault_again(fault);
    }
    if (!zeroes) {
        frame_copy(fault->frame, from);
        page_get(fault->page)->slot = page_get(old)->slot;
    }
    page_leave_entry(&fault->at);
    fault->old = PTE_ZERO;
    fault->report->kind = zeroes ? FAULT_ZERO_FILL : FAULT_COPY;
    fault->report->from = zeroes ? FRAME_NONE : from;
    return true;
}
