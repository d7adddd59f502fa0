/* mm/more/slab.c - memory for the kernel's own objects.
 *
 * User memory comes in pages, and any frame will do. The kernel also needs small things,
 * a region, a process, an inode, by the thousand, and cannot use a page for each. The
 * chapter's two answers: the *buddy system* hands out powers of two and joins neighbours
 * again when both are free, but wastes up to half of each piece; the *slab allocator*
 * (Bonwick, 1994) keeps a cache for each kind of object, cuts whole frames ("slabs") into
 * objects of exactly that size, and so has no fragmentation and both operations in
 * constant time. Frames themselves are all alike here, so no buddy system is needed below.
 *
 * A slab is one frame: a head, then objects. The free ones are chained through their own
 * first word, and an object's slab is found by rounding its address down to the frame. */
#include "mm/slab.h"

#include "mm/frame.h"

struct slab {
    struct slab_cache *cache;
    struct slab *next, *previous; /* in the cache's list of partly free slabs */
    void *free;                   /* chain of free objects */
    uint32_t in_use;
    uint32_t pad;
};

struct slab_cache *slab_caches;

static uint32_t slab_object_size(const struct slab_cache *cache)
{
    return (cache->size + 15u) & ~15u;
}

static void slab_link(struct slab_cache *cache, struct slab *slab)
{
    slab->previous = NULL;
    slab->next = cache->partial;
    if (cache->partial != NULL)
        cache->partial->previous = slab;
    cache->partial = slab;
}

static void slab_unlink(struct slab_cache *cache, struct slab *slab)
{
    *(slab->previous != NULL ? &slab->previous->next : &cache->partial) = slab->next;
    if (slab->next != NULL)
        slab->next->previous = slab->previous;
}

/* A frame cut into objects; NULL: no frame. */
static struct slab *slab_create(struct slab_cache *cache)
{
    frame_t frame = frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL);
    if (!frame_is(frame))
        return NULL;
    if (!cache->listed) {
        cache->listed = true;
        cache->next = slab_caches;
        slab_caches = cache;
    }
    cache->slabs++;
    struct slab *slab = frame_data(frame);
    *slab = (struct slab){.cache = cache};
    uint32_t size = slab_object_size(cache);
    ASSERT(size <= (PAGE_SIZE - sizeof(struct slab)) / 2);
    char *end = (char *)slab + PAGE_SIZE;
    for (char *object = end - size; object >= (char *)(slab + 1); object -= size) {
        *(void **)object = slab->free;
        slab->free = object;
    }
    return slab;
}

void *slab_take(struct slab_cache *cache)
{
    struct slab *slab = cache->partial;
    if (slab == NULL) {
        slab = cache->spare != NULL ? cache->spare : slab_create(cache);
        cache->spare = NULL;
        if (slab == NULL)
            return NULL;
        slab_link(cache, slab);
    }
    void *object = slab->free;
    slab->free = *(void **)object;
    slab->in_use++;
    cache->in_use++;
    if (slab->free == NULL)
        slab_unlink(cache, slab);
    return __builtin_memset(object, 0, slab_object_size(cache));
}

void slab_give(struct slab_cache *cache, void *object)
{
    struct slab *slab = (struct slab *)PAGE_ROUND_DOWN((uintptr_t)object);
    ASSERT(slab->cache == cache && slab->in_use > 0);
    if (slab->free == NULL)
        slab_link(cache, slab);
    *(void **)object = slab->free;
    slab->free = object;
    slab->in_use--;
    cache->in_use--;
    if (slab->in_use > 0)
        return;
    slab_unlink(cache, slab);
    if (cache->spare == NULL) {
        cache->spare = slab;
    } else {
        cache->slabs--;
        frame_free(frame_of_data(slab));
    }
}

/* --- Memory of any size ----------------------------------------------------------------- */

#define MEMORY_CLASS(bytes)                       \
    {                                             \
        .name = "memory-" #bytes, .size = (bytes) \
    }

static struct slab_cache memory_caches[] = {
    MEMORY_CLASS(32),  MEMORY_CLASS(64),  MEMORY_CLASS(128),  MEMORY_CLASS(256),
    MEMORY_CLASS(512), MEMORY_CLASS(992), MEMORY_CLASS(2016),
};

static struct slab_cache *memory_cache(size_t size)
{
    for (size_t i = 0; i < ARRAY_SIZE(memory_caches); i++) {
        if (size <= memory_caches[i].size)
            return &memory_caches[i];
    }
    return NULL;
}

void *memory_take(size_t size)
{
    struct slab_cache *cache = memory_cache(size);
    if (cache != NULL)
        return slab_take(cache);
    ASSERT(size <= PAGE_SIZE);
    frame_t frame = frame_take_zeroed(FRAME_FOR_KERNEL, FRAME_KERNEL);
    return frame_is(frame) ? frame_data(frame) : NULL;
}

void memory_give(void *memory, size_t size)
{
    struct slab_cache *cache = memory_cache(size);
    if (cache != NULL)
        slab_give(cache, memory);
    else
        frame_free(frame_of_data(memory));
}
