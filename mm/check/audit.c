/* mm/check/audit.c - what must always hold, recomputed.
 *
 * The two arrays keep counts and links so that a fault need not search. Here all of it is
 * worked out again the slow way, from the page tables alone, and compared. A difference
 * means that some path forgot a count, a link or a check, long before a program would
 * notice. The numbers in the messages are those of the invariants:
 *
 *  1  holders = entries that name the page, + 1 if an object holds it
 *  2  mappers = exactly the present entries that point to the frame
 *  3  a page's frame holds that page, and the reverse
 *  4  slots in use = pages with a slot
 *  5  a writable entry in a private region: no object, one holder
 *  6  a free frame is in no entry; a zeroed one is all zeroes
 *  7  a clean resident page with a slot is byte for byte what the slot holds
 *  8  frames by state, tables, group charges and regions add up
 *     and so do accounts: pages, tables, kernel frames and objects
 *  9  no user entry reaches the kernel; nothing in the kernel is writable and executable */
#include "mm/check/audit.h"
#include "arch/mmu.h"
#include "mm/above.h"
#include "mm/address_spaces/address_spaces.h"
#include "mm/check/audit_lists.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/frame_allocation/frame_allocation.h"
#include "mm/frames/frames.h"
#include "mm/page_tables/page_tables.h"
#include "mm/replacement/replacement.h"

static uint32_t tables_seen;
static uint64_t mappers_seen, mappers_listed;
static uint32_t resident_seen; /* pages, of the space that is looked at */

/* Do its neighbours in the list that it should be in say so? (That the list is the frame's, and
 * that nothing is missing there, is seen when all lists have been counted.) */
static bool mapper_linked(mapper_t mapper, frame_t frame) REQUIRES(mm)
{
    mapper_t before = mapper_link(mapper)->previous;
    if (!mapper_is(before))
        return frame_get(frame)->mappers.number == mapper.number;
    frame_t table = mapper_table(before);
    return table.number < nframes && frame_get(table)->state == FRAME_TABLE &&
           mapper_link(before)->next.number == mapper.number;
}

/* --- Spaces, regions, tables ------------------------------------------------------------ */

static void audit_present(const struct space *space, const struct region *region,
                          const struct position *at) REQUIRES(mm)
{
    uintptr_t address = position_address(at);
    pte_t entry = position_read(at);
    frame_t frame = pte_frame(entry);
    if (pte_is_zero_page(entry)) {
        CHECK("5", !pte_is_writable(entry), "space %u maps the zero page writable at %#lx",
              space->id, address);
        return;
    }
    CHECK("9", frame.number < nframes && (entry.bits & PTE_USER),
          "space %u, %#lx: entry %#lx", space->id, address, (unsigned long)entry.bits);
    if (frame.number >= nframes)
        return;
    struct frame *f = frame_get(frame);
    mappers_seen++;
    CHECK("2", mapper_linked(mapper_of(at->entry), frame),
          "space %u, %#lx: the entry is not among the mappers of frame %u", space->id,
          address, frame.number);
    CHECK("6", f->state == FRAME_RESIDENT, "space %u maps frame %u, state %u, at %#lx",
          space->id, frame.number, f->state, address);
    if (f->page.id >= npages)
        return;
    struct page *page = page_get(f->page);
    page->audited++;
    bool writable = pte_is_writable(entry);
    CHECK("5", !writable || region->shared || (page->object == NULL && page->holders == 1),
          "space %u can write page %u (holders %u) at %#lx", space->id, f->page.id,
          page->holders, address);
    if (space->changing) /* rights are being taken back */
        return;
    CHECK("5", !writable || (region->access & ACCESS_WRITE),
          "space %u can write at %#lx, its region cannot", space->id, address);
    CHECK("5", !pte_is_executable(entry) || (region->access & ACCESS_EXECUTE),
          "space %u can execute at %#lx, its region cannot", space->id, address);
}

