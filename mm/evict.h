/* mm/evict.h - a page loses its frame; a page gets one back. */
#ifndef MM_EVICT_H
#define MM_EVICT_H

#include "mm/group.h"
#include "mm/page.h"

/* --- Out ---------------------------------------------------------------------------- */

enum reclaim {
    RECLAIM_FREED,   /* a frame of the group has come free */
    RECLAIM_STARTED, /* one will, when its page has been written: evict_wait() */
    RECLAIM_WAIT,    /* none can go until a write that is under way has ended */
    RECLAIM_NOTHING, /* none can go */
};

/* Have the group's policy choose a victim, and evict it. Victims that cannot go are
 * readmitted, at most one round. Does not sleep. The lock is held, as for all here. */
enum reclaim reclaim(struct group *group);

/* Since the kernel's start, for all groups together. */
extern struct evict_counts {
    uint64_t scanned;   /* victims named by a policy */
    uint64_t evicted;   /* of those, gone */
    uint64_t refaulted; /* pages with a slot that came back, from it or rescued */
} evict_counts;

/* Finish the writes that have come to their end: their frames become free. */
void evict_reap(void);
/* Sleep until some write has ended, and reap. At once when none is under way. */
void evict_wait(void);
extern uint32_t evict_writing; /* writes under way */

/* Once, at the beginning. */
void evict_start(void);

/* --- In ----------------------------------------------------------------------------- */

enum bring {
    BRING_RESIDENT,  /* the page is in its frame, and nothing has slept */
    BRING_AGAIN,     /* slept: look everything up again */
    BRING_NO_MEMORY, /* no frame, or the group is at its limit: memory_wait, and again */
    BRING_ERROR,     /* the device failed: the contents are lost */
};

struct fault_report;

/* One try to make a page that exists resident: wait for it if it is BUSY, rescue it off the
 * free list, or read its slot. report->kind and ->major are set to what was done. */
enum bring page_bring(page_t page, struct charge *charge, struct fault_report *report);

/* Private memory never written, touched: a new page of zeroes; for a read the one zero page
 * (*page stays PAGE_NONE), but not in a group with a limit, where every page counts. */
enum bring zeroes_fill(unsigned access, struct charge *charge, page_t *page, frame_t *frame,
                       struct fault_report *report);

/* Sleep while the frame is BUSY; look everything up again afterwards. */
void frame_wait(frame_t frame);

#endif
