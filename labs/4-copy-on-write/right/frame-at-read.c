/* who reads a new page gets a frame at once. */

/* file: mm/demand_paging/fault.c */

static bool fault_unshare(struct fault *fault) REQUIRES(mm)
{
    bool zero = !page_is(fault->page) && !fault->region->shared;
    return !(zero || fault_wants_copy(fault)) || fault_copy(fault);
}
