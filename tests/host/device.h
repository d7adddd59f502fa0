/* tests/host/device.h - two devices: one to read files from, one to swap to.
 *
 * A request may be done at once, or at any later step and in any order; until then what it
 * will overwrite holds junk. Whoever lets a frame change while it is being written, reads a
 * slot that nobody wrote, or asks for the impossible, is told so. */
#ifndef HOST_DEVICE_H
#define HOST_DEVICE_H

#include "mm/above.h"

struct block_device {
    const char *name;
    uint8_t *bytes;
    uint64_t length;
    bool writable;
    unsigned instant;        /* of 100 requests, how many are done at once */
    unsigned failing;        /* of 100 that read, how many fail */
    unsigned failing_writes; /* of 100 that write */
    unsigned lasting;        /* of 100 failed readings, how many fail for good */
    uint64_t calls;          /* of block_submit, for one request or several together */
    uint64_t requests, writes, errors;
};

/* HOST_DEVICE_LENGTH bytes of noise, read-only. */
extern struct block_device host_device;
#define HOST_DEVICE_LENGTH (1ul << 20)
extern uint8_t host_device_bytes[HOST_DEVICE_LENGTH];

/* The swap area. */
extern struct block_device host_swap;
/* Memory for so many slots. Once. */
void host_swap_create(uint32_t slots);
/* How often reading this slot has failed. */
uint64_t host_swap_failures(slot_t slot);
/* Slots that mm/ has retired are as good as new: so that a test can leave as it came. */
void host_swap_repair(void);

/* Requests of both that are not done yet. */
unsigned host_device_pending(void);
/* End one pending request, any of them; false: there is none. */
bool host_device_complete_one(void);

#endif
