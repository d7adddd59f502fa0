/* mm/table.h - the walk through the page tables.
 *
 * Four levels of tables, 512 entries each (SDM 3A, 4.5): nobody but this file knows. Others
 * ask for the entry of one address, or for the runs of entries that exist over a range. */
#ifndef MM_TABLE_H
#define MM_TABLE_H

#include "mm/space.h"

struct flush;

/* The last-level entry of `address`, or NULL when a table on the way is missing. */
pte_t *table_find(const struct space *space, uintptr_t address);
/* The same, building what is missing; NULL: no frame for a table. */
pte_t *table_build(struct space *space, uintptr_t address);

/* Entries that lie beside each other in one last-level table. */
struct table_run {
    uintptr_t address; /* of the first */
    pte_t *entries;
    unsigned count;
};
/* The first run at or above *at and below `end`; *at moves behind it. false: no table is
 * there any more. */
bool table_run_next(const struct space *space, uintptr_t *at, uintptr_t end,
                    struct table_run *run);

/* Free the tables on the way to `address`, lowest first, as far as they are empty. */
void table_trim(struct space *space, uintptr_t address, struct flush *flush);

/* A new root with the kernel's half; FRAME_NONE: no frame. */
frame_t table_root_create(void);
void table_root_free(frame_t root);

#endif
