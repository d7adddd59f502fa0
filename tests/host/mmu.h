/* tests/host/mmu.h - what one processor remembers of the page tables.
 *
 * Each has an MMU of its own: the root that was loaded last, translations of pages (the TLB),
 * and the last-level tables that upper entries led to (a paging-structure cache; SDM 3A, 4.10.2
 * and 4.10.3). The second is why a page table may only be freed after a flush. What is written
 * down elsewhere of a processor (arch/processor.h) its MMU does not know. */
#ifndef HOST_MMU_H
#define HOST_MMU_H

#include "arch/mmu.h"

/* --- Instructions of the running processor --- */

void mmu_load(frame_t root); /* CR3: all is forgotten */
void mmu_forget_page(uintptr_t address);
void mmu_forget_all(void);

/* --- User code of any --- */

enum mmu_use {
    MMU_ANY,        /* as a processor does it: what is not remembered is looked up */
    MMU_REMEMBERED, /* only where a translation is remembered */
};
/* The bytes at an address of the space that processor `number` has loaded, or NULL: it would
 * fault. */
void *mmu_use(unsigned number, uintptr_t address, unsigned access, enum mmu_use use);

/* A translation of that processor's root, as a processor may look it up at any time. */
void mmu_speculate(unsigned number, uintptr_t address);

frame_t mmu_root(unsigned number);
/* Is it amid loading another, and about to forget all of the old one at once? */
bool mmu_is_loading(unsigned number);
/* Some address of which it remembers a translation; 0: none was found. */
uintptr_t mmu_remembered(unsigned number);

/* --- What must hold --- */

/* Is all that it remembers what the tables say, and no more? Fails if not. */
void mmu_check(unsigned number);
/* Does anything that it remembers lead to this frame? *address: for one such address. */
bool mmu_reaches(unsigned number, frame_t frame, uintptr_t *address);

#endif
