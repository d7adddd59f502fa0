/* mm/frames/slab.h - memory for the kernel's own objects.  See mm/frames/slab.c for the idea. */
#ifndef MM_SLAB_H
#define MM_SLAB_H

#include "mm/lock.h"

struct account;
struct slab;

/* A cache of objects of one size. Statically initialised: SLAB_CACHE("region", struct region). */
struct slab_cache {
    const char *name;
    uint32_t size;           /* bytes an object, at most 2,008 */
    uint32_t stride;         /* with the account behind it, a multiple of 16 */
    uint32_t in_use;         /* objects handed out */
    uint32_t slabs;          /* frames held */
    struct slab *partial;    /* slabs with objects free */
    struct slab_cache *next; /* all caches in use, for /proc/slabinfo */
    bool listed;
    void (*audit)(const void *object); /* add to `audited` what it has charged besides */
};

#define SLAB_CACHE(cache_name, type)               \
    {                                              \
        .name = (cache_name), .size = sizeof(type) \
    }

/* A cleared object, charged to the account, or NULL when memory is out. Never sleeps. */
void *slab_take_for(struct slab_cache *cache, struct account *account) REQUIRES(mm);
void slab_give_locked(struct slab_cache *cache, void *object) REQUIRES(mm);
/* The same for the kernel, which does not hold the lock: charged to whoever runs. */
MUST_USE void *slab_take(struct slab_cache *cache) EXCLUDES(mm);
void slab_give(struct slab_cache *cache, void *object) EXCLUDES(mm);

/* All caches in use, one after the other, from NULL to NULL: for /proc/slabinfo. None ever goes. */
const struct slab_cache *slab_cache_next(const struct slab_cache *cache) EXCLUDES(mm);

/* Give the frames back that are kept for objects to come. How many. */
uint32_t slab_shrink(void) REQUIRES(mm);
/* For the audit: add each object's bytes to its account's `audited`, and what it has charged
 * besides; the frame is a slab's. */
void slab_audit(const void *frame) REQUIRES(mm);

#endif
