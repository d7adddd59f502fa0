/* arch/pte.h - one word of a page table, and what it can say.
 *
 * The processor reads a present entry (Intel SDM 3A, 4.5): the frame, and who may do what.
 * An entry that is not present belongs to the kernel, and says either "nothing of its own"
 * (zero) or "the page with this id", resident or not. The id is kept inverted in the
 * address bits, so that a processor that looks there speculatively finds an address far
 * beyond all memory (the L1 terminal fault); bits 5 and 6, which hardware may set, stay 0.
 *
 * Pure C, no machine access but the atomic exchange: the host's software MMU reads the
 * same words. */
#ifndef ARCH_PTE_H
#define ARCH_PTE_H

#include "arch/types.h"

typedef struct {
    uint64_t bits;
} pte_t;

#define PTE_PRESENT    (1ull << 0)
#define PTE_WRITABLE   (1ull << 1)
#define PTE_USER       (1ull << 2)
#define PTE_REFERENCED (1ull << 5)  /* A, set by the processor on any use */
#define PTE_DIRTY      (1ull << 6)  /* D, set by the processor on a write */
#define PTE_LARGE      (1ull << 7)  /* in level 2 and 3: maps 2 MiB or 1 GiB */
#define PTE_GLOBAL     (1ull << 8)  /* survives a write to CR3 */
#define PTE_WIRED      (1ull << 9)  /* ours: the region is locked in memory (mlock) */
#define PTE_UNWRITTEN  (1ull << 10) /* ours: not since somebody asked (space_written.c) */
#define PTE_LENT       (1ull << 11) /* ours, in level 2: the table is lent (lent.h) */
#define PTE_NO_EXECUTE (1ull << 63)
#define PTE_ADDRESS    0x000ffffffffff000ull
#define PTE_AGE        (15ull << PTE_AGE_SHIFT) /* ours: how long ago it was used */
#define PTE_AGE_SHIFT  52

/* 0: since its space was last sampled; k: in the kth period back (working_set.h). Kept
 * by a name too, as is PTE_UNWRITTEN. */
#define AGE_MAX 15u /* longer ago, or never */

/* Level 1 holds the ptes of pages, level TABLE_LEVELS is the root (geometry.h). */
#define TABLE_ENTRIES (1u << TABLE_BITS)
#define TABLE_SPAN    (TABLE_ENTRIES * PAGE_SIZE) /* what one last-level table maps: 2 MiB */

/* User addresses end one page below 2^47: a SYSCALL in the very last page would return to
 * a non-canonical address, on which SYSRET faults in ring 0 (X86-CHECKLIST 25). */
#define USER_END 0x00007ffffffff000ul

enum {
    ACCESS_READ = 1,
    ACCESS_WRITE = 2,
    ACCESS_EXECUTE = 4,
    ACCESS_WIRED = 8, /* not a right: the entry wires its frame */
};

#define PTE_ZERO ((pte_t){0})

static inline bool pte_is_zero(pte_t e)
{
    return e.bits == 0;
}

static inline bool pte_is_present(pte_t e)
{
    return e.bits & PTE_PRESENT;
}

static inline bool pte_is_writable(pte_t e)
{
    return e.bits & PTE_WRITABLE;
}

static inline bool pte_is_executable(pte_t e)
{
    return !(e.bits & PTE_NO_EXECUTE);
}

static inline bool pte_is_wired(pte_t e)
{
    return e.bits & PTE_WIRED;
}

static inline bool pte_is_unwritten(pte_t e)
{
    return e.bits & PTE_UNWRITTEN;
}

static inline bool pte_is_dirty(pte_t e)
{
    return e.bits & PTE_DIRTY;
}

static inline bool pte_is_referenced(pte_t e)
{
    return e.bits & PTE_REFERENCED;
}

static inline unsigned pte_age(pte_t e)
{
    return (e.bits & PTE_AGE) >> PTE_AGE_SHIFT;
}

/* Not used for longer than ages count. */
static inline bool pte_is_old(pte_t e)
{
    return (e.bits & (PTE_AGE | PTE_REFERENCED)) == PTE_AGE;
}

static inline frame_t pte_frame(pte_t e)
{
    return (frame_t){(uint32_t)((e.bits & PTE_ADDRESS) >> PAGE_SHIFT)};
}

/* A user translation to `frame` that grants `access` (ACCESS_READ is always granted: x86
 * has no entry that can be written or executed and not read). */
