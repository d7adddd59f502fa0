/* arch/shootdown.h - telling other processors to forget translations. See arch/shootdown.c for the
 * idea; who takes translations away comes by mm/page_tables/flush.h. */
#ifndef ARCH_SHOOTDOWN_H
#define ARCH_SHOOTDOWN_H

#include "arch/mmu.h"
#include "arch/processor.h"

/* What has happened since kernel entry, by all processors together. */
struct shootdown_counts {
    uint64_t requests;   /* changes of which another processor had to hear */
    uint64_t interrupts; /* sent for them */
    uint64_t in_vain;    /* of these: it had entered the kernel by itself meanwhile */
    uint64_t
        avoided; /* not sent: the other was in the kernel, or idle, and forgets later */
};
extern struct shootdown_counts shootdown_counts;

/* For a demonstration: nobody is told anything. */
extern bool shootdown_left_out;

/* Have the translations of these addresses forgotten by all other processors that may remember
 * them: of the space with this root, or, FRAME_NONE, of any. More than TLB_FLUSH_MAX: all of the
 * space's. What they led to may be freed when this returns. Wants the mm lock. */
void shootdown(frame_t root, const uintptr_t *addresses, unsigned count);
/* Within arch/, of this processor, which is about to use translations of user addresses: forget
 * what it has not been told of. */
void shootdown_catch_up(struct processor *self);

/* A translation of the kernel's own is another: each other processor forgets all of them when it
 * has the kernel's lock next, as the caller has it now. */
void shootdown_kernel(void);
/* It has it. */
void kernel_catch_up(struct processor *self);

/* From entry.asm. */
void trap_shootdown(void);

#endif
