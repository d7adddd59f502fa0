/* who names a page that has gone does not count as one of its holders. */

/* file: mm/replacement/evict.c */

static void evict_unmap(frame_t frame, pte_t value) REQUIRES(mm)
{
    struct page *page = page_get(frame_get(frame)->page);
    struct flush flush;
    flush_begin_loaded(&flush);
    while (mapper_is(frame_get(frame)->mappers)) {
        mapper_t mapper = frame_get(frame)->mappers;
        mapper_withdraw(mapper_entry(mapper), frame_get(mapper_table(mapper)), value);
        flush_add(&flush, mapper_address(mapper));
        page->holders--;
    }
    flush_end(&flush);
}
