/* a trim goes down by itself, and frees on the way back. */

/* file: mm/page_tables/table.c */

/* Is the table empty now, without those below that have gone? */
static bool table_trim_from(struct page_table *tree, pte_t *table, uintptr_t address, int level,
                            struct flush *flush) REQUIRES(mm)
{
    struct frame *frame = frame_get(frame_of_data(table));
    pte_t *below = table;
    if (level > 1 && table_step(&below, address, level) &&
        table_trim_from(tree, below, address, level - 1, flush)) {
        pte_exchange(&table[table_index(address, level)], PTE_ZERO);
        frame->used--;
        flush_add(flush, address);
        struct frame *gone = frame_get(frame_of_data(below));
        if (level == 2) {
            flush_free(flush, gone->links);
            table_uncharge(tree);
        }
        gone->zeroed = true;
        flush_free(flush, frame_of_data(below));
        table_uncharge(tree);
    }
    return frame->used == 0;
}

/* without: table_free_later */

void table_trim(struct page_table *tree, uintptr_t address, struct flush *flush)
{
    table_trim_from(tree, table_of(tree->root), address, TABLE_LEVELS, flush);
}
