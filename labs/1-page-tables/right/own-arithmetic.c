/* indexes are worked out by shifting the address, level by level. */

/* file: mm/page_tables/table.c */

static inline bool table_step(pte_t **table, uintptr_t address, int level)
{
    uintptr_t rest = address >> PAGE_SHIFT;
    while (level-- > 1)
        rest >>= TABLE_BITS;
    pte_t entry = (*table)[rest % TABLE_ENTRIES];
    if (!pte_is_present(entry))
        return false;
    *table = frame_data(pte_frame(entry));
    return true;
}
