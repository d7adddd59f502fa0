/* tests/host/hands.c - what is free cannot be used.  See hands.h for the idea. */
#include "tests/host/hands.h"

#include "mm/frames/frame.h"
#include "mm/frames/slab.h"
#include "tests/host/machine.h"

#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>

/* --- Frames ----------------------------------------------------------------------------- */

void __real_frame_free(frame_t frame);
frame_t __real_frame_take(enum frame_use use, enum frame_state state);
frame_t __real_frame_take_zeroed(enum frame_use use, enum frame_state state);
void __real_frame_forget(frame_t frame);
unsigned __real_frame_set_apart(frame_t *apart, unsigned most);
void __real_frame_put_back(frame_t frame);
unsigned __wrap_frame_set_apart(frame_t *apart, unsigned most);
void __wrap_frame_put_back(frame_t frame);
void __wrap_frame_free(frame_t frame);
void __wrap_frame_forget(frame_t frame);
frame_t __wrap_frame_take(enum frame_use use, enum frame_state state);
frame_t __wrap_frame_take_zeroed(enum frame_use use, enum frame_state state);

/* Whoever reads or writes a free frame is told so. Zeroed ones must be, and stay readable
 * for the audit; those that keep a page stay readable for who wants a copy. */
static void frame_hide(frame_t frame)
{
    if (page_is(frame_get(frame)->page))
        return;
    if (!frame_get(frame)->zeroed) {
        __asan_poison_memory_region(frame_data(frame), PAGE_SIZE);
        return;
    }
    const uint64_t *word = frame_data(frame);
    for (size_t i = 0; i < PAGE_SIZE / sizeof(*word); i++)
        if (word[i] != 0)
            host_fail("frame %u is freed as zeroed, and is not at %zu", frame.number,
                      i * 8);
}

#define GRAIN  16u /* objects of slabs lie on multiples of it */
#define GRAINS (PAGE_SIZE / GRAIN)

static bool *given; /* does an object that was given back begin at this grain of memory? */

static bool *given_in(frame_t frame)
{
    return &given[frame.number * GRAINS];
}

/* The frame is no slab any more. */
static void objects_end(frame_t frame)
{
    if (frame_get(frame)->state == FRAME_KERNEL)
        __asan_unpoison_memory_region(frame_data(frame), PAGE_SIZE);
    memset(given_in(frame), 0, GRAINS * sizeof(*given));
}

/* A frame may be freed only when the processor can no longer reach it (invariant 6). */
void __wrap_frame_free(frame_t frame)
{
    uintptr_t address;
    if (machine_reaches(frame, &address))
        host_fail("frame %u freed, and the processor still goes there for %#lx",
                  frame.number, address);
    if (machine_is_root(frame))
        host_fail("frame %u freed, and it is the root in CR3", frame.number);
    objects_end(frame);
    __real_frame_free(frame);
    frame_hide(frame);
}

void __wrap_frame_forget(frame_t frame)
{
    __real_frame_forget(frame);
    frame_hide(frame);
}

static void frame_show(frame_t frame)
{
    __asan_unpoison_memory_region(frame_data(frame), PAGE_SIZE);
    memset(frame_data(frame), 0xa5, PAGE_SIZE); /* anything: whoever relies on zeroes... */
}

/* Free frames with a copy that somebody has made ahead, and takes next. */
static bool *copied_ahead;

void hands_copied(frame_t frame)
{
    copied_ahead[frame.number] = frame_get(frame)->state == FRAME_FREE;
}

frame_t __wrap_frame_take(enum frame_use use, enum frame_state state)
{
    frame_t frame = __real_frame_take(use, state);
    if (!frame_is(frame))
        return frame;
    if (copied_ahead[frame.number])
        __asan_unpoison_memory_region(frame_data(frame), PAGE_SIZE);
    else
        frame_show(frame);
    copied_ahead[frame.number] = false;
    return frame;
}

