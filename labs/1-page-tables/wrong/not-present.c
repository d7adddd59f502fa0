/* a walk goes on where no entry leads on. */

/* file: mm/page_tables/table.c */

static inline bool table_step(pte_t **table, uintptr_t address, int level)
{
    *table = table_of(pte_frame((*table)[table_index(address, level)]));
    return true;
}