/* An entry in use. True: it is a present one of a page. */
static bool audit_entry(struct space *space, const struct position *at) REQUIRES(mm)
{
    uintptr_t address = position_address(at);
    pte_t entry = position_read(at);
    struct region *region = region_at_or_above(space, address);
    bool promised = region != NULL && region->start <= address;
    CHECK("8", promised, "space %u: entry %#lx at %#lx, outside all regions", space->id,
          (unsigned long)entry.bits, address);
    if (!promised)
        return false;
    if (pte_is_present(entry)) {
        audit_present(space, region, at);
        return !pte_is_zero_page(entry);
    }
    bool names = pte_page(entry).id < npages;
    CHECK("1", names, "space %u names page %u at %#lx", space->id, pte_page(entry).id,
          address);
    if (names)
        page_get(pte_page(entry))->audited++;
    return false;
}

/* One last-level table: its entries, its counts. */
static void audit_table(struct space *space, const struct frame *table, uintptr_t start)
    REQUIRES(mm)
{
    struct position at;
    unsigned used = 0, present = 0;
    position_begin(&at, &space->table, start, start + TABLE_SPAN);
    for (; position_find(&at); position_step(&at), used++)
        present += audit_entry(space, &at);
    CHECK("8", table->used == used && table->present == present,
          "table at %#lx of space %u counts %u used, %u present; has %u, %u", start,
          space->id, table->used, table->present, used, present);
    CHECK("8", table->span == start / TABLE_SPAN, "table at %#lx of space %u says %u",
          start, space->id, table->span);
    resident_seen += present;
}

/* The table at `start` and those below it. How many frames do they take? */
static uint32_t audit_tables(struct space *space, frame_t table, int level, uintptr_t start)
    REQUIRES(mm)
{
    const struct frame *f = frame_get(table);
    CHECK("8", f->state == FRAME_TABLE, "table in frame %u has state %u", table.number,
          f->state);
    if (level == 1) {
        audit_table(space, f, start);
        return 2; /* the table, and the frame of its links */
    }
    uint32_t count = 1;
    unsigned used = 0, end = level == TABLE_LEVELS ? TABLE_ENTRIES / 2 : TABLE_ENTRIES;
    for (unsigned i = 0; i < end; i++) {
        pte_t entry = table_read(table, i);
        if (!pte_is_present(entry))
            continue;
        used++;
        uintptr_t from = start + i * table_entry_span(level);
        if (entry.bits & PTE_LENT)
            CHECK("5", level == 2 && shared_code_sound(space, from),
                  "space %u: the lent table at %#lx is not what it was", space->id, from);
        else
            count += audit_tables(space, pte_frame(entry), level - 1, from);
    }
    CHECK("8", f->used == used, "level %d table at %#lx of space %u counts %u used, has %u",
          level, start, space->id, f->used, used);
    return count;
}

static uint64_t audit_committed; /* bytes of regions that count as promised */

static void audit_regions(struct space *space) REQUIRES(mm)
{
    uint64_t promised = 0;
    uint32_t count = 0;
    uintptr_t end = 0;
    for (struct region *region = space->first; region != NULL; region = region->next) {
        CHECK("8",
              region->start >= end && region->start < region->end &&
                  region->end <= USER_END,
              "space %u: region %#lx-%#lx", space->id, region->start, region->end);
        CHECK("8", region_at_or_above(space, region->start) == region,
              "space %u: the tree does not find region %#lx", space->id, region->start);
        promised += region->end - region->start;
        if (region->commit == COMMIT_COUNTED)
            audit_committed += region->end - region->start;
        end = region->end;
        count++;
    }
    CHECK("8", promised == space->promised && count == space->region_count,
          "space %u promised %lu bytes in %u regions, counts %lu in %u", space->id,
          (unsigned long)promised, count, (unsigned long)space->promised,
          space->region_count);
}

/* --- Accounts --------------------------------------------------------------------------- */

static bool account_known(const struct account *wanted) REQUIRES(mm)
{
    const struct account *account = account_first;
    while (account != NULL && account != wanted)
        account = account->next;
    return account != NULL;
}

