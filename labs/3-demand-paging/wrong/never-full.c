/* there is always room for one page more of a file. */

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
        uint32_t index = region_index(fault->region, fault->address);
        if ((uint64_t)index * PAGE_SIZE >= fault->region->object->size)
            return fault_refuse(fault, FAULT_BEYOND_END);
        fault->page = object_find(fault->region->object, index);
    }
    if (page_is(fault->page) && fault_frame_serves(fault))
        fault->frame = page_get(fault->page)->frame;
    if (!fault->report->major) /* else it slept, reading the page: it stays what it was */
        fault->report->kind = kind;
    fault_trace(fault, TRACE_PAGE, 0);
    return true;
}
