/* a build walks from the root again for each table. */

/* file: mm/page_tables/table.c */

/* without: table_build_below */

pte_t *table_build(struct page_table *tree, uintptr_t address)
{
    pte_t *found;
    while ((found = table_find(tree, address)) == NULL) {
        pte_t *table = table_of(tree->root);
        int level = TABLE_LEVELS;
        while (table_step(&table, address, level))
            level--;
        frame_t below = table_create(tree, address, level - 1);
        if (!frame_is(below)) {
            table_trim_alone(tree, address);
            return NULL;
        }
        pte_exchange(&table[table_index(address, level)], pte_table(below));
        frame_get(frame_of_data(table))->used++;
    }
    return found;
}
