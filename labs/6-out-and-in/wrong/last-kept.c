/* a page that two processes have goes from all of them but the last. */

/* file: mm/replacement/evict.c */

static void evict_unmap(frame_t frame, pte_t value) REQUIRES(mm)
{
    struct page *page = page_get(frame_get(frame)->page);
    struct flush flush;
    flush_begin_loaded(&flush);
    for (bool once = false; mapper_is(frame_get(frame)->mappers); once = true) {
        if (once && !mapper_is(mapper_link(frame_get(frame)->mappers)->next))
            break;
        mapper_t mapper = frame_get(frame)->mappers;
        bool last = !mapper_is(mapper_link(mapper)->next);
        mapper_withdraw(mapper_entry(mapper), frame_get(mapper_table(mapper)), value);
        flush_add(&flush, mapper_address(mapper));
        page->holders -= pte_is_zero(value);
        if (last)
            break;
    }
    flush_end(&flush);
}
