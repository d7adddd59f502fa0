/* kernel/file/pipe_packet.c - pipes that keep each write by itself (O_DIRECT): a frame of
 * the ring for each packet. */
#include "kernel/file/pipe_packet.h"
#include "arch/user.h"
#include "kernel/file/file.h"
#include "lib/errno.h"

long pipe_take_packet(struct pipe *pipe, char __user *buffer, size_t length)
{
    size_t left = pipe->packet[pipe->head / PAGE_SIZE] - pipe->taken;
    size_t part = length < left ? length : left;

    if (!pipe->length)
        return 0;
    if (copy_to_user(buffer, pipe_at(pipe, pipe->head + pipe->taken), part))
        return -EFAULT;
    pipe->taken += part;
    return part;
}

void pipe_end_packet(struct pipe *pipe)
{
    if (!pipe->taken)
        return;
    pipe->taken = 0;
    pipe_consume(pipe, PAGE_SIZE);
}

static uint16_t *pipe_last_packet(struct pipe *pipe)
{
    uint32_t last = (pipe->head + pipe->length - PAGE_SIZE) % PIPE_CAPACITY;

    return &pipe->packet[last / PAGE_SIZE];
}

long pipe_add_to_packet(struct pipe *pipe, const char __user *buffer, size_t length)
{
    uint16_t *size = pipe_last_packet(pipe);
    size_t part = length < PAGE_SIZE - *size ? length : PAGE_SIZE - *size;
    uint32_t slot = size - pipe->packet;

    if (file_fetch(pipe_at(pipe, slot * PAGE_SIZE + *size), buffer, part))
        return -EFAULT;
    *size += part;
    pipe->goes_on = *size < PAGE_SIZE;
    return part;
}

long pipe_put_packet(struct pipe *pipe, const char __user *buffer, size_t length)
{
    uint32_t tail = (pipe->head + pipe->length) % PIPE_CAPACITY;
    size_t part = length < PAGE_SIZE ? length : PAGE_SIZE;
    char *to = pipe_at(pipe, tail);

    if (!to)
        return -ENOMEM;
    if (file_fetch(to, buffer, part))
        return -EFAULT;
    pipe->packet[tail / PAGE_SIZE] = part;
    pipe_note(pipe, false, pipe->length > 0);
    pipe->length += PAGE_SIZE;
    pipe->changed |= PIPE_BYTES;
    return part;
}

int pipe_bytes(const struct pipe *pipe)
{
    int length = pipe->packets ? 0 : pipe->length;

    for (uint32_t at = 0; pipe->packets && at < pipe->length; at += PAGE_SIZE)
        length += pipe->packet[(pipe->head + at) % PIPE_CAPACITY / PAGE_SIZE];
    return length;
}

bool pipe_packet_has_room(struct pipe *pipe)
{
    return *pipe_last_packet(pipe) < PAGE_SIZE;
}
