/* a trim walks down from the root once for each table that goes. */

/* file: mm/page_tables/table.c */

void table_trim(struct page_table *tree, uintptr_t address, struct flush *flush)
{
    for (;;) {
        pte_t *table = table_of(tree->root), *above = NULL;
        int level = TABLE_LEVELS;
        while (level > 1) {
            pte_t *entry = &table[table_index(address, level)];
            if (!table_step(&table, address, level))
                break;
            above = entry;
            level--;
        }
        frame_t lowest = frame_of_data(table);
        if (above == NULL || frame_get(lowest)->used > 0)
            return;
        *above = PTE_ZERO;
        frame_get(frame_of_data(above))->used--;
        flush_add(flush, address);
        table_free_later(tree, lowest, flush);
    }
}
