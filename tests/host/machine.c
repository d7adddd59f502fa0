/* tests/host/machine.c - memory, and what the kernel asks of the machine.  See machine.h for the
 * idea. */
#include "tests/host/machine.h"

#include "mm/address_spaces/promise.h"
#include "mm/mm.h"
#include "mm/page_tables/mapper.h"
#include "mm/page_tables/table.h"
#include "tests/host/above.h"
#include "tests/host/choice.h"
#include "tests/host/mmu.h"
#include "tests/host/processors.h"

#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

unsigned char *direct_map;
struct machine_counts machine_counts;
enum machine_mood machine_mood;

/* --- Another processor, or several -------------------------------------------------- */

void (*machine_other)(uintptr_t address);

static bool other_runs;

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
    processors_turn(entry);
    if (processor_count > 1 || machine_other == NULL || other_runs ||
        !entry_is_loaded(entry, &address))
        return;
    other_runs = true;
    machine_other(address);
    other_runs = false;
}

bool machine_other_runs(void)
{
    return other_runs;
}

void machine_check(void)
{
    processors_check();
}

bool machine_reaches(frame_t frame, uintptr_t *address)
{
    for (unsigned i = 0; i < processor_count; i++)
        if (processors_trust(i) && mmu_reaches(i, frame, address))
            return true;
    return false;
}

bool machine_is_root(frame_t frame)
{
    for (unsigned i = 0; i < processor_count; i++)
        if (frame_same(mmu_root(i), frame))
            return true;
    return false;
}

/* --- The rest of arch/mmu.h -------------------------------------------------------- */

void frame_clear(frame_t frame)
{
    machine_counts.clears++;
    __asan_unpoison_memory_region(frame_data(frame), PAGE_SIZE);
    processors_turn(NULL);
    memset(frame_data(frame), 0, PAGE_SIZE);
    processors_turn(NULL);
}

void frame_copy(frame_t to, frame_t from)
{
    machine_counts.copies++;
    processors_linger();
    memcpy(frame_data(to), frame_data(from), PAGE_SIZE);
    hands_copied(to);
    processors_linger();
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
    this_processor->self = this_processor;
    this_processor->root = kernel_root();
    kernel_half();
    mm_init(arrays, frame_count, slot_count);
    root_load(kernel_root());
    frame_junk = true;
    frame_give((frame_t){MACHINE_FRAMES_KERNEL}, (frame_t){frame_count});
    host_swap_create(slot_count);
    mm_ready(slot_count ? &host_swap : NULL);
    promise_policy_set(PROMISE_ANYTHING);
    host_daemon_start();
    hands_start();
}
