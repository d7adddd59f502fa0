/* the search for a slot ends at the end of the swap area, and does not go round. */

/* file: mm/replacement/swap.c */

static slot_t slot_search(void) REQUIRES(mm)
{
    for (; slot_hand < swap_counts.total; slot_hand++)
        if (!(slot_map[slot_hand / 64] & 1ull << slot_hand % 64))
            return (slot_t){slot_hand};
    return SLOT_NONE;
}

slot_t swap_take(void)
{
    if (swap_counts.used + swap_counts.retired >= swap_counts.total)
        return slot_take_back();
    slot_t slot = slot_search();
    if (!slot_is(slot))
        return slot_take_back();
    slot_mark(slot.number);
    return slot;
}
