/* tests/host/mmu.c - translations, walked for and remembered.  See mmu.h for the idea. */
#include "tests/host/mmu.h"

#include "mm/page_tables/mapper.h"
#include "mm/page_tables/table.h"
#include "tests/host/choice.h"
#include "tests/host/machine.h"
#include "tests/host/processors.h"

#include <string.h>

/* --- The TLB ---------------------------------------------------------------------- */

#define TLB_ENTRIES   64
#define CACHE_ENTRIES 16

struct tlb_entry {
    bool valid;
    bool writable, executable;
    bool dirty; /* D is known to be set: the next write need not walk */
    uintptr_t address;
    frame_t frame;
};

struct cache_entry {
    bool valid;
    bool user, writable, executable; /* rights of the levels above, ANDed */
    uintptr_t address;               /* 2 MiB-aligned */
    frame_t table;
};

static struct mmu {
    frame_t root;
    bool loading; /* the old space is remembered, and the new one is noted */
    struct tlb_entry tlb[TLB_ENTRIES];
    struct cache_entry cache[CACHE_ENTRIES];
} mmus[PROCESSORS_MOST];

static struct mmu *mmu_here(void)
{
    return &mmus[this_processor->number];
}

static void cache_forget(struct mmu *mmu)
{
    memset(mmu->cache, 0, sizeof(mmu->cache));
}

void mmu_forget_all(void)
{
    struct mmu *mmu = mmu_here();
    processors_turn(NULL);
    memset(mmu->tlb, 0, sizeof(mmu->tlb));
    cache_forget(mmu);
}

static struct tlb_entry *tlb_find(struct mmu *mmu, uintptr_t address)
{
    for (unsigned i = 0; i < TLB_ENTRIES; i++)
        if (mmu->tlb[i].address == PAGE_ROUND_DOWN(address) && mmu->tlb[i].valid)
            return &mmu->tlb[i];
    return NULL;
}

void mmu_forget_page(uintptr_t address)
{
    struct mmu *mmu = mmu_here();
    processors_turn(NULL);
    struct tlb_entry *entry = tlb_find(mmu, address);
    if (entry)
        entry->valid = false;
    cache_forget(mmu); /* whatever the address (SDM 3A, 4.10.4.1) */
}

void mmu_load(frame_t root)
{
    if (frame_get(root)->state != FRAME_TABLE && !frame_same(root, kernel_root()))
        host_fail("frame %u loaded as a root, and it is no table", root.number);
    struct mmu *mmu = mmu_here();
    mmu->loading = true;
    processors_turn(NULL);
    mmu->root = root;
    memset(mmu->tlb, 0, sizeof(mmu->tlb));
    cache_forget(mmu);
    mmu->loading = false;
    processors_linger();
}

frame_t mmu_root(unsigned number)
{
    return mmus[number].root;
}

bool mmu_is_loading(unsigned number)
{
    return mmus[number].loading;
}

uintptr_t mmu_remembered(unsigned number)
{
    uint32_t start = machine_dice(TLB_ENTRIES);
    for (uint32_t i = 0; i < TLB_ENTRIES; i++) {
        const struct tlb_entry *entry = &mmus[number].tlb[(start + i) % TLB_ENTRIES];
        if (entry->valid)
            return entry->address;
    }
    return 0;
}

bool machine_remembers(uintptr_t address)
{
    return tlb_find(mmu_here(), address) != NULL;
}

static struct tlb_entry *tlb_slot(struct mmu *mmu)
{
    for (unsigned i = 0; i < TLB_ENTRIES; i++)
        if (!mmu->tlb[i].valid)
            return &mmu->tlb[i];
    return &mmu->tlb[machine_dice(TLB_ENTRIES)];
}

/* --- The walk --------------------------------------------------------------------- */

struct walk {
    bool user, writable, executable;
    pte_t *entry; /* the last-level entry, or NULL: not present on the way */
};

/* What no entry may ever say, whatever comes of the walk. */
static void entry_check(pte_t e, int level, uintptr_t address)
{
    if (!pte_is_present(e)) {
        if (!pte_is_zero(e) && pte_frame(e).number < nframes)
            host_fail("entry %#lx of %#lx, not present, points into memory (L1TF)", e.bits,
                      address);
        if (e.bits & (PTE_REFERENCED | PTE_DIRTY))
            host_fail("entry %#lx of %#lx, not present, has A or D", e.bits, address);
        if (level > 1 && !pte_is_zero(e))
            host_fail("upper entry %#lx of %#lx, not present, is not zero", e.bits,
                      address);
        return;
    }
    if (pte_frame(e).number >= nframes)
        host_fail("entry %#lx of %#lx has reserved bits", e.bits, address);
    if ((e.bits & PTE_LARGE) && (e.bits & PTE_USER))
        host_fail("entry %#lx of %#lx, level %d, has bit 7", e.bits, address, level);
    uint8_t state = frame_get(pte_frame(e))->state;
    if ((e.bits & PTE_USER) && level > 1 && state != FRAME_TABLE)
        host_fail("walk of %#lx through frame %u, which is no table (state %d)", address,
                  pte_frame(e).number, state);
    bool going = processors_amid() && state == FRAME_BUSY; /* about to be taken away */
    if ((e.bits & PTE_USER) && level == 1 && state != FRAME_RESIDENT && !going &&
        !frame_same(pte_frame(e), zero_frame))
        host_fail("%#lx translates to frame %u, which holds no page (state %d)", address,
                  pte_frame(e).number, state);
}

