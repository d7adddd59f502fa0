/* arch/mmu.c - what mm/ asks of the machine. */
#include "arch/mmu.h"
#include "arch/machine.h"
#include "arch/shootdown.h"
#include "lib/string.h"

void frame_clear(frame_t frame)
{
    void *to = frame_data(frame);
    size_t words = PAGE_SIZE / 8;
    __asm__ volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(0ul) : "memory");
}

void *memory_clear(void *memory, size_t words)
{
    void *to = memory;
    __asm__ volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(0ul) : "memory");
    return memory;
}

void frame_copy(frame_t to, frame_t from)
{
    void *target = frame_data(to);
    const void *source = frame_data(from);
    size_t words = PAGE_SIZE / 8;
    __asm__ volatile("rep movsq" : "+D"(target), "+S"(source), "+c"(words) : : "memory");
}

void memory_copy(void *to, const void *from, size_t length)
{
    memcpy(to, from, length);
}

void tlb_flush_page(uintptr_t address)
{
    __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

void tlb_flush_user(void)
{
    root_load(root_loaded());
}

void tlb_flush_others(frame_t root, const uintptr_t *addresses, unsigned count)
{
    shootdown(root, addresses, count);
}

void root_load(frame_t root)
{
    this_processor->root = root;
    cr3_write((uint64_t)root.number << PAGE_SHIFT);
}
