/* who faults too often gets one frame more. */

/* file: mm/frame_allocation/allocation.c */

static uint32_t adjusted(const struct claim *claim, struct allocation_bounds bounds)
{
    uint32_t share = claim->share;
    if (share == 0)
        return claim->minimum;
    if (claim->judged && claim->fault_rate > bounds.upper)
        share += 1;
    else if (claim->judged && claim->fault_rate < bounds.lower)
        share -= share / 16 + 1;
    return share > claim->minimum ? share : claim->minimum;
}