static inline pte_t pte_map(frame_t frame, unsigned access)
{
    uint64_t bits = PTE_PRESENT | PTE_USER | (uint64_t)frame.number << PAGE_SHIFT;
    if (access & ACCESS_WRITE)
        bits |= PTE_WRITABLE;
    if (!(access & ACCESS_EXECUTE))
        bits |= PTE_NO_EXECUTE;
    if (access & ACCESS_WIRED)
        bits |= PTE_WIRED;
    return (pte_t){bits};
}

/* An upper-level entry that leads to the table in `frame`; rights are left to the leaf. */
static inline pte_t pte_table(frame_t frame)
{
    return (pte_t){PTE_PRESENT | PTE_WRITABLE | PTE_USER |
                   (uint64_t)frame.number << PAGE_SHIFT};
}

/* The same to a table that is lent to many spaces: nobody writes through it. */
static inline pte_t pte_table_lent(frame_t frame)
{
    return (pte_t){(pte_table(frame).bits & ~PTE_WRITABLE) | PTE_LENT};
}

/* Not present; names a private page. */
static inline pte_t pte_name(page_t page)
{
    return (pte_t){~((uint64_t)page.id << PAGE_SHIFT) & PTE_ADDRESS};
}

static inline page_t pte_page(pte_t e)
{
    return (page_t){(uint32_t)((~e.bits & PTE_ADDRESS) >> PAGE_SHIFT)};
}

/* Whoever looked at an entry and now changes it is never alone: another processor's user code
 * may set A and D in between. On the host it does (tests/host/machine.h). */
#ifdef FAULTLINE_HOST
void machine_interleave(const pte_t *entry);
#else
static inline void machine_interleave(const pte_t *entry)
{
    (void)entry;
}
#endif

/* Replace an entry and get what it was, A and D included, in one atomic step: read and
 * store apart would lose a D that the processor sets between them (X86-CHECKLIST 6). */
static inline pte_t pte_exchange(pte_t *entry, pte_t value)
{
    machine_interleave(entry);
    return (pte_t){__atomic_exchange_n(&entry->bits, value.bits, __ATOMIC_SEQ_CST)};
}

/* Take bits away atomically; A and D that are not among them survive. */
static inline void pte_clear_bits(pte_t *entry, uint64_t bits)
{
    machine_interleave(entry);
    __atomic_and_fetch(&entry->bits, ~bits, __ATOMIC_SEQ_CST);
}

static inline void pte_set_bits(pte_t *entry, uint64_t bits)
{
    machine_interleave(entry);
    __atomic_or_fetch(&entry->bits, bits, __ATOMIC_SEQ_CST);
}

/* One period older; its age is below AGE_MAX. Atomic, as A and D may be set meanwhile. */
static inline void pte_grow_older(pte_t *entry)
{
    machine_interleave(entry);
    __atomic_add_fetch(&entry->bits, 1ull << PTE_AGE_SHIFT, __ATOMIC_SEQ_CST);
}

/* Of an entry with A: A goes, and it was used in the period before this one. Atomic: D may be
 * set meanwhile, A is. */
static inline void pte_age_from_use(pte_t *entry)
{
    uint64_t old = entry->bits & (PTE_REFERENCED | PTE_AGE);
    machine_interleave(entry);
    __atomic_add_fetch(&entry->bits, (1ull << PTE_AGE_SHIFT) - old, __ATOMIC_SEQ_CST);
}

/* Change what a present entry grants; the frame, A, D and wiring stay. Atomic. */
static inline void pte_set_access(pte_t *entry, unsigned access)
{
    uint64_t old = __atomic_load_n(&entry->bits, __ATOMIC_RELAXED), value;
    do {
        value = old & ~(PTE_WRITABLE | PTE_NO_EXECUTE);
        value |= access & ACCESS_WRITE ? PTE_WRITABLE : 0;
        value |= access & ACCESS_EXECUTE ? 0 : PTE_NO_EXECUTE;
        machine_interleave(entry);
    } while (!__atomic_compare_exchange_n(&entry->bits, &old, value, true, __ATOMIC_SEQ_CST,
                                          __ATOMIC_RELAXED));
}

static inline pte_t pte_read(const pte_t *entry)
{
    return (pte_t){__atomic_load_n(&entry->bits, __ATOMIC_RELAXED)};
}

static inline unsigned table_index(uintptr_t address, int level)
{
    return (address >> (PAGE_SHIFT + TABLE_BITS * (level - 1))) & (TABLE_ENTRIES - 1);
}

#endif
