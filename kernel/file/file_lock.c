/* kernel/file/file_lock.c - advisory locks: programs that agree not to step on each other's toes.
 *
 * The kernel keeps the list and makes those that ask wait; reading and writing are not
 * affected. The list at an inode is short, so it is searched from one end to the other.
 *
 * Two owners that wait for each other would wait for ever. So before one waits, the chain is
 * followed from the owner of the lock to what that one waits for, and so on: if it comes back,
 * this is a *deadlock*, and the one who would close the circle is refused. A program can make a
 * chain of thousands, and nobody else runs while it is followed: so that is done for a few
 * links, as by Linux, and in a longer circle all wait until a signal comes. */
#include "kernel/file/file_lock.h"
#include "kernel/process/thread.h"
#include "lib/errno.h"
#include "mm/mm.h"

#define CHAIN_MOST 11u /* links that are followed */

static struct slab_cache lock_cache = SLAB_CACHE("file-lock", struct file_lock);

static bool lock_overlaps(const struct file_lock *a, const struct file_lock *b)
{
    return a->whole == b->whole && a->start < b->end && b->start < a->end;
}

const struct file_lock *file_lock_conflict(const struct inode *inode,
                                           const struct file_lock *wanted)
{
    const struct file_lock *first = NULL;

    for (const struct file_lock *lock = inode->locks; lock; lock = lock->next)
        if (lock->owner != wanted->owner && lock_overlaps(lock, wanted) &&
            (lock->kind == FILE_LOCK_EXCLUSIVE || wanted->kind == FILE_LOCK_EXCLUSIVE) &&
            (!first || lock->start < first->start))
            first = lock;
    return first;
}

static bool lock_add(struct inode *inode, const struct file_lock *wanted, uint64_t start,
                     uint64_t end)
{
    struct file_lock *lock = slab_take(&lock_cache);

    if (!lock)
        return false;
    *lock = *wanted;
    lock->start = start;
    lock->end = end;
    lock->next = inode->locks;
    inode->locks = lock;
    return true;
}

/* Take the wanted range out of a lock that overlaps it. If the lock sticks out on both sides,
 * its upper part has been added apart already. */
static void lock_cut(struct file_lock **link, const struct file_lock *wanted)
{
    struct file_lock *lock = *link;

    if (lock->start < wanted->start) {
        lock->end = wanted->start;
    } else if (lock->end > wanted->end) {
        lock->start = wanted->end;
    } else {
        *link = lock->next;
        slab_give(&lock_cache, lock);
    }
}

/* The owner's lock that sticks out of the wanted range on both sides, or NULL. */
static const struct file_lock *lock_around(const struct inode *inode,
                                           const struct file_lock *wanted)
{
    for (const struct file_lock *lock = inode->locks; lock; lock = lock->next)
        if (lock->owner == wanted->owner && lock->whole == wanted->whole &&
            lock->start < wanted->start && lock->end > wanted->end)
            return lock;
    return NULL;
}

/* The lock and those of its owner that touch it and are alike: they become one. */
static struct file_lock lock_joined(const struct inode *inode,
                                    const struct file_lock *asked)
{
    struct file_lock joined = *asked;

    for (const struct file_lock *lock = inode->locks; lock; lock = lock->next) {
        if (lock->owner != asked->owner || lock->whole != asked->whole ||
            lock->kind != asked->kind || lock->start > asked->end ||
            lock->end < asked->start)
            continue;
        joined.start = lock->start < joined.start ? lock->start : joined.start;
        joined.end = lock->end > joined.end ? lock->end : joined.end;
    }
    return joined;
}

/* First what may fail, then the rest. Waiters are woken only where something has gone. */
static int lock_replace(struct inode *inode, const struct file_lock *asked)
{
    const struct file_lock joined = lock_joined(inode, asked), *wanted = &joined;
    const struct file_lock *around = lock_around(inode, wanted);
    bool gone = false;

    if (around && !lock_add(inode, around, wanted->end, around->end))
        return -ENOLCK;
    if (wanted->kind != FILE_LOCK_NONE &&
        !lock_add(inode, wanted, wanted->start, wanted->end))
        return -ENOLCK;
    struct file_lock **link =
        wanted->kind == FILE_LOCK_NONE ? &inode->locks : &inode->locks->next;
    while (*link) {
        struct file_lock *lock = *link;
        if (lock->owner == wanted->owner && lock_overlaps(lock, wanted)) {
            lock_cut(link, wanted);
            gone = true;
        }
        if (*link == lock)
            link = &lock->next;
    }
    if (gone)
        thread_wake(&inode->locks);
    return 0;
}

/* --- Waiting ------------------------------------------------------------------------- */

/* Somebody waits for a record lock; on their kernel stack. */
struct wait {
    const struct inode *inode;
    const struct file_lock *wanted;
    struct wait *next;
};

static struct wait *waits_first;

/* Whom this owner waits for; NULL: for nobody. */
static const void *waits_for(const void *owner)
{
    const struct wait *wait = waits_first;

    while (wait && wait->wanted->owner != owner)
        wait = wait->next;
    const struct file_lock *lock =
        wait ? file_lock_conflict(wait->inode, wait->wanted) : NULL;
    return lock ? lock->owner : NULL;
}

/* Does the owner of the lock wait, after a few links, for the one that wants it? */
static bool lock_is_deadlock(const struct file_lock *wanted, const struct file_lock *lock)
{
    const void *owner = lock->owner;

    for (unsigned i = 0; i < CHAIN_MOST && owner && owner != wanted->owner; i++)
        owner = waits_for(owner);
    return owner == wanted->owner;
}

static int lock_wait(struct inode *inode, const struct file_lock *wanted)
{
    struct wait wait = {inode, wanted, waits_first}, **link = &waits_first;

    waits_first = &wait;
    int error = thread_sleep(&inode->locks, SLEEP_INTERRUPTIBLE, UINT64_MAX);
    while (*link != &wait)
        link = &(*link)->next;
    *link = wait.next;
    return error;
}

int file_lock_set(struct inode *inode, const struct file_lock *wanted, bool waits)
{
    const struct file_lock *lock;
    int error = 0;

    if (wanted->whole) /* of another kind: the old one goes first, and may be lost */
        file_lock_forget(inode, wanted->owner);
    while (!error && wanted->kind != FILE_LOCK_NONE &&
           (lock = file_lock_conflict(inode, wanted))) {
        if (!waits)
            return -EAGAIN;
        if (!wanted->whole && lock_is_deadlock(wanted, lock))
            return -EDEADLK;
        error = lock_wait(inode, wanted);
    }
    return error ? error : lock_replace(inode, wanted);
}

void file_lock_forget(struct inode *inode, const void *owner)
{
    struct file_lock **link = &inode->locks;

    while (*link) {
        struct file_lock *lock = *link;
        if (lock->owner == owner) {
            *link = lock->next;
            slab_give(&lock_cache, lock);
        } else {
            link = &lock->next;
        }
    }
    thread_wake(&inode->locks);
}
