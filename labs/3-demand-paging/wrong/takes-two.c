/* each new private page takes a second frame. */

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
    struct charge more = {.group = charge->group, .counted = false};
    page_t spare;
    if (group_has_room(&groups[more.group]) && page_create(&more, true, &spare, frame))
        page_hold(spare);
    return page_create(charge, true, page, frame) ? BRING_RESIDENT : BRING_NO_MEMORY;
}
