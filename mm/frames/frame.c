/* mm/frames/frame.c - the free-frame list.
 *
 * Demand paging needs a frame at every first touch, and cannot wait for one to be found: so
 * the kernel keeps a list of free frames; three, in fact:
 *
 *     zeroed   already cleared, while the processor had nothing better to do: most frames
 *              are wanted full of zeroes, and clearing costs more than the rest of a fault
 *     plain    contents without meaning
 *     kept     freed by eviction, their pages still intact: until the frame is used again,
 *              a fault on such a page takes it back without any reading ("rescue")
 *
 * Frames are taken at the head and come back at the tail, and kept ones are taken last: so
 * that pages can be rescued as long as possible. */
#include "mm/frames/frame.h"
#include "mm/hooks.h"

#include "mm/above.h"
#include "mm/frames/account.h"
#include "mm/frames/queue.h"
#include "mm/frames/ready.h"
#include "mm/trace.h"

#define RESERVE_LEAST 16u /* frames */
#define RESERVE_PART  8u  /* of memory, at most: three times as much is kept free */

struct frame *frames;
uint32_t nframes;
struct frame_counts frame_counts;
bool frame_junk;
uint32_t frame_fail_after;
uint32_t frame_waiters;

static struct frame_queue lists[FRAME_LISTS] GUARDED_BY(mm) = {QUEUE_EMPTY, QUEUE_EMPTY,
                                                               QUEUE_EMPTY};

static struct frame_queue *list_of(frame_t frame) REQUIRES(mm)
{
    if (page_is(frame_get(frame)->page))
        return &lists[FRAME_LIST_KEPT];
    return &lists[frame_get(frame)->zeroed ? FRAME_LIST_ZEROED : FRAME_LIST_PLAIN];
}

const struct frame_queue *frame_list(enum frame_list list)
{
    return &lists[list];
}

static void frame_spoil(frame_t frame)
{
    if (frame_junk)
        __builtin_memset(frame_data(frame), 0xdb, PAGE_SIZE);
}

void frame_give(frame_t first, frame_t end)
{
    mm_lock();
    trace_page(TRACE_GIVE, PAGE_NONE, first, end.number - first.number);
    for (frame_t frame = first; frame.number < end.number; frame.number++) {
        ASSERT(frame_get(frame)->state == FRAME_KERNEL);
        frame_get(frame)->state = FRAME_FREE;
        frame_get(frame)->page = PAGE_NONE;
        frame_spoil(frame);
        queue_append(&lists[FRAME_LIST_PLAIN], frame);
        frame_counts.total++;
        frame_counts.free++;
    }
    mm_unlock();
}

/* May this caller have one now? The Nth taking fails on request: every path that takes a
 * frame must survive it. */
static bool frame_granted(enum frame_use use)
{
    if (frame_fail_after && --frame_fail_after == 0)
        return false;
    return use == FRAME_FOR_KERNEL || frame_counts.free > frame_watermarks.reserve;
}

/* Off its list, counted. */
static inline __attribute__((always_inline)) void frame_leave(frame_t frame) REQUIRES(mm)
{
    struct frame *f = frame_get(frame);
    ASSERT(f->state == FRAME_FREE && f->pins == 0);
    if (mm_is_shared() && f->apart)
        f->apart = false;
    else
        queue_remove(list_of(frame), frame);
    frame_counts.free--;
    frame_counts.zeroed -= f->zeroed;
    frame_counts.kept -= page_is(f->page);
    if (frame_counts.free < frame_watermarks.low) {
        pageout_wake();
        if (frame_counts.free < frame_watermarks.reserve)
            above_indebted();
    }
}

/* It is no page's: the kernel's, for whoever runs. */
static void frame_begin_kernel(struct frame *f, enum frame_state state) REQUIRES(mm)
{
    frame_counts.kernel++;
    if (state != FRAME_KERNEL)
        return;
    f->slab = false;
    f->account = account_current;
    account_charge(account_current, ACCOUNT_FRAMES, 1);
}

