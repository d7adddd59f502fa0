/* mm/evict.h - a page loses its frame; a page gets one back. */
#ifndef MM_EVICT_H
#define MM_EVICT_H

#include "mm/group.h"
#include "mm/page.h"

/* --- Out ---------------------------------------------------------------------------- */

enum reclaim {
    RECLAIM_FREED,   /* a frame of the group has come free */
    RECLAIM_STARTED, /* one will, when its page has been written: laundry_wait() */
    RECLAIM_WAIT,    /* none can go until a write that is under way has ended */
    RECLAIM_NOTHING, /* none can go */
};

/* Have the group's policy choose a victim, and evict it. Victims that cannot go are
 * readmitted, at most one round. With `cluster`, a write may be held back until others come
 * along (laundry_send). Does not sleep. The lock is held, as for all here. */
enum reclaim reclaim(struct group *group, bool cluster);

/* Would evicting the page need a slot that it does not have? */
bool evict_needs_slot(frame_t frame);

/* Evict this page: resident, admitted, neither pinned nor wired. True: its frame is free, or
 * its write is under way. Needs !laundry_full(). */
bool evict(frame_t frame);

/* Since the kernel's start, for all groups together. */
extern struct evict_counts {
    uint64_t scanned;   /* victims named by a policy */
    uint64_t evicted;   /* of those, gone */
    uint64_t refaulted; /* pages with a slot that came back, from it or rescued */
    uint64_t foreign;   /* of those evicted, from one group for another's sake */
} evict_counts;

/* For mm/laundry.c: the write of an evicted page has ended; the frame comes free, or back if
 * the page could not be written. */
void evict_written(frame_t frame, bool written);

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

/* In two steps, for who reads many pages at once (mm/more/swapping.c): the page gets a frame,
 * BUSY and pinned; false, and nothing changed but the group's clock: there is none. */
bool page_in_begin(page_t page, struct charge *charge);
/* Its slot has been read into the frame: RESIDENT. (If nobody holds the page any more, it
 * ends here.) */
void page_in_end(page_t page);
/* The device failed instead: the frame holds nothing, and whoever touches the page learns it
 * (SIGBUS). The slot stays the page's; another try may fare better. */
void page_lost(page_t page);

/* Private memory never written, touched: a new page of zeroes; for a read the one zero page
 * (*page stays PAGE_NONE), but not in a group with a limit, where every page counts. */
enum bring zeroes_fill(unsigned access, struct charge *charge, page_t *page, frame_t *frame,
                       struct fault_report *report);

/* Sleep while the frame is BUSY; look everything up again afterwards. */
void frame_wait(frame_t frame);

#endif
