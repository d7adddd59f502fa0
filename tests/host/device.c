/* tests/host/device.c - the devices.  See device.h for the idea. */
#include "tests/host/device.h"

#include "mm/replacement/swap.h"
#include "tests/host/choice.h"
#include "tests/host/machine.h"

#include <stdlib.h>
#include <string.h>

uint8_t host_device_bytes[HOST_DEVICE_LENGTH];
struct block_device host_device = {.name = "noise",
                                   .bytes = host_device_bytes,
                                   .length = HOST_DEVICE_LENGTH,
                                   .instant = 100};
struct block_device host_swap = {.name = "swap", .writable = true, .instant = 100};

__attribute__((constructor)) static void device_fill(void)
{
    for (size_t i = 0; i < HOST_DEVICE_LENGTH; i += sizeof(uint64_t)) {
        uint64_t word = noise(i);
        memcpy(&host_device_bytes[i], &word, sizeof(word));
    }
}

/* --- Slots ---------------------------------------------------------------------------- */

static struct slot {
    bool written; /* since it was given to somebody */
    bool lost;    /* reading it fails, until it is written again */
    bool retired;
    bool moving; /* a request is under way */
    uint64_t failures;
} * slots;

static struct slot *slot_of(slot_t slot)
{
    if (slot.number >= host_swap.length / PAGE_SIZE)
        host_fail("slot %u does not exist", slot.number);
    return &slots[slot.number];
}

void host_swap_create(uint32_t count)
{
    slots = calloc(count + 1, sizeof(*slots));
    host_swap.length = count * PAGE_SIZE;
    host_swap.bytes = malloc(host_swap.length + 1);
    memset(host_swap.bytes, 0x77, host_swap.length);
}

uint64_t host_swap_failures(slot_t slot)
{
    return slot_is(slot) ? slot_of(slot)->failures : 0;
}

void __real_swap_give(slot_t slot);
void __wrap_swap_give(slot_t slot);
void __real_swap_retire(slot_t slot);
void __wrap_swap_retire(slot_t slot);

/* Nobody can need what a free slot holds. */
void __wrap_swap_give(slot_t slot)
{
    if (slot_of(slot)->moving)
        host_fail("slot %u is free, and its page still on the way", slot.number);
    slot_of(slot)->written = false;
    memset(host_swap.bytes + slot.number * PAGE_SIZE, 0x77, PAGE_SIZE);
    __real_swap_give(slot);
}

void __wrap_swap_retire(slot_t slot)
{
    slot_of(slot)->retired = true;
    __real_swap_retire(slot);
}

void host_swap_repair(void)
{
    for (slot_t slot = {0}; slot.number < host_swap.length / PAGE_SIZE; slot.number++) {
        if (!slot_of(slot)->retired)
            continue;
        slot_of(slot)->retired = false;
        swap_counts.retired--;
        swap_counts.used++;
        __wrap_swap_give(slot);
    }
}

/* --- Requests ------------------------------------------------------------------------- */

static struct pending {
    struct pending *next;
    struct block_request *request;
    uint8_t contents[PAGE_SIZE]; /* of a frame that is being written */
} * pending;
static unsigned pending_count;

static struct slot *slot_of_request(const struct block_request *request)
{
    if (request->device != &host_swap)
        return NULL;
    return slot_of((slot_t){(uint32_t)(request->position / PAGE_SIZE)});
}

static bool request_fails(const struct block_request *request, struct slot *slot)
{
    struct block_device *device = request->device;
    if (request->write)
        return machine_dice(100) < device->failing_writes;
    bool fails = machine_dice(100) < device->failing;
    if (slot == NULL)
        return fails;
    slot->lost |= fails && machine_dice(100) < device->lasting;
    slot->failures += fails || slot->lost;
    return fails || slot->lost;
}

/* `early`: as the frame was at the beginning. A write that fails leaves nothing that could
 * be mistaken for the contents; of a page that has changed meanwhile, a mixture arrives. */
static void request_write(const struct block_request *request, const uint8_t *early)
{
    uint8_t *bytes = request->device->bytes + request->position;
    const uint8_t *late = frame_data(request->frame);
    if (request->error) {
        memset(bytes, 0x66, PAGE_SIZE);
        return;
    }
    memcpy(bytes, early, PAGE_SIZE / 2);
    memcpy(bytes + PAGE_SIZE / 2, late + PAGE_SIZE / 2, PAGE_SIZE / 2);
    if (frame_get(request->frame)->state == FRAME_BUSY &&
        memcmp(early, late, PAGE_SIZE) != 0)
        host_fail("frame %u has changed while it was written to its slot",
                  request->frame.number);
}

