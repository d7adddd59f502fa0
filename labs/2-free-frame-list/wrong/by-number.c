/* each list is in the order of the frames' numbers. */

/* file: mm/frames/frame.c */

static void list_put(frame_t frame) REQUIRES(mm)
{
    struct frame_queue *list = list_for(frame);
    frame_t place = list->head;
    while (frame_is(place) && place.number < frame.number)
        place = frame_get(place)->next;
    queue_insert(list, place, frame);
    frame_counts.free++;
}
