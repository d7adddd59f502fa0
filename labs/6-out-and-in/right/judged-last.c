/* contents are judged when the entries are gone, by what these had noted. */

/* file: mm/replacement/evict.c */

bool evict(frame_t frame)
{
    struct frame *f = frame_get(frame);
    struct page *page = page_get(f->page);
    group_evicting(frame);
    group_remove(frame);
    f->state = FRAME_BUSY;
    bool forgotten = !harvest_modified_finally(frame) && evict_is_zeroes(frame);
    evict_unmap(frame, forgotten || page->object != NULL ? PTE_ZERO : pte_name(f->page));
    bool held = page->object == NULL && page->holders > 0;
    f->dirty |= held && !slot_is(page->slot);
    bool written = f->dirty && laundry_write(frame);
    if (!f->dirty)
        evict_free(frame);
    else if (!written)
        evict_readmit(frame);
    return written || f->state == FRAME_FREE;
}

/* file: mm/replacement/harvest.c */

/* without: harvest_protect */

bool harvest_modified_finally(frame_t frame)
{
    struct flush flush;
    flush_begin_loaded(&flush);
    mapper_t at = frame_get(frame)->mappers;
    for (; mapper_is(at); at = mapper_link(at)->next) {
        pte_t *entry = mapper_entry(at);
        pte_clear_bits(entry, PTE_WRITABLE);
        flush_add(&flush, mapper_address(at));
    }
    flush_end(&flush);
    return harvest_modified(frame);
}
