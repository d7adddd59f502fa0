/* tests/host/machine.h - a machine for mm/ to run on: memory, an MMU, and a TLB.
 *
 * arch/mmu.h over ordinary memory. The MMU walks the very tables that mm/ builds, by the
 * rules of x86 (Intel SDM 3A, 4.5 to 4.10): rights of all levels are ANDed, A and D are set
 * in the tables, and translations are *remembered* until somebody flushes them. A
 * remembered translation goes on granting what it granted, so a flush that is missing in
 * mm/ lets user code read or write what it must not, and the tests see it. */
#ifndef HOST_MACHINE_H
#define HOST_MACHINE_H

#include "arch/mmu.h"
#include "tests/host/hands.h"

/* Report a broken rule and end the run; never returns. */
_Noreturn void host_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Does `run` end in host_fail or panic? The text is in host_message then. */
bool host_fails(void (*run)(void));
/* Called by host_fail and by the sanitizers, to say what led here. */
extern void (*host_fail_hook)(void);

/* Physical memory of `frame_count` frames; mm/ is initialised and given all but the first
 * MACHINE_FRAMES_KERNEL of them, and a swap area of `slot_count` slots. Once a process. */
#define MACHINE_FRAMES_KERNEL 4
void machine_start(uint32_t frame_count, uint32_t slot_count);

/* The processor may forget translations by itself, and on a right it does not remember it
 * may fault at once (as real ones do) or look at the tables again (as emulators do). */
extern enum machine_mood {
    MACHINE_RANDOM, /* either, and forgets by chance; sleepers wake by chance, too */
    MACHINE_LOOKS,  /* looks again; forgets nothing: exact counts */
    MACHINE_FAULTS, /* faults at once; forgets nothing */
} machine_mood;

/* What user code does with one address of the space that is loaded. The bytes at that
 * address in physical memory, or NULL: a page fault. */
void *machine_access(uintptr_t address, unsigned access);

/* With one processor (processors.h has several): another runs user code of the same space, and
 * shares this one's TLB: it is told of every flush. Whenever mm/ is about to change an entry,
 * machine_other is called, if set, with the address that the entry maps, and may use the memory
 * there: the bytes, or NULL, when that processor's instruction would fault and wait for the mm
 * lock. */
extern void (*machine_other)(uintptr_t address);
void *machine_other_access(uintptr_t address, unsigned access);
bool machine_other_runs(void);

/* Remember a translation nobody asked for yet, as a processor may at any time. */
void machine_speculate(uintptr_t address);

/* Is every remembered translation still what the tables say, and no more (invariant 10)?
 * Run before user code; fails if not. With several processors, of those who have been told. */
void machine_check(void);

/* Does a TLB, or what is remembered of upper levels, lead to this frame? *address: for one
 * such address. */
bool machine_reaches(frame_t frame, uintptr_t *address);
/* Has a processor loaded it? */
bool machine_is_root(frame_t frame);

/* Does the TLB remember anything of this address? (For tests of single flushes.) */
bool machine_remembers(uintptr_t address);

/* The rights that the tables of the loaded space grant, without touching A, D or the TLB:
 * ACCESS_… bits, 0 if not present. */
unsigned machine_rights(uintptr_t address);

struct machine_counts {
    uint64_t accesses, hits, walks, faults, flushes_page, flushes_all, clears, copies;
};
extern struct machine_counts machine_counts;

#endif
