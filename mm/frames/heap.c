/* mm/frames/heap.c - memory of any size for the kernel, out of slabs of a few sizes
 * (mm/frames/slab.h). */
#include "mm/frames/heap.h"

#include "mm/frames/slab.h"

#define HEAP_CLASS(bytes)                         \
    {                                             \
        .name = "memory-" #bytes, .size = (bytes) \
    }

static struct slab_cache heap_caches[] = {
    HEAP_CLASS(32),  HEAP_CLASS(64),  HEAP_CLASS(128),  HEAP_CLASS(256),
    HEAP_CLASS(512), HEAP_CLASS(992), HEAP_CLASS(2008),
};

static struct slab_cache *heap_cache(size_t size)
{
    for (size_t i = 0; i < ARRAY_SIZE(heap_caches); i++) {
        if (size <= heap_caches[i].size)
            return &heap_caches[i];
    }
    return NULL;
}

void *heap_take(size_t size)
{
    struct slab_cache *cache = heap_cache(size);
    if (cache != NULL)
        return slab_take(cache);
    ASSERT(size <= PAGE_SIZE);
    mm_lock();
    frame_t frame = frame_take_zeroed(FRAME_FOR_KERNEL, FRAME_KERNEL);
    mm_unlock();
    return frame_is(frame) ? frame_data(frame) : NULL;
}

void heap_give(void *memory, size_t size)
{
    struct slab_cache *cache = heap_cache(size);
    if (cache != NULL)
        slab_give(cache, memory);
    else
        heap_give_frame(frame_of_data(memory));
}

frame_t heap_take_frame(enum frame_use use)
{
    mm_lock();
    frame_t frame = frame_take(use, FRAME_KERNEL);
    mm_unlock();
    return frame;
}

void heap_give_frame(frame_t frame)
{
    mm_lock();
    frame_free(frame);
    mm_unlock();
}
