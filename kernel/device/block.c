/* kernel/device/block.c - disks made of memory, slow on purpose.
 *
 * A disk serves one request at a time; the others wait in a queue, first come first served.
 * The end of a service is an interrupt: here the timer's, `latency` ns after the service
 * began. Without that wait there would be nothing to learn about paging: a fault that costs
 * no time cannot thrash, and a bug that needs two faults in flight never shows. */
#include "kernel/device/block.h"
#include "arch/mmu.h"
#include "kernel/report/trace.h"
#include "lib/errno.h"
#include "mm/mm.h"

struct block_device *block_devices;

void block_device_init(struct block_device *device, const char *name, void *memory,
                       uint64_t length, uint64_t latency)
{
    *device = (struct block_device){
        .name = name, .memory = memory, .length = length, .latency = latency};
    device->number = block_devices ? block_devices->number + 1 : 0;
    device->next = block_devices;
    block_devices = device;
}

static void block_trace(enum trace_event event, const struct block_device *device,
                        const struct block_request *request)
{
    trace(event, 0, request->position, (page_t){device->number}, request->frame,
          request->write | (request->error ? 2u : 0u));
}

/* Is this the read, or write, that was asked to fail? */
static bool block_fails_now(struct block_device *device, bool write)
{
    uint64_t *countdown = write ? &device->fail_write : &device->fail_read;

    if (*countdown && --*countdown == 0)
        return true;
    if (!device->fail_percent)
        return false;
    device->fail_state = device->fail_state * 1664525u + 1013904223u;
    return (device->fail_state >> 16) % 100 < device->fail_percent;
}

/* Move the bytes: the instant at which the disk's head passes over them. */
static int block_transfer(struct block_device *device, const struct block_request *request)
{
    if (request->length > device->length ||
        request->position > device->length - request->length)
        return -EIO;
    if (block_fails_now(device, request->write))
        return -EIO;
    uint8_t *at = device->memory + request->position;
    if (request->write)
        memory_copy(at, frame_data(request->frame), request->length);
    else
        memory_copy(frame_data(request->frame), at, request->length);
    return 0;
}

static void block_count(struct block_device *device, const struct block_request *request,
                        uint64_t time)
{
    struct block_count *count = request->write ? &device->written : &device->read;

    count->requests++;
    count->time += time;
    if (request->error)
        device->errors++;
    else
        count->bytes += request->length;
}

/* The request, and those that were asked for together with it. */
static void block_complete(struct block_device *device, struct block_request *request,
                           uint64_t time) REQUIRES(mm)
{
    mm_assert_locked();
    while (request) {
        struct block_request *together = request->together; /* `done` ends the request */

        request->error = block_transfer(device, request);
        block_count(device, request, time);
        block_trace(TRACE_SERVED, device, request);
        request->complete = true;
        request->done(request);
        request = together;
    }
}

static void block_interrupt(void *argument);

static void block_start(struct block_device *device)
{
    timer_set(&device->timer, time_now() + device->latency, block_interrupt, device);
}

/* The service of the head has ended. `done` may submit again, so the queue is put in order
 * first. Interrupts are never let in with the mm lock held, so it is free. */
static void block_interrupt(void *argument)
{
    struct block_device *device = argument;

    mm_lock();
    struct block_request *request = device->head;
    device->head = request->next;
    device->queue_length--;
    device->busy_time += device->latency;
    if (device->head)
        block_start(device);
    else
        device->tail = NULL;
    block_complete(device, request, time_now() - request->due);
    mm_unlock();
}

void block_submit(struct block_request *request)
{
    struct block_device *device = request->device;

    request->error = 0;
    request->complete = false;
    request->next = NULL;
    for (const struct block_request *each = request; each; each = each->together)
        block_trace(TRACE_REQUEST, device, each);
    if (!device->latency) {
        block_complete(device, request, 0);
        return;
    }
    request->due = time_now(); /* when it was submitted: what its wait is counted from */
    if (device->tail)
        device->tail->next = request;
    else
        device->head = request;
    device->tail = request;
    if (++device->queue_length > device->queue_longest)
        device->queue_longest = device->queue_length;
    if (device->head != request)
        return;
    block_start(device);
    if (device->begins)
        device->begins();
}

const void *block_peek(const struct block_device *device, uint64_t position)
{
    return device->memory + position;
}
