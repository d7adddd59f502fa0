/* mm/address_spaces/region_trace.c - a region, in the words of the trace. */
#include "mm/address_spaces/region_trace.h"

#include "mm/above.h"
#include "mm/address_spaces/space.h"
#include "mm/demand_paging/demand_paging.h"

void region_trace(enum trace_event event, uint32_t space, const struct region *region)
{
    if (!trace_wanted())
        return;
    uint64_t detail = region->end - region->start;
    detail |= region->access;
    detail |= region->shared ? TRACE_MAP_SHARED : 0;
    detail |= region->grows_down ? TRACE_MAP_STACK : 0;
    detail |= region->wired ? TRACE_MAP_WIRED : 0;
    detail |= (uint64_t)region->commit * TRACE_MAP_COMMIT;
    if (region->object != NULL)
        above_trace_object(region->object);
    page_t object = {region->object != NULL ? trace_object(region->object) : UINT32_MAX};
    trace(event, space, region->start, object, (frame_t){region->index}, detail);
}
