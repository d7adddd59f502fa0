/* mm/address_spaces/region_trace.h - a region, in the words of the trace. */
#ifndef MM_REGION_TRACE_H
#define MM_REGION_TRACE_H

#include "mm/trace.h"

struct region;

/* The words of TRACE_MAP for a region. */
void region_trace(enum trace_event event, uint32_t space, const struct region *region);

#endif
