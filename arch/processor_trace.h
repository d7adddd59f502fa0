/* arch/processor_trace.h - what the processors do beside each other, for who reads the trace.
 *
 * Where several processors run, each tells in which mode it is (arch/kernel_lock.c), how long it
 * waited for a lock, and what comes of a shootdown (arch/shootdown.c). Off, each of these places is
 * a no-op, as all trace points are (arch/detour.h). So it may not be executed while the kernel's
 * text is written to: whoever tells something has one of the kernel's locks, or is in a mode that
 * processors_stop waits for (USER, FAULT). */
#ifndef ARCH_PROCESSOR_TRACE_H
#define ARCH_PROCESSOR_TRACE_H

#include "arch/detour.h"
#include "arch/types.h"

enum processor_event {
    PROCESSOR_MODE,      /* detail: it is in that mode; address: since that time, ns */
    PROCESSOR_WAITED,    /* it has a lock; address: after so many ns; detail: which */
    PROCESSOR_SHOOTDOWN, /* it asks: address: the first; page: how many; frame: the root of
                                 the space, or none; detail: the request's number */
    PROCESSOR_SHOOTDOWN_SENT, /* page: of this other one, in mode address; detail: as above */
    PROCESSOR_SHOOTDOWN_DONE, /* it has forgotten up to number detail; address: 1, by interrupt */
    PROCESSOR_SHOOTDOWN_OVER, /* who has asked goes on: number detail */
    PROCESSOR_EVENTS,
};

/* Of PROCESSOR_SHOOTDOWN_SENT, beside the modes: it has another space loaded, or none. */
#define PROCESSOR_ELSEWHERE 5u

/* Of PROCESSOR_WAITED. */
enum { PROCESSOR_LOCK_KERNEL, PROCESSOR_LOCK_MM };

static inline __attribute__((always_inline)) bool processor_trace_wanted(void)
{
#if defined(WITHOUT_TRACE_POINTS) || defined(FAULTLINE_HOST)
    return false;
#else
    return detour_taken();
#endif
}

/* Defined in kernel/: writes it down. Waits for nobody who waits for this processor. */
__attribute__((cold)) void kernel_processor_trace(enum processor_event event,
                                                  uint64_t address, uint64_t detail,
                                                  uint32_t page, frame_t frame);

/* A trace point: processor_trace(event, address, detail, page, frame). */
#define processor_trace(...) \
    (processor_trace_wanted() ? kernel_processor_trace(__VA_ARGS__) : (void)0)
/* Of two numbers alone. */
#define processor_trace_numbers(event, address, detail) \
    processor_trace(event, address, detail, UINT32_MAX, FRAME_NONE)

#endif
