/* tests/host/fuzz_object.c - files: made, read, written, cut, dropped.
 *
 * The kernel reads and writes an object's pages through pins; a pin may be held for long,
 * while the object is cut short or dropped by others. */
#include "lib/errno.h"
#include "mm/demand_paging/object.h"
#include "mm/demand_paging/object_io.h"
#include "mm/lock.h"
#include "tests/host/fuzz.h"

#include <string.h>

struct model_object *fuzz_object_any(void)
{
    uint32_t start = choose(MODEL_OBJECTS);
    for (uint32_t i = 0; i < MODEL_OBJECTS; i++) {
        struct model_object *object = &model_objects[(start + i) % MODEL_OBJECTS];
        if (object->in_use && object->held && object->real != NULL)
            return object;
    }
    return NULL;
}

void fuzz_object_create(struct fuzz_thread *self)
{
    (void)self;
    unsigned count = 0;
    for (unsigned i = 0; i < MODEL_OBJECTS; i++)
        count += model_objects[i].in_use && model_objects[i].held;
    if (count >= MODEL_OBJECTS / 4)
        return;
    bool file = !choose_one_in(3);
    uint64_t size = choose(MODEL_OBJECT_PAGES * PAGE_SIZE);
    uint32_t position = choose(8192) * 64 % (HOST_DEVICE_LENGTH / 2);
    fuzz_log("object_create %lu bytes, file %lu", size, file, 0, 0);
    struct object *real = object_create(file ? &host_device : NULL, position, size);
    if (real == NULL) {
        fuzz_expect_shortage("object_create", 4);
        return;
    }
    if (model_object_create(real, size, position, file ? size : 0) == NULL)
        object_release(real); /* the model has no room for it */
}

static void drop(struct model_object *object)
{
    struct object *real = object->real;
    model_object_drop(object);
    object_release(real);
}

void fuzz_object_drop(struct fuzz_thread *self)
{
    (void)self;
    struct model_object *object = fuzz_object_any();
    if (object == NULL || object->quiet > 0)
        return;
    fuzz_log("object_release %lu", (uint64_t)(object - model_objects), 0, 0, 0);
    drop(object);
}

/* The pinned page: the kernel sees what the model says, and may change it. */
static void pinned_use(struct model_object *object, uint32_t index, frame_t frame)
{
    static uint64_t serial = 1ull << 32;
    contents_check(&object->page[index], frame_data(frame), "a pinned page, index", index);
    bool write = object->quiet == 0 && choose_one_in(2);
    if (write) {
        unsigned stamp = choose(STAMPS);
        object->page[index].stamp[stamp] = noise(++serial);
        memcpy((char *)frame_data(frame) + stamp_offset[stamp],
               &object->page[index].stamp[stamp], sizeof(uint64_t));
    }
    object_unpin(frame, write);
}

/* Others may run while the page is pinned. It may lose its object meanwhile, and then
 * belongs to nobody but whoever pins it. */
static void pinned_use_later(struct model_object *object, struct object *real,
                             uint32_t index, frame_t frame)
{
    unsigned cuts = object->cuts;
    for (uint32_t left = choose_one_in(4) ? choose(20) : 0; left > 0; left--)
        thread_yield();
    uint8_t state = frame_get(frame)->state;
    if (state != FRAME_RESIDENT || frame_get(frame)->pins == 0)
        host_fail("pinned frame %u has state %d, pins %u", frame.number, state,
                  frame_get(frame)->pins);
    bool same =
        object->in_use && object->real == real && object->cuts == cuts && !object->resizing;
    if (same && index * PAGE_SIZE < object->size)
        pinned_use(object, index, frame);
    else
        object_unpin(frame, false);
}

void fuzz_object_use(struct fuzz_thread *self)
{
    (void)self;
    struct model_object *object = fuzz_object_any();
    if (object == NULL || object->size == 0)
        return;
    uint32_t index = choose((uint32_t)(PAGE_ROUND_UP(object->size) / PAGE_SIZE));
    fuzz_log("object_pin %lu, index %lu", (uint64_t)(object - model_objects), index, 0, 0);
    uint64_t errors = host_device.errors + host_swap.errors;
    struct object *real = object->real;
    frame_t frame;
    bool major = false;
    object_hold(real);
    int error = object_pin(real, index, &frame, &major);
    if (processors_hold_mm())
        host_fail("the mm lock is held after object_pin");
    if (error == -EIO && errors == host_device.errors + host_swap.errors)
        host_fail("object_pin says -EIO, and no device failed");
    if (error == -EINTR && !thread_current->dying)
        host_fail("object_pin says -EINTR, and nobody was killed");
    if (!error)
        pinned_use_later(object, real, index, frame);
    object_release(real);
}

void fuzz_object_resize(struct fuzz_thread *self)
{
    (void)self;
    struct model_object *object = fuzz_object_any();
    if (object == NULL || object->quiet > 0 || fuzz_is_changing())
        return;
    uint64_t size = choose(MODEL_OBJECT_PAGES * PAGE_SIZE);
    if (choose_one_in(2) && object->size > 0)
        size = choose((uint32_t)object->size);
    fuzz_log("object_resize %lu from %lu to %lu bytes", (uint64_t)(object - model_objects),
             object->size, size, 0);
    object->quiet++; /* the kernel's inode lock: one change of size at a time */
    object->resizing = true;
    struct object *real = object->real;
    object_hold(real);
    host_turns_kept++; /* the model has it done at once */
    int error = object_resize(real, size);
    host_turns_kept--;
    object->quiet--;
    object->resizing = false;
    if (error == 0)
        model_object_resize(object, size);
    else if (error != -EIO && error != -EINTR && error != -ENOMEM)
        host_fail("object_resize says %d", error);
    object_release(real);
}

void fuzz_objects_settle(void)
{
    for (unsigned i = 0; i < MODEL_OBJECTS; i++) {
        struct model_object *object = &model_objects[i];
        if (object->in_use && object->held && object->real != NULL) {
            model_check_object(object);
            drop(object);
        }
    }
}
