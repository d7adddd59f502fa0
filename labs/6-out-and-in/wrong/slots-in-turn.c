/* slots are given out in turn, without looking whether they are taken. */

/* file: mm/replacement/swap.c */

static slot_t slot_search(void) REQUIRES(mm)
{
    slot_t slot = {slot_hand};
    slot_hand = slot_hand + 1 < swap_counts.total ? slot_hand + 1 : 0;
    return slot;
}
