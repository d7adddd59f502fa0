/* all tables that are missing are made before the first of them is linked in. */

/* file: mm/page_tables/table.c */

/* without: table_trim_alone */

static __attribute__((noinline)) pte_t *table_build_below(struct page_table *tree,
                                                          uintptr_t address, pte_t *table,
                                                          int level) REQUIRES(mm)
{
    frame_t made[TABLE_LEVELS];
    for (int below = level - 1; below > 0; below--) {
        made[below] = table_create(tree, address, below);
        if (frame_is(made[below]))
            continue;
        while (++below < level) { /* no processor has seen them */
            frame_get(made[below])->zeroed = true;
            frame_free(made[below]);
            table_uncharge(tree);
        }
        return NULL;
    }
    for (; level > 1; level--) {
        pte_exchange(&table[table_index(address, level)], pte_table(made[level - 1]));
        frame_get(frame_of_data(table))->used++;
        table = table_of(made[level - 1]);
    }
    return &table[table_index(address, 1)];
}
