/* no slot is taken back from a resident page. */

/* file: mm/replacement/swap.c */

static slot_t slot_take_back(void) REQUIRES(mm)
{
    swap_cache_hand.number = 0;
    swap_cache_empty = true;
    return SLOT_NONE;
}
