/* rights are never looked at. */

/* file: mm/demand_paging/fault.c */

static bool fault_region(struct fault *fault) REQUIRES(mm)
{
    struct region *region = region_find(fault->space, fault->address);
    if (region == NULL)
        region = region_grow_stack(fault->space, fault->address);
    /* x86 cannot grant writing or executing without reading: any right grants it. */
    unsigned granted = region == NULL ? 0 : region->access;
    fault_trace(fault, TRACE_REGION, granted);
    if (region == NULL)
        return fault_refuse(fault, FAULT_NO_REGION);
    (void)fault_may_force;
    fault->region = region;
    return true;
}
