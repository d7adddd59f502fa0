/* mm/frames/record.c - frames for what is written down of groups.  See mm/frames/record.h. */
#include "mm/frames/record.h"

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
        taken[i] = frame_take(FRAME_FOR_USER, FRAME_KERNEL);
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
        frame_free(taken[i]);
    record_frames -= count;
}
