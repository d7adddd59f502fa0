/* mark.h - marks: a program shows numbers to the machine, past the kernel (docs/witness.md).
 *
 * A mark is an int3 with a magic number in RAX. QEMU writes down each exception with all
 * registers before the kernel has seen anything of it, so a kernel can neither forge a
 * mark's value nor keep it back. The kernel then sends SIGTRAP, as for any int3, and a
 * handler that does nothing takes it: on a stack of its own, which parent and child share,
 * so that a mark writes to no private page and works where copy-on-write does not. */
#ifndef USER_LIB_MARK_H
#define USER_LIB_MARK_H

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define MARK_MAGIC 0xfa17113e00000000ul
#define MARK_LAST  0xffffffffu /* the number by which a program says that it is done */

enum { MARK_STACK = 16384 };

static inline void mark_taken(int signal)
{
    (void)signal;
}

/* Before the first mark; threads each, for a signal's stack is a thread's. */
static inline void mark_open(void)
{
    const struct sigaction action = {.sa_handler = mark_taken, .sa_flags = SA_ONSTACK};
    stack_t stack = {.ss_size = MARK_STACK};

    stack.ss_sp =
        mmap(NULL, MARK_STACK, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memset(stack.ss_sp, 0, MARK_STACK);
    sigaltstack(&stack, NULL);
    sigaction(SIGTRAP, &action, NULL);
}

/* Show `number`, below MARK_LAST, and `value`. What faults behind this is of phase `number`. */
static inline void mark(uint32_t number, uint64_t value)
{
    __asm__ volatile("int3" : : "a"(MARK_MAGIC + number), "b"(value) : "memory");
}

/* This program is done: nothing that comes later counts. */
static inline void mark_last(uint64_t value)
{
    mark(MARK_LAST, value);
}

#endif
