/* mm/more/trace.c - what trace points have in common.  See mm/trace.h for the idea. */
#include "mm/trace.h"

#include "mm/fault.h"

bool trace_on;

const char *const fault_kind_names[FAULT_KINDS] = {
    "zero-fill", "zero-page", "file",   "page-in",  "copy",
    "reuse",     "resident",  "rescue", "spurious", "invalid",
};

void trace_region(enum trace_event event, uint32_t space, const struct region *region)
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
