/* mm/frames/record.c - frames for what is written down of groups.  See mm/frames/record.h. */
#include "mm/frames/record.h"

#include "mm/frames/heap.h"

/* Frames that all may have: a part of memory, but room for those of one group. */
#define RECORD_PART  8
#define RECORD_LEAST 192u

static uint32_t record_frames; /* that they have */

uint32_t record_room(void)
{
    uint32_t most = frame_counts.total / RECORD_PART;
    return (most > RECORD_LEAST ? most : RECORD_LEAST) - record_frames;
}

bool record_take(frame_t taken[], uint32_t count)
{
    if (count > record_room())
        return false;
    for (uint32_t i = 0; i < count; i++) {
        taken[i] = heap_take_frame(FRAME_FOR_USER);
        record_frames += frame_is(taken[i]);
        if (frame_is(taken[i]))
            continue;
        record_give(taken, i);
        return false;
    }
    return true;
}

void record_give(const frame_t taken[], uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        heap_give_frame(taken[i]);
    record_frames -= count;
}
