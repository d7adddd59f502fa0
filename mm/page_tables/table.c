/* mm/page_tables/table.c - page tables: found, built, walked, trimmed.
 *
 * A page table of a 2^47-byte space would be huge if it were one array. It is a tree
 * instead, and only the branches that lead to something exist. A table's own frame entry
 * counts the entries in use, so that an empty table is seen and freed without being
 * searched; and since it is empty, it is full of zeroes, and goes to the zeroed pool.
 *
 * The walk takes a virtual address apart: 9 bits choose one of 512 entries in each table on the
 * way down, and the last 12 are the byte within the page (SDM 3A, 4.5). Bits 48 to 63 repeat 47.
 *
 *      47      39 38      30 29      21 20      12 11           0
 *     +----------+----------+----------+----------+--------------+
 *     | level 4  | level 3  | level 2  | level 1  |    offset    |
 *     |  9 bits  |  9 bits  |  9 bits  |  9 bits  |   12 bits    |
 *     +----|-----+----|-----+----|-----+----|-----+------|-------+
 *          v          v          v          v            v
 *        root  ->   table  ->  table  ->  table  ->  page's frame
 */
#include "mm/page_tables/table.h"

#include "mm/frames/frames.h"
#include "mm/page_tables/flush.h"
#include "mm/trace.h"

static pte_t *table_of(frame_t table)
{
    return frame_data(table);
}

/* One step of the walk: from `*table`, of this level, to the table below it on the way to the
 * address. False: its entry leads nowhere, and the walk stays where it is. */
static inline bool table_step(pte_t **table, uintptr_t address, int level)
{
    pte_t entry = (*table)[table_index(address, level)];
    if (!pte_is_present(entry))
        return false;
    *table = table_of(pte_frame(entry));
    return true;
}

pte_t *table_find(const struct page_table *tree, uintptr_t address)
{
    pte_t *table = table_of(tree->root);
    for (int level = TABLE_LEVELS; level > 1; level--)
        if (!table_step(&table, address, level))
            return NULL;
    return &table[table_index(address, 1)];
}

pte_t *table_seek(const struct page_table *tree, uintptr_t address, uintptr_t *missing)
{
    pte_t *table = table_of(tree->root);
    for (int level = TABLE_LEVELS; level > 1; level--) {
        if (!table_step(&table, address, level)) {
            *missing = table_entry_span(level);
            return NULL;
        }
    }
    return &table[table_index(address, 1)];
}

uintptr_t table_next(const struct page_table *tree, uintptr_t address)
{
    pte_t *table = table_of(tree->root);
    int level = TABLE_LEVELS;
    while (level > 1 && table_step(&table, address, level))
        level--;
    if (level == 1)
        return address;
    unsigned index = table_index(address, level);
    while (index < TABLE_ENTRIES && pte_is_zero(pte_read(&table[index]))) {
        address = (address | (table_entry_span(level) - 1)) + 1;
        index++;
    }
    return address;
}

static void table_charge(struct page_table *tree) REQUIRES(mm)
{
    tree->frames++;
    account_charge(tree->account, ACCOUNT_TABLES, 1);
}

static void table_uncharge(struct page_table *tree) REQUIRES(mm)
{
    tree->frames--;
    account_uncharge(tree->account, ACCOUNT_TABLES, 1);
}

/* An empty table for `level`, on the tree's account; a last-level one comes with the frame of
 * its mapper links. No entry leads to it yet. FRAME_NONE: no frame. */
static frame_t table_create(struct page_table *tree, uintptr_t address, int level)
    REQUIRES(mm)
{
    frame_t table = frame_take_zeroed(FRAME_FOR_USER, FRAME_TABLE);
    if (!frame_is(table))
        return FRAME_NONE;
    frame_t links = FRAME_NONE;
    if (level == 1) {
        links = frame_take(FRAME_FOR_USER, FRAME_TABLE);
        if (!frame_is(links)) {
            frame_get(table)->zeroed = true;
            frame_free(table);
            return FRAME_NONE;
        }
        frame_get(links)->links = FRAME_NONE;
        frame_get(links)->used = frame_get(links)->present = 0;
        trace(TRACE_TABLE, tree->id, address, PAGE_NONE, links, 0);
        table_charge(tree);
    }
    struct frame *f = frame_get(table);
    f->links = links;
    f->span = (uint32_t)(address / TABLE_SPAN);
    f->used = f->present = 0;
    f->root = tree->root;
    trace(TRACE_TABLE, tree->id, address, PAGE_NONE, table, level);
    table_charge(tree);
    return table;
}

