/* arch/shootdown.h - the kernel's lock, and telling other processors to forget translations. See
 * arch/shootdown.c for the idea; who takes translations away comes by mm/page_tables/flush.h. */
#ifndef ARCH_SHOOTDOWN_H
#define ARCH_SHOOTDOWN_H

#include "arch/detour.h"
#include "arch/mmu.h"

/* What has happened since kernel entry, by all processors together. */
struct shootdown_counts {
    uint64_t requests;   /* changes of which another processor had to hear */
    uint64_t interrupts; /* sent for them */
    uint64_t in_vain;    /* of these: it had entered the kernel by itself meanwhile */
    uint64_t
        avoided; /* not sent: the other was in the kernel, and looks when it has the lock */
};
extern struct shootdown_counts shootdown_counts;

/* For tests: how the processors take turns, as a number. 0: in the shortest way. */
extern uint64_t interleave_seed;

/* From the entries, which several_processors switches on (arch/entry.asm, arch/idle.asm):
 * from user mode or idling into the kernel. Waits for the lock, and returns with it. */
void processor_enter(void);
/* So many have had it before who has it now. */
uint64_t processor_entries(void);
/* To user mode: the lock is free. Interrupts stay off. */
void processor_leave(void);
/* To HLT, likewise. */
void processor_rest(void);
/* In the middle of something long, where a sleep would be allowed: does anybody wait for the lock?
 * Then they have it first. */
bool processor_wanted(void);
void processor_pass(void);

/* Have the translations of these addresses forgotten by all other processors that may remember
 * them: of the space with this root, or, FRAME_NONE, of any. More than TLB_FLUSH_MAX: all of the
 * space's. What they led to may be freed when this returns. Wants the kernel's lock. */
void shootdown(frame_t root, const uintptr_t *addresses, unsigned count);
/* A translation of the kernel's own is another: each other processor forgets all of them
 * before it does anything in the kernel. */
void shootdown_kernel(void);
/* They never run again: the kernel ends. */
void processors_halt(void);

/* Interrupt a processor, if it runs user code or idles: it looks at its return work, or at who
 * waits for a turn. */
void processor_poke(struct processor *other);

/* From entry.asm. */
void trap_shootdown(void);

#endif
