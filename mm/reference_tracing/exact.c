/* mm/reference_tracing/exact.c - every reference traps.  See exact.h for the idea.
 *
 * An entry that has been taken back says what that of an evicted page would: a private
 * page's name, or zero for an object's page. So the next reference is an ordinary fault,
 * which finds in step 3 that the page is resident, and this file need only look at what
 * came of it. In between, D says whether the instruction wrote; A says nothing new, and is
 * dropped: the reference has been told already. */
#include "mm/reference_tracing/exact.h"

#include "mm/address_spaces/address_spaces.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/frames/frames.h"
#include "mm/page_tables/page_tables.h"
#include "mm/reference_tracing/reference_string.h"
#include "mm/replacement/replacement.h"

/* --- Whole spaces ------------------------------------------------------------------------ */

static bool entry_is_ours(pte_t entry)
{
    return pte_is_present(entry) && !pte_is_wired(entry);
}

/* Returns what the entry of a page was, D to the last. */
static pte_t entry_take_back(const struct position *at, struct flush *flush) REQUIRES(mm)
{
    pte_t entry = position_read(at);
    flush_add(flush, position_address(at));
    if (pte_is_zero_page(entry))
        return position_replace(at, PTE_ZERO);
    page_t page = frame_get(pte_frame(entry))->page;
    bool found_again = page_get(page)->object != NULL;
    pte_t old = position_withdraw(at, found_again ? PTE_ZERO : pte_name(page));
    if (found_again)
        page_drop(page, flush);
    return old;
}

static void entries_take_back(struct space *space, uintptr_t start, uintptr_t end)
    REQUIRES(mm)
{
    struct flush flush;
    flush_begin(&flush, &space->table);
    struct position at;
    position_begin(&at, &space->table, start, end);
    for (; position_find(&at); position_step(&at))
        if (entry_is_ours(position_read(&at)))
            entry_take_back(&at, &flush);
    flush_end(&flush);
}

static void exact_brought(struct space *space, uintptr_t start, uintptr_t end) EXCLUDES(mm)
{
    mm_lock();
    entries_take_back(space, start, end);
    mm_unlock();
}

static void entry_give(const struct region *region, const struct position *at) REQUIRES(mm)
{
    pte_t entry = position_read(at);
    if (pte_is_present(entry) || region->access == 0 || region->tracked)
        return;
    page_t page = pte_page(entry);
    if (page_is_resident(page))
        position_install(at, page_get(page)->frame, region_page_access(region, page));
}

static void entries_give(struct space *space) REQUIRES(mm)
{
    struct position at;
    for (const struct region *region = space->first; region; region = region->next) {
        position_begin(&at, &space->table, region->start, region->end);
        for (; position_find(&at); position_step(&at))
            entry_give(region, &at);
    }
}

static void exact_left(struct space *space) EXCLUDES(mm)
{
    mm_lock();
    entries_give(space);
    mm_unlock();
}

static uint32_t names_map(struct space *space, page_t page, frame_t frame) REQUIRES(mm)
{
    uint32_t count = 0;
    pte_t name = pte_name(page);
    struct position at;
    position_begin(&at, &space->table, 0, USER_END);
    for (; position_find(&at); position_step(&at)) {
        if ((position_read(&at).bits & ~(PTE_AGE | PTE_UNWRITTEN)) != name.bits)
            continue;
        position_install(&at, frame, ACCESS_READ);
        count++;
    }
    return count;
}

/* The frame's page is about to be evicted. If it is still the zeroes that it began as, all who name
 * it are made mappers, so that they can be told to forget it. Names are in no list; they are
 * searched for. */
static void exact_evicting(frame_t frame) REQUIRES(mm)
{
    page_t id = frame_get(frame)->page;
    const struct page *page = page_get(id);
    if (page->object != NULL || slot_is(page->slot) || harvest_modified(frame))
        return;
    uint32_t found = 0;
    for (mapper_t at = frame_get(frame)->mappers; mapper_is(at); at = mapper_link(at)->next)
        found++;
    for (struct space *space = space_first; space && found < page->holders;
         space = space->next)
        found += names_map(space, id, frame);
}

/* --- One instruction --------------------------------------------------------------------- */

/* The policy hears of it: R now, and at once if the page is charged to a group in exact
 * mode (policy.h, the order of events). */
