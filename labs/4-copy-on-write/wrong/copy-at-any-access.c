/* a page that others hold is copied at any fault, a read too. */

/* file: mm/demand_paging/fault.c */

static bool fault_unshare(struct fault *fault) REQUIRES(mm)
{
    if (fault->region->shared || !page_is(fault->page))
        return !fault_wants_copy(fault) || fault_copy(fault);
    if (page_needs_copy(fault->page))
        return fault_copy(fault);
    if (pte_is_present(fault->old))
        fault->report->kind = FAULT_REUSE;
    return true;
}
