/* mm/replacement/policy_bits.c - what a policy may ask about a frame. */
#include "mm/replacement/policy_bits.h"

#include "mm/replacement/evict.h"
#include "mm/replacement/harvest.h"
#include "mm/replacement/swap.h"
#include "mm/replacement/swappiness.h"
#include "mm/trace.h"

bool policy_test_referenced(frame_t frame)
{
    harvest(frame);
    bool referenced = frame_get(frame)->referenced;
    frame_get(frame)->referenced = false;
    trace_page(TRACE_HAND, frame_get(frame)->page, frame, referenced);
    return referenced;
}

bool policy_test_modified(frame_t frame)
{
    return harvest_modified(frame);
}

/* Mostly there are free slots: then nothing else is asked. */
static inline bool slot_may_be_had(void) REQUIRES(mm)
{
    return swap_counts.used + swap_counts.retired < swap_counts.total || swap_available();
}

bool policy_may_evict(frame_t frame)
{
    return frame_get(frame)->state == FRAME_RESIDENT && frame_get(frame)->pins == 0 &&
           (slot_may_be_had() || !evict_needs_slot(frame)) &&
           (__builtin_expect(swappiness_only == ONLY_ANY, true) || swappiness_means(frame));
}
