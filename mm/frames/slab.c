/* mm/frames/slab.c - memory for the kernel's own objects.
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
 * first word, and an object's slab is found by rounding its address down to the frame.
 * Behind each object stands whose it is (account.h). */
#include "mm/frames/slab.h"

#include "mm/frames/account.h"
#include "mm/frames/frame.h"

struct slab {
    struct slab_cache *cache;
    struct slab *next, *previous; /* in the cache's list of partly free slabs */
    void *free;                   /* chain of free objects */
    uint32_t in_use;
    uint32_t pad;
};

static struct slab_cache *slab_caches GUARDED_BY(mm);

/* Where the account of an object stands: in the last word of its place. NULL: it is free. */
static struct account **slab_owner(void *object, uint32_t stride)
{
    return (struct account **)((char *)object + stride) - 1;
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

static void slab_cache_list(struct slab_cache *cache) REQUIRES(mm)
{
    cache->listed = true;
    cache->stride = (cache->size + (uint32_t)sizeof(struct account *) + 15u) & ~15u;
    ASSERT(cache->stride <= (PAGE_SIZE - sizeof(struct slab)) / 2);
    cache->next = slab_caches;
    slab_caches = cache;
}

static void *slab_first(const struct slab *slab)
{
    return (char *)slab + PAGE_SIZE - slab->cache->stride;
}

/* A frame cut into objects; NULL: no frame. The frame itself is nobody's: its objects are. */
static struct slab *slab_create(struct slab_cache *cache) REQUIRES(mm)
{
    frame_t frame = frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL);
    if (!frame_is(frame))
        return NULL;
    frame_own(frame, &kernel_account);
    frame_get(frame)->slab = true;
    if (!cache->listed)
        slab_cache_list(cache);
    cache->slabs++;
    struct slab *slab = frame_data(frame);
    *slab = (struct slab){.cache = cache};
    for (char *object = slab_first(slab); object >= (char *)(slab + 1);
         object -= cache->stride) {
        *(void **)object = slab->free;
        *slab_owner(object, cache->stride) = NULL;
        slab->free = object;
    }
    return slab;
}

/* No slab has room: a new one. NULL: no frame. (Apart, like slab_free, for the sake of those
 * that need neither.) */
static __attribute__((noinline)) struct slab *slab_begin(struct slab_cache *cache)
    REQUIRES(mm)
{
    struct slab *slab = slab_create(cache);
    if (slab != NULL)
        slab_link(cache, slab);
    return slab;
}

static __attribute__((noinline)) void slab_free(struct slab_cache *cache, struct slab *slab)
    REQUIRES(mm)
{
    slab_unlink(cache, slab);
    cache->slabs--;
    frame_free(frame_of_data(slab));
}

/* Both ways in, with the lock and without it, have this inside: it is the kernel's busiest code. */
static inline __attribute__((always_inline)) void *take(struct slab_cache *cache,
                                                        struct account *account)
    REQUIRES(mm)
{
    struct slab *slab = cache->partial;
    if (slab == NULL && (slab = slab_begin(cache)) == NULL)
        return NULL;
    void *object = slab->free, *next = *(void **)object;
    uint32_t stride = cache->stride;
    slab->free = next;
    slab->in_use++;
    cache->in_use++;
    *slab_owner(object, stride) = account;
    account_charge(account, ACCOUNT_BYTES, stride);
    if (next == NULL)
        slab_unlink(cache, slab);
    return memory_clear(object, stride / 8 - 1);
}

void *slab_take_for(struct slab_cache *cache, struct account *account)
{
    return take(cache, account);
}

void *slab_take(struct slab_cache *cache)
{
    mm_lock();
    void *object = take(cache, account_current);
    mm_unlock();
    return object;
}

/* Nothing of it is in use. It goes, unless it is the only one with room: a single object
 * taken and given over and over should cost no frame each time. */
static void slab_empty(struct slab_cache *cache, struct slab *slab) REQUIRES(mm)
{
    if (cache->partial == slab && slab->next == NULL)
        return;
    slab_free(cache, slab);
}

static inline __attribute__((always_inline)) void give(struct slab_cache *cache,
                                                       void *object) REQUIRES(mm)
{
    struct slab *slab = (struct slab *)PAGE_ROUND_DOWN((uintptr_t)object);
    uint32_t stride = cache->stride;
    struct account **owner = slab_owner(object, stride), *account = *owner;
    ASSERT(slab->cache == cache && account != NULL);
    *owner = NULL;
    if (slab->free == NULL)
        slab_link(cache, slab);
    *(void **)object = slab->free;
    slab->free = object;
    cache->in_use--;
    if (--slab->in_use == 0)
        slab_empty(cache, slab);
    account_uncharge(account, ACCOUNT_BYTES, stride);
}

void slab_give_locked(struct slab_cache *cache, void *object)
{
    give(cache, object);
}

void slab_give(struct slab_cache *cache, void *object)
{
    mm_lock();
    give(cache, object);
    mm_unlock();
}

const struct slab_cache *slab_cache_next(const struct slab_cache *cache)
{
    mm_lock();
    const struct slab_cache *next = cache != NULL ? cache->next : slab_caches;
    mm_unlock();
    return next;
}

uint32_t slab_shrink(void)
{
    uint32_t count = 0;
    for (struct slab_cache *cache = slab_caches; cache != NULL; cache = cache->next) {
        struct slab *slab = cache->partial;
        while (slab != NULL && slab->in_use > 0)
            slab = slab->next;
        if (slab == NULL)
            continue;
        slab_free(cache, slab);
        count++;
    }
    return count;
}

void slab_audit(const void *frame)
{
    const struct slab *slab = frame;
    const struct slab_cache *cache = slab->cache;
    for (char *object = slab_first(slab); object >= (const char *)(slab + 1);
         object -= cache->stride) {
        struct account *account = *slab_owner(object, cache->stride);
        if (account == NULL)
            continue;
        account->audited[ACCOUNT_BYTES] += cache->stride;
        if (cache->audit != NULL)
            cache->audit(object);
    }
}
