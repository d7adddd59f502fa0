/* kernel/device/block.h - block devices: a queue, a service time, and errors on request.
 *
 * Both "disks" are memory, but memory that behaves like a disk: one request is served at a
 * time, each takes `latency` ns, and the end is told by an interrupt. With latency 0 a
 * request is done before block_submit (mm/above.h) returns. */
#ifndef KERNEL_DEVICE_BLOCK_H
#define KERNEL_DEVICE_BLOCK_H

#include "kernel/process/thread.h"
#include "mm/mm.h"

/* What the requests of one direction came to. */
struct block_count {
    uint64_t requests;
    uint64_t bytes;
    uint64_t time; /* ns from submission to the end, added up over the requests */
};

struct block_device {
    const char *name;
    uint32_t number;  /* in order of their beginnings, from 0 */
    uint8_t *memory;  /* the RAM disk's contents, in the direct map */
    uint64_t length;  /* bytes */
    uint64_t latency; /* ns a request */
    /* The queue; the head is in service. */
    struct block_request *head GUARDED_BY(mm), *tail GUARDED_BY(mm);
    void (*begins)(void); /* it gets to work, after it had none; or NULL */
    struct timer timer;   /* the end of the head's service */
    struct block_count read, written;
    uint64_t errors;
    uint64_t busy_time; /* ns in service */
    uint32_t queue_length, queue_longest;
    uint64_t fail_read, fail_write; /* the Nth read/write from now fails; 0: never */
    uint32_t
        fail_percent; /* of all requests, so many fail: a fixed, pseudo-random choice */
    uint32_t fail_state;
    struct block_device *next; /* all devices, for /proc/diskstats */
};

extern struct block_device *block_devices;

/* `memory` is kernel memory and stays the caller's; `length` in bytes, `latency` in ns. */
void block_device_init(struct block_device *device, const char *name, void *memory,
                       uint64_t length, uint64_t latency);

#endif