/* A KERNEL frame: whose, and if it is a slab, whose its objects are. */
static uint32_t audit_kernel_frame(frame_t at) REQUIRES(mm)
{
    const struct frame *f = frame_get(at);
    if (f->account == NULL) /* never given to the free list */
        return 0;
    CHECK("8", account_known(f->account), "frame %u is the kernel's, and on no account",
          at.number);
    if (!account_known(f->account))
        return 1;
    f->account->audited[ACCOUNT_FRAMES]++;
    if (f->slab)
        slab_audit(frame_data(at));
    return 1;
}

static void account_audit_begin(struct account *account)
{
    account->audited_spaces = 0;
    __builtin_memset(account->audited, 0, sizeof account->audited);
}

/* Its children name it, both ways; and it is there for something. How many they are. */
static uint32_t audit_children(const struct account *account)
{
    uint32_t count = 0;
    const struct account *younger = NULL;
    for (const struct account *child = account->child; child != NULL;
         child = child->older) {
        CHECK("8", child->parent == account && child->younger == younger,
              "child %u of an account is another's, or misplaced", count);
        younger = child;
        count++;
    }
    uint64_t held = account->spaces;
    for (unsigned kind = 0; kind < ACCOUNT_KINDS; kind++)
        held += account->held[kind];
    CHECK("8", held > 0 || count > 1, "an account is over, and has %u children", count);
    return count;
}

static void audit_tree(void) REQUIRES(mm)
{
    uint32_t accounts = 0, children = 0;
    for (const struct account *account = account_first; account != NULL;
         account = account->next) {
        accounts++;
        children += audit_children(account);
    }
    CHECK("8", accounts == children + 1, "of %u accounts %u are children", accounts,
          children);
}

static void audit_accounts(void) REQUIRES(mm)
{
    static const char *const kinds[] = {"pages", "frames of tables", "kernel frames",
                                        "frames of stacks", "bytes of objects"};
    for (const struct account *account = account_first; account != NULL;
         account = account->next) {
        for (unsigned kind = 0; kind < ACCOUNT_KINDS; kind++)
            CHECK("8", account->held[kind] == account->audited[kind],
                  "an account holds %lu %s, has %lu", (unsigned long)account->held[kind],
                  kinds[kind], (unsigned long)account->audited[kind]);
        CHECK("8",
              account->spaces == account->audited_spaces + (account == &kernel_account),
              "an account has %u spaces, counts %u", account->audited_spaces,
              account->spaces);
    }
}

/* --- Frames and pages --------------------------------------------------------------------- */

static void audit_mappers(frame_t frame) REQUIRES(mm)
{
    const struct frame *f = frame_get(frame);
    mapper_t previous = MAPPER_NONE;
    for (mapper_t at = f->mappers; mapper_is(at) && mappers_listed <= mappers_seen;) {
        pte_t entry = *mapper_entry(at);
        CHECK("2", pte_is_present(entry) && frame_same(pte_frame(entry), frame),
              "frame %u: mapper %u does not point to it", frame.number, at.number);
        CHECK("2", mapper_link(at)->previous.number == previous.number,
              "frame %u: mapper %u, link backwards", frame.number, at.number);
        previous = at;
        at = mapper_link(at)->next;
        mappers_listed++;
    }
}

static bool frame_is_clear(frame_t frame)
{
    const uint64_t *word = frame_data(frame);
    for (size_t i = 0; i < PAGE_SIZE / sizeof *word; i++) {
        if (word[i] != 0)
            return false;
    }
    return true;
}

/* One frame that holds, or keeps, a page. */
static void audit_frame(frame_t at) REQUIRES(mm)
{
    const struct frame *f = frame_get(at);
    bool linked = f->page.id < npages && frame_same(page_get(f->page)->frame, at);
    CHECK("3", linked, "frame %u holds page %u, which is not there", at.number, f->page.id);
    if (f->state == FRAME_FREE)
        return;
    CHECK("8", f->state == FRAME_BUSY || f->admitted == (f->wired == 0),
          "frame %u, wired %u times, is %sits policy's", at.number, f->wired,
          f->admitted ? "" : "not ");
    if (f->state == FRAME_RESIDENT)
        audit_mappers(at);
    if (linked && slot_is(page_get(f->page)->slot) && f->state == FRAME_RESIDENT &&
        f->pins == 0 && !harvest_modified(at)) {
        const void *kept = swap_peek(page_get(f->page)->slot);
        CHECK("7", __builtin_memcmp(frame_data(at), kept, PAGE_SIZE) == 0,
              "page %u is clean, and not what slot %u holds", f->page.id,
              page_get(f->page)->slot.number);
    }
}

