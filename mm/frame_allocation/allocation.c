/* mm/frame_allocation/allocation.c - dividing frames, by the textbook's schemes.
 *
 *     equal         m frames, n processes: m / n each
 *     proportional  a process of s pages of S in all: s / S of the frames
 *     priority      the same with weights in the place of sizes
 *
 * are one rule, parts in proportion to something. Whoever would come out below the
 * minimum gets the minimum, and the others divide what is left. A part of a frame is no
 * frame: what rounding leaves belongs to nobody, and stays free.
 *
 * A working set is no part of anything, but what a process needs: if all together need more
 * than there is, all are cut. The fault frequency is a control loop: what a process has
 * changes until its rate of faults lies between two bounds. */
#include "mm/frame_allocation/allocation.h"

#include "lib/string.h"
#include "mm/frames/frames.h"

const char *const allocation_names[ALLOCATION_SCHEMES] = {
    "global", "equal", "proportional", "priority", "fault-frequency", "working-set",
};

enum allocation_scheme allocation_find(const char *name)
{
    unsigned scheme = 0;
    while (scheme < ALLOCATION_SCHEMES && strcmp(allocation_names[scheme], name) != 0)
        scheme++;
    return scheme;
}

uint32_t allocation_weight(int nice)
{
    uint64_t weight = 1024ull << 16;
    for (; nice < 0; nice++)
        weight = weight * 5 / 4;
    for (; nice > 0; nice--)
        weight = weight * 4 / 5;
    return (uint32_t)(weight >> 16);
}

/* --- In proportion ---------------------------------------------------------------------- */

/* What the claim's part is measured by: all count the same, or by size, or by weight. */
static uint32_t measure(enum allocation_scheme scheme, const struct claim *claim)
{
    switch (scheme) {
    case ALLOCATION_PROPORTIONAL:
        return claim->size;
    case ALLOCATION_PRIORITY:
        return claim->weight;
    default:
        return 1;
    }
}

/* One pass: whoever has no share yet (0) and would be below the minimum gets that, off the
 * `frames`. True: there was one, so the others' parts are smaller now. Who is measured 0 gets
 * the minimum, too. */
static bool settle_minimums(enum allocation_scheme scheme, struct claim *claims,
                            unsigned count, uint32_t *frames)
{
    uint64_t total = 0, left = *frames;
    bool settled = false;
    for (unsigned i = 0; i < count; i++)
        total += claims[i].share ? 0 : measure(scheme, &claims[i]);
    for (unsigned i = 0; i < count; i++) {
        struct claim *claim = &claims[i];
        if (claim->share ||
            (total && left * measure(scheme, claim) / total >= claim->minimum))
            continue;
        claim->share = claim->minimum;
        *frames -= claim->minimum;
        settled = true;
    }
    return settled;
}

/* Frames in proportion to what the scheme measures: frames * measure / (sum of measures),
 * rounded down. Whoever would have less than the minimum gets the minimum, and the others
 * divide what is left in the same way, until nobody would. Needs frames for all minimums,
 * and no minimum of 0. The shares that the claims have had do not matter. */
static void divide(enum allocation_scheme scheme, struct claim *claims, unsigned count,
                   uint32_t frames)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < count; i++)
        claims[i].share = 0;
    while (settle_minimums(scheme, claims, count, &frames))
        ;
    for (unsigned i = 0; i < count; i++)
        total += claims[i].share ? 0 : measure(scheme, &claims[i]);
    for (unsigned i = 0; i < count; i++)
        if (!claims[i].share)
            claims[i].share =
                (uint32_t)((uint64_t)frames * measure(scheme, &claims[i]) / total);
}

/* --- Wishes ------------------------------------------------------------------------------ */

/* Each claim's `share` is a wish, not below the minimum. If they are more than there is, all
 * are cut: each keeps its minimum, and the same part of what it wished beyond, so that all
 * that is left after the minimums is used (rounded down, for each). Else nothing changes.
 * Needs frames for all minimums. */
