/* whoever reads a slot keeps nothing in the request but what the disk needs. */

/* file: mm/demand_paging/page_in.c */

static int page_read(page_t id, bool *slept) REQUIRES(mm)
{
    frame_t frame = page_get(id)->frame;
    struct block_request request;
    swap_request(&request, frame, page_get(id)->slot, false, page_read_done);
    request.context = &request;
    block_submit(&request);
    for (*slept = false; !request.complete; *slept = true)
        above_sleep(frame_get(frame));
    swap_counts.read++;
    return request.error;
}

static void page_read_done(struct block_request *request) REQUIRES(mm)
{
    ASSERT(request->context == request);
    above_wake(frame_get(request->frame));
    request->complete = true;
}
