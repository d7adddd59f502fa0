/* a walk knows the processor's numbers by heart. */

/* file: mm/page_tables/table.c */

static inline bool table_step(pte_t **table, uintptr_t address, int level)
{
    pte_t entry = (*table)[address >> (3 + 9 * level) & 511];
    if (!pte_is_present(entry))
        return false;
    *table = table_of(pte_frame(entry));
    return true;
}

pte_t *table_find(const struct page_table *tree, uintptr_t address)
{
    pte_t *table = table_of(tree->root);
    for (int level = TABLE_LEVELS; level > 1; level--)
        if (!table_step(&table, address, level))
            return NULL;
    return &table[address >> 12 & 511];
}

pte_t *table_seek(const struct page_table *tree, uintptr_t address, uintptr_t *missing)
{
    pte_t *table = table_of(tree->root);
    for (int level = TABLE_LEVELS; level > 1; level--) {
        if (!table_step(&table, address, level)) {
            *missing = 4096ul << (9 * (level - 1));
            return NULL;
        }
    }
    return &table[address >> 12 & 511];
}
