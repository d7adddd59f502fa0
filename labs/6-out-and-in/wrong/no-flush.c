/* the processor is not told when an entry is taken away. */

/* file: mm/replacement/evict.c */

static void evict_unmap(frame_t frame, pte_t value) REQUIRES(mm)
{
    struct page *page = page_get(frame_get(frame)->page);
    struct flush flush;
    flush_begin_loaded(&flush);
    while (mapper_is(frame_get(frame)->mappers)) {
        mapper_t mapper = frame_get(frame)->mappers;
        mapper_withdraw(mapper_entry(mapper), frame_get(mapper_table(mapper)), value);
        page->holders -= pte_is_zero(value);
    }
    flush_end(&flush);
}

/* file: mm/replacement/harvest.c */

static void harvest_protect(frame_t frame) REQUIRES(mm)
{
    struct flush flush;
    flush_begin_loaded(&flush);
    mapper_t at = frame_get(frame)->mappers;
    for (; mapper_is(at); at = mapper_link(at)->next) {
        if (!pte_is_writable(pte_read(mapper_entry(at))))
            continue;
        pte_clear_bits(mapper_entry(at), PTE_WRITABLE);
    }
    flush_end(&flush);
}
