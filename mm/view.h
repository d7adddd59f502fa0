/* mm/view.h - looking at a space from outside, entry by entry. */
#ifndef MM_VIEW_H
#define MM_VIEW_H

#include "mm/address_spaces/address_spaces.h"

/* One page as /proc shows it. */
struct page_view {
    uintptr_t address;
    pte_t pte;
    page_t page;   /* PAGE_NONE for the zero page */
    frame_t frame; /* FRAME_NONE when not resident */
    uint32_t holders;
};

/* The first entry that is not zero at or above `address`. false: none. */
bool view_next(struct space *space, uintptr_t address, struct page_view *view);

/* Where some space has a private page; 0: nowhere. Cheap when it is mapped. */
uintptr_t view_address(page_t page);

#endif
