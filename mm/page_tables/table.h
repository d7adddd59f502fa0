/* mm/page_tables/table.h - the walk through the page tables.
 *
 * Four levels of tables, 512 entries each (SDM 3A, 4.5): nobody but this room knows. Others
 * walk from entry to entry by a position (position.h).
 *
 * Addresses here are of the user's half, any byte of a page. Of a table's frame, frames[]
 * says how many entries are `used`, that is not zero; the root's are those of its lower half.
 * A last-level table has also `present`, `span` and the frame of its `links`, and all others
 * no links (frame.h). An entry above the last level is zero, or leads to a table
 * (pte_table). */
#ifndef MM_TABLE_H
#define MM_TABLE_H

#include "mm/frames/frames.h"

struct account;
struct flush;

/* The last-level table that a position was in last (position.h): the next one is mostly there, too.
 * It is forgotten before any table is given back. */
struct recent_table {
    uintptr_t end; /* of the addresses that it maps; 0: none is remembered */
    pte_t *entries;
    struct frame *frame;
};

/* The tables of one address space. */
struct page_table {
    frame_t root;
    uint32_t frames;         /* of tables, and of the links beside them */
    uint32_t id;             /* the space's, for the trace */
    uint32_t resident_bound; /* not more entries map pages; exactly so many, if none were
                                withdrawn by way of their frames (mapper.h) */
    struct account *account; /* of who pays for them */
    struct recent_table recent;
};

/* The last-level entry of `address`, whatever it says, or NULL when a table on the way is
 * missing. Nothing changes. */
pte_t *table_find(const struct page_table *tree, uintptr_t address) REQUIRES(mm);
/* The same; and if it is NULL, *missing: how many bytes the missing table would map, the
 * highest one if several are missing. */
pte_t *table_seek(const struct page_table *tree, uintptr_t address, uintptr_t *missing)
    REQUIRES(mm);
/* The first address from `address` on whose page has a last-level table; or one up to which none
 * has: so much as is seen by looking along one table. Both are a user's. */
uintptr_t table_next(const struct page_table *tree, uintptr_t address) REQUIRES(mm);
/* As table_find, building what is missing: empty tables of users' frames, on the tree's account,
 * each with an entry above that leads to it and is counted there. NULL: there was no frame
 * for one of them, and all is as before. */
MUST_USE pte_t *table_build(struct page_table *tree, uintptr_t address) REQUIRES(mm);

/* Bytes that one entry of a table at `level` maps. */
static inline uintptr_t table_entry_span(int level)
{
    return PAGE_SIZE << (TABLE_BITS * (level - 1));
}

/* Where the addresses end that the last-level table of `address` maps. */
static inline uintptr_t table_end(uintptr_t address)
{
    return (address | (TABLE_SPAN - 1)) + 1;
}

/* An entry of a table, as it is: for the audit. */
static inline pte_t table_read(frame_t table, unsigned index)
{
    return pte_read((const pte_t *)frame_data(table) + index);
}

/* Free the tables on the way to `address`, lowest first, as far as they are empty: with their
 * links, once the batch is flushed. The root stays. */
void table_trim(struct page_table *tree, uintptr_t address, struct flush *flush)
    REQUIRES(mm);

/* A new root with the kernel's half; FRAME_NONE: no frame. */
MUST_USE frame_t table_root_create(void) REQUIRES(mm);
/* Its tree is empty. A root that another processor has loaded, idle, is freed when a root is made
 * or freed and nobody has it loaded any more: so many wait, at most one a processor but one. */
void table_root_free(frame_t root) REQUIRES(mm);
extern uint32_t table_roots_ended;

#endif