/* Give back the tables above that were built in vain. */
static void table_trim_alone(struct page_table *tree, uintptr_t address) REQUIRES(mm)
{
    struct flush flush;
    flush_begin(&flush, tree);
    table_trim(tree, address, &flush);
    flush_end(&flush);
}

/* table_build, from a table on that has no entry for the address. */
static __attribute__((noinline)) pte_t *table_build_below(struct page_table *tree,
                                                          uintptr_t address, pte_t *table,
                                                          int level) REQUIRES(mm)
{
    for (; level > 1; level--) {
        frame_t below = table_create(tree, address, level - 1);
        if (!frame_is(below)) {
            table_trim_alone(tree, address);
            return NULL;
        }
        frame_get(frame_of_data(table))->used++;
        pte_exchange(&table[table_index(address, level)], pte_table(below));
        table = table_of(below);
    }
    return &table[table_index(address, 1)];
}

pte_t *table_build(struct page_table *tree, uintptr_t address)
{
    pte_t *table = table_of(tree->root);
    for (int level = TABLE_LEVELS; level > 1; level--)
        if (!table_step(&table, address, level))
            return table_build_below(tree, address, table, level);
    return &table[table_index(address, 1)];
}

/* A table to which no entry leads any more, and its links: off the tree's account, and free
 * once the batch is flushed. It is all zeroes. */
static void table_free_later(struct page_table *tree, frame_t table, struct flush *flush)
    REQUIRES(mm)
{
    struct frame *f = frame_get(table);
    if (frame_is(f->links)) {
        flush_free(flush, f->links);
        table_uncharge(tree);
    }
    f->zeroed = true;
    flush_free(flush, table);
    table_uncharge(tree);
}

void table_trim(struct page_table *tree, uintptr_t address, struct flush *flush)
{
    pte_t *above[TABLE_LEVELS]; /* above[n]: the entry that leads to the table of level n */
    pte_t *table = table_of(tree->root);
    int lowest = TABLE_LEVELS;
    while (lowest > 1) {
        pte_t *entry = &table[table_index(address, lowest)];
        if (!table_step(&table, address, lowest))
            break;
        above[--lowest] = entry;
    }
    for (int level = lowest; level < TABLE_LEVELS; level++) {
        frame_t empty = pte_frame(*above[level]);
        if (frame_get(empty)->used > 0)
            return;
        pte_exchange(above[level], PTE_ZERO);
        frame_get(frame_of_data(above[level]))->used--;
        /* INVLPG also forgets what the processor remembers of the tables on the way
         * (SDM 3A, 4.10.4.1). */
        flush_add(flush, address);
        table_free_later(tree, empty, flush);
    }
}

/* Roots of trees that have ended, and that a processor that idles still has loaded. It looks
 * nothing up in the user's half, which is empty; but through the kernel's half it goes on. */
static frame_t roots_ended = FRAME_NONE;
uint32_t table_roots_ended;

static void roots_bury(void) REQUIRES(mm)
{
    frame_t *place = &roots_ended;
    while (frame_is(*place)) {
        frame_t root = *place;
        frame_t *next = &frame_get(root)->next;
        if (root_is_loaded(root)) {
            place = next;
            continue;
        }
        *place = *next;
        table_roots_ended--;
        frame_free(root);
    }
}

frame_t table_root_create(void)
{
    roots_bury();
    frame_t root = frame_take_zeroed(FRAME_FOR_KERNEL, FRAME_TABLE);
    if (frame_is(root)) {
        struct frame *f = frame_get(root);
        f->links = FRAME_NONE;
        f->span = 0;
        f->used = f->present = 0;
        size_t half = PAGE_SIZE / 2;
        memory_copy((char *)frame_data(root) + half,
                    (char *)frame_data(kernel_root()) + half, half);
    }
    return root;
}

void table_root_free(frame_t root)
{
    ASSERT(frame_get(root)->used == 0);
    ASSERT(!frame_same(root, root_loaded()));
    frame_get(root)->next = roots_ended;
    roots_ended = root;
    table_roots_ended++;
    roots_bury();
}
