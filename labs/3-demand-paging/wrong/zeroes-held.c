/* a new private page has a holder that nobody is. */

/* file: mm/demand_paging/page_in.c */

enum bring page_in_zeroes(unsigned access, struct charge *charge, page_t *page,
                          frame_t *frame, struct fault_report *report)
{
    if (!(access & ACCESS_WRITE) && !group_counts(charge->group)) {
        *frame = zero_frame;
        report->kind = FAULT_ZERO_PAGE;
        return BRING_RESIDENT;
    }
    report->kind = FAULT_ZERO_FILL;
    if (!page_create(charge, true, page, frame))
        return BRING_NO_MEMORY;
    page_hold(*page);
    return BRING_RESIDENT;
}
