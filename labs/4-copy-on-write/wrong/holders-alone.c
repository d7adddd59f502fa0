/* who is the only entry of a page writes in place, though it is a file's. */

/* file: mm/demand_paging/fault.c */

static bool fault_unshare(struct fault *fault) REQUIRES(mm)
{
    if (!(fault->access & ACCESS_WRITE) || fault->region->shared)
        return true;
    if (page_is(fault->page) && page_get(fault->page)->holders <= 1)
        return true;
    if (page_is(fault->page) && page_get(fault->page)->object != NULL &&
        page_get(fault->page)->holders <= 2 && pte_is_present(fault->old))
        return true;
    return fault_copy(fault);
}
