/* what was built in vain is given back at once. */

/* file: mm/page_tables/table.c */

/* Give back the tables above that were built in vain. */
static void table_trim_alone(struct page_table *tree, uintptr_t address) REQUIRES(mm)
{
    pte_t *above[TABLE_LEVELS];
    pte_t *table = table_of(tree->root);
    int lowest = TABLE_LEVELS;
    while (lowest > 1) {
        pte_t *entry = &table[table_index(address, lowest)];
        if (!table_step(&table, address, lowest))
            break;
        above[--lowest] = entry;
    }
    for (int level = lowest; level < TABLE_LEVELS; level++) {
        frame_t empty = pte_frame(*above[level]);
        if (frame_get(empty)->used > 0)
            return;
        pte_exchange(above[level], PTE_ZERO);
        frame_get(frame_of_data(above[level]))->used--;
        table_uncharge(tree);
        frame_get(empty)->zeroed = true;
        frame_free(empty);
    }
}
