/* a write to a new page finds the zero page, and copies it. */

/* file: mm/demand_paging/page_in.c */

enum bring page_in_zeroes(unsigned access, struct charge *charge, page_t *page,
                          frame_t *frame, struct fault_report *report)
{
    (void)access;
    if (group_counts(charge->group)) {
        report->kind = FAULT_ZERO_FILL;
        return page_create(charge, true, page, frame) ? BRING_RESIDENT : BRING_NO_MEMORY;
    }
    *frame = zero_frame;
    report->kind = FAULT_ZERO_PAGE;
    return BRING_RESIDENT;
}