static void audit_frames(void) REQUIRES(mm)
{
    uint32_t count[FRAME_STATES] = {0}, zeroed = 0, kept = 0, kernel = 0;
    static uint32_t charged[GROUPS_MAX], wired[GROUPS_MAX], reading[GROUPS_MAX];
    __builtin_memset(charged, 0, sizeof charged);
    __builtin_memset(wired, 0, sizeof wired);
    __builtin_memset(reading, 0, sizeof reading);
    for (frame_t at = {0}; at.number < nframes; at.number++) {
        const struct frame *f = frame_get(at);
        count[f->state]++;
        if (f->state == FRAME_FREE && f->zeroed) {
            zeroed++;
            CHECK("6", frame_is_clear(at), "frame %u counts as zeroed and is not",
                  at.number);
        }
        bool holds = f->state == FRAME_RESIDENT || f->state == FRAME_BUSY;
        kept += f->state == FRAME_FREE && page_is(f->page);
        charged[f->group] += holds && f->wired == 0;
        wired[f->group] += holds && f->wired > 0;
        reading[f->group] += f->state == FRAME_BUSY && f->admitted;
        if (f->state == FRAME_KERNEL)
            kernel += audit_kernel_frame(at);
        if (holds || (f->state == FRAME_FREE && page_is(f->page)))
            audit_frame(at);
    }
    CHECK("2", mappers_listed == mappers_seen,
          "frames list %lu mappers, %lu entries point to frames",
          (unsigned long)mappers_listed, (unsigned long)mappers_seen);
    uint32_t listed = audit_free_lists();
    CHECK("8",
          listed == count[FRAME_FREE] && frame_counts.free == count[FRAME_FREE] &&
              frame_counts.zeroed == zeroed && frame_counts.kept == kept,
          "%u frames free (%u zeroed, %u kept); counted %u (%u, %u); on the lists %u",
          count[FRAME_FREE], zeroed, kept, frame_counts.free, frame_counts.zeroed,
          frame_counts.kept, listed);
    CHECK("8", kernel + count[FRAME_TABLE] == frame_counts.kernel,
          "%u frames are the kernel's, counted %u", kernel + count[FRAME_TABLE],
          frame_counts.kernel);
    CHECK("8", count[FRAME_TABLE] == tables_seen + table_roots_ended,
          "%u frames of tables, %u in spaces, %u roots of spaces that have ended",
          count[FRAME_TABLE], tables_seen, table_roots_ended);
    for (unsigned i = 0; i < GROUPS_MAX; i++) {
        CHECK(
            "8",
            charged[i] == groups[i].charged && wired[i] == groups[i].wired &&
                (!groups[i].in_use || charged[i] <= groups[i].limit || groups[i].share > 0),
            "group %u holds %u frames, is charged %u, limit %u", i, charged[i],
            groups[i].charged, groups[i].limit);
        audit_group_list(&groups[i]);
        CHECK("8", reading[i] == groups[i].reading,
              "of group %u %u frames are being read, counted %u", i, reading[i],
              groups[i].reading);
    }
}

/* One page in use. */
static void audit_page(page_t id) REQUIRES(mm)
{
    const struct page *page = page_get(id);
    uint32_t holders = page->audited + (page->object != NULL);
    bool framed = frame_is(page->frame);
    page->account->audited[ACCOUNT_PAGES]++;
    CHECK("1", page->holders == holders, "page %u counts %u holders, has %u", id.id,
          page->holders, holders);
    CHECK("3", framed || slot_is(page->slot), "page %u is nowhere", id.id);
    CHECK("3", !framed || page_same(frame_get(page->frame)->page, id),
          "page %u is in frame %u, which holds page %u", id.id, page->frame.number,
          frame_get(page->frame)->page.id);
    if (page->object != NULL)
        CHECK("1", page_same(object_find(page->object, page->index), id),
              "page %u: its object finds another at %u", id.id, page->index);
}

