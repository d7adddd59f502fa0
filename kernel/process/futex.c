/* kernel/process/futex.c - the kernel's half of user-mode locks.
 *
 * A lock that is free is taken by the program itself, with one instruction on a word of its
 * memory. Only a thread that finds it taken comes here, to sleep until the owner says that it
 * is free. The word is the lock's; the kernel keeps nothing but the list of sleepers, and that
 * hangs on *what the word is*, not on what it is called: for private memory the space and the
 * address; for shared memory the object and the place in it, so that processes find each other
 * which have it mapped at different addresses.
 *
 * No wake-up is lost: the kernel is not preempted, and between looking at the word and being
 * on the list nothing sleeps. */
#include "kernel/process/futex.h"

#include "arch/user.h"
#include "kernel/process/process.h"
#include "kernel/process/spinlock.h"
#include "lib/errno.h"
#include "mm/mm.h"

#define BUCKETS 256

/* Private: space and address, and one more where the call did not know that it is (as on Linux,
 * the two do not meet). Shared: the object's serial number and the offset in it. */
struct futex_key {
    uint64_t owner, place;
};

/* A thread that sleeps on a word; on its kernel stack, unless it sleeps on several. */
struct waiter {
    struct futex_key key;
    const void *channel; /* that the thread sleeps on */
    uint32_t bits;
    bool woken;
    struct waiter *next, *previous;
};

/* First come, first. */
struct bucket {
    struct waiter *first, *last;
};
static struct spinlock lock; /* taken before the scheduler's */
static struct bucket buckets[BUCKETS] GUARDED_BY(lock);

static struct bucket *bucket_of(const struct futex_key *key) REQUIRES(lock)
{
    uint64_t hash = (key->owner ^ key->place) * 0x9e3779b97f4a7c15ull;
    return &buckets[hash >> 56];
}

static bool key_same(const struct futex_key *a, const struct futex_key *b)
{
    return a->owner == b->owner && a->place == b->place;
}

/* Is its page the space's own: not what an object shows there? */
static bool is_own(struct space *space, uint64_t address, const struct region_view *region)
{
    struct page_view view;
    if (!region->object)
        return true;
    return view_page(space, PAGE_ROUND_DOWN(address), &view) && page_is(view.page) &&
           !view.of_object;
}

/* What the word at `address` is. An object may go while somebody sleeps on a word of it that
 * nobody can reach any more: no other has its number. */
static int key_find(uint64_t address, bool alone, struct futex_key *key)
{
    struct space *space = process_current()->space;
    if (address % sizeof(uint32_t))
        return -EINVAL;
    if (!user_range_ok(address, sizeof(uint32_t)))
        return -EFAULT;
    *key = (struct futex_key){(uintptr_t)space, address + !alone};
    if (alone)
        return 0;
    /* Others may know the word: it must be there for what it is to be told. */
    struct region_view region;
    if (!view_region(space, address, &region) || !region.access)
        return -EFAULT;
    /* As on Linux: what nobody can change is not waited for. */
    if (!(region.access & ACCESS_WRITE) && is_own(space, address, &region))
        return -EFAULT;
    if (!region.object)
        return 0;
    uint64_t place = (uint64_t)region.index * PAGE_SIZE + address - region.start;
    if (PAGE_ROUND_DOWN(place) >= region.object_size)
        return -EFAULT;
    if (region.shared)
        *key = (struct futex_key){region.object->serial, place};
    return 0;
}

static int word_read(uint64_t address, uint32_t *value)
{
    if (address % sizeof(*value))
        return -EINVAL;
    return copy_from_user(value, (const void __user *)address, sizeof(*value)) ? -EFAULT
                                                                               : 0;
}

/* --- Waiting ------------------------------------------------------------------------ */

/* Not inlined: GCC 14 would see a list keep what lies on a stack, and not that whoever wakes takes
 * it out. */
static __attribute__((noinline)) void waiter_add(struct waiter *waiter) REQUIRES(lock)
{
    struct bucket *bucket = bucket_of(&waiter->key);
    waiter->next = NULL;
    waiter->previous = bucket->last;
    *(bucket->last ? &bucket->last->next : &bucket->first) = waiter;
    bucket->last = waiter;
}

static void waiter_remove(struct waiter *waiter) REQUIRES(lock)
{
    struct bucket *bucket = bucket_of(&waiter->key);
    struct waiter *next = waiter->next, *previous = waiter->previous;
    *(next ? &next->previous : &bucket->last) = previous;
    *(previous ? &previous->next : &bucket->first) = next;
}

