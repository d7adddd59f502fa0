/* neither side loses the right to write. */

/* file: mm/demand_paging/space_fork.c */

static bool fork_entry(const struct position *parent, const struct position *child,
                       const struct region *region, struct flush *flush) REQUIRES(mm)
{
    (void)region;
    pte_t old = position_read(parent);
    (void)flush;
    uint64_t lost = PTE_REFERENCED | PTE_DIRTY | PTE_WIRED;
    if (!pte_is_zero_page(old))
        page_hold(frame_get(pte_frame(old))->page);
    position_copy(child, old, lost, PTE_AGE);
    return true;
}
