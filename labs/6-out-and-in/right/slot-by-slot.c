/* slots are looked at one by one, from behind the last. */

/* file: mm/replacement/swap.c */

static slot_t slot_search(void) REQUIRES(mm)
{
    for (uint32_t tried = 0; tried < swap_counts.total; tried++) {
        uint32_t number = (slot_hand + tried) % swap_counts.total;
        if ((slot_map[number / 64] & 1ull << number % 64) == 0) {
            slot_hand = (number + 1) % swap_counts.total;
            return (slot_t){number};
        }
    }
    return SLOT_NONE;
}

slot_t swap_take(void)
{
    slot_t slot = SLOT_NONE;
    if (swap_counts.used + swap_counts.retired < swap_counts.total)
        slot = slot_search();
    if (slot_is(slot))
        slot_mark(slot.number);
    else
        slot = slot_take_back();
    return slot;
}
