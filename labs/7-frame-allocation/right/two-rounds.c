/* those who do not grow come first, then those who do. */

/* file: mm/frame_allocation/allocation.c */

static void adjust(struct allocation_bounds bounds, struct claim *claims, unsigned count,
                   uint32_t frames)
{
    uint32_t more[256];
    uint64_t held = 0, wished = 0;
    for (unsigned i = 0; i < count; i++) {
        uint32_t to = adjusted(&claims[i], bounds);
        more[i] = claims[i].share != 0 && to > claims[i].share ? to - claims[i].share : 0;
        if (more[i] == 0)
            claims[i].share = to;
        held += claims[i].share;
        wished += more[i];
    }
    uint64_t room = held < frames ? frames - held : 0;
    for (unsigned i = 0; i < count; i++) {
        uint64_t part = wished <= room ? more[i] : more[i] * room / wished;
        claims[i].share += (uint32_t)part;
        if (claims[i].share < claims[i].minimum)
            claims[i].share = claims[i].minimum;
    }
    cut_to_fit(claims, count, frames);
}
