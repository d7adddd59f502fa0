/* mm/policy.h - all that the file of a policy includes. */
#ifndef MM_POLICY_FACE_H
#define MM_POLICY_FACE_H

#include "mm/demand_paging/demand_paging.h"
#include "mm/frame_allocation/frame_allocation.h"
#include "mm/replacement/policy.h"

#endif
