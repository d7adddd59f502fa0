/* mm/frames/frame.h - physical memory: one entry a frame.
 *
 * Half of the subject is this array; the other half is pages[] (page.h). A frame is
 * 4 KiB of physical memory; what it holds, who maps it, and what state it is in stand here
 * and nowhere else. */
#ifndef MM_FRAME_H
#define MM_FRAME_H

#include "arch/mmu.h"
#include "lib/panic.h"
#include "mm/lock.h"

/* The states, and what leads from each to the next:
 *
 *                         take: a new page; rescue: the page it kept
 *                     .------------------------------------------------.
 *                     |             free: its page has ended           v
 *             take    |   .---------------------------------------- RESIDENT
 *     KERNEL <------  |   v                                          |   ^
 *                     FREE             evict, or to be read: wait    |   | filled, or
 *     TABLE  ------>  |   ^                                          v   | it stays
 *             free    |   '------------------------------------------ BUSY
 *                     |             free: evicted, its page kept       ^
 *                     '------------------------------------------------'
 *                         take: for a page to be read
 */
enum frame_state {
    FRAME_KERNEL,   /* not for pages: the kernel, its objects, holes in physical memory */
    FRAME_FREE,     /* on the free-frame list */
    FRAME_RESIDENT, /* holds a page */
    FRAME_BUSY,     /* holds a page whose contents are on their way; sleep on it */
    FRAME_TABLE,    /* a page table, or the links beside one */
    FRAME_STATES,
};

struct account;

struct frame {
    uint8_t state;  /* enum frame_state */
    bool dirty : 1; /* contents differ from what the backing holds, whatever D bits say */
    bool referenced : 1; /* harvested from A bits since the policy last asked */
    bool recent : 1;     /* harvested from A bits since the last tick */
    bool admitted : 1;   /* in the hands of its group's policy */
    bool zeroed : 1;     /* its contents are all zeroes (kept for FREE frames only) */
    bool slab : 1;       /* KERNEL: cut into objects (slab.c) */
    bool apart : 1;      /* FREE, but on no list (frame_set_apart) */
    uint16_t pins;       /* it may not go: somebody in the kernel is using its contents */
    uint16_t wired;      /* present ptes that wire it: it may not go, and is not charged */
    uint16_t group;      /* index of the group it is charged to */
    page_t page; /* RESIDENT, BUSY: the page it holds. FREE: the page it held last and
                            that can still be rescued, or PAGE_NONE */
    union {
        mapper_t mappers; /* RESIDENT: first of the present ptes that point here */
        frame_t links;    /* TABLE, last level: the frame with its mapper links */
    };
    union {
        /* FREE: neighbours on the list; to be freed: next; RESIDENT: the policy's */
        struct {
            frame_t next, previous;
        };
        struct {              /* TABLE */
            uint32_t span;    /* last level: first address it maps, in units of 2 MiB */
            uint16_t used;    /* entries that are not zero */
            uint16_t present; /* last level: present entries that name a page */
        };
        struct account *account; /* KERNEL: whose it is; NULL: never given to the list */
    };
    frame_t group_next, group_previous; /* among its group's frames (group.h) */
    union {
        uint32_t history; /* shift register of harvested A bits, for policies */
        frame_t root;     /* TABLE, last level: of the tree that it is in */
    };
    uint32_t policy; /* the policy's own word */
};

extern struct frame *frames POINTEE_GUARDED_BY(mm);
extern uint32_t nframes;

static inline struct frame *frame_get(frame_t frame) REQUIRES(mm)
{
    return &frames[frame.number];
}

/* --- The free-frame list --------------------------------------------------------- */

/* Kernel start: frames [first, end) are free. */
void frame_give(frame_t first, frame_t end) EXCLUDES(mm);

/* Who asks: users leave the reserve alone, so that the kernel can always finish what
 * gives memory back. */
enum frame_use {
    FRAME_FOR_USER,
    FRAME_FOR_KERNEL,
};

/* Take a frame off the list; its state becomes `state`, its contents are anything
 * (frame_take) or zeroes (frame_take_zeroed). FRAME_NONE when there is none. Never
 * sleeps. */
MUST_USE frame_t frame_take(enum frame_use use, enum frame_state state) REQUIRES(mm);
frame_t frame_take_zeroed(enum frame_use use, enum frame_state state) REQUIRES(mm);

/* Take back from the list a frame that still keeps its page: RESIDENT again. */
void frame_rescue(frame_t frame) REQUIRES(mm);
/* A kept page has ended: the frame on the list is like any other. */
void frame_forget(frame_t frame) REQUIRES(mm);

/* Put a frame on the list. If frames[].page names a page, its contents are kept until
 * the frame is used again, and can be rescued; otherwise: among the zeroed ones if its
 * `zeroed` says that its contents are. Nothing may map it, in tables or in the TLB; pins
 * must be 0. */
void frame_free(frame_t frame) REQUIRES(mm);

/* Clear one free frame for the zeroed pool; false when the pool is full enough. For the
 * idle loop. */
bool frame_zero_one(void) EXCLUDES(mm);

/* With several processors: take up to `most` frames off their list without a use yet. They stay
 * free, and are counted among the free ones, but their contents may be written to without the mm
 * lock. What keeps a page stays on its list, unless there is nothing else. How many; 0: none for
 * users. */
unsigned frame_set_apart(frame_t *apart, unsigned most) REQUIRES(mm);
/* Back to its list, at the head, so that it is taken next. */
void frame_put_back(frame_t frame) REQUIRES(mm);

/* A KERNEL frame is the account's from now on. */
void frame_own(frame_t frame, struct account *account) REQUIRES(mm);

struct frame_counts {
    uint32_t total;  /* given at start */
    uint32_t free;   /* on the list, the zeroed ones among them */
    uint32_t zeroed; /* of those, already cleared */
    uint32_t kept;   /* of those, holding a page that can be rescued */
    uint32_t kernel; /* taken for the kernel's use: its objects, stacks, and page tables */
};
extern struct frame_counts frame_counts;

/* The lists, to look at. */
enum frame_list { FRAME_LIST_ZEROED, FRAME_LIST_PLAIN, FRAME_LIST_KEPT, FRAME_LISTS };
struct frame_queue;
const struct frame_queue *frame_list(enum frame_list list);

/* Not 0: the Nth taking from now fails, for fault injection. */
extern uint32_t frame_fail_after;

/* Sleepers on &frame_counts, waiting for any frame to be freed. */
extern uint32_t frame_waiters;

/* Fill free frames with junk, also those given at the start, so that a stale pointer
 * shows at once. */
extern bool frame_junk;

static inline void frame_pin(frame_t frame) REQUIRES(mm)
{
    ASSERT(frame_get(frame)->pins < UINT16_MAX);
    frame_get(frame)->pins++;
}

static inline void frame_unpin(frame_t frame) REQUIRES(mm)
{
    ASSERT(frame_get(frame)->pins > 0);
    frame_get(frame)->pins--;
}

/* Watermarks, in frames: below `reserve` users get none; pageoutd works between the
 * others. Set from the memory's size. */
extern struct frame_watermarks {
    uint32_t reserve, low, high;
} frame_watermarks;
/* From frame_counts.total; called once by mm_ready. */
void frame_watermarks_set(void);
/* So large a reserve from now on, and the others in proportion. False: too small, or more than an
 * eighth of memory; nothing has changed. */
bool frame_watermarks_change(uint32_t reserve) EXCLUDES(mm);

#endif
