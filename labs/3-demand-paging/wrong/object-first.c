/* the object is asked to bring a page that is there already. */

/* file: mm/demand_paging/fault.c */

static bool fault_fill(struct fault *fault) REQUIRES(mm)
{
    enum bring result;
    if (frame_is(fault->frame))
        return true;
    if (fault->region->object == NULL && page_is(fault->page))
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
    fault_trace(fault, TRACE_FILL, fault->report->major);
    return true;
}
