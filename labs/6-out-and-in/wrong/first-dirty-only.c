/* of all entries that point to a page, only the first is asked for D. */

/* file: mm/replacement/evict.c */

bool evict(frame_t frame)
{
    struct frame *f = frame_get(frame);
    group_evicting(frame);
    group_remove(frame);
    f->state = FRAME_BUSY;
    bool modified = harvest_modified_finally(frame);
    bool zeroes = !modified && evict_is_zeroes(frame);
    evict_unmap(frame,
                page_get(f->page)->object != NULL || zeroes ? PTE_ZERO : pte_name(f->page));
    f->dirty = modified;
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

/* file: mm/replacement/harvest.c */

bool harvest_modified_finally(frame_t frame)
{
    mapper_t first = frame_get(frame)->mappers;
    harvest_protect(frame);
    return frame_get(frame)->dirty ||
           (mapper_is(first) && pte_is_dirty(*mapper_entry(first)));
}
