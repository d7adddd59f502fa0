/* the slot beside the page's is read. */

/* file: mm/demand_paging/page_in.c */

static int page_read(page_t id, bool *slept) REQUIRES(mm)
{
    struct page *page = page_get(id);
    frame_t frame = page->frame;
    struct block_request request;
    swap_request(&request, frame, (slot_t){page->slot.number ^ 1}, false, page_read_done);
    block_submit(&request);
    *slept = !request.complete;
    while (!request.complete)
        above_sleep(frame_get(frame));
    swap_counts.read++;
    return request.error;
}
