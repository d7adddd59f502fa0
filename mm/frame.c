/* mm/frame.c - the free-frame list.
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
#include "mm/frame.h"

#include "mm/above.h"
#include "mm/page.h"
#include "mm/pageoutd.h"
#include "mm/trace.h"

struct frame *frames;
uint32_t nframes;
struct frame_counts frame_counts;
struct frame_watermarks frame_watermarks;
bool frame_junk;
uint32_t frame_fail_after;
uint32_t frame_waiters;

struct frame_list {
    frame_t head, tail;
};

static struct frame_list list_plain = {FRAME_NONE, FRAME_NONE};
static struct frame_list list_kept = {FRAME_NONE, FRAME_NONE};
static struct frame_list list_zeroed = {FRAME_NONE, FRAME_NONE};

static void list_append(struct frame_list *list, frame_t frame)
{
    frame_get(frame)->next = FRAME_NONE;
    frame_get(frame)->previous = list->tail;
    if (frame_is(list->tail))
        frame_get(list->tail)->next = frame;
    else
        list->head = frame;
    list->tail = frame;
}

static void list_remove(struct frame_list *list, frame_t frame)
{
    struct frame *f = frame_get(frame);
    *(frame_is(f->previous) ? &frame_get(f->previous)->next : &list->head) = f->next;
    *(frame_is(f->next) ? &frame_get(f->next)->previous : &list->tail) = f->previous;
}

static struct frame_list *list_of(frame_t frame)
{
    if (page_is(frame_get(frame)->page))
        return &list_kept;
    return frame_get(frame)->zeroed ? &list_zeroed : &list_plain;
}

void frame_give(frame_t first, frame_t end)
{
    trace_page(TRACE_GIVE, PAGE_NONE, first, end.number - first.number);
    for (frame_t frame = first; frame.number < end.number; frame.number++) {
        ASSERT(frame_get(frame)->state == FRAME_KERNEL);
        frame_get(frame)->state = FRAME_FREE;
        frame_get(frame)->page = PAGE_NONE;
        list_append(&list_plain, frame);
        frame_counts.total++;
        frame_counts.free++;
    }
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
static void frame_leave(frame_t frame)
{
    struct frame *f = frame_get(frame);
    ASSERT(f->state == FRAME_FREE && f->pins == 0);
    list_remove(list_of(frame), frame);
    frame_counts.free--;
    frame_counts.zeroed -= f->zeroed;
    frame_counts.kept -= page_is(f->page);
    if (frame_counts.free < frame_watermarks.low)
        pageout_wake();
}

static frame_t frame_begin(frame_t frame, enum frame_state state)
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
        if (state != FRAME_RESIDENT) /* else page_create says so */
            trace_page(TRACE_TAKE, PAGE_NONE, frame, state);
    }
    return frame;
}

/* The head of the first list that has one. */
static frame_t list_first(const struct frame_list *a, const struct frame_list *b,
                          const struct frame_list *c)
{
    return frame_is(a->head) ? a->head : frame_is(b->head) ? b->head : c->head;
}

frame_t frame_take(enum frame_use use, enum frame_state state)
{
    if (!frame_granted(use))
        return FRAME_NONE;
    return frame_begin(list_first(&list_plain, &list_zeroed, &list_kept), state);
}

frame_t frame_take_zeroed(enum frame_use use, enum frame_state state)
{
    if (!frame_granted(use))
        return FRAME_NONE;
    frame_t frame = list_first(&list_zeroed, &list_plain, &list_kept);
    bool zeroed = frame_is(frame) && frame_get(frame)->zeroed;
    frame_begin(frame, state);
    if (frame_is(frame) && !zeroed)
        frame_clear(frame);
    return frame;
}

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
    list_remove(&list_kept, frame);
    frame_get(frame)->page = PAGE_NONE;
    frame_counts.kept--;
    list_append(&list_plain, frame);
    trace_page(TRACE_FORGET, PAGE_NONE, frame, 0);
}

void frame_free(frame_t frame)
{
    struct frame *f = frame_get(frame);
    ASSERT(f->state != FRAME_FREE && f->pins == 0);
    if (f->state == FRAME_RESIDENT)
        ASSERT(!mapper_is(f->mappers));
    f->state = FRAME_FREE;
    f->zeroed = f->zeroed && !page_is(f->page);
    if (frame_junk && !f->zeroed && !page_is(f->page))
        __builtin_memset(frame_data(frame), 0xdb, PAGE_SIZE);
    list_append(list_of(frame), frame);
    frame_counts.free++;
    frame_counts.zeroed += f->zeroed;
    frame_counts.kept += page_is(f->page);
    trace_page(TRACE_LIST, f->page, frame, f->zeroed);
    if (frame_waiters)
        above_wake(&frame_counts);
}

bool frame_zero_one(void)
{
    if (frame_counts.zeroed >= frame_counts.total / 8)
        return false;
    frame_t frame = list_plain.head;
    if (!frame_is(frame))
        return false;
    list_remove(&list_plain, frame);
    frame_clear(frame);
    frame_get(frame)->zeroed = true;
    frame_counts.zeroed++;
    list_append(&list_zeroed, frame);
    trace_page(TRACE_ZEROED, PAGE_NONE, frame, 0);
    return true;
}

static long list_count(const struct frame_list *list)
{
    long count = 0;
    frame_t previous = FRAME_NONE;
    for (frame_t at = list->head; frame_is(at); at = frame_get(at)->next) {
        const struct frame *frame = frame_get(at);
        if (frame->state != FRAME_FREE || list_of(at) != list ||
            !frame_same(frame->previous, previous) || count > nframes)
            return -1;
        previous = at;
        count++;
    }
    return frame_same(list->tail, previous) ? count : -1;
}

long frame_lists_count(void)
{
    long plain = list_count(&list_plain);
    long kept = list_count(&list_kept);
    long zeroed = list_count(&list_zeroed);
    return plain < 0 || kept < 0 || zeroed < 0 ? -1 : plain + kept + zeroed;
}

void frame_watermarks_set(void)
{
    uint32_t total = frame_counts.total;
    uint32_t reserve = total / 256;
    frame_watermarks.reserve = reserve < 16 ? 16 : reserve > 256 ? 256 : reserve;
    frame_watermarks.low = 2 * frame_watermarks.reserve;
    frame_watermarks.high = 3 * frame_watermarks.reserve;
}
