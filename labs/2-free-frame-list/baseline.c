/* the frame that was freed last is given first; nothing is cleared ahead of need, and a page that
 * leaves has lost its frame at once. Any of these may be replaced alone, but for those that fall
 * back together: where a frame goes, and what a rescue is. */

/* file: mm/frames/frame.c */

/* without: list_for */

frame_t frame_take_zeroed(enum frame_use use, enum frame_state state)
{
    frame_t frame = frame_take(use, state);
    if (frame_is(frame))
        frame_clear(frame);
    return frame;
}

void frame_rescue(frame_t frame)
{
    ASSERT(page_is(frame_get(frame)->page));
    frame_forget(frame);
}

static void list_put(frame_t frame) REQUIRES(mm)
{
    struct frame *f = frame_get(frame);
    if (page_is(f->page))
        page_lose_frame(f->page);
    f->page = PAGE_NONE;
    f->zeroed = false;
    queue_prepend(&lists[FRAME_LIST_PLAIN], frame);
    frame_counts.free++;
}

static bool zero_one(void) REQUIRES(mm)
{
    return false;
}

/* file: mm/demand_paging/page_in.c */

static enum bring page_rescue(page_t page, struct charge *charge,
                              struct fault_report *report) REQUIRES(mm)
{
    (void)charge, (void)report;
    frame_rescue(page_get(page)->frame);
    page_lose_frame(page);
    return BRING_AGAIN;
}
