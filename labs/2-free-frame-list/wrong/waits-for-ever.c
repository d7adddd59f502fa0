/* a page that its frame still keeps is waited for, and nobody brings it. */

/* file: mm/demand_paging/page_in.c */

static enum bring page_rescue(page_t page, struct charge *charge,
                              struct fault_report *report) REQUIRES(mm)
{
    (void)page, (void)charge, (void)report;
    return BRING_AGAIN;
}