static struct cache_entry *cache_find(struct mmu *mmu, uintptr_t address)
{
    for (unsigned i = 0; i < CACHE_ENTRIES; i++)
        if (mmu->cache[i].valid && mmu->cache[i].address == (address & ~(TABLE_SPAN - 1)))
            return &mmu->cache[i];
    return NULL;
}

static void cache_put(struct mmu *mmu, uintptr_t address, frame_t table,
                      const struct walk *walk)
{
    mmu->cache[machine_dice(CACHE_ENTRIES)] = (struct cache_entry){
        .valid = true,
        .user = walk->user,
        .writable = walk->writable,
        .executable = walk->executable,
        .address = address & ~(TABLE_SPAN - 1),
        .table = table,
    };
}

static void walk_step(struct walk *walk, pte_t e)
{
    walk->user &= (e.bits & PTE_USER) != 0;
    walk->writable &= pte_is_writable(e);
    walk->executable &= pte_is_executable(e);
}

/* Down to the last-level entry. `mark`: as the processor does it, through the cache and
 * setting A on the way; otherwise a look that changes nothing. */
static struct walk walk_tables(struct mmu *mmu, uintptr_t address, bool mark)
{
    struct walk walk = {true, true, true, NULL};
    struct cache_entry *cached = mark ? cache_find(mmu, address) : NULL;
    pte_t *table = frame_data(cached ? cached->table : mmu->root);
    if (cached) {
        walk = (struct walk){cached->user, cached->writable, cached->executable, NULL};
        if (frame_get(cached->table)->state != FRAME_TABLE)
            host_fail("walk of %#lx through a remembered table, frame %u, given away",
                      address, cached->table.number);
    }
    for (int level = cached ? 1 : TABLE_LEVELS; level > 1; level--) {
        pte_t *entry = &table[table_index(address, level)];
        entry_check(*entry, level, address);
        if (!pte_is_present(*entry) || (entry->bits & PTE_LARGE)) {
            walk_step(&walk, *entry);
            return walk;
        }
        if (mark && walk.user)
            entry->bits |= PTE_REFERENCED;
        walk_step(&walk, *entry);
        table = frame_data(pte_frame(*entry));
        if (mark && level == 2)
            cache_put(mmu, address, pte_frame(*entry), &walk);
    }
    pte_t *entry = &table[table_index(address, 1)];
    entry_check(*entry, 1, address);
    if (pte_is_present(*entry)) {
        walk_step(&walk, *entry);
        walk.entry = entry;
    }
    return walk;
}

static bool walk_grants(const struct walk *walk, unsigned access)
{
    return walk->entry && walk->user && (walk->writable || !(access & ACCESS_WRITE)) &&
           (walk->executable || !(access & ACCESS_EXECUTE));
}

static bool tlb_grants(const struct tlb_entry *entry, unsigned access)
{
    return (entry->writable || !(access & ACCESS_WRITE)) &&
           (entry->executable || !(access & ACCESS_EXECUTE));
}

unsigned machine_rights(uintptr_t address)
{
    struct walk walk = walk_tables(mmu_here(), address, false);
    if (!walk.entry || !walk.user)
        return 0;
    return ACCESS_READ | (walk.writable ? ACCESS_WRITE : 0) |
           (walk.executable ? ACCESS_EXECUTE : 0);
}

/* Walk, mark, remember. NULL: a page fault. */
static struct tlb_entry *tlb_fill(struct mmu *mmu, uintptr_t address, unsigned access)
{
    machine_counts.walks++;
    struct walk walk = walk_tables(mmu, address, true);
    if (!walk_grants(&walk, access))
        return NULL;
    walk.entry->bits |= PTE_REFERENCED;
    if (access & ACCESS_WRITE)
        walk.entry->bits |= PTE_DIRTY;
    struct tlb_entry *entry = tlb_slot(mmu);
    *entry = (struct tlb_entry){
        .valid = true,
        .writable = walk.writable,
        .executable = walk.executable,
        .dirty = pte_is_dirty(*walk.entry),
        .address = PAGE_ROUND_DOWN(address),
        .frame = pte_frame(*walk.entry),
    };
    return entry;
}

/* A write by a remembered right: only D must go to the table, if the entry still is there. */
static bool tlb_dirty(struct mmu *mmu, struct tlb_entry *entry)
{
    struct walk walk = walk_tables(mmu, entry->address, false);
    bool there = walk.entry && frame_same(pte_frame(*walk.entry), entry->frame);
    if (there)
        walk.entry->bits |= PTE_DIRTY;
    entry->dirty |= there;
    return entry->dirty;
}

