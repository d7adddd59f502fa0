/* tests/host/processors.h - several processors, of which one runs at a time.
 *
 * What the kernel says of them (modes, locks, who is asked to forget) is the kernel's own code
 * (hardware.c); what each remembers is its own (mmu.h). Here they take turns. Each runs a thread
 * until it waits, or until a turn ends: whenever mm/ is about to change an entry, forgets
 * something, asks for the mm lock or copies a frame, that may be, and another processor goes on
 * from where it was. So a fault there waits for the mm lock, or has it while this one has the
 * kernel's; and a thread that has the mm lock may find that others have run.
 *
 * User code needs no lock: in all those places that of another processor may read or write
 * (processors_meanwhile), by what its processor remembers.
 *
 * All of it is decided by choose(): the same seed or the same bytes make the same run. With one
 * processor nothing of this happens. */
#ifndef HOST_PROCESSORS_H
#define HOST_PROCESSORS_H

#include "arch/mmu.h"

struct thread;

/* From outside all threads: so many run, and nobody's thread yet. Again after processors_end. */
void processors_begin(unsigned count);
/* All threads have ended: the first processor is in the kernel, the others idle. */
void processors_end(void);
/* One of them goes on for a turn. False: there is nothing to do. */
bool processors_step(void);
/* How many turns there have been, and accesses of user code meanwhile. */
extern uint64_t processors_turns;

/* --- Places where others may go on --- */

/* In the kernel. `entry`: is about to change, or NULL. */
void processors_turn(const pte_t *entry);
/* The same where much may happen meanwhile: now and then they have many turns. */
void processors_linger(void);
/* While this is more than 0, only who has to wait lets others go on. */
extern unsigned processors_kept;
/* User code is between two instructions: interrupts are served, too. */
void processors_user(void);
/* It waits for another (PAUSE). */
void processors_wait(void);
/* In the middle of a change: another's user code may see what is about to go. */
bool processors_amid(void);

/* User code of another processor might run now: it is `thread`'s, on processor `number`, and
 * address 0, or where an entry is about to change. NULL: nothing. */
extern void (*processors_meanwhile)(struct thread *thread, unsigned number,
                                    uintptr_t address);

/* Its own translations are used in the kernel, too: while it copies. */
void processors_copy(bool begins);

/* --- The rest of what a processor does --- */

void processors_interrupt(uint32_t id, uint32_t vector);

/* A thread of the kernel's or in a call gives its processor up; when this returns, it is in the
 * kernel on some processor, with its space loaded. */
void processors_give_up(void);
/* A thread that begins is in the kernel so, too. */
void processors_arrive(void);
/* The same of user code: it is back in user mode. */
void processors_yield(void);

/* Done once, soon, by a thread that has nothing else to do, in the kernel. */
extern void (*processors_errand)(void);

/* --- What may be asked --- */

/* Has the running processor the mm lock? Has anybody? */
bool processors_hold_mm(void);
bool processors_mm_is_free(void);
/* May the translations that it remembers be used: does it run user code, or copy? Or does it say
 * that it has forgotten all that it was asked to? */
bool processors_trust(unsigned number);
/* The thread on a processor, or NULL. */
struct thread *processors_thread(unsigned number);
/* What must hold of all that they remember, at this moment. */
void processors_check(void);

#endif
