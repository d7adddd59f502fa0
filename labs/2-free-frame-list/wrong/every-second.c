/* every second frame goes to the head of its list. */

/* file: mm/frames/frame.c */

static void list_put(frame_t frame) REQUIRES(mm)
{
    static bool second;
    struct frame_queue *list = list_for(frame);
    second = !second;
    queue_insert(list, second ? FRAME_NONE : list->head, frame);
    frame_counts.free++;
}
