/* nobody waits until the disk has read. */

/* file: mm/demand_paging/page_in.c */

static int page_read(page_t id, bool *slept) REQUIRES(mm)
{
    static struct block_request requests[256];
    static unsigned next;
    struct block_request *request = &requests[next++ % 256];
    const struct page *page = page_get(id);
    swap_request(request, page->frame, page->slot, false, page_read_done);
    block_submit(request);
    *slept = false;
    swap_counts.read++;
    return 0;
}
