/* a mapping shows its file from the first page, wherever it begins. */

/* file: mm/demand_paging/fault.c */

static bool fault_page(struct fault *fault) REQUIRES(mm)
{
    enum fault_kind kind = FAULT_RESIDENT;
    fault->page = PAGE_NONE;
    fault->frame = FRAME_NONE;
    if (pte_is_present(fault->old)) {
        kind = FAULT_SPURIOUS;
        fault->frame = pte_frame(fault->old);
        if (!pte_is_zero_page(fault->old))
            fault->page = frame_get(fault->frame)->page;
    } else if (!pte_is_zero(fault->old)) {
        fault->page = pte_page(fault->old);
    } else if (fault->region->object != NULL) {
        kind = FAULT_FILE;
        uint32_t index = (uint32_t)((fault->address - fault->region->start) / PAGE_SIZE);
        if ((uint64_t)index * PAGE_SIZE >= fault->region->object->size)
            return fault_refuse(fault, FAULT_BEYOND_END);
        fault->page = object_find(fault->region->object, index);
        if (!page_is(fault->page) && object_is_full(fault->region->object))
            return fault_refuse(fault, FAULT_LOST);
    }
    if (page_is(fault->page) && fault_frame_serves(fault))
        fault->frame = page_get(fault->page)->frame;
    if (!fault->report->major) /* else it slept, reading the page: it stays what it was */
        fault->report->kind = kind;
    fault_trace(fault, TRACE_PAGE, 0);
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
            object_fill(fault->region->object,
                        (uint32_t)((fault->address - fault->region->start) / PAGE_SIZE),
                        &fault->charge, &fault->page, fault->report);
    if (result == BRING_NO_MEMORY)
        return fault_wait(fault);
    if (result == BRING_ERROR)
        return fault_refuse(fault, FAULT_LOST);
    if (result == BRING_AGAIN)
        return fault_again(fault);
    if (page_is(fault->page))
        fault->frame = page_get(fault->page)->frame;
    fault_trace(fault, TRACE_FILL, fault->report->major);
    return true;
}
