/* a page that was used is young again, and keeps A. */

/* file: mm/working_sets/working_set.c */

static void entry_used(const struct position *at, struct flush *flush) REQUIRES(mm)
{
    struct frame *frame = frame_get(pte_frame(position_read(at)));
    frame->referenced = frame->recent = true;
    position_clear_bits(at, PTE_AGE);
    position_set_bits(at, 1ull << PTE_AGE_SHIFT);
    flush_add(flush, position_address(at));
}