static void policy_tell(frame_t frame) REQUIRES(mm)
{
    struct frame *f = frame_get(frame);
    struct group *group = &groups[f->group];
    f->referenced = f->recent = true;
    if (!f->admitted || !group_traced(f->group) || group->policy->referenced == NULL)
        return;
    harvest_begin();
    policy_referenced(group->policy, group, frame);
    harvest_end();
}

/* Take back what touched[from…] were given. */
static void take_back(const struct instruction *instruction, struct space *space,
                      uint32_t from, uint32_t end) REQUIRES(mm)
{
    struct flush flush;
    flush_begin(&flush, &space->table);
    for (uint32_t i = from; i < end; i++) {
        const struct touch *touch = &instruction->touched[i];
        struct position at;
        if (!position_at(&at, &space->table, touch->address) ||
            !entry_is_ours(position_read(&at)) || pte_is_zero_page(position_read(&at)))
            continue;
        position_clear_bits(&at, PTE_REFERENCED);
        if (pte_is_dirty(entry_take_back(&at, &flush)))
            reference_string_written(&groups[space->group], touch->number, touch->address);
    }
    flush_end(&flush);
}

static void exact_pauses(const struct instruction *instruction, struct space *space)
    EXCLUDES(mm)
{
    mm_lock();
    take_back(instruction, space, 0, instruction->count);
    mm_unlock();
}

static void exact_fault_begins(struct instruction *instruction, struct space *space,
                               uint64_t at, uintptr_t address) EXCLUDES(mm)
{
    if (instruction->count > 0 &&
        (instruction->at != at || instruction->space != space->id))
        group_instruction_ends(instruction, space);
    instruction->at = at;
    instruction->space = space->id;
    instruction->resident = space_page_resident(space, address) > 0;
}

/* The oldest goes back: a call that copies much. */
static void forget_first(struct instruction *instruction, struct space *space) REQUIRES(mm)
{
    take_back(instruction, space, 0, 1);
    instruction->count--;
    for (uint32_t i = 0; i < instruction->count; i++)
        instruction->touched[i] = instruction->touched[i + 1];
}

/* The instruction, or call, refers to a page: for the first time? */
static void touch(struct instruction *instruction, struct space *space, uintptr_t address,
                  unsigned access, frame_t frame) REQUIRES(mm)
{
    struct group *group = &groups[space->group];
    for (uint32_t i = 0; i < instruction->count; i++) {
        const struct touch *touch = &instruction->touched[i];
        if (touch->address != address)
            continue;
        if (access == ACCESS_WRITE)
            reference_string_written(group, touch->number, address);
        return;
    }
    if (instruction->count == INSTRUCTION_TOUCHED_MAX)
        forget_first(instruction, space);
    instruction->touched[instruction->count++] =
        (struct touch){address, reference_string_add(group, space, address, access)};
    policy_tell(frame);
}

/* The entry has been given: it is recorded, and told to the policy, unless the same instruction
 * has referred to the page before. */
static bool exact_fault_served(struct instruction *instruction, struct space *space,
                               uintptr_t address, unsigned access,
                               const struct fault_report *report) EXCLUDES(mm)
{
    mm_lock();
    pte_t entry = position_look(&space->table, address);
    bool given = group_traced(space->group) && entry_is_ours(entry);
    if (instruction->count == 0)
        instruction->space = space->id; /* tracing may have begun while the fault slept */
    if (given)
        touch(instruction, space, PAGE_ROUND_DOWN(address), access, pte_frame(entry));
    bool only = given && instruction->resident && !report->major &&
                (report->kind == FAULT_RESIDENT || report->kind == FAULT_SPURIOUS ||
                 report->kind == FAULT_FILE);
    if (only)
        fault_totals.kind[report->kind]--;
    mm_unlock();
    return only;
}

/* --- On and off -------------------------------------------------------------------------- */

static const struct group_hooks exact_hooks = {
    .brought = exact_brought,
    .left = exact_left,
    .evicting = exact_evicting,
    .fault_begins = exact_fault_begins,
    .fault_served = exact_fault_served,
    .pauses = exact_pauses,
};

void exact_attach(struct group *group)
{
    group->hooks = &exact_hooks;
    groups_special = true;
    for (struct space *space = space_first; space != NULL; space = space->next)
        if (space->group == group_index(group))
            entries_take_back(space, 0, USER_END);
}

void exact_detach(struct group *group)
{
    group->hooks = NULL;
    for (struct space *space = space_first; space != NULL; space = space->next)
        if (space->group == group_index(group))
            entries_give(space);
}
