/* who waits for a read is not woken. */

/* file: mm/demand_paging/page_in.c */

static void page_read_done(struct block_request *request) REQUIRES(mm)
{
    request->complete = true;
}
