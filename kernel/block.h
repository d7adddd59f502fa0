/* kernel/block.h - block devices: a queue, a service time, and errors on request.
 *
 * Both "disks" are memory, but memory that behaves like a disk: one request is served at a
 * time, each takes `latency` ns, and the end is told by an interrupt. With latency 0 a
 * request is done before block_submit (mm/above.h) returns. */
#ifndef KERNEL_BLOCK_H
#define KERNEL_BLOCK_H

#include "mm/above.h"
#include "kernel/thread.h"

struct block_device {
    const char *name;
    uint8_t *memory; /* the RAM disk's contents, in the direct map */
    uint64_t length; /* bytes */
    uint64_t latency; /* ns a request */
    struct block_request *head, *tail; /* queue; the head is in service */
    struct timer timer;
    uint64_t requests, bytes_read, bytes_written, errors;
    uint64_t busy_time; /* ns in service */
    uint32_t queue_length, queue_longest;
    uint64_t fail_read, fail_write; /* the Nth read/write from now fails; 0: never */
};

void block_device_init(struct block_device *device, const char *name, void *memory,
                       uint64_t length, uint64_t latency);

#endif
