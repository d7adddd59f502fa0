/* who looks builds what is missing. */

/* file: mm/page_tables/table.c */

pte_t *table_find(const struct page_table *tree, uintptr_t address)
{
    return table_build((struct page_table *)tree, address);
}
