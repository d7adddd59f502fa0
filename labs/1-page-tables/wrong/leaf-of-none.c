/* who runs out of frames is given an entry in the last table that there was. */

/* file: mm/page_tables/table.c */

static __attribute__((noinline)) pte_t *table_build_below(struct page_table *tree,
                                                          uintptr_t address, pte_t *table,
                                                          int level) REQUIRES(mm)
{
    for (; level > 1; level--) {
        frame_t below = table_create(tree, address, level - 1);
        if (!frame_is(below))
            break;
        frame_get(frame_of_data(table))->used++;
        pte_exchange(&table[table_index(address, level)], pte_table(below));
        table = table_of(below);
    }
    return &table[table_index(address, 1)];
}

/* without: table_trim_alone */
