/* each slot is used once. */

/* file: mm/replacement/swap.c */

/* without: slot_search */

slot_t swap_take(void)
{
    if (slot_hand >= swap_counts.total)
        return slot_take_back();
    slot_mark(slot_hand);
    return (slot_t){slot_hand++};
}
