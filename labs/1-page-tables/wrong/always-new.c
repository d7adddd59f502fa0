/* a last table is built although there is one. */

/* file: mm/page_tables/table.c */

pte_t *table_build(struct page_table *tree, uintptr_t address)
{
    pte_t *table = table_of(tree->root);
    for (int level = TABLE_LEVELS; level > 2; level--)
        if (!table_step(&table, address, level))
            return table_build_below(tree, address, table, level);
    return table_build_below(tree, address, table, 2);
}
