/* mm/reference_tracing/exact.c - every reference traps.  See exact.h for the idea.
 *
 * An entry that has been taken back says what that of an evicted page would: a private
 * page's name, or zero for an object's page. So the next reference is an ordinary fault,
 * which finds in step 3 that the page is resident, and this file need only look at what
 * came of it. In between, D says whether the instruction wrote; A says nothing new, and is
 * dropped: the reference has been told already. */
#include "mm/reference_tracing/exact.h"

#include "lib/errno.h"
#include "mm/address_spaces/address_spaces.h"
#include "mm/frames/frames.h"
#include "mm/page_tables/page_tables.h"
#include "mm/replacement/replacement.h"

/* --- The string ------------------------------------------------------------------------- */

#define PART_LENGTH (PAGE_SIZE / sizeof(struct reference))
#define PARTS       (EXACT_STRING_MAX / PART_LENGTH)

/* A ring. */
struct exact_string {
    uint64_t next;
    frame_t part[PARTS];
};

static struct exact_string *strings[GROUPS_MAX]; /* by group; NULL: never in exact mode */
uint64_t exact_references;

static struct exact_string *string_of(const struct group *group)
{
    return strings[group_index(group)];
}

uint64_t exact_next(const struct group *group)
{
    const struct exact_string *string = string_of(group);
    return string != NULL ? string->next : 0;
}

uint64_t exact_first(const struct group *group)
{
    uint64_t next = exact_next(group);
    return next > EXACT_STRING_MAX ? next - EXACT_STRING_MAX : 0;
}

/* NULL: lost, or not there yet. */
static struct reference *string_find(const struct group *group, uint64_t number)
{
    if (number < exact_first(group) || number >= exact_next(group))
        return NULL;
    uint64_t place = number % EXACT_STRING_MAX;
    struct reference *part = frame_data(string_of(group)->part[place / PART_LENGTH]);
    return &part[place % PART_LENGTH];
}

bool exact_reference(const struct group *group, uint64_t number,
                     struct reference *reference)
{
    const struct reference *found = string_find(group, number);
    if (found != NULL)
        *reference = *found;
    return found != NULL;
}

/* Returns its number. */
static uint64_t string_add(const struct group *group, const struct space *space,
                           uintptr_t address, unsigned access)
{
    uint64_t number = string_of(group)->next++;
    *string_find(group, number) = (struct reference){address, space->id, access};
    exact_references++;
    return number;
}

/* The instruction that referred to the page has written there, as turns out. */
static void string_written(const struct group *group, const struct exact_touch *touch)
{
    struct reference *reference = string_find(group, touch->number);
    if (reference != NULL && reference->address == touch->address)
        reference->access = ACCESS_WRITE;
}

void exact_close(const struct group *group)
{
    struct exact_string *string = string_of(group);
    if (string == NULL)
        return;
    strings[group_index(group)] = NULL;
    record_give(string->part, PARTS);
    heap_give(string, sizeof(*string));
}

static bool string_open(const struct group *group)
{
    if (string_of(group) != NULL) {
        string_of(group)->next = 0;
        return true;
    }
    struct exact_string *string = heap_take(sizeof(*string));
    if (string == NULL)
        return false;
    if (!record_take(string->part, PARTS)) {
        heap_give(string, sizeof(*string));
        return false;
    }
    strings[group_index(group)] = string;
    return true;
}

/* --- Whole spaces ------------------------------------------------------------------------ */

static bool entry_is_ours(pte_t entry)
{
    return pte_is_present(entry) && !pte_is_wired(entry);
}

/* Returns what the entry of a page was, D to the last. */
static pte_t entry_take_back(pte_t *entry, uintptr_t address, struct flush *flush)
    REQUIRES(mm)
{
    flush_add(flush, address);
    if (pte_is_zero_page(*entry))
        return mapper_replace(entry, PTE_ZERO);
    page_t page = frame_get(pte_frame(*entry))->page;
    bool found_again = page_get(page)->object != NULL;
    pte_t old = mapper_withdraw(entry, found_again ? PTE_ZERO : pte_name(page));
    if (found_again)
        page_drop(page, flush);
    return old;
}

static void entries_take_back(struct space *space) REQUIRES(mm)
{
    struct flush flush;
    flush_begin(&flush, &space->table);
    struct table_run run;
    for (uintptr_t at = 0; table_run_next(&space->table, &at, USER_END, &run);)
        for (unsigned i = 0; i < run.count; i++)
            if (entry_is_ours(run.entries[i]))
                entry_take_back(&run.entries[i], run.address + i * PAGE_SIZE, &flush);
    flush_end(&flush);
}

void exact_enter(struct space *space)
{
    if (!exact_is_on(space))
        return;
    mm_lock();
    entries_take_back(space);
    mm_unlock();
}

static void entry_give(const struct region *region, pte_t *entry) REQUIRES(mm)
{
    if (pte_is_zero(*entry) || pte_is_present(*entry) || region->access == 0 ||
        region->tracked)
        return;
    page_t page = pte_page(*entry);
    if (page_is_resident(page))
        mapper_install(entry, page_get(page)->frame, region_page_access(region, page));
}

