/* rights are looked at one by one, and the end of a file in pages. */

/* file: mm/demand_paging/fault.c */

static bool fault_region(struct fault *fault) REQUIRES(mm)
{
    struct region *region = region_find(fault->space, fault->address);
    if (region == NULL && region_grow_stack(fault->space, fault->address) != NULL)
        region = region_find(fault->space, fault->address);
    if (region == NULL)
        return fault_refuse(fault, FAULT_NO_REGION);
    fault->region = region;
    bool granted = true;
    if (fault->access & ACCESS_WRITE)
        granted = (region->access & ACCESS_WRITE) != 0;
    if (fault->access & ACCESS_EXECUTE)
        granted = (region->access & ACCESS_EXECUTE) != 0;
    granted = granted && region->access != 0;
    if (granted || fault_may_force(region, fault->access))
        return true;
    return fault_refuse(fault, FAULT_NO_ACCESS);
}

static bool fault_page(struct fault *fault) REQUIRES(mm)
{
    struct object *object = fault->region->object;
    uint32_t index = region_index(fault->region, fault->address);
    enum fault_kind kind = FAULT_RESIDENT;
    fault->page = PAGE_NONE;
    fault->frame = FRAME_NONE;
    if (pte_is_zero(fault->old) && object != NULL) {
        uint64_t pages = (object->size + PAGE_SIZE - 1) / PAGE_SIZE;
        if (index >= pages)
            return fault_refuse(fault, FAULT_BEYOND_END);
        kind = FAULT_FILE;
        fault->page = object_find(object, index);
        if (!page_is(fault->page) && object_is_full(object))
            return fault_refuse(fault, FAULT_LOST);
    }
    if (!pte_is_zero(fault->old) && !pte_is_present(fault->old))
        fault->page = pte_page(fault->old);
    if (pte_is_present(fault->old)) {
        kind = FAULT_SPURIOUS;
        fault->frame = pte_frame(fault->old);
        fault->page = frame_get(fault->frame)->page;
    }
    if (page_is(fault->page) && fault_frame_serves(fault))
        fault->frame = page_get(fault->page)->frame;
    if (!fault->report->major)
        fault->report->kind = kind;
    return true;
}
