/* the fault handler comes back without having done anything. */

/* file: mm/demand_paging/fault.c */

static bool fault_unshare(struct fault *fault) REQUIRES(mm)
{
    (void)fault_copy;
    return !fault_wants_copy(fault) || fault_refuse(fault, FAULT_DONE);
}
