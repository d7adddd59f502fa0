/* as much is missing as the whole table maps in which an entry is. */

/* file: mm/page_tables/table.c */

pte_t *table_seek(const struct page_table *tree, uintptr_t address, uintptr_t *missing)
{
    pte_t *table = table_of(tree->root);
    for (int level = TABLE_LEVELS; level > 1; level--) {
        if (!table_step(&table, address, level)) {
            *missing = table_entry_span(level + 1);
            return NULL;
        }
    }
    return &table[table_index(address, 1)];
}
