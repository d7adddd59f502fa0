/* where the last entry is zero none is found. */

/* file: mm/page_tables/table.c */

pte_t *table_find(const struct page_table *tree, uintptr_t address)
{
    pte_t *table = table_of(tree->root);
    for (int level = TABLE_LEVELS; level > 1; level--)
        if (!table_step(&table, address, level))
            return NULL;
    return pte_is_zero(pte_read(&table[table_index(address, 1)]))
               ? NULL
               : &table[table_index(address, 1)];
}
