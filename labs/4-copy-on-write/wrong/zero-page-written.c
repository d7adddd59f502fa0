/* the zero page itself is written to. */

/* file: mm/demand_paging/fault.c */

static bool fault_unshare(struct fault *fault) REQUIRES(mm)
{
    bool zero = !page_is(fault->page) && pte_is_present(fault->old);
    return zero || !fault_wants_copy(fault) || fault_copy(fault);
}
