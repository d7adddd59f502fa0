/* mm/page_tables/position.h - a position in the page tables: where a walk is.
 *
 * Who unmaps, protects or copies a range wants its entries one after the other, and need not know
 * that they lie in tables of 512, in a tree. A *position* is one place in that sequence: the
 * address, and the entry that maps it. It passes what does not exist at once, so a walk costs
 * what exists, whatever the range:
 *
 *      addresses   start                                                        end
 *                    |      no table      |                 |    no table    |   |
 *      tables     [..o.x.x]                [x.xx....|.....xx]                [.x.o...]
 *                    ^-------- first        ^     ^  ^ stop
 *      entries                                    position
 *
 * The part of the range that lies in one piece of a table is a *stretch*, [first, stop): a piece is
 * of STRETCH_MOST entries. Within one, a step is to the next word; at its end the tree is searched
 * for the next table, or the same again. There a long change may pause, so that nobody waits for
 * more than a stretch, and empty tables are given back. A walk is written in one of two ways:
 *
 *      position_begin(&at, tree, start, end);             position_begin(&at, tree, start, end);
 *      for (; position_find(&at); position_step(&at))     while (position_enter(&at)) {
 *          ... one entry in use ...                           for (; position_find_here(&at);
 *                                                                  position_step(&at))
 *                                                                 ... one entry in use ...
 *                                                             ... the end of a stretch ...
 *                                                         }
 *
 * What an entry says is changed here, too, and then all that is counted is counted: the entries in
 * use and present of its table, the frame's mappers, what the tree holds. Nobody else may
 * give back tables meanwhile: whoever has slept calls position_again first. */
#ifndef MM_POSITION_H
#define MM_POSITION_H

#include "mm/frames/frames.h"
#include "mm/page_tables/mapper.h"
#include "mm/page_tables/table.h"

/* Entries that one walks without a pause. */
#define STRETCH_MOST 256u
/* To come to a table, and perhaps to give it back, as that of so many. */
#define TABLE_WORK 8u

struct position {
    struct page_table *tree;
    pte_t *entry;        /* NULL: not looked up */
    struct frame *table; /* that it is in */
    const pte_t *last;   /* the end of the stretch; what follows is of a walk only */
    uintptr_t first, stop, end;
    unsigned work; /* what the stretch may cost, as that of so many entries in use */
};

/* Of the page that the entry maps. */
static inline uintptr_t position_address(const struct position *at) REQUIRES(mm)
{
    return at->table->span * TABLE_SPAN +
           (uintptr_t)at->entry / sizeof(pte_t) % TABLE_ENTRIES * PAGE_SIZE;
}

/* --- Finding ---------------------------------------------------------------------------- */

/* A walk over [start, end) is to begin. If the tree is const, the walk may only read. */
static inline void position_begin(struct position *at, const struct page_table *tree,
                                  uintptr_t start, uintptr_t end)
{
    at->tree = (struct page_table *)tree;
    at->entry = NULL;
    at->last = NULL;
    at->stop = start;
    at->end = end;
}

/* For those below. */
bool position_enter_table(struct position *at) REQUIRES(mm);
bool position_skip(struct position *at) REQUIRES(mm);
bool position_find_beyond(struct position *at) REQUIRES(mm);

/* The next stretch: to its first address that has a table. False: there is none. */
MUST_USE static inline bool position_enter(struct position *at) REQUIRES(mm)
{
    return at->stop < at->end && position_enter_table(at);
}

/* The walk goes on over [start, end), which is not empty: to the first stretch of that. If it
 * begins in the same table the tree is not searched again. */
MUST_USE bool position_enter_range(struct position *at, uintptr_t start, uintptr_t end)
    REQUIRES(mm);

/* To the first entry in use, here or above, in this stretch. False: none; the position is at its
 * end. */
MUST_USE static inline bool position_find_here(struct position *at) REQUIRES(mm)
{
    return at->entry < at->last && (!pte_is_zero(*at->entry) || position_skip(at));
}

/* To the first entry in use, here or above. False: none. */
MUST_USE static inline bool position_find(struct position *at) REQUIRES(mm)
{
    return position_find_here(at) || position_find_beyond(at);
}

static inline void position_step(struct position *at)
{
    at->entry++;
}

/* Others have run, and may have given tables back: the walk goes on where it is, looked up
 * again. */
static inline void position_again(struct position *at) REQUIRES(mm)
{
    if (at->entry < at->last)
        at->stop = position_address(at);
    at->entry = NULL;
    at->last = NULL;
}

/* Does the last-level table that was found last map the address, too? */
static inline bool position_is_recent(const struct page_table *tree, uintptr_t address)
{
    return table_end(address) == tree->recent.end;
}

/* The entry that was found is the position; its table is remembered. False: none was. */
static inline bool position_found(struct position *at, pte_t *entry, uintptr_t address)
    REQUIRES(mm)
{
    at->entry = entry;
    if (entry == NULL)
        return false;
    at->table = frame_get(frame_of_data(entry));
    at->tree->recent = (struct recent_table){table_end(address),
                                             entry - table_index(address, 1), at->table};
    return true;
}

static inline void position_in_recent(struct position *at, uintptr_t address)
{
    at->entry = &at->tree->recent.entries[table_index(address, 1)];
    at->table = at->tree->recent.frame;
}

/* The entry of one page. False: it has no table. */
MUST_USE static inline bool position_at(struct position *at, const struct page_table *tree,
                                        uintptr_t address) REQUIRES(mm)
{
    at->tree = (struct page_table *)tree;
    if (!position_is_recent(tree, address))
        return position_found(at, table_find(tree, address), address);
    position_in_recent(at, address);
    return true;
}

