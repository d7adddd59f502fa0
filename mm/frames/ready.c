/* mm/frames/ready.c - frames cleared ahead, without the mm lock.  See ready.h for the idea. */
#include "mm/frames/ready.h"

#include "mm/frames/queue.h"
#include "mm/trace.h"

struct ready ready[PROCESSORS_MOST];

static struct ready *ready_own(void) REQUIRES(mm)
{
    return &ready[this_processor->number];
}

/* The last one, if it has one. */
static inline frame_t take_from(struct ready *of) REQUIRES(mm)
{
    return of->count > 0 ? of->frames[--of->count] : FRAME_NONE;
}

frame_t ready_take(void)
{
    return take_from(ready_own());
}

frame_t ready_take_others(void)
{
    frame_t frame = FRAME_NONE;
    for (unsigned i = 0; i < processor_count && !frame_is(frame); i++)
        frame = take_from(&ready[i]);
    return frame;
}

const frame_t *ready_frames(unsigned processor, unsigned *count)
{
    *count = ready[processor].count;
    return ready[processor].frames;
}

/* Off their lists they are nobody's: others may go on. */
static void clear(const frame_t *apart, unsigned count) REQUIRES(mm)
{
    mm_unlock();
    for (unsigned i = 0; i < count; i++)
        frame_clear(apart[i]);
    mm_lock();
    frame_counts.zeroed += count;
}

static void is_clear(frame_t frame) REQUIRES(mm)
{
    frame_get(frame)->zeroed = true;
    trace_page(TRACE_ZEROED, PAGE_NONE, frame, 0);
}

bool ready_make(unsigned wanted)
{
    struct ready *own = ready_own();
    uint32_t there = own->count + frame_list(FRAME_LIST_ZEROED)->count;
    if (there >= (frame_list(FRAME_LIST_PLAIN)->count > 0 ? wanted : 1))
        return false;
    frame_t apart[READY_LEAST];
    unsigned count = frame_set_apart(apart, READY_LEAST);
    if (count == 0)
        return false;
    clear(apart, count);
    for (unsigned i = 0; i < count; i++) {
        is_clear(apart[i]);
        own->frames[own->count++] = apart[i];
    }
    return true;
}

bool ready_clear_one(void)
{
    frame_t frame;
    if (frame_counts.zeroed >= frame_counts.total / 8 ||
        frame_list(FRAME_LIST_PLAIN)->count == 0 || frame_set_apart(&frame, 1) == 0)
        return false;
    clear(&frame, 1);
    is_clear(frame);
    frame_put_back(frame);
    return true;
}
