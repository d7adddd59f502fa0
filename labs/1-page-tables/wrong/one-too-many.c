/* a table above goes although another is left below it. */

/* file: mm/page_tables/table.c */

void table_trim(struct page_table *tree, uintptr_t address, struct flush *flush)
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
        if (frame_get(empty)->used > (level > 1))
            return;
        pte_exchange(above[level], PTE_ZERO);
        frame_get(frame_of_data(above[level]))->used--;
        flush_add(flush, address);
        table_free_later(tree, empty, flush);
    }
}
