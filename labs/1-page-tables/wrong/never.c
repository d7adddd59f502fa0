/* tables are never given back. */

/* file: mm/page_tables/table.c */

/* without: table_uncharge table_free_later */

void table_trim(struct page_table *tree, uintptr_t address, struct flush *flush)
{
    (void)tree, (void)address, (void)flush;
}
