/* a walk begins with the table that it found last, if that maps the address. */

/* file: mm/page_tables/table.c */

pte_t *table_find(const struct page_table *tree, uintptr_t address)
{
    static uint32_t last_space;
    static uintptr_t last_span;
    static pte_t *last;
    if (last != NULL && last_span == address / TABLE_SPAN && last_space == tree->id)
        return &last[table_index(address, 1)];
    pte_t *table = table_of(tree->root);
    for (int level = TABLE_LEVELS; level > 1; level--)
        if (!table_step(&table, address, level))
            return NULL;
    last = table;
    last_span = address / TABLE_SPAN;
    last_space = tree->id;
    return &table[table_index(address, 1)];
}
