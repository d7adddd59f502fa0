/* mm/page_tables/lent.h - a last-level table that many spaces have.
 *
 * What is the same in every space needs no entries of its own in each: the entry of level 2 leads
 * to one table, filled once, that all of them share. So it costs a space one word, and no frame.
 * The kernel's half is shared in the same way, higher up. The table is the kernel's own, is never
 * taken apart, and its frames belong to no page: walks pass it by (position.c), and no region may
 * lie where it is. */
#ifndef MM_LENT_H
#define MM_LENT_H

#include "mm/page_tables/table.h"

/* Before the table is lent: one of its entries, for `address`, leads to a frame of the kernel's
 * own, with these rights. */
void lent_set(frame_t table, uintptr_t address, frame_t frame, unsigned access)
    REQUIRES(mm);
/* From now on the tree has what the table maps around `address`; it has nothing there of its own.
 * False: no frame for the tables above. */
MUST_USE bool lent_give(struct page_table *tree, uintptr_t address, frame_t table)
    REQUIRES(mm);
/* Has it? */
bool lent_has(const struct page_table *tree, uintptr_t address) REQUIRES(mm);
/* It has not any more: the caller flushes the addresses. False: it had not. */
bool lent_take_back(struct page_table *tree, uintptr_t address, struct flush *flush)
    REQUIRES(mm);

#endif
