/* A is taken, and the processor still remembers the page. */

/* file: mm/working_sets/working_set.c */

static void entry_used(const struct position *at, struct flush *flush) REQUIRES(mm)
{
    struct frame *frame = frame_get(pte_frame(position_read(at)));
    frame->referenced = frame->recent = true;
    position_age_from_use(at);
    (void)flush;
}
