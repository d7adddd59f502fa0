/* evict waits for a page to become clean, and that never comes. */

/* file: mm/replacement/evict.c */

bool evict(frame_t frame)
{
    struct frame *f = frame_get(frame);
    group_evicting(frame);
    group_remove(frame);
    f->state = FRAME_BUSY;
    while (harvest_modified(frame))
        __asm__ volatile("pause");
    bool modified = harvest_modified_finally(frame);
    bool zeroes = !modified && evict_is_zeroes(frame);
    evict_unmap(frame,
                page_get(f->page)->object != NULL || zeroes ? PTE_ZERO : pte_name(f->page));
    ASSERT(f->dirty == modified); /* no D has come after it was final */
    const struct page *page = page_get(f->page);
    if (page->object == NULL && page->holders > 0 && !slot_is(page->slot))
        f->dirty = true; /* zeroes, but known by name: they need a slot */
    if (!f->dirty) {
        evict_free(frame);
        return true;
    }
    if (laundry_write(frame))
        return true;
    evict_readmit(frame);
    return false;
}
