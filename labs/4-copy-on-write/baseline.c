/* fork copies each private page at once. What still comes to be shared (pages of files, pages
 * that are only named) is copied at the next fault there, whatever the access. Any of these
 * functions may be replaced alone. */

/* file: mm/demand_paging/space_fork.c */

static inline uint32_t fork_page_frames(void)
{
    return 1;
}

static bool fork_entry(const struct position *parent, const struct position *child,
                       const struct region *region, struct flush *flush) REQUIRES(mm)
{
    (void)flush;
    pte_t entry = position_read(parent);
    page_t page = pte_is_zero_page(entry) ? PAGE_NONE : frame_get(pte_frame(entry))->page;
    if (!region->shared && page_is(page) && page_get(page)->object == NULL) {
        struct charge charge = {.group = group_current, .counted = false};
        frame_t to;
        if (!page_create(&charge, false, &page, &to))
            return false;
        frame_copy(to, pte_frame(entry));
        frame_get(to)->dirty = true;
        entry.bits = (entry.bits & ~PTE_ADDRESS) | (uint64_t)to.number << PAGE_SHIFT;
    }
    if (page_is(page))
        page_hold(page);
    position_copy(child, entry, PTE_WIRED | PTE_DIRTY | PTE_REFERENCED, PTE_AGE);
    return true;
}

/* file: mm/demand_paging/fault.c */

/* Whole, zeroes too. */
static bool fault_copy(struct fault *fault) REQUIRES(mm)
{
    page_t page;
    frame_t to;
    if (!page_create(&fault->charge, false, &page, &to))
        return fault_wait(fault);
    if (frame_same(to, fault->frame)) { /* it was the last free one */
        page_end_alone(page);
        return fault_again(fault);
    }
    frame_copy(to, fault->frame);
    page_leave_entry(&fault->at);
    fault->old = PTE_ZERO;
    fault->page = page;
    fault->frame = to;
    frame_get(to)->dirty = true;
    fault->report->kind = FAULT_COPY;
    return true;
}

static bool fault_unshare(struct fault *fault) REQUIRES(mm)
{
    bool alone = fault->region->shared || !page_needs_copy(fault->page);
    bool there = page_is(fault->page) && pte_is_present(fault->old); /* it was copied already */
    if (alone || there || (!page_is(fault->page) && fault->access == ACCESS_READ))
        return true;
    return fault_copy(fault);
}
