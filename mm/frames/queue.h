/* mm/frames/queue.h - queues of frames, linked through frames[].next and previous.
 *
 * A frame is in one queue at most: on the free list, or in its policy's hands. The links
 * are its own, so it can leave from anywhere at once, without searching and without
 * memory. */
#ifndef MM_QUEUE_H
#define MM_QUEUE_H

#include "mm/frames/frame.h"

struct frame_queue {
    frame_t head, tail;
    uint32_t count;
};

#define QUEUE_EMPTY               \
    {                             \
        FRAME_NONE, FRAME_NONE, 0 \
    }

static inline void queue_init(struct frame_queue *queue)
{
    *queue = (struct frame_queue)QUEUE_EMPTY;
}

/* Before `place`; FRAME_NONE: at the tail. */
static inline void queue_insert(struct frame_queue *queue, frame_t place, frame_t frame)
    REQUIRES(mm)
{
    frame_t before = frame_is(place) ? frame_get(place)->previous : queue->tail;
    frame_get(frame)->previous = before;
    frame_get(frame)->next = place;
    *(frame_is(before) ? &frame_get(before)->next : &queue->head) = frame;
    *(frame_is(place) ? &frame_get(place)->previous : &queue->tail) = frame;
    queue->count++;
}

/* At the tail. */
static inline void queue_append(struct frame_queue *queue, frame_t frame) REQUIRES(mm)
{
    queue_insert(queue, FRAME_NONE, frame);
}

/* At the head. */
static inline void queue_prepend(struct frame_queue *queue, frame_t frame) REQUIRES(mm)
{
    queue_insert(queue, queue->head, frame);
}

static inline void queue_remove(struct frame_queue *queue, frame_t frame) REQUIRES(mm)
{
    frame_t before = frame_get(frame)->previous, after = frame_get(frame)->next;
    ASSERT(queue->count > 0);
    *(frame_is(before) ? &frame_get(before)->next : &queue->head) = after;
    *(frame_is(after) ? &frame_get(after)->previous : &queue->tail) = before;
    queue->count--;
}

/* The first `count` of them, of which there are so many, leave it at once. */
static inline void queue_take_first(struct frame_queue *queue, frame_t *taken,
                                    unsigned count) REQUIRES(mm)
{
    frame_t at = queue->head;
    for (unsigned i = 0; i < count; i++) {
        taken[i] = at;
        at = frame_get(at)->next;
    }
    queue->head = at;
    *(frame_is(at) ? &frame_get(at)->previous : &queue->tail) = FRAME_NONE;
    queue->count -= count;
}

/* The one after it, round and round. */
static inline frame_t queue_next_round(const struct frame_queue *queue, frame_t frame)
    REQUIRES(mm)
{
    frame_t after = frame_get(frame)->next;
    return frame_is(after) ? after : queue->head;
}

#endif
