/* a page that is read gives its slot back, and still counts as clean. */

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
    swap_give(page_get(id)->slot);
    page_get(id)->slot = SLOT_NONE;
    page_in_end(id);
    return slept ? BRING_AGAIN : BRING_RESIDENT;
}