static void frame_end_kernel(struct frame *f) REQUIRES(mm)
{
    frame_counts.kernel--;
    if (f->state == FRAME_KERNEL)
        account_uncharge(f->account, ACCOUNT_FRAMES, 1);
}

void frame_own(frame_t frame, struct account *account)
{
    struct frame *f = frame_get(frame);
    ASSERT(f->state == FRAME_KERNEL);
    account_charge(account, ACCOUNT_FRAMES, 1);
    account_uncharge(f->account, ACCOUNT_FRAMES, 1);
    f->account = account;
}

static inline __attribute__((always_inline)) frame_t frame_begin(frame_t frame,
                                                                 enum frame_state state)
    REQUIRES(mm)
{
    if (frame_is(frame)) {
        struct frame *f = frame_get(frame);
        frame_leave(frame);
        if (page_is(f->page))
            page_lose_frame(f->page);
        f->state = state;
        f->dirty = f->referenced = f->recent = f->zeroed = f->admitted = false;
        f->wired = 0;
        f->history = 0;
        f->page = PAGE_NONE;
        f->mappers = MAPPER_NONE;
        if (state == FRAME_KERNEL || state == FRAME_TABLE)
            frame_begin_kernel(f, state);
        if (trace_wanted() && state != FRAME_RESIDENT) /* else page_create says so */
            trace_page(TRACE_TAKE, PAGE_NONE, frame, state);
    }
    return frame;
}

/* The head of the first list that has one; with several processors, see ready.h, too. */
static inline __attribute__((always_inline)) frame_t first_of(enum frame_list a,
                                                              enum frame_list b,
                                                              enum frame_list c)
    REQUIRES(mm)
{
    if (mm_is_shared() && a == FRAME_LIST_ZEROED) {
        frame_t own = ready_take();
        if (frame_is(own))
            return own;
    }
    frame_t first = lists[a].count   ? lists[a].head
                    : lists[b].count ? lists[b].head
                                     : lists[c].head;
    if (mm_is_shared() && !frame_is(first))
        return ready_take_others();
    return first;
}

frame_t frame_take(enum frame_use use, enum frame_state state)
{
    if (!frame_granted(use))
        return FRAME_NONE;
    return frame_begin(first_of(FRAME_LIST_PLAIN, FRAME_LIST_ZEROED, FRAME_LIST_KEPT),
                       state);
}

/* A zeroed frame, as it is; only where there is none another, as frame_take takes it, and
 * cleared. */
frame_t frame_take_zeroed(enum frame_use use, enum frame_state state)
{
    if (!frame_granted(use))
        return FRAME_NONE;
    frame_t frame = first_of(FRAME_LIST_ZEROED, FRAME_LIST_PLAIN, FRAME_LIST_KEPT);
    bool zeroed = frame_is(frame) && frame_get(frame)->zeroed;
    frame_begin(frame, state);
    if (frame_is(frame) && !zeroed)
        frame_clear(frame);
    return frame;
}

/* Off its list, as whoever takes one, but the page stays, and its contents; they differ from
 * the backing as they did. No entry maps it yet, and nobody has used it since. */
void frame_rescue(frame_t frame)
{
    struct frame *f = frame_get(frame);
    ASSERT(page_is(f->page));
    frame_leave(frame);
    f->state = FRAME_RESIDENT;
    f->mappers = MAPPER_NONE;
    f->referenced = f->recent = false;
    f->history = 0;
}

void frame_forget(frame_t frame)
{
    ASSERT(frame_get(frame)->state == FRAME_FREE);
    queue_remove(&lists[FRAME_LIST_KEPT], frame);
    frame_get(frame)->page = PAGE_NONE;
    frame_counts.kept--;
    queue_append(&lists[FRAME_LIST_PLAIN], frame);
    trace_page(TRACE_FORGET, PAGE_NONE, frame, 0);
}

/* The list that a frame goes to, the same that list_of will find it on; counted there. A frame
 * that keeps a page is not zeroed, whatever its contents; a plain one is spoiled, on request. */
