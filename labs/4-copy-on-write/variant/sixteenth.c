/* fork copies a page at once if its number is the one in so many. */

/* file: mm/demand_paging/space_fork.c */

static inline uint32_t fork_page_frames(void)
{
    return 0;
}

/* It has a frame of its own, and is one of those that are copied at once. */
static bool fork_copies(const struct position *parent, pte_t old) REQUIRES(mm)
{
    return position_address(parent) / PAGE_SIZE % 16 == 0 && !pte_is_zero_page(old) &&
           page_get(frame_get(pte_frame(old))->page)->object == NULL;
}

static bool fork_entry(const struct position *parent, const struct position *child,
                       const struct region *region, struct flush *flush) REQUIRES(mm)
{
    pte_t old = position_read(parent);
    page_t page = pte_is_zero_page(old) ? PAGE_NONE : frame_get(pte_frame(old))->page;
    if (!region->shared && fork_copies(parent, old)) {
        struct charge charge = {.group = group_current, .counted = false};
        frame_t to;
        if (!page_create(&charge, false, &page, &to))
            return false;
        frame_copy(to, pte_frame(old));
        frame_get(to)->dirty = true;
        old.bits = (old.bits & ~PTE_ADDRESS) | (uint64_t)to.number << PAGE_SHIFT;
    } else if (!region->shared && pte_is_writable(old)) {
        position_clear_bits(parent, PTE_WRITABLE);
        flush_add(flush, position_address(parent));
        old.bits &= ~PTE_WRITABLE;
    }
    if (page_is(page))
        page_hold(page);
    position_copy(child, old, PTE_WIRED | PTE_DIRTY | PTE_REFERENCED, PTE_AGE);
    return true;
}
