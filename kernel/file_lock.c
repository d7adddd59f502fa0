/* file_lock.c - advisory locks: programs that agree not to step on each other's toes.
 *
 * The kernel keeps the list and makes those wait who ask; reading and writing are not
 * affected. The list at an inode is short, so it is searched from one end to the other. Who
 * waits for whom is not followed: two who wait for each other wait until a signal comes. */
#include "kernel/file_lock.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "mm/slab.h"

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

/* First what may fail, then the rest. */
static int lock_replace(struct inode *inode, const struct file_lock *wanted)
{
    const struct file_lock *around = lock_around(inode, wanted);

    if (around && !lock_add(inode, around, wanted->end, around->end))
        return -ENOLCK;
    if (wanted->kind != FILE_LOCK_NONE &&
        !lock_add(inode, wanted, wanted->start, wanted->end))
        return -ENOLCK;
    struct file_lock **link =
        wanted->kind == FILE_LOCK_NONE ? &inode->locks : &inode->locks->next;
    while (*link) {
        struct file_lock *lock = *link;
        if (lock->owner == wanted->owner && lock_overlaps(lock, wanted))
            lock_cut(link, wanted);
        if (*link == lock)
            link = &lock->next;
    }
    thread_wake(&inode->locks);
    return 0;
}

int file_lock_set(struct inode *inode, const struct file_lock *wanted, bool waits)
{
    while (wanted->kind != FILE_LOCK_NONE && file_lock_conflict(inode, wanted)) {
        if (!waits)
            return -EAGAIN;
        int error = thread_sleep(&inode->locks, SLEEP_INTERRUPTIBLE, UINT64_MAX);
        if (error)
            return error;
    }
    return lock_replace(inode, wanted);
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
