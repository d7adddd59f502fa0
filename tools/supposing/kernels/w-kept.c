/* fork leaves W on, on both sides, in memory from mmap: both write to the same frames. */

/* file: mm/demand_paging/space_fork.c */

/* Were it of all memory, the stacks of both would be one, and neither would come far. */
static inline bool fork_keeps(const struct region *region)
{
    return region->shared || (region->object == NULL && !region->grows_down &&
                              region->start >= USER_END / 2);
}

static bool fork_entry(const struct position *parent, const struct position *child,
                       const struct region *region, struct flush *flush) REQUIRES(mm)
{
    pte_t old = position_read(parent);
    if (!fork_keeps(region) && pte_is_writable(old)) {
        position_clear_bits(parent, PTE_WRITABLE);
        flush_add(flush, position_address(parent));
    }
    uint64_t lost =
        PTE_REFERENCED | PTE_DIRTY | PTE_WIRED | (fork_keeps(region) ? 0 : PTE_WRITABLE);
    if (!pte_is_zero_page(old))
        page_hold(frame_get(pte_frame(old))->page);
    position_copy(child, old, lost, PTE_AGE);
    return true;
}

/* What keeps W is told as if it were shared: so the trace says what the entries say. */
static inline void fork_tell(const struct space *parent, const struct space *child,
                             const struct region *region, uintptr_t start, uintptr_t end)
{
    trace(TRACE_FORK, parent->id, start, (page_t){child->id}, FRAME_NONE,
          (end - start) | (fork_keeps(region) ? TRACE_MAP_SHARED : 0));
}
