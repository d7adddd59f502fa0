/* looking is asking how much is missing, and that is always told. */

/* file: mm/page_tables/table.c */

pte_t *table_find(const struct page_table *tree, uintptr_t address)
{
    uintptr_t missing;
    return table_seek(tree, address, &missing);
}

pte_t *table_seek(const struct page_table *tree, uintptr_t address, uintptr_t *missing)
{
    pte_t *table = table_of(tree->root);
    *missing = PAGE_SIZE;
    for (int level = TABLE_LEVELS; level > 1; level--) {
        *missing = table_entry_span(level);
        if (!table_step(&table, address, level))
            return NULL;
    }
    return table + table_index(address, 1);
}
