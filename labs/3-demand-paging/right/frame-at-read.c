/* who reads a new page gets a frame at once. */

/* file: mm/demand_paging/page_in.c */

enum bring page_in_zeroes(unsigned access, struct charge *charge, page_t *page,
                          frame_t *frame, struct fault_report *report)
{
    (void)access;
    report->kind = FAULT_ZERO_FILL;
    return page_create(charge, true, page, frame) ? BRING_RESIDENT : BRING_NO_MEMORY;
}