static void cut_to_fit(struct claim *claims, unsigned count, uint32_t frames)
{
    uint64_t minimums = 0, beyond = 0;
    for (unsigned i = 0; i < count; i++) {
        minimums += claims[i].minimum;
        beyond += claims[i].share - claims[i].minimum;
    }
    if (minimums + beyond <= frames)
        return;
    uint64_t room = frames - minimums;
    for (unsigned i = 0; i < count; i++) {
        struct claim *claim = &claims[i];
        claim->share =
            claim->minimum + (uint32_t)((claim->share - claim->minimum) * room / beyond);
    }
}

/* Each wishes what is in use, and an eighth of that (rounded down) and the minimum more, so
 * that a growing one is not held up until it has been measured again. UINT32_MAX at most. */
static void wish_working_sets(struct claim *claims, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t wish =
            (uint64_t)claims[i].working_set + claims[i].working_set / 8 + claims[i].minimum;
        claims[i].share = wish < UINT32_MAX ? (uint32_t)wish : UINT32_MAX;
    }
}

/* --- By fault frequency ------------------------------------------------------------------ */

/* What the claim's share should become. More faults than `upper`: a quarter more, and one.
 * Fewer than `lower`: a sixteenth less, and one less. (Both parts are rounded down.) Else, or
 * if it is not judged: as it was. Never less than the minimum, which is what a new one gets.
 * Quickly up, for each fault that is too many is a wait; slowly down, for what was too much is
 * only found out by faults. */
static uint32_t adjusted(const struct claim *claim, struct allocation_bounds bounds)
{
    uint32_t share = claim->share;
    if (share == 0)
        return claim->minimum;
    if (claim->judged && claim->fault_rate > bounds.upper)
        share += share / 4 + 1;
    else if (claim->judged && claim->fault_rate < bounds.lower)
        share -= share / 16 + 1;
    return share > claim->minimum ? share : claim->minimum;
}

/* Those that shrink or stay, or are new, are served first, what is then left goes to those that
 * grow: nobody whose rate is right loses anything to one whose rate is not. If it is too
 * little for them, each grows by the same part of what it should (rounded down). If all
 * together are still more than there is, all are cut, as wishes are. */
static void adjust(struct allocation_bounds bounds, struct claim *claims, unsigned count,
                   uint32_t frames)
{
    uint64_t held = 0, wished = 0;
    for (unsigned i = 0; i < count; i++) {
        struct claim *claim = &claims[i];
        uint32_t to = adjusted(claim, bounds);
        held += to < claim->share || !claim->share ? to : claim->share;
        wished += claim->share && to > claim->share ? to - claim->share : 0;
    }
    uint64_t room = held < frames ? frames - held : 0;
    for (unsigned i = 0; i < count; i++) {
        struct claim *claim = &claims[i];
        uint32_t to = adjusted(claim, bounds);
        if (claim->share && to > claim->share && wished > room)
            to = claim->share + (uint32_t)((to - claim->share) * room / wished);
        claim->share = to > claim->minimum ? to : claim->minimum;
    }
    cut_to_fit(claims, count, frames); /* there may be fewer frames than there were */
}

/* --- All of it ---------------------------------------------------------------------------- */

/* A minimum of none would make a share of none, which says that somebody is new. */
static uint64_t minimums(struct claim *claims, unsigned count)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < count; i++) {
        claims[i].minimum += claims[i].minimum == 0;
        sum += claims[i].minimum;
    }
    return sum;
}

bool allocation_divide(enum allocation_scheme scheme, struct allocation_bounds bounds,
                       struct claim *claims, unsigned count, uint32_t frames)
{
    if (minimums(claims, count) > frames) {
        for (unsigned i = 0; i < count; i++)
            claims[i].share = claims[i].minimum;
        return false;
    }
    switch (scheme) {
    case ALLOCATION_FAULT_FREQUENCY:
        adjust(bounds, claims, count, frames);
        break;
    case ALLOCATION_WORKING_SET:
        wish_working_sets(claims, count);
        cut_to_fit(claims, count, frames);
        break;
    default:
        divide(scheme, claims, count, frames);
    }
    return true;
}
