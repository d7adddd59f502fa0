/* tests/host/machine.c - the software MMU.  See machine.h for the idea.
 *
 * Two things are remembered, as in the processor (SDM 3A, 4.10.2 and 4.10.3): translations
 * of pages, and the last-level table that an upper entry led to (a paging-structure cache).
 * The second is why a page table may only be freed after a flush. */
#include "tests/host/machine.h"

#include "mm/address_spaces/promise.h"
#include "mm/mm.h"
#include "mm/page_tables/mapper.h"
#include "mm/page_tables/table.h"
#include "tests/host/above.h"
#include "tests/host/choice.h"

#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

unsigned char *direct_map;
struct machine_counts machine_counts;
enum machine_mood machine_mood;

static uint32_t memory_frames;
struct processor processors[PROCESSORS_MOST];
unsigned processor_count = 1;
static bool other_runs; /* user code of another processor */

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

static struct tlb_entry tlb[TLB_ENTRIES];
static struct cache_entry cache[CACHE_ENTRIES];

static void cache_forget(void)
{
    memset(cache, 0, sizeof(cache));
}

void tlb_flush_user(void)
{
    machine_counts.flushes_all++;
    memset(tlb, 0, sizeof(tlb));
    cache_forget();
}

static struct tlb_entry *tlb_find(uintptr_t address)
{
    for (unsigned i = 0; i < TLB_ENTRIES; i++)
        if (tlb[i].valid && tlb[i].address == PAGE_ROUND_DOWN(address))
            return &tlb[i];
    return NULL;
}

void tlb_flush_page(uintptr_t address)
{
    machine_counts.flushes_page++;
    struct tlb_entry *entry = tlb_find(address);
    if (entry)
        entry->valid = false;
    cache_forget(); /* whatever the address (SDM 3A, 4.10.4.1) */
}

bool machine_remembers(uintptr_t address)
{
    return tlb_find(address) != NULL;
}

static struct tlb_entry *tlb_slot(void)
{
    for (unsigned i = 0; i < TLB_ENTRIES; i++)
        if (!tlb[i].valid)
            return &tlb[i];
    return &tlb[machine_dice(TLB_ENTRIES)];
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
        if (!pte_is_zero(e) && pte_frame(e).number < memory_frames)
            host_fail("entry %#lx of %#lx, not present, points into memory (L1TF)", e.bits,
                      address);
        if (e.bits & (PTE_REFERENCED | PTE_DIRTY))
            host_fail("entry %#lx of %#lx, not present, has A or D", e.bits, address);
        if (level > 1 && !pte_is_zero(e))
            host_fail("upper entry %#lx of %#lx, not present, is not zero", e.bits,
                      address);
        return;
    }
    if (pte_frame(e).number >= memory_frames)
        host_fail("entry %#lx of %#lx has reserved bits", e.bits, address);
    if ((e.bits & PTE_LARGE) && (e.bits & PTE_USER))
        host_fail("entry %#lx of %#lx, level %d, has bit 7", e.bits, address, level);
    uint8_t state = frame_get(pte_frame(e))->state;
    if ((e.bits & PTE_USER) && level > 1 && state != FRAME_TABLE)
        host_fail("walk of %#lx through frame %u, which is no table (state %d)", address,
                  pte_frame(e).number, state);
    bool going = other_runs && state == FRAME_BUSY; /* mm/ is about to take it away */
    if ((e.bits & PTE_USER) && level == 1 && state != FRAME_RESIDENT && !going &&
        !frame_same(pte_frame(e), zero_frame))
        host_fail("%#lx translates to frame %u, which holds no page (state %d)", address,
                  pte_frame(e).number, state);
}

static struct cache_entry *cache_find(uintptr_t address)
{
    for (unsigned i = 0; i < CACHE_ENTRIES; i++)
        if (cache[i].valid && cache[i].address == (address & ~(TABLE_SPAN - 1)))
            return &cache[i];
    return NULL;
}

