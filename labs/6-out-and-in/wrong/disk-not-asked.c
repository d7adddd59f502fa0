/* the slot is looked at without asking the disk. */

/* file: mm/demand_paging/page_in.c */

/* without: page_read page_read_done */

static enum bring page_in_slot(page_t id, struct charge *charge,
                               struct fault_report *report) REQUIRES(mm)
{
    if (!page_in_begin(id, charge))
        return BRING_NO_MEMORY;
    report->kind = FAULT_PAGE_IN;
    report->major = true;
    __builtin_memcpy(frame_data(page_get(id)->frame), swap_peek(page_get(id)->slot),
                     PAGE_SIZE);
    page_in_end(id);
    return BRING_RESIDENT;
}
