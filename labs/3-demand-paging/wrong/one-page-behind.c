/* the page just behind a region belongs to it. */

/* file: mm/demand_paging/fault.c */

static bool fault_region(struct fault *fault) REQUIRES(mm)
{
    struct region *region = region_find(fault->space, fault->address);
    if (region == NULL)
        region = region_find(fault->space, fault->address - PAGE_SIZE);
    if (region == NULL)
        region = region_grow_stack(fault->space, fault->address);
    /* x86 cannot grant writing or executing without reading: any right grants it. */
    unsigned granted = region == NULL ? 0 : region->access;
    fault_trace(fault, TRACE_REGION, granted);
    if (region == NULL)
        return fault_refuse(fault, FAULT_NO_REGION);
    if ((fault->access == ACCESS_READ ? granted == 0 : !(granted & fault->access)) &&
        !fault_may_force(region, fault->access))
        return fault_refuse(fault, FAULT_NO_ACCESS);
    fault->region = region;
    return true;
}
