/* arch/user.h - the only way the kernel touches user memory.
 *
 * Under SMAP the window is open only inside these routines, and each instruction in them
 * that may fault has an entry in the exception table. A fault on a user address is served
 * like the user's own (it may sleep); if the space has no such page, the copy stops there.
 * No lock that the fault path takes may be held. */
#ifndef ARCH_USER_H
#define ARCH_USER_H

#include "arch/pte.h"
#include "arch/types.h"

/* The whole range lies in user addresses (no wrap, no non-canonical, not the last page). */
static inline bool user_range_ok(uintptr_t address, size_t length)
{
    return address <= USER_END && length <= USER_END - address;
}

/* Return how many bytes were NOT copied (0: all). Ranges are checked here. */
MUST_USE size_t copy_from_user(void *to, const void __user *from, size_t length);
MUST_USE size_t copy_to_user(void __user *to, const void *from, size_t length);
MUST_USE size_t clear_user(void __user *to, size_t length);
/* If *at is *expected make it `value`, in one step; *expected becomes what it was before. 0 or
 * -EFAULT. */
MUST_USE int user_exchange_if(uint32_t __user *at, uint32_t *expected, uint32_t value);
/* Copy a string with its NUL, at most `size` bytes. Length without the NUL, or -EFAULT, or
 * -ENAMETOOLONG when no NUL comes within `size`. */
MUST_USE long copy_string_from_user(char *to, const char __user *from, size_t size);

/* --- Copies that sleep --------------------------------------------------------------- */

/* Each of the above is to sleep, whether it faults or not (kernel/process/copy_sleep.c):
 * it is done by the kernel's function of the same meaning… */
extern bool user_copies_sleep;
size_t kernel_copy_from_user(void *to, const void __user *from, size_t length);
size_t kernel_copy_to_user(void __user *to, const void *from, size_t length);
size_t kernel_clear_user(void __user *to, size_t length);
int kernel_exchange_if(uint32_t __user *at, uint32_t *expected, uint32_t value);
long kernel_copy_string(char *to, const char __user *from, size_t size);

/* …for which these do the work, at once. Only the last checks its range. */
size_t copy_user_now(void *to, const void *from, size_t length);
size_t clear_user_now(void __user *to, size_t length);
int user_exchange_now(uint32_t __user *at, uint32_t *expected, uint32_t value);
long copy_string_now(char *to, const char __user *from, size_t size);

#endif
