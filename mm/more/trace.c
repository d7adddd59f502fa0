/* mm/more/trace.c - making a trace record.  See mm/trace.h for the idea. */
#include "mm/trace.h"

#include "mm/fault.h"

bool trace_on;

const char *const fault_kind_names[FAULT_KINDS] = {
    "zero-fill", "zero-page", "file",   "page-in",  "copy",
    "reuse",     "resident",  "rescue", "spurious", "invalid",
};

void trace_emit(enum trace_event event, uint32_t space, uintptr_t address, page_t page,
                frame_t frame, uint64_t detail)
{
    struct trace_record record = {
        .address = address,
        .detail = detail,
        .space = space,
        .page = page.id,
        .frame = frame.number,
        .event = event,
    };
    above_trace(&record);
}
