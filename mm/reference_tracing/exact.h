/* mm/reference_tracing/exact.h - exact mode: every reference of a group's programs is seen.
 *
 * The processor notes in A that a page was used since somebody last looked: not when, not
 * how often, not in which order. Exact LRU and a true string of references need all of
 * that, so in exact mode every reference traps. No entry stays present: a reference faults,
 * the entry is *given* for this one instruction, which runs under the single-step flag, and
 * the trap behind it takes the entry back. The frame stays where it is all the time: what
 * traps is a reference, not a page fault.
 *
 * What one reference is (docs/exact-mode.md): one instruction and one page; each iteration
 * of a REP instruction is one of its own. One system call and one page. Wired memory is
 * outside all this: its entries stay, its use is not seen. */
#ifndef MM_EXACT_H
#define MM_EXACT_H

#include "mm/frame_allocation/frame_allocation.h"

/* The group's hooks are exact mode's from now on, and the entries of its spaces taken back. */
void exact_attach(struct group *group) REQUIRES(mm);
/* They are not any more, and the resident pages have their entries again. */
void exact_detach(struct group *group) REQUIRES(mm);

#endif
