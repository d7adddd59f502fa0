/* mm/trace.h - trace points: what happened to which page, as it happens.
 *
 * Off, a trace point costs a load and a branch. On, the kernel above gets a record and
 * decides where it goes (the program `faults`, a ring). */
#ifndef MM_TRACE_H
#define MM_TRACE_H

#include "arch/types.h"

enum trace_event {
    TRACE_FAULT,   /* a fault begins: address, detail = access */
    TRACE_REGION,  /* step 1: detail = access the region grants; 0: none, or no region */
    TRACE_PTE,     /* step 2: detail = the pte found, bit for bit */
    TRACE_PAGE,    /* step 3: page and frame found, or none */
    TRACE_FILL,    /* step 4: a frame was filled; detail = 1 when a device was read */
    TRACE_UNSHARE, /* step 5: page, frame: the copy; detail = frame copied from */
    TRACE_INSTALL, /* step 6: detail = the pte installed */
    TRACE_DONE,    /* a fault ends: detail = kind */
    TRACE_FORK,    /* detail = id of the child's space */
    TRACE_MAP,     /* address, detail = length in bytes */
    TRACE_UNMAP,   /* address, detail = length in bytes */
    TRACE_PROTECT, /* address, detail = length in bytes */
    TRACE_FREE,    /* page, frame: the page has ended */
    TRACE_EVICT,   /* page, frame: the page goes; detail = slot, or UINT32_MAX */
    TRACE_OOM,     /* a process is ended for want of memory */
    TRACE_EVENTS,
};

struct trace_record {
    uint64_t time;    /* ns since kernel entry */
    uint64_t address; /* user address, page-aligned; 0 when there is none */
    uint64_t detail;
    uint32_t space; /* space id */
    uint32_t page;  /* page id, UINT32_MAX: none */
    uint32_t frame; /* frame number, UINT32_MAX: none */
    uint32_t event;
};

extern bool trace_on;

/* Defined above: takes the record (time not yet filled in). */
void above_trace(struct trace_record *record);

void trace_emit(enum trace_event event, uint32_t space, uintptr_t address, page_t page,
                frame_t frame, uint64_t detail);

static inline void trace(enum trace_event event, uint32_t space, uintptr_t address,
                         page_t page, frame_t frame, uint64_t detail)
{
    if (__builtin_expect(trace_on, 0))
        trace_emit(event, space, address, page, frame, detail);
}

#endif
