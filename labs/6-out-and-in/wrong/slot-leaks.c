/* a page that is read forgets its slot, which nobody gets back. */

/* file: mm/demand_paging/page_in.c */

static enum bring page_in_slot(page_t id, struct charge *charge,
                               struct fault_report *report) REQUIRES(mm)
{
    if (!page_in_begin(id, charge))
        return BRING_NO_MEMORY;
    groups[charge->group].page_ins++;
    report->kind = FAULT_PAGE_IN;
    report->major = true;
    bool slept;
    if (page_read(id, &slept) != 0) {
        page_in_lost(id);
        return BRING_ERROR;
    }
    frame_get(page_get(id)->frame)->dirty = true;
    page_get(id)->slot = SLOT_NONE;
    page_in_end(id);
    return slept ? BRING_AGAIN : BRING_RESIDENT;
}
