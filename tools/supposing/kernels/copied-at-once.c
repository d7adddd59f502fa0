/* fork copies each private page that the parent has, at once. */

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

/* The entries are told as shared ones are, which lose nothing; and then what the child's say. */
static inline void fork_tell(const struct space *parent, const struct space *child,
                             const struct region *region, uintptr_t start, uintptr_t end)
    REQUIRES(mm)
{
    trace(TRACE_FORK, parent->id, start, (page_t){child->id}, FRAME_NONE,
          (end - start) | TRACE_MAP_SHARED);
    struct position at;
    position_begin(&at, &child->table, start, region->shared ? start : end);
    for (; position_find(&at); position_step(&at))
        trace_range(TRACE_ENTRY, child->id, position_address(&at), position_read(&at).bits);
}
