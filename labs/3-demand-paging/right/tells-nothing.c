/* nothing is told of what was done: no kinds, no trace. */

/* file: mm/demand_paging/fault.c */

static bool fault_page(struct fault *fault) REQUIRES(mm)
{
    fault->page = PAGE_NONE;
    fault->frame = FRAME_NONE;
    fault->report->kind = FAULT_RESIDENT;
    if (pte_is_present(fault->old)) {
        fault->report->kind = FAULT_SPURIOUS;
        fault->frame = pte_frame(fault->old);
        if (!pte_is_zero_page(fault->old))
            fault->page = frame_get(fault->frame)->page;
        return true;
    }
    struct object *object = fault->region->object;
    if (!pte_is_zero(fault->old)) {
        fault->page = pte_page(fault->old);
    } else if (object != NULL) {
        uint64_t at = region_index(fault->region, fault->address);
        if (at << PAGE_SHIFT >= object->size)
            return fault_refuse(fault, FAULT_BEYOND_END);
        fault->page = object_find(object, (uint32_t)at);
        if (!page_is(fault->page) && object_is_full(object))
            return fault_refuse(fault, FAULT_LOST);
    }
    if (page_is(fault->page) && fault_frame_serves(fault))
        fault->frame = page_get(fault->page)->frame;
    return true;
}

/* file: mm/demand_paging/object.c */

enum bring object_fill(struct object *object, uint32_t index, struct charge *charge,
                       page_t *page, struct fault_report *report)
{
    frame_t frame;
    (void)report;
    if (!page_create(charge, true, page, &frame))
        return BRING_NO_MEMORY;
    object_insert(object, index, *page);
    if ((uint64_t)index * PAGE_SIZE >= object->backed)
        return BRING_RESIDENT;
    return object_fill_from_device(object, index, *page, frame);
}
