/* mm/view.h - looking at a space from outside: for /proc, for messages and for choosing.
 *
 * Whoever looks gets copies, made under the lock, and none of the pointers that hold memory
 * management together: what is told was so at one moment, and may be otherwise at the next. */
#ifndef MM_VIEW_H
#define MM_VIEW_H

#include "mm/address_spaces/address_spaces.h"

/* One page as /proc shows it. */
struct page_view {
    uintptr_t address;
    pte_t pte;
    page_t page;      /* PAGE_NONE for the zero page */
    frame_t frame;    /* FRAME_NONE when not resident */
    slot_t slot;      /* SLOT_NONE when it has none */
    uint32_t holders; /* entries that name it, and the object that holds it */
    bool of_object;   /* an object, a file's or a segment's, holds it */
    bool of_device;   /* and a device has it, too */
    bool dirty;       /* its frame has been written, by whoever, as far as is known yet */
    bool alone;       /* no other entry is present that leads to its frame */
};

/* The entry of one address. False: it is zero, or there is none. */
bool view_page(struct space *space, uintptr_t address, struct page_view *view) EXCLUDES(mm);
/* The first entry that is not zero at or above `address`. false: none. */
bool view_next(struct space *space, uintptr_t address, struct page_view *view) EXCLUDES(mm);
/* Those at or above *at and below `end` that are not zero, up to `most` of them, by address; *at
 * moves behind the last that has been looked at, in one last-level table at most. Returns how many;
 * all is done when *at is `end`. */
unsigned view_pages(struct space *space, uintptr_t *at, uintptr_t end,
                    struct page_view *views, unsigned most) EXCLUDES(mm);
bool view_next_locked(struct space *space, uintptr_t address, struct page_view *view)
    REQUIRES(mm);

/* What was promised at an address: region.h says what the words mean. */
struct region_view {
    uintptr_t start, end;
    uint8_t access, access_max;
    uint8_t wired; /* enum wiring */
    bool shared, grows_down, not_forked, wiped, not_dumped, tracked;
    bool
        of_kernel; /* no region: a page of the kernel's that all spaces have (shared_code.h) */
    uint32_t index;
    struct object
        *object;          /* to tell it from others; it stays as long as nobody unmaps it */
    const void *owner;    /* object_belongs: the object's, or NULL */
    uint64_t object_size; /* bytes */
};

/* The region that holds `address`. False: there is none. */
bool view_region(struct space *space, uintptr_t address, struct region_view *view)
    EXCLUDES(mm);
/* That, or the next one above. */
bool view_region_above(struct space *space, uintptr_t address, struct region_view *view)
    EXCLUDES(mm);

/* A frame as it is now, with what is known of its page. */
struct frame_view {
    enum frame_state state;
    bool zeroed, dirty, referenced, wired, admitted;
    bool mapped;     /* present entries lead to it */
    uint16_t group;  /* that it is charged to */
    bool holds_page; /* or, of a free one, keeps it; else the rest says nothing: */
    bool of_object, of_device; /* the page is an object's; and a device has it, too */
    bool has_slot;
    uint32_t holders;
};

/* The frames from `first` on, `most` of them or as many as there are. Returns how many. */
unsigned view_frames(uint32_t first, struct frame_view *views, unsigned most) EXCLUDES(mm);
/* How many present entries lead to the frame. */
uint32_t view_mappers(uint32_t frame) EXCLUDES(mm);

/* Pages of an object that are in frames, and in slots only. */
void view_object(const struct object *object, uint64_t *resident, uint64_t *swapped)
    EXCLUDES(mm);
/* Is any space in the group? */
bool view_group_used(uint16_t group) EXCLUDES(mm);
/* Where `length` bytes of the space are free between two addresses, the highest such place; 0:
 * nowhere. */
uintptr_t view_gap(struct space *space, size_t length, uintptr_t bottom, uintptr_t top)
    EXCLUDES(mm);

/* Pages of the space that are resident (Linux's RSS). */
uint64_t view_resident(struct space *space) EXCLUDES(mm);

/* An address at which some space has the private page; 0: there is none. Cheap when the page is
 * mapped. */
uintptr_t view_address(page_t page) REQUIRES(mm);

#endif