static void request_read(const struct block_request *request, const struct slot *slot)
{
    const uint8_t *bytes = request->device->bytes + request->position;
    if (slot != NULL && !slot->written)
        host_fail("slot %lu is read, and was never written", request->position / PAGE_SIZE);
    else if (!request->error)
        memcpy(frame_data(request->frame), bytes, request->length);
}

static void request_end(struct block_request *request, const uint8_t *early)
{
    mm_assert_locked();
    uint8_t state = frame_get(request->frame)->state;
    struct slot *slot = slot_of_request(request);
    bool stays = request->write && state == FRAME_RESIDENT; /* written ahead of need */
    if ((state != FRAME_BUSY && !stays) || frame_get(request->frame)->pins == 0)
        host_fail("a device transfers to frame %u, state %d, pins %u",
                  request->frame.number, state, frame_get(request->frame)->pins);
    request->error = request_fails(request, slot) ? -5 /* EIO */ : 0;
    request->device->errors += request->error != 0;
    if (slot != NULL) {
        slot->moving = false;
        slot->written |= request->write;
        if (request->write)
            slot->lost = false;
    }
    if (request->write)
        request_write(request, early);
    else
        request_read(request, slot);
    request->done(request);
    if (!request->complete)
        host_fail("a request was done, and its submitter does not say so");
}

static void request_check(const struct block_request *request)
{
    const struct block_device *device = request->device;
    const struct slot *slot = slot_of_request(request);
    if ((device != &host_device && device != &host_swap) || request->length == 0 ||
        request->length > PAGE_SIZE ||
        request->position + request->length > device->length ||
        (request->write && !device->writable))
        host_fail("a request for %u bytes at %lu of the device", request->length,
                  request->position);
    if (slot != NULL && slot->moving)
        host_fail("two requests at once for slot %lu", request->position / PAGE_SIZE);
    if (slot != NULL && slot->retired)
        host_fail("slot %lu is used, and was retired", request->position / PAGE_SIZE);
}

static void submit_one(struct block_request *request)
{
    request_check(request);
    request->device->requests++;
    request->device->writes += request->write;
    request->complete = false;
    struct slot *slot = slot_of_request(request);
    if (slot != NULL)
        slot->moving = true;
    struct pending *entry = malloc(sizeof(*entry));
    *entry = (struct pending){.next = pending, .request = request};
    if (request->write) {
        memcpy(entry->contents, frame_data(request->frame), request->length);
        memset(host_swap.bytes + request->position, 0x55, request->length);
    } else {
        memset(frame_data(request->frame), 0xee, request->length);
    }
    if (machine_dice(100) < request->device->instant) {
        request_end(request, entry->contents);
        free(entry);
        return;
    }
    pending = entry;
    pending_count++;
}

/* Those served together lie beside each other, and are not many. */
static void together_check(const struct block_request *request)
{
    unsigned count = 1;
    for (; request->together != NULL; request = request->together) {
        if (request->together->position != request->position + PAGE_SIZE || ++count > 8)
            host_fail("%u requests together, at %lu and %lu", count, request->position,
                      request->together->position);
    }
}

void block_submit(struct block_request *request)
{
    together_check(request);
    request->device->calls++;
    while (request != NULL) {
        struct block_request *together = request->together; /* the request may end here */
        submit_one(request);
        request = together;
    }
}

const void *block_peek(const struct block_device *device, uint64_t position)
{
    return device->bytes + position;
}

unsigned host_device_pending(void)
{
    return pending_count;
}

bool host_device_complete_one(void)
{
    if (pending_count == 0)
        return false;
    struct pending **link = &pending;
    for (uint32_t i = choose(pending_count); i > 0; i--)
        link = &(*link)->next;
    struct pending *entry = *link;
    struct block_request *request = entry->request;
    *link = entry->next;
    pending_count--;
    mm_lock(); /* it is an interrupt, which comes with the lock free */
    request_end(request, entry->contents);
    mm_unlock();
    free(entry);
    return true;
}
