/* kernel/process/copy_sleep.c - every copy from and to user memory sleeps (copy_sleep=SEED).
 *
 * Such a copy *may* sleep always: the page may have to come from a disk. But memory is
 * plentiful and disks are fast, so a path that wrongly counts on not sleeping there works a
 * million times. With this parameter it does not work once: others run before each copy, and
 * in the middle of every other long one, as if the memory lay on two pages that have to be
 * read; now and then for long enough that timers and disks have their say too. When, and how
 * long, is drawn from the seed: the same seed, the same run.
 *
 * An aligned word is never torn, since it never lies on two pages; and nothing sleeps behind
 * the last byte. A thread that is being killed copies no further, as after a fault. */
#include "kernel/process/copy_sleep.h"

#include "arch/user.h"
#include "kernel/device/random.h"
#include "kernel/parameter.h"
#include "kernel/process/process.h"
#include "lib/errno.h"

#define WORD    sizeof(uint64_t)
#define LONGEST 50000u /* ns */

bool user_copies_sleep;

static uint64_t drawn;

static unsigned draw(unsigned many)
{
    return random_next(&drawn) % many;
}

void copy_sleep_start(void)
{
    drawn = parameters.copy_sleep;
    user_copies_sleep = parameters.copy_sleep != 0;
}

/* Let others run: whoever is ready, and one time in four for a while. False: being killed. */
static bool copy_sleep(void)
{
    thread_yield();
    if (draw(4) == 0)
        thread_sleep(&drawn, SLEEP_KILLABLE, time_now() + draw(LONGEST));
    cpu_poll_interrupts();
    return !signal_fatal(current);
}

/* How much of a copy comes before the second sleep: up to a word's beginning, or all. */
static size_t first_part(const void __user *user, size_t length)
{
    size_t words = length / WORD, before = -(uintptr_t)user % WORD;

    if (words < 2 || draw(2) == 0)
        return length;
    return before + draw(words) * WORD;
}

/* Copy `length` bytes; `user` is that of both places which is the user's. */
static size_t copy(char *to, const char *from, size_t length, const void __user *user)
{
    size_t first = first_part(user, length), rest = length - first;

    if (!copy_sleep())
        return length;
    size_t missed = copy_user_now(to, from, first);
    if (missed || !rest || !copy_sleep())
        return rest + missed;
    return copy_user_now(to + first, from + first, rest);
}

size_t kernel_copy_from_user(void *to, const void __user *from, size_t length)
{
    return copy(to, (const char *)(uintptr_t)from, length, from);
}

size_t kernel_copy_to_user(void __user *to, const void *from, size_t length)
{
    return copy((char *)(uintptr_t)to, from, length, to);
}

size_t kernel_clear_user(void __user *to, size_t length)
{
    return copy_sleep() ? clear_user_now(to, length) : length;
}

int kernel_exchange_if(uint32_t __user *at, uint32_t *expected, uint32_t value)
{
    return copy_sleep() ? user_exchange_now(at, expected, value) : -EFAULT;
}

long kernel_copy_string(char *to, const char __user *from, size_t size)
{
    return copy_sleep() ? copy_string_now(to, from, size) : -EFAULT;
}
