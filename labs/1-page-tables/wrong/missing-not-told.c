/* how much is missing is told only below the root. */

/* file: mm/page_tables/table.c */

pte_t *table_seek(const struct page_table *tree, uintptr_t address, uintptr_t *missing)
{
    pte_t *table = table_of(tree->root);
    for (int level = TABLE_LEVELS; level > 1; level--) {
        if (!table_step(&table, address, level)) {
            if (level < TABLE_LEVELS)
                *missing = table_entry_span(level);
            return NULL;
        }
    }
    return &table[table_index(address, 1)];
}