/* What the entry of that address says: zero, too, if it has no table. */
static inline pte_t position_look(const struct page_table *tree, uintptr_t address)
    REQUIRES(mm)
{
    if (position_is_recent(tree, address))
        return pte_read(&tree->recent.entries[table_index(address, 1)]);
    const pte_t *entry = table_find(tree, address);
    return entry != NULL ? pte_read(entry) : PTE_ZERO;
}

/* As position_at, building what is missing. False: no frame for a table. */
MUST_USE static inline bool position_build(struct position *at, struct page_table *tree,
                                           uintptr_t address) REQUIRES(mm)
{
    at->tree = tree;
    if (!position_is_recent(tree, address))
        return position_found(at, table_build(tree, address), address);
    position_in_recent(at, address);
    return true;
}

/* Does the page at `address` have its entry in the same table? */
static inline bool position_near(const struct position *at, uintptr_t address) REQUIRES(mm)
{
    return at->entry != NULL && at->table->span == address / TABLE_SPAN;
}

/* To that entry, then. */
static inline void position_shift(struct position *at, uintptr_t address)
{
    uintptr_t table = (uintptr_t)at->entry & ~(PAGE_SIZE - 1);
    at->entry = (pte_t *)table + table_index(address, 1);
}

/* To the same place as another position, in a table of another space for the same addresses. */
static inline void position_beside(struct position *at, const struct position *other)
{
    uintptr_t table = (uintptr_t)at->entry & ~(PAGE_SIZE - 1);
    at->entry = (pte_t *)(table | ((uintptr_t)other->entry & (PAGE_SIZE - 1)));
}

/* --- The stretch ------------------------------------------------------------------------ */

/* Pages that it maps. */
static inline unsigned position_length(const struct position *at)
{
    return (unsigned)((at->stop - at->first) / PAGE_SIZE);
}

/* Does the walk end with it? */
static inline bool position_is_last(const struct position *at)
{
    return at->stop == at->end;
}

/* Nothing more of its table: the next stretch is of another. */
static inline void position_pass_table(struct position *at)
{
    uintptr_t end = table_end(at->first);
    at->stop = at->end < end ? at->end : end;
    at->last = NULL;
}

/* Present entries of its table that name pages, those outside the range among them. */
static inline unsigned position_present(const struct position *at) REQUIRES(mm)
{
    return at->table->present;
}

/* Where its table ends. */
static inline uintptr_t position_table_end(const struct position *at)
{
    return table_end(at->first);
}

/* Its table is given back, and those above, as far as they are empty. The position may only be
 * used to go on. */
static inline void position_trim(const struct position *at, struct flush *flush)
    REQUIRES(mm)
{
    if (at->table->used == 0) {
        at->tree->recent.end = 0;
        table_trim(at->tree, at->first, flush);
    }
}

/* --- The entry -------------------------------------------------------------------------- */

static inline pte_t position_read(const struct position *at)
{
    return *at->entry;
}

/* A not-present entry becomes a translation to `frame`. Holders are the caller's care. */
static inline void position_install(const struct position *at, frame_t frame,
                                    unsigned access) REQUIRES(mm)
{
    mapper_install(at->entry, at->table, frame, access);
    at->tree->resident_bound++;
}

/* A translation to a page becomes `value`, zero or the page's name. The caller flushes. Returns
 * what the entry was. */
static inline pte_t position_withdraw(const struct position *at, pte_t value) REQUIRES(mm)
{
    at->tree->resident_bound--;
    return mapper_withdraw(at->entry, at->table, value);
}

/* An entry that is neither before nor after a translation to a page: zero, a name, or the
 * zero page. Returns what it was. */
static inline pte_t position_replace(const struct position *at, pte_t value) REQUIRES(mm)
{
    return mapper_replace(at->entry, at->table, value);
}

/* What `from` says is from now on said by `to`, which is zero, in the same tree; there it counts as
 * written. The caller flushes `from`. Returns what it was. */
static inline pte_t position_move(const struct position *from, const struct position *to)
    REQUIRES(mm)
{
    return mapper_move(from->entry, to->entry);
}

/* An entry that is zero, of a space in which nobody runs yet, says what another does that reads
 * `old`, less the bits `lost`, and more the bits `more`. Holders are the caller's care. */
static inline void position_copy(const struct position *at, pte_t old, uint64_t lost,
                                 uint64_t more) REQUIRES(mm)
{
    at->table->used++;
    if (pte_is_present(old) && !pte_is_zero_page(old)) {
        mapper_add(mapper_of(at->entry), at->table, frame_get(pte_frame(old)));
        at->table->present++;
        at->tree->resident_bound++;
    }
    *at->entry = (pte_t){(old.bits & ~lost) | more};
}

/* What a present entry grants; the caller flushes. */
static inline void position_set_access(const struct position *at, unsigned access)
{
    pte_set_access(at->entry, access);
}

/* Bits that are not counted (pte.h). */
static inline void position_set_bits(const struct position *at, uint64_t bits)
{
    pte_set_bits(at->entry, bits);
}

static inline void position_clear_bits(const struct position *at, uint64_t bits)
{
    pte_clear_bits(at->entry, bits);
}

static inline void position_grow_older(const struct position *at)
{
    pte_grow_older(at->entry);
}

static inline void position_age_from_use(const struct position *at)
{
    pte_age_from_use(at->entry);
}

#endif
