/* mm/demand_paging/page.h - logical memory: one entry a page.
 *
 * A page is 4 KiB of contents that some program believes to have, wherever they are now:
 * in a frame, in a swap slot, or both. A page with contents always has at least one of the
 * two, so nframes + nslots entries suffice for all the pages there can be, and a fault
 * never needs to allocate one. */
#ifndef MM_PAGE_H
#define MM_PAGE_H

#include "mm/frames/frames.h"

struct object;
struct account;
struct charge;

struct page {
    uint32_t holders; /* ptes that name it, present or not; + 1 if an object holds it */
    frame_t frame; /* where it is resident, or (state FREE) can be rescued, or FRAME_NONE */
    slot_t slot;   /* where its contents are on the swap device, or SLOT_NONE */
    uint32_t index;        /* pages of objects: which page of the object */
    struct object *object; /* the object that holds it, or NULL: a private page */
    page_t hash_next;      /* object's hash chain; for an id not in use: next such id */
    page_t object_next, object_previous; /* the object's list of its pages */
    uint32_t audited;                    /* audit.c's own count of holders */
    uint32_t
        evicted_at; /* group->faults when it was last evicted, for the refault distance */
    uint32_t ghost; /* its policy's word about it, kept while it is not resident */
    struct account *account; /* of whoever had it made (account.h) */
};

extern struct page *pages POINTEE_GUARDED_BY(mm);
extern uint32_t npages;
extern uint32_t page_count; /* ids in use */

static inline struct page *page_get(page_t page) REQUIRES(mm)
{
    return &pages[page.id];
}

/* A new page in a frame of its own (RESIDENT, its contents zeroes or anything), charged and
 * admitted. False, and nothing changed: no frame, or the group is at its limit. */
MUST_USE bool page_create(struct charge *charge, bool zeroed, page_t *page, frame_t *frame)
    REQUIRES(mm);

static inline bool page_is_resident(page_t page) REQUIRES(mm)
{
    frame_t frame = page_get(page)->frame;
    return frame_is(frame) && frame_get(frame)->state == FRAME_RESIDENT;
}

/* Must a write to it, where it is not shared on purpose, go to a copy? Others see it too: it is the
 * zero page (PAGE_NONE), or an object holds it, or another entry. */
static inline bool page_needs_copy(page_t page) REQUIRES(mm)
{
    return !page_is(page) || page_get(page)->object != NULL || page_get(page)->holders > 1;
}

static inline void page_hold(page_t page) REQUIRES(mm)
{
    page_get(page)->holders++;
}

struct flush;
struct position;

/* One holder less. With the last, the page ceases to be: its id is free at once, its frame
 * when `flush` is done (flush.h). A pinned frame is left to whoever unpins it last. */
void page_drop(page_t page, struct flush *flush) REQUIRES(mm);

/* Unpin the page's frame; if the page has lost its last holder meanwhile, it ends here. By
 * then nothing has mapped it for a while: there is nothing to flush. */
void page_unpin(page_t page) REQUIRES(mm);

/* End a page that nobody holds and nobody pins; alone: there is nothing to flush. */
void page_end(page_t page, struct flush *flush) REQUIRES(mm);
void page_end_alone(page_t page) REQUIRES(mm);

/* Whatever the entry said, it says nothing any more (zero); the page it named loses a
 * holder. */
void page_forget_entry(const struct position *at, struct flush *flush) REQUIRES(mm);
/* The entry names a page that others hold too (or the zero page), and gives up its share:
 * it says nothing any more, and the processor has forgotten it. */
void page_leave_entry(const struct position *at) REQUIRES(mm);
/* Take a frame's page out of every space: all its mappers become zero (they can find it
 * again through their regions). For pages of objects. */
void page_unmap_all(frame_t frame, struct flush *flush) REQUIRES(mm);

#endif
