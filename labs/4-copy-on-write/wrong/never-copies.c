/* a write never goes to a copy, only to a zero page's place. */

/* file: mm/demand_paging/fault.c */

static bool fault_unshare(struct fault *fault) REQUIRES(mm)
{
    bool named = page_is(fault->page) && page_get(fault->page)->object == NULL;
    return named || !fault_wants_copy(fault) || fault_copy(fault);
}
