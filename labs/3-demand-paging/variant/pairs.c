/* new memory comes so many pages at a time. */

/* file: mm/demand_paging/fault.c */

enum { TOGETHER = 2 }; /* pages */

/* One more new page, as the one that is touched. False: memory is short. */
static bool fault_bring_other(struct fault *fault, uintptr_t address) REQUIRES(mm)
{
    struct charge charge = {.group = fault->charge.group, .counted = false};
    unsigned access = region_page_access(fault->region, PAGE_NONE);
    struct fault_report report;
    struct position at;
    page_t page = PAGE_NONE;
    frame_t frame;
    if (frame_counts.free < frame_watermarks.high + 2 * TABLE_LEVELS ||
        !position_build(&at, &fault->space->table, address))
        return false;
    if (address == fault->address || !pte_is_zero(position_read(&at)))
        return true;
    if (page_in_zeroes(fault->access, &charge, &page, &frame, &report) != BRING_RESIDENT)
        return false;
    if (page_is(page)) {
        page_hold(page);
        access = region_page_access(fault->region, page);
    }
    position_install(&at, frame, access);
    return true;
}

static void fault_bring_others(struct fault *fault) REQUIRES(mm)
{
    const struct region *region = fault->region;
    uintptr_t start = fault->address & ~(uintptr_t)(TOGETHER * PAGE_SIZE - 1);
    for (uintptr_t at = start; at < start + TOGETHER * PAGE_SIZE; at += PAGE_SIZE)
        if (at >= region->start && at < region->end && !fault_bring_other(fault, at))
            return;
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
    if (fault->region->object == NULL && pte_is_zero(fault->old))
        fault_bring_others(fault);
    return true;
}