static void entries_give(struct space *space) REQUIRES(mm)
{
    struct table_run run;
    for (const struct region *region = space->first; region; region = region->next)
        for (uintptr_t at = region->start;
             table_run_next(&space->table, &at, region->end, &run);)
            for (unsigned i = 0; i < run.count; i++)
                entry_give(region, &run.entries[i]);
}

void exact_leave(struct space *space)
{
    mm_lock();
    entries_give(space);
    mm_unlock();
}

static uint32_t names_map(const struct space *space, page_t page, frame_t frame)
    REQUIRES(mm)
{
    uint32_t count = 0;
    pte_t name = pte_name(page);
    struct table_run run;
    for (uintptr_t at = 0; table_run_next(&space->table, &at, USER_END, &run);) {
        for (unsigned i = 0; i < run.count; i++) {
            if ((run.entries[i].bits & ~(PTE_AGE | PTE_UNWRITTEN)) != name.bits)
                continue;
            mapper_install(&run.entries[i], frame, ACCESS_READ);
            count++;
        }
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

static const struct group_hooks exact_hooks = {.evicting = exact_evicting};

int exact_set(struct group *group, bool on)
{
    if (group->exact == on)
        return 0;
    if (on && !string_open(group))
        return -ENOMEM;
    mm_lock();
    group->exact = on;
    group->hooks = on ? &exact_hooks : NULL;
    groups_special |= on;
    for (struct space *space = space_first; space != NULL; space = space->next) {
        if (space->group == group_index(group))
            (on ? entries_take_back : entries_give)(space);
    }
    mm_unlock();
    return 0;
}

/* --- One instruction --------------------------------------------------------------------- */

/* The policy hears of it: R now, and at once if the page is charged to a group in exact
 * mode (policy.h, the order of events). */
static void policy_tell(frame_t frame) REQUIRES(mm)
{
    struct frame *f = frame_get(frame);
    struct group *group = &groups[f->group];
    f->referenced = f->recent = true;
    if (!f->admitted || !group->exact || group->policy->referenced == NULL)
        return;
    harvest_begin();
    policy_referenced(group->policy, group, frame);
    harvest_end();
}

/* Take back what touched[from…] were given. */
static void take_back(const struct exact_step *step, struct space *space, uint32_t from,
                      uint32_t end) REQUIRES(mm)
{
    struct flush flush;
    flush_begin(&flush, &space->table);
    for (uint32_t i = from; i < end; i++) {
        const struct exact_touch *touch = &step->touched[i];
        pte_t *entry = table_find(&space->table, touch->address);
        if (entry == NULL || !entry_is_ours(*entry) || pte_is_zero_page(*entry))
            continue;
        pte_clear_bits(entry, PTE_REFERENCED);
        if (pte_is_dirty(entry_take_back(entry, touch->address, &flush)))
            string_written(&groups[space->group], touch);
    }
    flush_end(&flush);
}

void exact_pause(struct exact_step *step, struct space *space)
{
    if (space == NULL || space->id != step->space || !exact_is_on(space))
        return;
    mm_lock();
    take_back(step, space, 0, step->count);
    mm_unlock();
}

void exact_end(struct exact_step *step, struct space *space)
{
    if (step->count > 0)
        exact_pause(step, space);
    step->count = 0;
}

void exact_begin(struct exact_step *step, struct space *space, uint64_t instruction,
                 uintptr_t address)
{
    if (step->count > 0 && (step->instruction != instruction || step->space != space->id))
        exact_end(step, space);
    step->instruction = instruction;
    step->space = space->id;
    step->resident = space_page_resident(space, address) > 0;
}

/* The instruction, or call, refers to a page: for the first time? */
static void touch(struct exact_step *step, struct space *space, uintptr_t address,
                  unsigned access, frame_t frame) REQUIRES(mm)
{
    struct group *group = &groups[space->group];
    for (uint32_t i = 0; i < step->count; i++) {
        if (step->touched[i].address != address)
            continue;
        if (access == ACCESS_WRITE)
            string_written(group, &step->touched[i]);
        return;
    }
    if (step->count ==
        EXACT_TOUCHED_MAX) { /* a call that copies much: the first goes back */
        take_back(step, space, 0, 1);
        step->count--;
        for (uint32_t i = 0; i < step->count; i++)
            step->touched[i] = step->touched[i + 1];
    }
    step->touched[step->count++] =
        (struct exact_touch){address, string_add(group, space, address, access)};
    policy_tell(frame);
}

bool exact_given(struct exact_step *step, struct space *space, uintptr_t address,
                 unsigned access, const struct fault_report *report)
{
    mm_lock();
    const pte_t *entry = table_find(&space->table, address);
    bool given = exact_is_on(space) && entry != NULL && entry_is_ours(*entry);
    if (step->count == 0)
        step->space = space->id; /* exact mode may have begun while the fault slept */
    if (given)
        touch(step, space, PAGE_ROUND_DOWN(address), access, pte_frame(*entry));
    bool only = given && step->resident && !report->major &&
                (report->kind == FAULT_RESIDENT || report->kind == FAULT_SPURIOUS ||
                 report->kind == FAULT_FILE);
    if (only)
        fault_totals.kind[report->kind]--;
    mm_unlock();
    return only;
}
