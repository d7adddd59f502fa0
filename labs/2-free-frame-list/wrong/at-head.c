/* each list is a stack: the frame that was freed last is taken first. */

/* file: mm/frames/frame.c */

static void list_put(frame_t frame) REQUIRES(mm)
{
    queue_prepend(list_for(frame), frame);
    frame_counts.free++;
}
