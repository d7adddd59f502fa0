/* mm/page_tables/table.h - the walk through the page tables.
 *
 * Four levels of tables, 512 entries each (SDM 3A, 4.5): nobody but this file knows. Others
 * ask for the entry of one address, or for the runs of entries that exist over a range. */
#ifndef MM_TABLE_H
#define MM_TABLE_H

#include "mm/frames/frames.h"

struct account;
struct flush;

/* The tables of one address space. */
struct page_table {
    frame_t root;
    uint32_t frames;         /* of tables, and of the links beside them */
    uint32_t id;             /* the space's, for the trace */
    struct account *account; /* of who pays for them */
};

/* The last-level entry of `address`, or NULL when a table on the way is missing. */
pte_t *table_find(const struct page_table *tree, uintptr_t address) REQUIRES(mm);
/* The same, building what is missing; NULL: no frame for a table. */
MUST_USE pte_t *table_build(struct page_table *tree, uintptr_t address) REQUIRES(mm);

/* Entries that lie beside each other in one last-level table. */
struct table_run {
    uintptr_t address; /* of the first */
    pte_t *entries;
    unsigned count;
};
/* The first run at or above *at and below `end`; *at moves behind it. false: no table is
 * there any more. */
bool table_run_next(const struct page_table *tree, uintptr_t *at, uintptr_t end,
                    struct table_run *run) REQUIRES(mm);

/* Free the tables on the way to `address`, lowest first, as far as they are empty. */
void table_trim(struct page_table *tree, uintptr_t address, struct flush *flush)
    REQUIRES(mm);

/* A new root with the kernel's half; FRAME_NONE: no frame. */
MUST_USE frame_t table_root_create(void) REQUIRES(mm);
void table_root_free(frame_t root) REQUIRES(mm);

#endif
