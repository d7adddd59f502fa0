/* ages are written bit by bit. */

/* file: mm/working_sets/working_set.c */

static void entry_used(const struct position *at, struct flush *flush) REQUIRES(mm)
{
    frame_t number = pte_frame(position_read(at));
    position_clear_bits(at, PTE_REFERENCED | PTE_AGE);
    position_set_bits(at, 1ull << PTE_AGE_SHIFT);
    flush_add(flush, position_address(at));
    frame_get(number)->recent = true;
    frame_get(number)->referenced = true;
}

static bool entry_grow_older(const struct position *at, struct flush *flush) REQUIRES(mm)
{
    pte_t old = position_read(at);
    uint64_t age = pte_age(old) + 1;
    if (pte_is_referenced(old)) {
        entry_used(at, flush);
        age = 1;
    } else {
        position_clear_bits(at, PTE_AGE);
        position_set_bits(at, age << PTE_AGE_SHIFT);
    }
    return age <= WORKING_SET_PERIODS;
}
