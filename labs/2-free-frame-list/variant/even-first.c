/* a frame that becomes free goes to the head of its list, if its number leaves 0 when it
 * is divided by 2. */

/* file: mm/frames/frame.c */

static void list_put(frame_t frame) REQUIRES(mm)
{
    struct frame_queue *list = list_for(frame);
    if (frame.number % 2 == 0)
        queue_prepend(list, frame);
    else
        queue_append(list, frame);
    frame_counts.free++;
}
