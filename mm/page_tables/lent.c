/* mm/page_tables/lent.c - see mm/page_tables/lent.h. */
#include "mm/page_tables/lent.h"

#include "mm/page_tables/flush.h"
#include "mm/page_tables/mapper.h"

void lent_set(frame_t table, uintptr_t address, frame_t frame, unsigned access)
{
    pte_t *entries = frame_data(table);
    entries[table_index(address, 1)] = pte_map(frame, access);
    frame_get(frame)->page = PAGE_NONE; /* as that of the zero page */
    frame_get(frame)->mappers = MAPPER_NONE;
}

/* The entry of level 2 of the address; NULL: it has no table. */
static inline __attribute__((always_inline)) pte_t *lent_place(
    const struct page_table *tree, uintptr_t address) REQUIRES(mm)
{
    pte_t *table = frame_data(tree->root);
#pragma GCC unroll 2
    for (int level = TABLE_LEVELS; level > 2; level--) {
        pte_t entry = table[table_index(address, level)];
        if (!pte_is_present(entry))
            return NULL;
        table = frame_data(pte_frame(entry));
    }
    return &table[table_index(address, 2)];
}

bool lent_has(const struct page_table *tree, uintptr_t address)
{
    const pte_t *entry = lent_place(tree, address);
    return entry != NULL && (pte_read(entry).bits & PTE_LENT);
}

bool lent_give(struct page_table *tree, uintptr_t address, frame_t table)
{
    pte_t *entry = lent_place(tree, address);
    bool missing = entry == NULL;
    if (missing && table_build(tree, address) == NULL)
        return false;
    if (missing)
        entry = lent_place(tree, address);
    frame_get(frame_of_data(entry))->used++;
    if (missing) { /* the tables above stay, and the last one, built with them, goes */
        struct flush flush;
        flush_begin(&flush, tree);
        table_trim(tree, address, &flush);
        flush_end(&flush);
    }
    ASSERT(pte_is_zero(pte_read(entry)));
    pte_exchange(entry, pte_table_lent(table));
    return true;
}

bool lent_take_back(struct page_table *tree, uintptr_t address, struct flush *flush)
{
    pte_t *entry = lent_place(tree, address);
    if (entry == NULL || !(pte_read(entry).bits & PTE_LENT))
        return false;
    pte_exchange(entry, PTE_ZERO);
    if (--frame_get(frame_of_data(entry))->used == 0)
        table_trim(tree, address, flush);
    return true;
}