static void audit_pages(void) REQUIRES(mm)
{
    uint32_t in_use = 0, slots = 0;
    for (page_t at = {0}; at.id < npages; at.id++) {
        const struct page *page = page_get(at);
        CHECK("1", page->holders > 0 || page->audited == 0,
              "page %u is not in use, and named", at.id);
        bool pinned = page->holders == 0 && frame_is(page->frame) &&
                      page_same(frame_get(page->frame)->page, at) &&
                      frame_get(page->frame)->pins > 0;
        if (page->holders == 0 && !pinned)
            continue;
        in_use++;
        slots += slot_is(page->slot);
        audit_page(at);
    }
    CHECK("8", in_use == page_count, "%u pages in use, counted %u", in_use, page_count);
    CHECK("4", slots == swap_counts.used, "%u pages have slots, %u are taken", slots,
          swap_counts.used);
}

/* --- The kernel's own half ------------------------------------------------------------------ */

static void audit_kernel(frame_t table, int level, unsigned first)
{
    for (unsigned i = first; i < TABLE_ENTRIES; i++) {
        pte_t entry = table_read(table, i);
        if (!pte_is_present(entry))
            continue;
        CHECK("9", !(entry.bits & PTE_USER), "kernel entry %#lx is open to user code",
              (unsigned long)entry.bits);
        if (level > 1 && !(entry.bits & PTE_LARGE))
            audit_kernel(pte_frame(entry), level - 1, 0);
        else
            CHECK("9", !pte_is_writable(entry) || !pte_is_executable(entry),
                  "kernel entry %#lx is writable and executable",
                  (unsigned long)entry.bits);
    }
}

static void audit_kernel_half(const struct space *space)
{
    for (unsigned i = TABLE_ENTRIES / 2; i < TABLE_ENTRIES; i++) {
        /* The processor notes in each root by itself what it has walked through. */
        uint64_t own = table_read(space->table.root, i).bits;
        uint64_t differ = (own ^ table_read(kernel_root(), i).bits) & ~PTE_REFERENCED;
        CHECK("9", differ == 0, "space %u has its own idea of the kernel's half, entry %u",
              space->id, i);
    }
}

unsigned audit(void)
{
    if (processor_count > 1) /* their user code would set A and D meanwhile */
        processors_stop();
    mm_lock();
    audit_broken = 0;
    mappers_seen = mappers_listed = 0;
    tables_seen = 0;
    audit_committed = 0;
    for (uint32_t i = 0; i < npages; i++)
        pages[i].audited = 0;
    for (struct account *account = account_first; account != NULL; account = account->next)
        account_audit_begin(account);
    for (struct space *space = space_first; space != NULL; space = space->next) {
        audit_regions(space);
        resident_seen = 0;
        uint32_t tables = audit_tables(space, space->table.root, TABLE_LEVELS, 0);
        CHECK("8", resident_seen <= space->table.resident_bound,
              "space %u has %u pages resident, it counts %u at most", space->id,
              resident_seen, space->table.resident_bound);
        CHECK("8", tables == space->table.frames, "space %u counts %u tables, has %u",
              space->id, space->table.frames, tables);
        tables_seen += tables;
        space->account->audited[ACCOUNT_TABLES] += tables;
        space->account->audited_spaces++;
        audit_kernel_half(space);
    }
    CHECK("8", audit_committed == promise_regions,
          "%lu bytes of regions count as promised, %lu are counted",
          (unsigned long)audit_committed, (unsigned long)promise_regions);
    audit_frames();
    audit_pages();
    audit_accounts();
    audit_tree();
    audit_kernel(kernel_root(), TABLE_LEVELS, TABLE_ENTRIES / 2);
    mm_unlock();
    return audit_broken;
}
