/* the parent's entries lose D with the right to write, so that what was written is never written
 * out. */

/* file: mm/demand_paging/space_fork.c */

static bool fork_entry(const struct position *parent, const struct position *child,
                       const struct region *region, struct flush *flush) REQUIRES(mm)
{
    pte_t old = position_read(parent);
    if (!region->shared && pte_is_writable(old)) {
        position_clear_bits(parent, PTE_WRITABLE | PTE_DIRTY);
        flush_add(flush, position_address(parent));
    }
    uint64_t lost =
        PTE_REFERENCED | PTE_DIRTY | PTE_WIRED | (region->shared ? 0 : PTE_WRITABLE);
    if (!pte_is_zero_page(old))
        page_hold(frame_get(pte_frame(old))->page);
    position_copy(child, old, lost, PTE_AGE);
    return true;
}
