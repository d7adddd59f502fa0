/* a page that two hold is written in place. */

/* file: mm/demand_paging/fault.c */

static bool fault_unshare(struct fault *fault) REQUIRES(mm)
{
    bool alone = page_is(fault->page) && page_get(fault->page)->object == NULL &&
                 page_get(fault->page)->holders <= 2;
    return alone || !fault_wants_copy(fault) || fault_copy(fault);
}
