/* entries above the last level allow to read and to write, and nothing more. */

/* file: mm/page_tables/table.c */

static __attribute__((noinline)) pte_t *table_build_below(struct page_table *tree,
                                                          uintptr_t address, pte_t *table,
                                                          int level) REQUIRES(mm)
{
    for (; level > 1; level--) {
        frame_t below = table_create(tree, address, level - 1);
        if (!frame_is(below)) {
            table_trim_alone(tree, address);
            return NULL;
        }
        frame_get(frame_of_data(table))->used++;
        pte_exchange(&table[table_index(address, level)],
                     pte_map(below, ACCESS_READ | ACCESS_WRITE));
        table = table_of(below);
    }
    return &table[table_index(address, 1)];
}
