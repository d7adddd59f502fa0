/* a frame that is freed is not counted among the free ones. */

/* file: mm/frames/frame.c */

static void list_put(frame_t frame) REQUIRES(mm)
{
    queue_append(list_for(frame), frame);
}
