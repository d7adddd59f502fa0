/* of new tables, that of the highest level has the frame with the lowest number; of tables
 * that become empty together, that of the lower level is given back first. */

/* file: mm/page_tables/table.c */

/* without: table_trim_alone */

/* New tables, made[n] that of level n: no entry leads to them, and no processor has seen them. */
static void tables_give_back(struct page_table *tree, const frame_t *made, int lowest,
                             int end) REQUIRES(mm)
{
    for (int level = lowest; level < end; level++) {
        frame_t links = frame_get(made[level])->links;
        if (frame_is(links)) {
            frame_free(links);
            table_uncharge(tree);
        }
        frame_get(made[level])->zeroed = true;
        frame_free(made[level]);
        table_uncharge(tree);
    }
}

/* They change places, until their numbers are in order. The links stay the last table's. */
static void tables_sort(frame_t *made, int end) REQUIRES(mm)
{
    frame_t links = frame_get(made[1])->links;
    frame_get(made[1])->links = FRAME_NONE;
    for (int sorted = end - 1; sorted > 1; sorted--)
        for (int level = 1; level < sorted; level++)
            if (made[level].number < made[level + 1].number) {
                frame_t other = made[level];
                made[level] = made[level + 1];
                made[level + 1] = other;
            }
    frame_get(made[1])->links = links;
}

static __attribute__((noinline)) pte_t *table_build_below(struct page_table *tree,
                                                          uintptr_t address, pte_t *table,
                                                          int level) REQUIRES(mm)
{
    frame_t made[TABLE_LEVELS];
    for (int below = level - 1; below > 0; below--) {
        made[below] = table_create(tree, address, below);
        if (!frame_is(made[below])) {
            tables_give_back(tree, made, below + 1, level);
            return NULL;
        }
    }
    tables_sort(made, level);
    for (; level > 1; level--) {
        pte_exchange(&table[table_index(address, level)], pte_table(made[level - 1]));
        frame_get(frame_of_data(table))->used++;
        table = table_of(made[level - 1]);
    }
    return &table[table_index(address, 1)];
}

void table_trim(struct page_table *tree, uintptr_t address, struct flush *flush)
{
    pte_t *above[TABLE_LEVELS]; /* above[n]: the entry that leads to the table of level n */
    frame_t empty[TABLE_LEVELS];
    pte_t *table = table_of(tree->root);
    int lowest = TABLE_LEVELS, level;
    while (lowest > 1) {
        pte_t *entry = &table[table_index(address, lowest)];
        if (!table_step(&table, address, lowest))
            break;
        above[--lowest] = entry;
    }
    for (level = lowest; level < TABLE_LEVELS; level++) {
        empty[level] = pte_frame(*above[level]);
        if (frame_get(empty[level])->used > 0)
            break;
        pte_exchange(above[level], PTE_ZERO);
        frame_get(frame_of_data(above[level]))->used--;
        flush_add(flush, address);
    }
    while (--level >= lowest) /* what comes to the batch last goes first */
        table_free_later(tree, empty[level], flush);
}
