/* kernel/file/pipe_packet.h - pipes that keep each write by itself (O_DIRECT).
 *
 * For kernel/file/pipe.c alone, which holds the ring's lock for each of these. */
#ifndef KERNEL_FILE_PIPE_PACKET_H
#define KERNEL_FILE_PIPE_PACKET_H

#include "kernel/file/pipe_ring.h"

/* Of the first packet, what has not been taken yet. Bytes, or -EFAULT. */
long pipe_take_packet(struct pipe *pipe, char __user *buffer, size_t length) SLEEPS;
/* It has been read: what of it was not wanted is lost. */
void pipe_end_packet(struct pipe *pipe);
/* A new packet, of as many bytes as one can have. Bytes, or -ENOMEM, -EFAULT. */
long pipe_put_packet(struct pipe *pipe, const char __user *buffer, size_t length) SLEEPS;
/* More for the last packet, as much as it still can have. Bytes, or -EFAULT. */
long pipe_add_to_packet(struct pipe *pipe, const char __user *buffer, size_t length) SLEEPS;
/* Bytes in a pipe, of packets or not. */
int pipe_bytes(const struct pipe *pipe);
/* The last packet can have more. */
bool pipe_packet_has_room(struct pipe *pipe);

#endif