long futex_wait(uint64_t address, bool alone, uint32_t value, uint32_t bits,
                uint64_t deadline)
{
    struct waiter waiter = {.channel = &waiter, .bits = bits, .woken = false};
    uint32_t now;
    int error = word_read(address, &now);
    if (error == 0) /* only now: reading may have slept */
        error = key_find(address, alone, &waiter.key);
    if (error < 0)
        return error;
    if (now != value)
        return -EAGAIN;
    spin_lock(&lock);
    waiter_add(&waiter);
    spin_unlock(&lock);
    do
        error = thread_sleep(&waiter, SLEEP_INTERRUPTIBLE, deadline);
    while (!waiter.woken && error == 0);
    if (waiter.woken)
        return 0;
    spin_lock(&lock);
    waiter_remove(&waiter);
    spin_unlock(&lock);
    return error;
}

/* --- Waiting for one of several ----------------------------------------------------- */

static int word_make(struct futex_word *word, const void *channel)
{
    struct futex_key key;
    int error = key_find(word->address, word->alone, &key);
    if (error < 0)
        return error;
    word->waiter = heap_take(sizeof(*word->waiter));
    if (!word->waiter)
        return -ENOMEM;
    *word->waiter =
        (struct waiter){.key = key, .channel = channel, .bits = FUTEX_ALL, .woken = false};
    return 0;
}

/* On the list before it is looked at: reading may sleep, and whoever wakes meanwhile finds it. */
static int word_list(const struct futex_word *word)
{
    uint32_t now;
    spin_lock(&lock);
    waiter_add(word->waiter);
    spin_unlock(&lock);
    int error = word_read(word->address, &now);
    return error < 0 ? error : now == word->value ? 0 : -EAGAIN;
}

/* The last of those that have been woken, or -1. */
static long words_woken(const struct futex_word *words, unsigned count)
{
    long woken = (long)count - 1;
    while (woken >= 0 && !words[woken].waiter->woken)
        woken--;
    return woken;
}

static void words_end(struct futex_word *words, unsigned made, unsigned listed)
{
    spin_lock(&lock);
    for (unsigned i = 0; i < listed; i++)
        if (!words[i].waiter->woken)
            waiter_remove(words[i].waiter);
    spin_unlock(&lock);
    for (unsigned i = 0; i < made; i++)
        heap_give(words[i].waiter, sizeof(*words[i].waiter));
}

long futex_wait_many(struct futex_word *words, unsigned count, uint64_t deadline)
{
    unsigned made = 0, listed = 0;
    int error = 0;
    while (made < count && (error = word_make(&words[made], words)) == 0)
        made++;
    while (error == 0 && listed < count)
        error = word_list(&words[listed++]);
    long woken = words_woken(words, listed);
    while (woken < 0 && error == 0) {
        error = thread_sleep(words, SLEEP_INTERRUPTIBLE, deadline);
        woken = words_woken(words, listed);
    }
    words_end(words, made, listed);
    return woken < 0 ? error : woken;
}

/* --- Waking ------------------------------------------------------------------------- */

/* Linux wakes one even when asked for none. */
static int key_wake(const struct futex_key *key, int most, uint32_t bits)
{
    int woken = 0;
    spin_lock(&lock);
    struct waiter *next, *waiter = bucket_of(key)->first;
    for (; waiter && woken < (most > 1 ? most : 1); waiter = next) {
        next = waiter->next;
        if (!key_same(&waiter->key, key) || !(waiter->bits & bits))
            continue;
        waiter_remove(waiter);
        waiter->woken = true;
        thread_wake(waiter->channel);
        woken++;
    }
    spin_unlock(&lock);
    return woken;
}

long futex_wake_bits(uint64_t address, bool alone, int most, uint32_t bits)
{
    struct futex_key key;
    int error = key_find(address, alone, &key);
    return error < 0 ? error : key_wake(&key, most, bits);
}

long futex_wake(uint64_t address, int most)
{
    return futex_wake_bits(address, false, most, FUTEX_ALL);
}

/* --- Moving ------------------------------------------------------------------------- */

/* Those that stay keep their order; those that move come behind those that sleep there already.
 * If that is the same bucket, they are met again there, with another key. */
static int key_move(const struct futex_key *from, const struct futex_key *to, int most)
{
    int count = 0;
    spin_lock(&lock);
    struct waiter *next, *waiter = bucket_of(from)->first;
    for (; waiter && count < most; waiter = next) {
        next = waiter->next;
        if (!key_same(&waiter->key, from))
            continue;
        count++;
        if (key_same(from, to))
            continue;
        waiter_remove(waiter);
        waiter->key = *to;
        waiter_add(waiter);
    }
    spin_unlock(&lock);
    return count;
}

static long move_keys(const struct futex_move *move, struct futex_key *from,
                      struct futex_key *to)
{
    int error = key_find(move->from, move->alone, from);
    return error < 0 ? error : key_find(move->to, move->alone, to);
}