unsigned __wrap_frame_set_apart(frame_t *apart, unsigned most)
{
    unsigned count = __real_frame_set_apart(apart, most);
    for (unsigned i = 0; i < count; i++)
        frame_show(apart[i]);
    return count;
}

void __wrap_frame_put_back(frame_t frame)
{
    __real_frame_put_back(frame);
    frame_hide(frame);
}

frame_t __wrap_frame_take_zeroed(enum frame_use use, enum frame_state state)
{
    frame_t frame = __real_frame_take_zeroed(use, state);
    if (frame_is(frame))
        __asan_unpoison_memory_region(frame_data(frame), PAGE_SIZE);
    return frame;
}

/* --- Kernel objects ----------------------------------------------------------------------- */

uint32_t machine_slab_fail_after;

void *__real_slab_take(struct slab_cache *cache);
void *__wrap_slab_take(struct slab_cache *cache);
void *__real_slab_take_for(struct slab_cache *cache, struct account *account);
void *__wrap_slab_take_for(struct slab_cache *cache, struct account *account);
void __real_slab_give(struct slab_cache *cache, void *object);
void __wrap_slab_give(struct slab_cache *cache, void *object);
void __real_slab_give_locked(struct slab_cache *cache, void *object);
void __wrap_slab_give_locked(struct slab_cache *cache, void *object);

/* A free object, but for the slab's own: its first word, and its last, whose it is. */
static void object_hide(const struct slab_cache *cache, char *object)
{
    __asan_poison_memory_region(object + sizeof(void *),
                                cache->stride - 2 * sizeof(void *));
}

/* Which of its objects a slab gives is its own affair: until then they are all to be had. */
static bool slab_asked(struct slab_cache *cache)
{
    if (machine_slab_fail_after && --machine_slab_fail_after == 0)
        return false;
    if (cache->partial != NULL)
        __asan_unpoison_memory_region(cache->partial, PAGE_SIZE);
    return true;
}

static void *slab_given(const struct slab_cache *cache, void *object)
{
    if (object == NULL)
        return NULL;
    bool *free = given_in(frame_of_data(object));
    char *start = frame_data(frame_of_data(object));
    free[(uintptr_t)object % PAGE_SIZE / GRAIN] = false;
    for (size_t i = 0; i < GRAINS; i++)
        if (free[i])
            object_hide(cache, start + i * GRAIN);
    return object;
}

void *__wrap_slab_take(struct slab_cache *cache)
{
    return slab_asked(cache) ? slab_given(cache, __real_slab_take(cache)) : NULL;
}

void *__wrap_slab_take_for(struct slab_cache *cache, struct account *account)
{
    return slab_asked(cache) ? slab_given(cache, __real_slab_take_for(cache, account))
                             : NULL;
}

static void slab_gone(struct slab_cache *cache, void *object)
{
    frame_t frame = frame_of_data(object);
    if (frame_get(frame)->state != FRAME_KERNEL)
        return; /* it was the last one of its frame */
    given_in(frame)[(uintptr_t)object % PAGE_SIZE / GRAIN] = true;
    object_hide(cache, object);
}

void __wrap_slab_give(struct slab_cache *cache, void *object)
{
    __real_slab_give(cache, object);
    slab_gone(cache, object);
}

void __wrap_slab_give_locked(struct slab_cache *cache, void *object)
{
    __real_slab_give_locked(cache, object);
    slab_gone(cache, object);
}

void hands_start(void)
{
    given = calloc((size_t)nframes * GRAINS, sizeof(*given));
    copied_ahead = calloc(nframes, sizeof(*copied_ahead));
    if (given == NULL || copied_ahead == NULL)
        host_fail("no memory to note who has what");
    for (frame_t f = {0}; f.number < nframes; f.number++)
        if (frame_get(f)->state == FRAME_FREE)
            frame_hide(f);
}
