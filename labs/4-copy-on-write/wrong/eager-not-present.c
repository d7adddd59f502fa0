/* fork copies every page at once, and the child's entries only name the copies. */

/* file: mm/demand_paging/space_fork.c */

static inline uint32_t fork_page_frames(void)
{
    return 1;
}

static bool fork_entry(const struct position *parent, const struct position *child,
                       const struct region *region, struct flush *flush) REQUIRES(mm)
{
    pte_t old = position_read(parent);
    page_t page = pte_is_zero_page(old) ? PAGE_NONE : frame_get(pte_frame(old))->page;
    if (!region->shared && page_is(page) && page_get(page)->object == NULL) {
        struct charge charge = {.group = group_current, .counted = false};
        frame_t to;
        if (!page_create(&charge, false, &page, &to))
            return false;
        frame_copy(to, pte_frame(old));
        frame_get(to)->dirty = true;
        old.bits = (old.bits & ~PTE_ADDRESS) | (uint64_t)to.number << PAGE_SHIFT;
    }
    (void)flush;
    if (page_is(page))
        page_hold(page);
    if (!region->shared && page_is(page) && page_get(page)->object == NULL)
        position_copy(child, pte_name(page), 0, PTE_AGE);
    else
        position_copy(child, old, PTE_WIRED | PTE_DIRTY | PTE_REFERENCED, PTE_AGE);
    return true;
}
