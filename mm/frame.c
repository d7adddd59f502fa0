/* mm/frame.c - the free-frame list.
 *
 * Demand paging needs a frame at every first touch, and cannot wait for one to be found: so
 * the kernel keeps a list of free frames. Most are wanted full of zeroes (nobody may see
 * what the last owner wrote), and clearing one costs more than all the rest of a fault; so
 * there are two lists, of which one holds frames already cleared: "zero-fill-on-demand"
 * prepared while the processor has nothing better to do.
 *
 * Frames are taken at the head and come back at the tail: a freed frame keeps its contents
 * as long as possible. */
#include "mm/frame.h"

#include "mm/above.h"
#include "mm/lock.h"

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

static frame_t list_pop(struct frame_list *list)
{
    frame_t frame = list->head;
    if (!frame_is(frame))
        return frame;
    list->head = frame_get(frame)->next;
    if (frame_is(list->head))
        frame_get(list->head)->previous = FRAME_NONE;
    else
        list->tail = FRAME_NONE;
    return frame;
}

void frame_give(frame_t first, frame_t end)
{
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

static frame_t frame_begin(frame_t frame, enum frame_state state)
{
    if (frame_is(frame)) {
        struct frame *f = frame_get(frame);
        ASSERT(f->state == FRAME_FREE && f->pins == 0);
        frame_counts.free--;
        if (f->zeroed)
            frame_counts.zeroed--;
        f->state = state;
        f->dirty = f->referenced = f->zeroed = false;
        f->history = 0;
        f->page = PAGE_NONE;
        f->mappers = MAPPER_NONE;
    }
    return frame;
}

frame_t frame_take(enum frame_use use, enum frame_state state)
{
    if (!frame_granted(use))
        return FRAME_NONE;
    frame_t frame = list_pop(&list_plain);
    if (!frame_is(frame))
        frame = list_pop(&list_zeroed);
    return frame_begin(frame, state);
}

frame_t frame_take_zeroed(enum frame_use use, enum frame_state state)
{
    if (!frame_granted(use))
        return FRAME_NONE;
    frame_t frame = list_pop(&list_zeroed);
    if (!frame_is(frame)) {
        frame = list_pop(&list_plain);
        if (frame_is(frame))
            frame_clear(frame);
    }
    return frame_begin(frame, state);
}

void frame_free(frame_t frame)
{
    struct frame *f = frame_get(frame);
    ASSERT(f->state != FRAME_FREE && f->pins == 0);
    if (f->state == FRAME_RESIDENT)
        ASSERT(!mapper_is(f->mappers));
    f->state = FRAME_FREE;
    if (f->zeroed) {
        frame_counts.zeroed++;
        list_append(&list_zeroed, frame);
    } else {
        if (frame_junk)
            __builtin_memset(frame_data(frame), 0xdb, PAGE_SIZE);
        list_append(&list_plain, frame);
    }
    frame_counts.free++;
    if (frame_waiters)
        above_wake(&frame_counts);
}

bool frame_zero_one(void)
{
    if (frame_counts.zeroed >= frame_counts.total / 8)
        return false;
    frame_t frame = list_pop(&list_plain);
    if (!frame_is(frame))
        return false;
    frame_clear(frame);
    frame_get(frame)->zeroed = true;
    frame_counts.zeroed++;
    list_append(&list_zeroed, frame);
    return true;
}

static long list_count(const struct frame_list *list, bool zeroed)
{
    long count = 0;
    frame_t previous = FRAME_NONE;
    for (frame_t at = list->head; frame_is(at); at = frame_get(at)->next) {
        const struct frame *frame = frame_get(at);
        if (frame->state != FRAME_FREE || frame->zeroed != zeroed ||
            !frame_same(frame->previous, previous) || count > nframes)
            return -1;
        previous = at;
        count++;
    }
    return frame_same(list->tail, previous) ? count : -1;
}

long frame_lists_count(void)
{
    long plain = list_count(&list_plain, false);
    long zeroed = list_count(&list_zeroed, true);
    return plain < 0 || zeroed < 0 ? -1 : plain + zeroed;
}

void frame_watermarks_set(void)
{
    uint32_t total = frame_counts.total;
    uint32_t reserve = total / 256;
    frame_watermarks.reserve = reserve < 16 ? 16 : reserve > 256 ? 256 : reserve;
    frame_watermarks.low = 2 * frame_watermarks.reserve;
    frame_watermarks.high = 3 * frame_watermarks.reserve;
}
