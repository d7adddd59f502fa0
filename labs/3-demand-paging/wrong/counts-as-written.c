/* new private memory that was only read takes memory, and counts as written. */

/* file: mm/demand_paging/page_in.c */

enum bring page_in_zeroes(unsigned access, struct charge *charge, page_t *page,
                          frame_t *frame, struct fault_report *report)
{
    (void)access;
    report->kind = FAULT_ZERO_FILL;
    if (!page_create(charge, true, page, frame))
        return BRING_NO_MEMORY;
    frame_get(*frame)->dirty = true;
    return BRING_RESIDENT;
}
