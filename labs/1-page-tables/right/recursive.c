/* the walk goes down by itself, table by table. */

/* file: mm/page_tables/table.c */

/* The entry at level 1, from a table on; the level at which there is none goes to *level. */
static pte_t *table_down(pte_t *table, uintptr_t address, int *level)
{
    pte_t *entry = &table[table_index(address, *level)];
    if (*level == 1)
        return entry;
    if (!pte_is_present(pte_read(entry)))
        return NULL;
    --*level;
    return table_down(table_of(pte_frame(pte_read(entry))), address, level);
}

static inline bool table_step(pte_t **table, uintptr_t address, int level)
{
    const pte_t entry = pte_read(*table + table_index(address, level));
    if (pte_is_present(entry))
        *table = table_of(pte_frame(entry));
    return pte_is_present(entry);
}

pte_t *table_find(const struct page_table *tree, uintptr_t address)
{
    int level = TABLE_LEVELS;
    return table_down(table_of(tree->root), address, &level);
}

pte_t *table_seek(const struct page_table *tree, uintptr_t address, uintptr_t *missing)
{
    int level = TABLE_LEVELS;
    pte_t *found = table_down(table_of(tree->root), address, &level);
    if (found == NULL)
        *missing = table_entry_span(level);
    return found;
}