long futex_requeue(const struct futex_move *move)
{
    struct futex_key from, to;
    uint32_t now;
    if (move->wake < 0 || move->move < 0)
        return -EINVAL;
    int error = move->check ? word_read(move->from, &now) : 0;
    if (error == 0)
        error = move_keys(move, &from, &to);
    if (error < 0)
        return error;
    if (move->check && now != *move->check)
        return -EAGAIN;
    int woken = move->wake > 0 ? key_wake(&from, move->wake, FUTEX_ALL) : 0;
    return woken + key_move(&from, &to, move->move);
}

/* --- FUTEX_WAKE_OP -------------------------------------------------------------------- */

static int32_t sign_extend_12(uint32_t bits)
{
    return (int32_t)(bits << 20) >> 20;
}

/* The four fields of the operation (futex(2)): what to do, with what, what to compare, how. */
static bool operation_apply(uint32_t operation, uint32_t old, uint32_t *changed)
{
    uint32_t kind = operation >> 28 & 7;
    uint32_t with = sign_extend_12(operation >> 12);
    if (operation >> 31)
        with = 1u << (with & 31);
    switch (kind) {
    case 0:
        *changed = with;
        return true;
    case 1:
        *changed = old + with;
        return true;
    case 2:
        *changed = old | with;
        return true;
    case 3:
        *changed = old & ~with;
        return true;
    case 4:
        *changed = old ^ with;
        return true;
    default:
        return false;
    }
}

static bool operation_compare(uint32_t operation, int32_t old)
{
    int32_t with = sign_extend_12(operation);
    switch (operation >> 24 & 15) {
    case 0:
        return old == with;
    case 1:
        return old != with;
    case 2:
        return old < with;
    case 3:
        return old <= with;
    case 4:
        return old > with;
    default: /* 5: others have been refused */
        return old >= with;
    }
}

/* Replace *old by what the operation makes of it. */
static int word_change(uint64_t address, uint32_t operation, uint32_t *old)
{
    int error = word_read(address, old);
    while (error == 0) {
        uint32_t expected = *old, changed;
        if (!operation_apply(operation, expected, &changed))
            return -ENOSYS;
        error = user_exchange_if((uint32_t __user *)address, old, changed);
        if (error == 0 && *old == expected) /* only then is it looked how to compare */
            return (operation >> 24 & 15) > 5 ? -ENOSYS : 0;
    }
    return error;
}

long futex_wake_operation(const struct futex_move *move, uint32_t operation)
{
    struct futex_key from, to;
    uint32_t old;
    int error = move_keys(move, &from, &to);
    if (error == 0) /* both words are futexes: only now is one changed */
        error = word_change(move->to, operation, &old);
    if (error != 0)
        return error;
    int woken = key_wake(&from, move->wake, FUTEX_ALL);
    if (operation_compare(operation, (int32_t)old))
        woken += key_wake(&to, move->move, FUTEX_ALL);
    return woken;
}

/* --- Robust locks ----------------------------------------------------------------------- */

#define ROBUST_MAX       2048 /* entries: the list is the program's, and may be a ring */
#define FUTEX_TID_MASK   0x3fffffffu
#define FUTEX_OWNER_DIED 0x40000000u
#define FUTEX_WAITERS    0x80000000u
#define LOCK_PI          1ul /* bit 0 of a link */

struct robust_head {
    uint64_t first;
    int64_t offset;   /* from an entry to its lock's word */
    uint64_t pending; /* being taken or given back just now, or 0 */
};

static void robust_lock_release(uint64_t entry, int64_t offset, bool pending)
{
    uint64_t address = (entry & ~LOCK_PI) + offset;
    uint32_t old;
    int error = word_read(address, &old);
    /* The lock has been given back, but its waiter has not been woken yet. */
    if (error == 0 && pending && old == 0)
        futex_wake(address, 1);
    while (error == 0 && (old & FUTEX_TID_MASK) == (uint32_t)current->id) {
        uint32_t expected = old;
        error = user_exchange_if((uint32_t __user *)address, &old,
                                 (old & FUTEX_WAITERS) | FUTEX_OWNER_DIED);
        if (error == 0 && old == expected) {
            if ((old & FUTEX_WAITERS) && !(entry & LOCK_PI))
                futex_wake(address, 1);
            return;
        }
    }
}

void robust_list_release(void)
{
    struct robust_head head;
    uint64_t list = current->robust_list;
    current->robust_list = 0;
    if (!list || copy_from_user(&head, (const void __user *)list, sizeof(head)) != 0)
        return;
    uint64_t entry = head.first;
    for (unsigned i = 0; i < ROBUST_MAX && (entry & ~LOCK_PI) != list; i++) {
        uint64_t next;
        /* Read on before the entry is given away: its memory may go with the lock. */
        bool more = copy_from_user(&next, (const void __user *)(entry & ~LOCK_PI),
                                   sizeof(next)) == 0;
        if (entry != head.pending)
            robust_lock_release(entry, head.offset, false);
        if (!more)
            break;
        entry = next;
    }
    if (head.pending)
        robust_lock_release(head.pending, head.offset, true);
}
