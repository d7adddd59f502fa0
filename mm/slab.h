/* mm/slab.h - memory for the kernel's own objects.  See mm/more/slab.c for the idea. */
#ifndef MM_SLAB_H
#define MM_SLAB_H

#include "arch/types.h"

struct slab;

/* A cache of objects of one size. Statically initialised: SLAB_CACHE("region", struct region). */
struct slab_cache {
    const char *name;
    uint32_t size;        /* bytes an object, at most 2,016; rounded up to 16 */
    uint32_t in_use;      /* objects handed out */
    uint32_t slabs;       /* frames held */
    struct slab *partial; /* slabs with objects free */
    struct slab *spare; /* one wholly free slab kept back, so that a single object taken and
                              given over and over costs no frame each time */
    struct slab_cache *next; /* all caches in use, for /proc/slabinfo */
    bool listed;
};

#define SLAB_CACHE(cache_name, type)               \
    {                                              \
        .name = (cache_name), .size = sizeof(type) \
    }

/* A cleared object, or NULL when memory is out. Never sleeps. */
void *slab_take(struct slab_cache *cache);
void slab_give(struct slab_cache *cache, void *object);

/* Cleared memory of any size up to 4,096 bytes, 16-byte aligned; NULL when memory is out. */
void *memory_take(size_t size);
void memory_give(void *memory, size_t size);

extern struct slab_cache *slab_caches; /* first of all caches in use */

#endif
