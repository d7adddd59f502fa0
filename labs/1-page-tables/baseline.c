/* the walk knows one processor's numbers by heart, who runs out of frames leaves what he has built,
 * and tables go all at once, when nothing is left in any of them. Any of the pieces may be replaced
 * alone: all of them keep the counts. */

/* file: mm/page_tables/table.c */

/* without: table_trim_alone table_build_below */

/* By the numbers. */
static inline bool table_step(pte_t **table, uintptr_t address, int level)
{
    static const unsigned char shifts[] = {0, 12, 21, 30, 39, 48, 57};
    const pte_t *entry = *table + (address >> shifts[level] & 511);
    if (pte_is_present(*entry))
        *table = table_of(pte_frame(*entry));
    return pte_is_present(*entry);
}

pte_t *table_find(const struct page_table *tree, uintptr_t address)
{
    pte_t *table = table_of(tree->root);
    bool there = table_step(&table, address, 4) && table_step(&table, address, 3) &&
                 table_step(&table, address, 2);
    return there ? table + (address >> 12 & 511) : NULL;
}

/* One table at a time, whatever is missing. */
pte_t *table_seek(const struct page_table *tree, uintptr_t address, uintptr_t *missing)
{
    *missing = 1ul << 21;
    return table_find(tree, address);
}

/* From the root again for each table. */
pte_t *table_build(struct page_table *tree, uintptr_t address)
{
    pte_t *found;
    while ((found = table_find(tree, address)) == NULL) {
        pte_t *table = table_of(tree->root);
        int level = 4;
        while (table_step(&table, address, level))
            level--;
        frame_t below = table_create(tree, address, level - 1);
        if (!frame_is(below))
            break;
        table[address >> (3 + 9 * level) & 511] = pte_table(below);
        frame_get(frame_of_data(table))->used++;
    }
    return found;
}

/* Does anything stand in the tables below? */
static bool table_leads_somewhere(frame_t table, int level) REQUIRES(mm)
{
    if (level == 1)
        return frame_get(table)->used > 0;
    for (unsigned i = 0; i < (level == 4 ? 256 : 512); i++) {
        pte_t entry = table_of(table)[i];
        if (pte_is_present(entry) && table_leads_somewhere(pte_frame(entry), level - 1))
            return true;
    }
    return false;
}

/* All or nothing: one after the other, the first that has none below. */
void table_trim(struct page_table *tree, uintptr_t address, struct flush *flush)
{
    if (table_leads_somewhere(tree->root, 4))
        return;
    flush_add(flush, address);
    while (frame_get(tree->root)->used > 0) {
        pte_t *entry = NULL, *table = table_of(tree->root);
        for (int level = 4; level > 1 && frame_get(frame_of_data(table))->used > 0; level--) {
            for (entry = table; !pte_is_present(*entry);)
                entry++;
            table = table_of(pte_frame(*entry));
        }
        *entry = PTE_ZERO;
        frame_get(frame_of_data(entry))->used--;
        table_free_later(tree, frame_of_data(table), flush);
    }
}
