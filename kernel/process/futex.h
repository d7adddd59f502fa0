/* kernel/process/futex.h - sleeping until a word of user memory changes: what locks, condition
 * variables and pthread_join are made of. */
#ifndef KERNEL_PROCESS_FUTEX_H
#define KERNEL_PROCESS_FUTEX_H

#include "arch/types.h"
#include "lib/locks.h"

#define FUTEX_ALL UINT32_MAX /* bit set: whoever it is */

/* Sleep while the word at `address` is `value`, until a wake-up whose bits meet `bits`, or
 * `deadline`. `alone`: the word is known to be of this space only. 0, -EAGAIN (it is not
 * `value`), -EFAULT, -EINTR, -ETIMEDOUT. */
long futex_wait(uint64_t address, bool alone, uint32_t value, uint32_t bits,
                uint64_t deadline) SLEEPS;
/* The same of `count` words, each with its value, until one of them is woken: which (if several,
 * the last). Also -ENOMEM. */
struct futex_word {
    uint64_t address;
    uint32_t value;
    bool alone;
    struct waiter *waiter; /* while it lasts */
};
long futex_wait_many(struct futex_word *words, unsigned count, uint64_t deadline) SLEEPS;
/* Wake at most `most` of those who sleep on it, first come first served. Their number,
 * -EFAULT. */
long futex_wake_bits(uint64_t address, bool alone, int most, uint32_t bits);
/* The same for a word of unknown kind. */
long futex_wake(uint64_t address, int most);
/* Wake at most `wake` sleepers of `from`, and let at most `move` others sleep on `to`
 * instead. With `check`, only if the word at `from` is *check, else -EAGAIN. How many were
 * woken or moved. */
struct futex_move {
    uint64_t from, to;
    bool alone;
    int wake, move;
    const uint32_t *check;
};
long futex_requeue(const struct futex_move *move) SLEEPS;
/* FUTEX_WAKE_OP: change the word at `to` as `operation` says, wake at most `wake` sleepers of
 * `from`, and if the old value was as it says at most `move` of `to`. How many. */
long futex_wake_operation(const struct futex_move *move, uint32_t operation) SLEEPS;

/* The current thread ends: the locks on its list of robust ones are told that their owner
 * died, and passed on (get_robust_list(2)). May sleep. */
void robust_list_release(void) SLEEPS;

#endif
