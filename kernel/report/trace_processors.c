/* kernel/report/trace_processors.c - what the processors do beside each other, as trace records.
 *
 * arch/ knows modes, locks and shootdowns, but no trace (arch/processor_trace.h). Each of its
 * events is one of the trace's. A processor that answers a shootdown comes here from an interrupt
 * of user code, without any lock, while whoever asks it waits with the mm lock: so a record may
 * wait for nothing but the others' records. */
#include "arch/processor_trace.h"

#include "kernel/report/trace.h"

void kernel_processor_trace(enum processor_event event, uint64_t address, uint64_t detail,
                            uint32_t page, frame_t frame)
{
    static const enum trace_event events[PROCESSOR_EVENTS] = {
        [PROCESSOR_MODE] = TRACE_MODE,
        [PROCESSOR_WAITED] = TRACE_LOCK_WAIT,
        [PROCESSOR_SHOOTDOWN] = TRACE_SHOOTDOWN,
        [PROCESSOR_SHOOTDOWN_SENT] = TRACE_SHOOTDOWN_SENT,
        [PROCESSOR_SHOOTDOWN_DONE] = TRACE_SHOOTDOWN_DONE,
        [PROCESSOR_SHOOTDOWN_OVER] = TRACE_SHOOTDOWN_OVER,
    };
    trace(events[event], 0, address, (page_t){page}, frame, detail);
}