void *mmu_use(unsigned number, uintptr_t address, unsigned access, enum mmu_use use)
{
    struct mmu *mmu = &mmus[number];
    struct tlb_entry *entry = tlb_find(mmu, address);
    if (entry && (!tlb_grants(entry, access) ||
                  ((access & ACCESS_WRITE) && !entry->dirty && !tlb_dirty(mmu, entry)))) {
        entry->valid = false;
        entry = NULL;
    }
    if (!entry && use == MMU_ANY)
        entry = tlb_fill(mmu, address, access);
    return entry ? (char *)frame_data(entry->frame) + address % PAGE_SIZE : NULL;
}

void *machine_other_access(uintptr_t address, unsigned access)
{
    return mmu_use(this_processor->number, address, access, MMU_ANY);
}

void mmu_speculate(unsigned number, uintptr_t address)
{
    if (!tlb_find(&mmus[number], address))
        tlb_fill(&mmus[number], address, ACCESS_READ);
}

static bool canonical(uintptr_t address)
{
    return address >> 47 == 0 || address >> 47 == 0x1ffff;
}

void *machine_access(uintptr_t address, unsigned access)
{
    struct mmu *mmu = mmu_here();
    machine_check();
    machine_counts.accesses++;
    if (!canonical(address))
        return NULL;
    if (machine_mood == MACHINE_RANDOM && machine_dice(64) == 0)
        mmu->tlb[machine_dice(TLB_ENTRIES)].valid = false;
    struct tlb_entry *entry = tlb_find(mmu, address);
    if (entry && !tlb_grants(entry, access)) {
        entry->valid = false;
        if (machine_mood == MACHINE_FAULTS ||
            (machine_mood == MACHINE_RANDOM && machine_dice(2) == 0)) {
            machine_counts.faults++;
            return NULL;
        }
        entry = NULL;
    }
    if (entry && (access & ACCESS_WRITE) && !entry->dirty) {
        entry->valid = false; /* D must be set in the table: walk */
        entry = NULL;
    }
    if (entry)
        machine_counts.hits++;
    else
        entry = tlb_fill(mmu, address, access);
    if (!entry) {
        machine_counts.faults++;
        return NULL;
    }
    return (unsigned char *)frame_data(entry->frame) + address % PAGE_SIZE;
}

void machine_speculate(uintptr_t address)
{
    if (canonical(address))
        mmu_speculate(this_processor->number, address);
}

/* --- What must hold of what is remembered ------------------------------------------- */

static void tlb_check(struct mmu *mmu, const struct tlb_entry *entry)
{
    struct walk walk = walk_tables(mmu, entry->address, false);
    unsigned access = ACCESS_READ | (entry->writable ? ACCESS_WRITE : 0) |
                      (entry->executable ? ACCESS_EXECUTE : 0);
    if (!walk_grants(&walk, access) || !frame_same(pte_frame(*walk.entry), entry->frame))
        host_fail("not flushed: the TLB has %#lx -> frame %u%s%s, the table says %#lx",
                  entry->address, entry->frame.number, entry->writable ? " writable" : "",
                  entry->executable ? " executable" : "",
                  walk.entry ? walk.entry->bits : 0);
    if (entry->dirty && !pte_is_dirty(*walk.entry) && !frame_get(entry->frame)->dirty)
        host_fail("a write would be lost: the TLB has %#lx dirty, the table and frame not",
                  entry->address);
}

static void cache_check(const struct mmu *mmu, const struct cache_entry *entry)
{
    pte_t *table = frame_data(mmu->root);
    for (int level = TABLE_LEVELS; level > 1; level--) {
        pte_t e = table[table_index(entry->address, level)];
        if (!pte_is_present(e))
            host_fail("not flushed: a table of %#lx is remembered and gone",
                      entry->address);
        if (level == 2 && !frame_same(pte_frame(e), entry->table))
            host_fail("not flushed: another table maps %#lx", entry->address);
        table = frame_data(pte_frame(e));
    }
}

void mmu_check(unsigned number)
{
    struct mmu *mmu = &mmus[number];
    if (frame_get(mmu->root)->state == FRAME_FREE)
        host_fail("the space that is loaded has been freed");
    for (unsigned i = 0; i < TLB_ENTRIES; i++)
        if (mmu->tlb[i].valid)
            tlb_check(mmu, &mmu->tlb[i]);
    for (unsigned i = 0; i < CACHE_ENTRIES; i++)
        if (mmu->cache[i].valid)
            cache_check(mmu, &mmu->cache[i]);
}

bool mmu_reaches(unsigned number, frame_t frame, uintptr_t *address)
{
    const struct mmu *mmu = &mmus[number];
    for (unsigned i = 0; i < TLB_ENTRIES; i++) {
        *address = mmu->tlb[i].address;
        if (mmu->tlb[i].valid && frame_same(mmu->tlb[i].frame, frame))
            return true;
    }
    for (unsigned i = 0; i < CACHE_ENTRIES; i++) {
        *address = mmu->cache[i].address;
        if (mmu->cache[i].valid && frame_same(mmu->cache[i].table, frame))
            return true;
    }
    return false;
}
