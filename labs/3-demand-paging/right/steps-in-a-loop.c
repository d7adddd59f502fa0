/* the fill is tried in a loop of its own until it has slept. */

/* file: mm/demand_paging/fault.c */

static bool fault_fill(struct fault *fault) REQUIRES(mm)
{
    while (!frame_is(fault->frame)) {
        enum bring result;
        if (page_is(fault->page))
            result = page_in(fault->page, &fault->charge, fault->report);
        else if (fault->region->object != NULL)
            result = object_fill(fault->region->object,
                                 region_index(fault->region, fault->address),
                                 &fault->charge, &fault->page, fault->report);
        else
            result = page_in_zeroes(fault->access, &fault->charge, &fault->page,
                                    &fault->frame, fault->report);
        if (result == BRING_NO_MEMORY)
            return fault_wait(fault);
        if (result == BRING_AGAIN)
            return fault_again(fault);
        if (result != BRING_RESIDENT)
            return fault_refuse(fault, FAULT_LOST);
        if (page_is(fault->page))
            fault->frame = page_get(fault->page)->frame;
    }
    return true;
}
