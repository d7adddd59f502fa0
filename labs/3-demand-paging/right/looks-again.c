/* a page that was brought is looked for once more, from the first step. */

/* file: mm/demand_paging/fault.c */

static bool fault_fill(struct fault *fault) REQUIRES(mm)
{
    if (frame_is(fault->frame))
        return true;
    const struct region *region = fault->region;
    enum bring result;
    if (!page_is(fault->page) && region->object == NULL) {
        result = page_in_zeroes(fault->access, &fault->charge, &fault->page, &fault->frame,
                                fault->report);
        return result == BRING_RESIDENT || fault_wait(fault);
    }
    if (page_is(fault->page))
        result = page_in(fault->page, &fault->charge, fault->report);
    else
        result = object_fill(region->object, region_index(region, fault->address),
                             &fault->charge, &fault->page, fault->report);
    switch (result) {
    case BRING_NO_MEMORY:
        return fault_wait(fault);
    case BRING_ERROR:
        return fault_refuse(fault, FAULT_LOST);
    default:
        return fault_again(fault);
    }
}
