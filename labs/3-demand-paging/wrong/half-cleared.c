/* only the first half of a new private page is cleared. */

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
    if (!page_create(charge, false, page, frame))
        return BRING_NO_MEMORY;
    __builtin_memset(frame_data(*frame), 0, PAGE_SIZE / 2);
    return BRING_RESIDENT;
}
