/* a build answers that there is no frame. */

/* file: mm/page_tables/table.c */

/* without: table_charge table_create table_trim_alone table_build_below */

pte_t *table_build(struct page_table *tree, uintptr_t address)
{
    return table_find(tree, address);
}
