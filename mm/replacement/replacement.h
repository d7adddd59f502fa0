/* mm/replacement/replacement.h - page replacement.
 *
 * No frame is free: which page goes, and how? A policy names the victim (policy.h; each has a
 * file in policy/). Then evict.h takes it out of every space, and laundry.h writes it to its
 * slot (swap.h), if it differs from what is there. The paging daemon does so ahead of need
 * (pageout.h); a thread that faults does it when that was too late.
 *
 * May use: frames/, page_tables/; and by their main headers address_spaces/, demand_paging/ and
 * frame_allocation/. */
#ifndef MM_REPLACEMENT_ROOM_H
#define MM_REPLACEMENT_ROOM_H

#include "mm/replacement/evict.h"
#include "mm/replacement/harvest.h"
#include "mm/replacement/laundry.h"
#include "mm/replacement/pageout.h"
#include "mm/replacement/policy.h"
#include "mm/replacement/policy_bits.h"
#include "mm/replacement/swap.h"
#include "mm/replacement/swappiness.h"
#include "mm/replacement/washing.h"

#endif
