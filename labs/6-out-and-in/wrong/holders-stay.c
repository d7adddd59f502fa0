/* who gets zero in place of a page still counts as one of its holders. */

/* file: mm/replacement/evict.c */

static void evict_unmap(frame_t frame, pte_t value) REQUIRES(mm)
{
    struct flush flush;
    flush_begin_loaded(&flush);
    while (mapper_is(frame_get(frame)->mappers)) {
        mapper_t mapper = frame_get(frame)->mappers;
        mapper_withdraw(mapper_entry(mapper), frame_get(mapper_table(mapper)), value);
        flush_add(&flush, mapper_address(mapper));
    }
    flush_end(&flush);
}
