/* the last table is made first, and the way to it is linked in at the end. */

/* file: mm/page_tables/table.c */

/* without: table_trim_alone table_build_below */

pte_t *table_build(struct page_table *tree, uintptr_t address)
{
    pte_t *table = table_of(tree->root);
    int top = TABLE_LEVELS;
    while (top > 1 && table_step(&table, address, top))
        top--;
    if (top == 1)
        return &table[table_index(address, 1)];
    frame_t below = FRAME_NONE, last = FRAME_NONE;
    for (int level = 1; level < top; level++) {
        frame_t made = table_create(tree, address, level);
        if (!frame_is(made)) {
            for (frame_t next; frame_is(below); below = next) {
                pte_t *entry = &table_of(below)[table_index(address, --level)];
                next = level > 1 ? pte_frame(*entry) : FRAME_NONE;
                if (level > 1)
                    *entry = PTE_ZERO;
                if (frame_is(frame_get(below)->links)) {
                    frame_free(frame_get(below)->links);
                    table_uncharge(tree);
                }
                frame_get(below)->zeroed = true;
                frame_free(below);
                table_uncharge(tree);
            }
            return NULL;
        }
        if (level == 1) {
            last = made;
        } else {
            table_of(made)[table_index(address, level)] = pte_table(below);
            frame_get(made)->used = 1;
        }
        below = made;
    }
    pte_exchange(&table[table_index(address, top)], pte_table(below));
    frame_get(frame_of_data(table))->used++;
    return &table_of(last)[table_index(address, 1)];
}
