/* mm/page_tables/mapper.h - the reverse map: from a frame to the entries that point to it.
 *
 * A page table answers "where is this address?". To take a frame away the kernel needs the
 * opposite, "who points here?". A mapper is a present pte; each last-level table has a
 * companion frame with one link (next, previous) for each of its 512 entries, and
 * frames[].mappers starts the list. So mapping a page never allocates, and a mapper is
 * found, added and removed in constant time.
 *
 * Only the functions here change a last-level entry between present and not: the list, the
 * table's counts and the entry cannot disagree. */
#ifndef MM_MAPPER_H
#define MM_MAPPER_H

#include "mm/frames/frames.h"
#include "mm/hooks.h"
#include "mm/page_tables/flush.h"

struct mapper_link {
    mapper_t next, previous;
};

extern frame_t zero_frame; /* the one wired frame of zeroes; has no page and no mappers */

static inline bool pte_is_zero_page(pte_t e)
{
    return frame_same(pte_frame(e), zero_frame);
}

static inline mapper_t mapper_of(const pte_t *entry)
{
    return (mapper_t){(uint32_t)(((uintptr_t)entry - DIRECT_MAP) / sizeof(pte_t))};
}

static inline pte_t *mapper_entry(mapper_t mapper)
{
    return (pte_t *)(DIRECT_MAP + mapper.number * sizeof(pte_t));
}

static inline frame_t mapper_table(mapper_t mapper)
{
    return (frame_t){mapper.number / TABLE_ENTRIES};
}

/* The link of an entry of that table. */
static inline struct mapper_link *mapper_link_in(const struct frame *table, mapper_t mapper)
    REQUIRES(mm)
{
    struct mapper_link *links = frame_data(table->links);
    return &links[mapper.number % TABLE_ENTRIES];
}

static inline struct mapper_link *mapper_link(mapper_t mapper) REQUIRES(mm)
{
    return mapper_link_in(frame_get(mapper_table(mapper)), mapper);
}

/* The address that an entry of a last-level table maps. */
static inline uintptr_t mapper_address(mapper_t mapper) REQUIRES(mm)
{
    return (uintptr_t)frame_get(mapper_table(mapper))->span * TABLE_SPAN +
           mapper.number % TABLE_ENTRIES * PAGE_SIZE;
}

/* Its translation was downgraded. With several processors, those that have another space loaded
 * need not be asked. */
static inline void mapper_flush(mapper_t mapper, struct flush *flush) REQUIRES(mm)
{
    if (mm_is_shared())
        flush_of(flush, frame_get(mapper_table(mapper))->root);
    flush_add(flush, mapper_address(mapper));
}

static inline void mapper_add(mapper_t mapper, const struct frame *table,
                              struct frame *frame) REQUIRES(mm)
{
    struct mapper_link *link = mapper_link_in(table, mapper);
    link->next = frame->mappers;
    link->previous = MAPPER_NONE;
    if (mapper_is(frame->mappers))
        mapper_link(frame->mappers)->previous = mapper;
    frame->mappers = mapper;
}

static inline void mapper_remove(mapper_t mapper, const struct frame *table,
                                 struct frame *frame) REQUIRES(mm)
{
    struct mapper_link *link = mapper_link_in(table, mapper);
    if (mapper_is(link->previous))
        mapper_link(link->previous)->next = link->next;
    else
        frame->mappers = link->next;
    if (mapper_is(link->next))
        mapper_link(link->next)->previous = link->previous;
}

/* A not-present entry of `table` becomes a translation to `frame`. Holders are the caller's
 * care. */
static inline void mapper_install(pte_t *entry, struct frame *table, frame_t frame,
                                  unsigned access) REQUIRES(mm)
{
    table->used += pte_is_zero(*entry);
    table->present++;
    mapper_add(mapper_of(entry), table, frame_get(frame));
    if (access & ACCESS_WIRED)
        group_wire(frame);
    pte_exchange(entry, pte_map(frame, access));
}

/* A present entry of `table` becomes `value` (zero, or the page's name). What the processor noted
 * in A and D goes to the frame. The caller flushes. Returns what the entry was. */
static inline __attribute__((always_inline)) pte_t mapper_withdraw(pte_t *entry,
                                                                   struct frame *table,
                                                                   pte_t value) REQUIRES(mm)
{
    pte_t old = pte_exchange(entry, value);
    struct frame *frame = frame_get(pte_frame(old));
    if (!pte_is_zero(value))
        entry->bits |=
            old.bits & (pte_is_referenced(old) ? PTE_UNWRITTEN : PTE_UNWRITTEN | PTE_AGE);
    frame->dirty |= pte_is_dirty(old);
    frame->referenced |= pte_is_referenced(old);
    mapper_remove(mapper_of(entry), table, frame);
    table->present--;
    table->used -= pte_is_zero(value);
    if (pte_is_wired(old))
        group_unwire(pte_frame(old));
    return old;
}

/* What the entry `from` says is from now on said by `to`, which is zero: the same page,
 * the same rights, A, D and wiring; there it counts as written. The caller flushes
 * `from`. Returns what it was. */
pte_t mapper_move(pte_t *from, pte_t *to) REQUIRES(mm);

/* An entry that is neither before nor after a translation to a page: zero, a name, or the
 * zero page. Returns what it was. */
static inline pte_t mapper_replace(pte_t *entry, struct frame *table, pte_t value)
    REQUIRES(mm)
{
    pte_t old = pte_exchange(entry, value);
    table->used += !pte_is_zero(value);
    table->used -= !pte_is_zero(old);
    return old;
}

struct flush;

#endif