static struct frame_queue *list_for(frame_t frame) REQUIRES(mm)
{
    struct frame *f = frame_get(frame);
    if (page_is(f->page)) {
        f->zeroed = false;
        frame_counts.kept++;
        return &lists[FRAME_LIST_KEPT];
    }
    if (f->zeroed) {
        frame_counts.zeroed++;
        return &lists[FRAME_LIST_ZEROED];
    }
    frame_spoil(frame);
    return &lists[FRAME_LIST_PLAIN];
}

/* It is FREE, and goes to the tail of its list: of each kind, who has been there longest is at
 * the head, and is taken first. Counted among the free ones. */
static void list_put(frame_t frame) REQUIRES(mm)
{
    queue_append(list_for(frame), frame);
    frame_counts.free++;
}

/* The page that the first kept frame kept ends, or does without it. */
static void first_kept_becomes_plain(void) REQUIRES(mm)
{
    frame_t frame = lists[FRAME_LIST_KEPT].head;
    page_t page = frame_get(frame)->page;
    frame_forget(frame);
    page_lose_frame(page);
}

unsigned frame_set_apart(frame_t *apart, unsigned most)
{
    struct frame_queue *plain = &lists[FRAME_LIST_PLAIN];
    if (frame_counts.free <= frame_watermarks.reserve)
        return 0;
    if (plain->count == 0 && lists[FRAME_LIST_KEPT].count > 0)
        first_kept_becomes_plain();
    unsigned count = plain->count < most ? plain->count : most;
    queue_take_first(plain, apart, count);
    for (unsigned i = 0; i < count; i++)
        frame_get(apart[i])->apart = true;
    return count;
}

void frame_put_back(frame_t frame)
{
    frame_get(frame)->apart = false;
    queue_prepend(list_of(frame), frame);
}

void frame_free(frame_t frame)
{
    struct frame *f = frame_get(frame);
    ASSERT(f->state != FRAME_FREE && f->pins == 0);
    if (f->state == FRAME_RESIDENT)
        ASSERT(!mapper_is(f->mappers));
    else if (f->state != FRAME_BUSY)
        frame_end_kernel(f);
    f->state = FRAME_FREE;
    list_put(frame);
    trace_page(TRACE_LIST, f->page, frame, f->zeroed);
    if (frame_waiters)
        above_wake(&frame_counts);
}

/* A plain frame is cleared, and becomes a zeroed one, counted there. Kept ones are left alone:
 * their pages are worth more than zeroes. False, and nothing is done: an eighth of all frames is
 * zeroed already, or none is plain. */
static bool zero_one(void) REQUIRES(mm)
{
    if (frame_counts.zeroed >= frame_counts.total / 8)
        return false;
    frame_t frame = lists[FRAME_LIST_PLAIN].head;
    if (!frame_is(frame))
        return false;
    queue_remove(&lists[FRAME_LIST_PLAIN], frame);
    frame_clear(frame);
    frame_get(frame)->zeroed = true;
    frame_counts.zeroed++;
    queue_append(&lists[FRAME_LIST_ZEROED], frame);
    trace_page(TRACE_ZEROED, PAGE_NONE, frame, 0);
    return true;
}

bool frame_zero_one(void)
{
    mm_lock();
    bool done = mm_is_shared() ? ready_clear_one() : zero_one();
    mm_unlock();
    return done;
}

struct frame_watermarks frame_watermarks;

static void watermarks_above(uint32_t reserve)
{
    frame_watermarks.reserve = reserve;
    frame_watermarks.low = 2 * reserve;
    frame_watermarks.high = 3 * reserve;
}

void frame_watermarks_set(void)
{
    uint32_t reserve = frame_counts.total / 256;
    watermarks_above(reserve < RESERVE_LEAST ? RESERVE_LEAST
                     : reserve > 256         ? 256
                                             : reserve);
}

bool frame_watermarks_change(uint32_t reserve)
{
    if (reserve < RESERVE_LEAST || reserve > frame_counts.total / RESERVE_PART)
        return false;
    mm_lock();
    watermarks_above(reserve);
    if (frame_counts.free < frame_watermarks.low)
        pageout_wake();
    mm_unlock();
    return true;
}
