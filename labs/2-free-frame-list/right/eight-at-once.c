/* the idle loop clears eight frames at a time. */

/* file: mm/frames/frame.c */

static bool zero_few(unsigned most) REQUIRES(mm)
{
    unsigned done = 0;
    while (done < most && lists[FRAME_LIST_PLAIN].count > 0) {
        frame_t frame = lists[FRAME_LIST_PLAIN].head;
        queue_remove(&lists[FRAME_LIST_PLAIN], frame);
        frame_clear(frame);
        frame_get(frame)->zeroed = true;
        queue_append(&lists[FRAME_LIST_ZEROED], frame);
        done++;
    }
    frame_counts.zeroed += done;
    return done > 0;
}

static bool zero_one(void) REQUIRES(mm)
{
    return frame_counts.zeroed < frame_counts.total / 8 && zero_few(8);
}
