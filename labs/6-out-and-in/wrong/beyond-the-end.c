/* slots are found beyond the end of the swap area. */

/* file: mm/replacement/swap.c */

static slot_t slot_search(void) REQUIRES(mm)
{
    uint32_t words = (swap_counts.total + 63) / 64;
    for (uint32_t tried = 0; tried <= words; tried++) {
        uint32_t word = slot_hand / 64;
        uint64_t free = ~slot_map[word] & (~0ull << slot_hand % 64);
        uint32_t number = word * 64 + (free ? (uint32_t)__builtin_ctzll(free) : 64);
        if (free) {
            slot_hand = number + 1 < words * 64 ? number + 1 : 0;
            return (slot_t){number};
        }
        slot_hand = word + 1 < words ? (word + 1) * 64 : 0;
    }
    return SLOT_NONE;
}
