/* no slot is taken back from a resident page. */

/* file: mm/replacement/swap.c */

/* without: slot_take_back */

slot_t swap_take(void)
{
    if (swap_counts.used + swap_counts.retired >= swap_counts.total)
        return SLOT_NONE;
    slot_t slot = slot_search();
    ASSERT(slot_is(slot));
    slot_mark(slot.number);
    return slot;
}
