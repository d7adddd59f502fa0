/* mm/demand_paging/page_in.h - a page without a frame gets one, and its contents. */
#ifndef MM_PAGE_IN_H
#define MM_PAGE_IN_H

#include "mm/frames/frames.h"

struct charge;
struct fault_report;

enum bring {
    BRING_RESIDENT,  /* the page is in its frame, and nothing has slept */
    BRING_AGAIN,     /* slept: look everything up again */
    BRING_NO_MEMORY, /* no frame, or the group is at its limit: pageout_wait, and again */
    BRING_ERROR,     /* the device failed: the contents are lost */
};

/* One try to make a page that exists resident: wait for it if it is BUSY, rescue it off the
 * free list, or read its slot. report->kind and ->major are set to what was done; what it did not
 * do (it was resident, it waited) they do not tell. */
enum bring page_in(page_t page, struct charge *charge, struct fault_report *report) SLEEPS
    REQUIRES(mm);
/* The same in two steps, for reading many pages at once (swapping.c). First the page gets a
 * frame, BUSY and pinned. False: there is none, and nothing has changed but the group's clock. */
bool page_in_begin(page_t page, struct charge *charge) REQUIRES(mm);
/* Its slot has been read into the frame: RESIDENT. (If nobody holds the page any more, it
 * ends here.) */
void page_in_end(page_t page) REQUIRES(mm);
/* The device failed instead: the frame holds nothing, and whoever touches the page learns it
 * (SIGBUS). The slot stays the page's; another try may fare better. */
void page_in_lost(page_t page) REQUIRES(mm);
/* Private memory never written, touched: a new page of zeroes; for a read the one zero page
 * (*page stays PAGE_NONE), but not in a group with a limit, where every page counts. */
enum bring page_in_zeroes(unsigned access, struct charge *charge, page_t *page,
                          frame_t *frame, struct fault_report *report) REQUIRES(mm);
/* Sleep while the frame is BUSY; look everything up again afterwards. */
void page_in_wait(frame_t frame) SLEEPS REQUIRES(mm);

#endif
