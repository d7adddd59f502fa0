/* the first touch of new memory brings all of the region. */

/* file: mm/demand_paging/fault.c */

/* One more new page of zeroes. */
static bool fault_bring_beside(struct fault *fault, uintptr_t address) REQUIRES(mm)
{
    struct charge charge = {.group = fault->charge.group, .counted = false};
    struct fault_report report;
    struct position at;
    page_t page = PAGE_NONE;
    frame_t frame;
    if (frame_counts.free < frame_watermarks.high + 2 * TABLE_LEVELS ||
        !position_build(&at, &fault->space->table, address))
        return false;
    if (address == fault->address || !pte_is_zero(position_read(&at)))
        return true;
    if (page_in_zeroes(ACCESS_WRITE, &charge, &page, &frame, &report) != BRING_RESIDENT)
        return false;
    page_hold(page);
    position_install(&at, frame, region_page_access(fault->region, page));
    return true;
}

static bool fault_fill(struct fault *fault) REQUIRES(mm)
{
    enum bring result;
    if (frame_is(fault->frame))
        return true;
    if (page_is(fault->page))
        result = page_in(fault->page, &fault->charge, fault->report);
    else if (fault->region->object == NULL)
        result = page_in_zeroes(fault->access, &fault->charge, &fault->page, &fault->frame,
                                fault->report);
    else
        result =
            object_fill(fault->region->object, region_index(fault->region, fault->address),
                        &fault->charge, &fault->page, fault->report);
    if (result == BRING_NO_MEMORY)
        return fault_wait(fault);
    if (result == BRING_ERROR)
        return fault_refuse(fault, FAULT_LOST);
    if (result == BRING_AGAIN)
        return fault_again(fault);
    if (page_is(fault->page))
        fault->frame = page_get(fault->page)->frame;
    uintptr_t at = fault->region->object == NULL && pte_is_zero(fault->old)
                       ? fault->region->start
                       : fault->region->end;
    while (at < fault->region->end && fault_bring_beside(fault, at))
        at += PAGE_SIZE;
    return true;
}