static void cache_put(uintptr_t address, frame_t table, const struct walk *walk)
{
    cache[machine_dice(CACHE_ENTRIES)] = (struct cache_entry){
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
static struct walk walk_tables(uintptr_t address, bool mark)
{
    struct walk walk = {true, true, true, NULL};
    struct cache_entry *cached = mark ? cache_find(address) : NULL;
    pte_t *table = frame_data(cached ? cached->table : root_loaded());
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
            cache_put(address, pte_frame(*entry), &walk);
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
    struct walk walk = walk_tables(address, false);
    if (!walk.entry || !walk.user)
        return 0;
    return ACCESS_READ | (walk.writable ? ACCESS_WRITE : 0) |
           (walk.executable ? ACCESS_EXECUTE : 0);
}

/* Walk, mark, remember. NULL: a page fault. */
static struct tlb_entry *tlb_fill(uintptr_t address, unsigned access)
{
    machine_counts.walks++;
    struct walk walk = walk_tables(address, true);
    if (!walk_grants(&walk, access))
        return NULL;
    walk.entry->bits |= PTE_REFERENCED;
    if (access & ACCESS_WRITE)
        walk.entry->bits |= PTE_DIRTY;
    struct tlb_entry *entry = tlb_slot();
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

/* --- Another processor ---------------------------------------------------------------- */

void (*machine_other)(uintptr_t address);

/* The entry of a last-level table of the space that is loaded: what address does it map? */
static bool entry_is_loaded(const pte_t *entry, uintptr_t *address)
{
    const struct frame *table = frame_get(frame_of_data(entry));
    if (table->state != FRAME_TABLE || !frame_is(table->links))
        return false;
    *address = mapper_address(mapper_of(entry));
    const struct page_table tree = {.root = root_loaded()};
    return table_find(&tree, *address) == entry;
}

void machine_interleave(const pte_t *entry)
{
    uintptr_t address;
    if (machine_other == NULL || other_runs || !entry_is_loaded(entry, &address))
        return;
    other_runs = true;
    machine_other(address);
    other_runs = false;
}

/* A write by a remembered right: only D must go to the table, if the entry still is there. */
static bool tlb_dirty(struct tlb_entry *entry)
{
    struct walk walk = walk_tables(entry->address, false);
    bool there = walk.entry && frame_same(pte_frame(*walk.entry), entry->frame);
    if (there)
        walk.entry->bits |= PTE_DIRTY;
    entry->dirty |= there;
    return entry->dirty;
}

void *machine_other_access(uintptr_t address, unsigned access)
{
    struct tlb_entry *entry = tlb_find(address);
    if (entry && (!tlb_grants(entry, access) ||
                  ((access & ACCESS_WRITE) && !entry->dirty && !tlb_dirty(entry)))) {
        entry->valid = false;
        entry = NULL;
    }
    if (!entry)
        entry = tlb_fill(address, access);
    return entry ? (char *)frame_data(entry->frame) + address % PAGE_SIZE : NULL;
}

static bool canonical(uintptr_t address)
{
    return address >> 47 == 0 || address >> 47 == 0x1ffff;
}

void *machine_access(uintptr_t address, unsigned access)
{
    machine_check();
    machine_counts.accesses++;
    if (!canonical(address))
        return NULL;
    if (machine_mood == MACHINE_RANDOM && machine_dice(64) == 0)
        tlb[machine_dice(TLB_ENTRIES)].valid = false;
    struct tlb_entry *entry = tlb_find(address);
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
        entry = tlb_fill(address, access);
    if (!entry) {
        machine_counts.faults++;
        return NULL;
    }
    return (unsigned char *)frame_data(entry->frame) + address % PAGE_SIZE;
}

void machine_speculate(uintptr_t address)
{
    if (canonical(address) && !tlb_find(address))
        tlb_fill(address, ACCESS_READ);
}

/* --- What must hold of what is remembered ------------------------------------------- */

static void tlb_check(const struct tlb_entry *entry)
{
    struct walk walk = walk_tables(entry->address, false);
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

static void cache_check(const struct cache_entry *entry)
{
    pte_t *table = frame_data(root_loaded());
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

void machine_check(void)
{
    if (frame_get(root_loaded())->state == FRAME_FREE)
        host_fail("the space that is loaded has been freed");
    for (unsigned i = 0; i < TLB_ENTRIES; i++)
        if (tlb[i].valid)
            tlb_check(&tlb[i]);
    for (unsigned i = 0; i < CACHE_ENTRIES; i++)
        if (cache[i].valid)
            cache_check(&cache[i]);
}

bool machine_reaches(frame_t frame, uintptr_t *address)
{
    for (unsigned i = 0; i < TLB_ENTRIES; i++) {
        *address = tlb[i].address;
        if (tlb[i].valid && frame_same(tlb[i].frame, frame))
            return true;
    }
    for (unsigned i = 0; i < CACHE_ENTRIES; i++) {
        *address = cache[i].address;
        if (cache[i].valid && frame_same(cache[i].table, frame))
            return true;
    }
    return false;
}

/* --- The rest of arch/mmu.h -------------------------------------------------------- */

void frame_clear(frame_t frame)
{
    machine_counts.clears++;
    __asan_unpoison_memory_region(frame_data(frame), PAGE_SIZE);
    memset(frame_data(frame), 0, PAGE_SIZE);
}

void frame_copy(frame_t to, frame_t from)
{
    machine_counts.copies++;
    memcpy(frame_data(to), frame_data(from), PAGE_SIZE);
}

void *memory_clear(void *memory, size_t words)
{
    return memset(memory, 0, words * 8);
}

void memory_copy(void *to, const void *from, size_t length)
{
    memcpy(to, from, length);
}

frame_t kernel_root(void)
{
    return (frame_t){1};
}

void tlb_flush_others(frame_t root, const uintptr_t *addresses, unsigned count)
{
    (void)addresses;
    host_fail("other processors are to forget %u of root %u", count, root.number);
}

void processors_stop(void)
{
    host_fail("other processors are to stop");
}

void root_load(frame_t root)
{
    if (frame_get(root)->state != FRAME_TABLE && !frame_same(root, kernel_root()))
        host_fail("frame %u loaded as a root, and it is no table", root.number);
    this_processor->root = root;
    memset(tlb, 0, sizeof(tlb));
    cache_forget();
}

/* --- Starting ---------------------------------------------------------------------- */

/* The kernel's half: the direct map, for the kernel alone. */
static void kernel_half(void)
{
    frame_t below = {2};
    pte_t *root = frame_data(kernel_root()), *table = frame_data(below);
    root[256].bits = PTE_PRESENT | PTE_WRITABLE | (uint64_t)below.number << PAGE_SHIFT;
    table[0].bits = PTE_PRESENT | PTE_WRITABLE | PTE_LARGE | PTE_GLOBAL | PTE_NO_EXECUTE;
}

void machine_start(uint32_t frame_count, uint32_t slot_count)
{
    size_t length = (size_t)frame_count * PAGE_SIZE;
    direct_map =
        mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t bookkeeping = PAGE_ROUND_UP(mm_size(frame_count, slot_count));
    void *arrays = aligned_alloc(PAGE_SIZE, bookkeeping);
    if (direct_map == MAP_FAILED || !arrays) {
        fprintf(stderr, "no memory for %u frames\n", frame_count);
        exit(2);
    }
    memset(arrays, 0, bookkeeping);
    memory_frames = frame_count;
    this_processor->root = kernel_root();
    kernel_half();
    mm_init(arrays, frame_count, slot_count);
    frame_junk = true;
    frame_give((frame_t){MACHINE_FRAMES_KERNEL}, (frame_t){frame_count});
    host_swap_create(slot_count);
    mm_ready(slot_count ? &host_swap : NULL);
    promise_policy_set(PROMISE_ANYTHING);
    host_daemon_start();
    hands_start();
}
