/* kernel/file/pipe_ring.h - the bytes of a pipe: a ring of frames.
 *
 * For kernel/file/pipe.c and pipe_packet.c alone, in line: a message of a few bytes costs
 * little more than its copy. */
#ifndef KERNEL_FILE_PIPE_RING_H
#define KERNEL_FILE_PIPE_RING_H

#include "arch/mmu.h"
#include "kernel/file/pipe.h"
#include "mm/mm.h"

#define SLOTS (PIPE_CAPACITY / PAGE_SIZE)

enum { PIPE_BYTES = 1, PIPE_ROOM = 2 }; /* or for a reader, and a writer, the other end */

struct pipe {
    frame_t slot[SLOTS];
    uint32_t head;             /* where the next byte is read, < PIPE_CAPACITY */
    uint32_t length;           /* bytes in it; a packet counts as a page */
    uint32_t capacity;         /* most that it may have */
    uint32_t readers, writers; /* open files of each kind */
    uint32_t readers_ever,
        writers_ever;  /* ever opened: a FIFO's open waits for the other */
    uint32_t shut;     /* open files that count as neither any more: pipe_shutdown */
    uint32_t sleepers; /* until bytes, room or the other end come (on the pipe) */
    uint8_t changed;   /* what has come since the ring was locked: PIPE_… */
    struct mutex ring;
    struct listener *listeners; /* who is told by signals */
    bool followed;              /* somebody has asked for its */
    struct news news[2];        /* bytes, room */
    bool packets;               /* a read takes one write's bytes, */
    uint16_t packet[SLOTS];     /* so many */
    bool goes_on;               /* the last packet is a writev's that has more parts */
    uint32_t before; /* a small write of several parts: `length` before it; or UINT32_MAX */
    uint16_t taken;  /* bytes of the first packet that a readv's parts have taken */
};

/* The memory of the ring at `at`, at least up to the page's end; NULL: no frame. */
static inline char *pipe_at(struct pipe *pipe, uint32_t at)
{
    frame_t *slot = &pipe->slot[at / PAGE_SIZE];

    if (!frame_is(*slot))
        *slot = heap_take_frame(FRAME_FOR_USER);
    return frame_is(*slot) ? (char *)frame_data(*slot) + at % PAGE_SIZE : NULL;
}

/* Frames for the next `length` bytes, all of them or (false) not all. */
static inline bool pipe_reserve(struct pipe *pipe, uint32_t length)
{
    uint32_t tail = pipe->head + pipe->length;

    for (uint32_t at = PAGE_ROUND_DOWN(tail); at < tail + length; at += PAGE_SIZE)
        if (!pipe_at(pipe, at % PIPE_CAPACITY))
            return false;
    return true;
}

static inline uint32_t pipe_room(const struct pipe *pipe)
{
    return pipe->capacity - pipe->length;
}

/* The room that a write of `length` bytes in all waits for, of which `left` are left. */
static inline uint32_t pipe_room_wanted(size_t length, size_t left)
{
    return length <= PIPE_ATOMIC ? left : 1;
}

static inline void pipe_note(struct pipe *pipe, bool room, bool more)
{
    if (pipe->followed)
        news_note(&pipe->news[room], more);
}

/* `count` bytes at the head have been read: give the page back that they were the end of. An
 * empty pipe keeps one page, so that small messages do not take and give a frame each. */
static inline void pipe_consume(struct pipe *pipe, uint32_t count)
{
    frame_t *slot = &pipe->slot[pipe->head / PAGE_SIZE];

    if (pipe_room(pipe) < PIPE_ATOMIC && pipe_room(pipe) + count >= PIPE_ATOMIC)
        pipe_note(pipe, true, false);
    pipe->head += count;
    pipe->length -= count;
    pipe->changed |= PIPE_ROOM;
    if (!pipe->length) {
        frame_t kept = *slot;
        *slot = FRAME_NONE;
        if (frame_is(pipe->slot[0]))
            heap_give_frame(pipe->slot[0]);
        pipe->slot[0] = kept;
        pipe->head = 0;
        return;
    }
    /* a pipe that is nearly full has its end in the same page, before the head */
    if (pipe->head % PAGE_SIZE == 0 && pipe->length <= PIPE_CAPACITY - PAGE_SIZE) {
        heap_give_frame(*slot);
        *slot = FRAME_NONE;
    }
    pipe->head %= PIPE_CAPACITY;
}

static inline uint32_t pipe_part(uint32_t at, size_t left)
{
    uint32_t room = PAGE_SIZE - at % PAGE_SIZE;

    return left < room ? left : room;
}

#endif
