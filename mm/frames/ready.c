/* mm/frames/ready.c - frames cleared ahead, without the mm lock.  See ready.h for the idea. */
#include "mm/frames/ready.h"

#include "mm/frames/queue.h"
#include "mm/trace.h"

/* A fault wants at most a page, and the tables on the way to it. Fewer than that are made more, so
 * that no processor has twice as many. */
#define LEAST TABLE_LEVELS

/* All zeroes; the last is taken first. */
static struct {
    unsigned count;
    frame_t frames[2 * LEAST];
} ready[PROCESSORS_MOST] GUARDED_BY(mm);

frame_t ready_first(void)
{
    unsigned self = this_processor->number, count = ready[self].count;
    return count > 0 ? ready[self].frames[count - 1] : FRAME_NONE;
}

frame_t ready_of_others(void)
{
    for (unsigned i = 0; i < processor_count; i++)
        if (ready[i].count > 0)
            return ready[i].frames[ready[i].count - 1];
    return FRAME_NONE;
}

static bool is_first_of(unsigned processor, frame_t frame) REQUIRES(mm)
{
    unsigned count = ready[processor].count;
    return count > 0 && frame_same(ready[processor].frames[count - 1], frame);
}

void ready_taken(frame_t frame)
{
    unsigned of = this_processor->number;
    if (!is_first_of(of, frame))
        for (of = 0; !is_first_of(of, frame);)
            of++;
    ready[of].count--;
    frame_get(frame)->apart = false;
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

bool ready_make(void)
{
    unsigned self = this_processor->number;
    if (ready[self].count >= LEAST)
        return false;
    uint32_t there = ready[self].count + frame_list(FRAME_LIST_ZEROED)->count;
    if (there >= (frame_list(FRAME_LIST_PLAIN)->count > 0 ? LEAST : 1))
        return false;
    frame_t apart[LEAST];
    unsigned count = frame_set_apart(apart, LEAST);
    if (count == 0)
        return false;
    clear(apart, count);
    for (unsigned i = 0; i < count; i++) {
        is_clear(apart[i]);
        ready[self].frames[ready[self].count++] = apart[i];
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
