/* mm/address_spaces/promise.h - how much may be promised.
 *
 * A promise takes no memory, so more can be promised than there is (*overcommit*): programs ask
 * for much that they never touch. Three bounds keep a promise from being a lie. What one space
 * may be promised follows from its process's limits. One demand that memory and swap could
 * never meet is refused at once. And every promise can be kept, if that is wanted: then all
 * that programs may write privately, together, must fit (Linux's overcommit_memory). */
#ifndef MM_PROMISE_H
#define MM_PROMISE_H

#include "mm/address_spaces/space.h"

/* In the order of vm.overcommit_memory. PLAUSIBLE refuses a promise that could not be met even if
 * it were the only one. ANYTHING refuses none. KEPT lets all promises together be promise_limit
 * at most. */
enum promise_policy { PROMISE_PLAUSIBLE, PROMISE_ANYTHING, PROMISE_KEPT };
extern enum promise_policy promise_policy;
extern uint32_t promise_ratio; /* vm.overcommit_ratio: percent of memory in the limit */
/* Once memory is known, and whenever the policy changes. */
void promise_policy_set(enum promise_policy policy) REQUIRES(mm);

/* Bytes that count against the limit: of regions; of shared memory without a name, once
 * however many have it. */
extern uint64_t promise_regions, promise_objects;
/* Bytes: the swap area, and promise_ratio percent of memory. */
uint64_t promise_limit(void);

/* What is asked for. */
struct promise {
    size_t length;
    bool writable;   /* by this space alone, or it is shared memory without a name */
    bool data;       /* counts as data (RLIMIT_DATA): not shared, no stack */
    bool unreserved; /* MAP_NORESERVE: it shall not count, unless all promises are kept */
};

/* What goes for it, in bytes. */
struct promise_gone {
    size_t all, counted; /* of any region; of COMMIT_COUNTED ones */
};

/* A demand of at most so many bytes needs no second look, since it is plausible. 0 while all
 * promises are kept: then each is looked at. */
extern uint64_t promise_small GUARDED_BY(mm);
int promise_look(const struct space *space, struct promise promise,
                 struct promise_gone gone) REQUIRES(mm);

static inline bool promise_is_small(const struct space *space, size_t length) REQUIRES(mm)
{
    return length <= promise_small && space->data_limit == UINT64_MAX &&
           space->promised + length <= space->promised_limit;
}

/* May the space be promised that, when `gone` goes first? 0, or -ENOMEM. */
static inline int promise_check(const struct space *space, struct promise promise,
                                struct promise_gone gone) REQUIRES(mm)
{
    return promise_is_small(space, promise.length) ? 0 : promise_look(space, promise, gone);
}

/* The same for `longer` bytes more of the same region. */
int promise_check_longer(const struct space *space, const struct region *region,
                         size_t longer) REQUIRES(mm);
/* How far from `start` may [start, end), where something does not count yet, become writable? */
uintptr_t promise_writable_until(struct space *space, uintptr_t start, uintptr_t end)
    REQUIRES(mm);
/* May a child have the region, too? */
bool promise_look_copy(const struct region *region) REQUIRES(mm);
static inline bool promise_allows_copy(const struct region *region) REQUIRES(mm)
{
    return __builtin_expect(promise_policy != PROMISE_KEPT, true) ||
           promise_look_copy(region);
}
/* An object's size counts from now on, until it ends. 0, or -ENOMEM. */
int promise_object(struct object *object) REQUIRES(mm);

/* How a region begins that is promised so. */
static inline enum region_commit promise_commit(struct promise promise)
{
    if (promise.unreserved && promise_policy != PROMISE_KEPT)
        return COMMIT_NEVER;
    return promise.writable ? COMMIT_COUNTED : COMMIT_NOT_YET;
}

/* Somebody may write there privately now. */
static inline void promise_begin(struct region *region) REQUIRES(mm)
{
    if (region->commit != COMMIT_NOT_YET)
        return;
    region->commit = COMMIT_COUNTED;
    promise_regions += region->end - region->start;
}

/* The region, which is in the space, has become so many bytes longer. */
static inline void promise_more(struct space *space, const struct region *region,
                                size_t more) REQUIRES(mm)
{
    space->promised += more;
    if (region->commit == COMMIT_COUNTED)
        promise_regions += more;
}

/* It has become shorter. */
static inline void promise_less(struct space *space, const struct region *region,
                                size_t less) REQUIRES(mm)
{
    if (space->promised > space->promised_most)
        space->promised_most = space->promised;
    space->promised -= less;
    if (region->commit == COMMIT_COUNTED)
        promise_regions -= less;
}

#endif
