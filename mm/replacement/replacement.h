/* mm/replacement/replacement.h - page replacement.
 *
 * No frame is free: which page goes, and how? A policy names the victim (policy.h, one file each in
 * policy/); evict.h takes it out of every space; laundry.h writes it to its slot (swap.h) if it differs
 * from what is there. The paging daemon (pageout.h) does so ahead of need, a faulting thread otherwise.
 *
 * May use: frames/, page_tables/; of address_spaces/, demand_paging/ and frame_allocation/ their
 * main headers. */
#ifndef MM_REPLACEMENT_ROOM_H
#define MM_REPLACEMENT_ROOM_H

#include "mm/replacement/evict.h"
#include "mm/replacement/harvest.h"
#include "mm/replacement/laundry.h"
#include "mm/replacement/pageout.h"
#include "mm/replacement/policy.h"
#include "mm/replacement/policy_bits.h"
#include "mm/replacement/swap.h"
#include "mm/replacement/washing.h"

#endif
