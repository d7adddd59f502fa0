/* the last slot is never found. */

/* file: mm/replacement/swap.c */

static slot_t slot_search(void) REQUIRES(mm)
{
    for (uint32_t tried = 0; tried < swap_counts.total; tried++) {
        slot_hand = slot_hand + 2 < swap_counts.total ? slot_hand + 1 : 0;
        if (!(slot_map[slot_hand / 64] & 1ull << slot_hand % 64))
            return (slot_t){slot_hand};
    }
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
