/* arch/mmu.c - what mm/ asks of the machine. */
#include "arch/mmu.h"
#include "arch/machine.h"
#include "arch/shootdown.h"
#include "lib/string.h"

/* 16 bytes a store, 128 stores a round: half the instructions of `rep stosq`, each of whose
 * iterations is one where instructions are counted. XMM0 is the program's: it is kept aside. An
 * interrupt in between keeps and restores what is in it, as for a program (arch/context.c). */
void frame_clear(frame_t frame)
{
    char *to = frame_data(frame);
    char *end = to + PAGE_SIZE;
    struct {
        char bytes[16];
    } kept;
    __asm__ volatile("movups %%xmm0, %[kept]\n\t"
                     "pxor %%xmm0, %%xmm0\n"
                     "1:\n\t"
                     ".set place, 0\n\t"
                     ".rept 128\n\t"
                     "movaps %%xmm0, place(%[to])\n\t"
                     ".set place, place + 16\n\t"
                     ".endr\n\t"
                     "add $128 * 16, %[to]\n\t"
                     "cmp %[end], %[to]\n\t"
                     "jne 1b\n\t"
                     "movups %[kept], %%xmm0"
                     : [to] "+r"(to), [kept] "=m"(kept)
                     : [end] "r"(end)
                     : "memory", "cc");
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

bool root_is_loaded(frame_t root)
{
    for (unsigned i = 0; i < processor_count; i++)
        if (frame_same(processors[i].root, root))
            return true;
    return false;
}
