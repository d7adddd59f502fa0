/* arch/mmu.h - all that mm/ asks of the machine.
 *
 * Reaching a frame's contents, clearing and copying a frame, and making the processor
 * forget translations. The kernel implements it in arch/mmu.c; the host tests implement
 * it over a software MMU whose TLB remembers exactly what a real one may. */
#ifndef ARCH_MMU_H
#define ARCH_MMU_H

#include "arch/processor.h"
#include "arch/pte.h"
#include "arch/types.h"

/* All RAM is mapped here, page for page. */
#ifdef FAULTLINE_HOST
extern unsigned char *direct_map;
#define DIRECT_MAP ((uintptr_t)direct_map)
#else
#define DIRECT_MAP 0xffff800000000000ul
#endif

static inline void *frame_data(frame_t frame)
{
    return (void *)(DIRECT_MAP + ((uintptr_t)frame.number << PAGE_SHIFT));
}

/* The frame that an address in the direct map lies in. */
static inline frame_t frame_of_data(const void *data)
{
    return (frame_t){(uint32_t)(((uintptr_t)data - DIRECT_MAP) >> PAGE_SHIFT)};
}

/* 256 stores, and 512 iterations of `movsq`: what a page costs in instructions under icount. */
void frame_clear(frame_t frame);
void frame_copy(frame_t to, frame_t from);

/* Copy `length` bytes in kernel memory; the areas must not overlap. */
void memory_copy(void *to, const void *from, size_t length);

/* Clear `words` words of kernel memory, and return where it begins. */
void *memory_clear(void *memory, size_t words);

/* Forget one translation of the space that is loaded (INVLPG; SDM 3A 4.10.4.1). Harmless
 * when the address belongs to a space that is not loaded: loading a space forgets all user
 * translations of the one before. */
void tlb_flush_page(uintptr_t address);

/* The other processors forget, too: translations of the space with this root, or, FRAME_NONE, of
 * any (arch/shootdown.h). For where there are others. */
void tlb_flush_others(frame_t root, const uintptr_t *addresses, unsigned count);
/* No other processor runs user code when this returns, and until the caller leaves the kernel. */
void processors_stop(void);

/* Forget all user translations (a write to CR3; kernel translations are global and stay). */
void tlb_flush_user(void);

/* More single flushes than this cost more than forgetting everything (X86-CHECKLIST 11). */
#define TLB_FLUSH_MAX 32

/* The root whose upper half is the kernel's; every space's root copies that half. */
frame_t kernel_root(void);

/* Load a space (write CR3). */
void root_load(frame_t root);

/* By any processor, this one or another. The kernel's lock is held, without which nobody loads
 * one. */
bool root_is_loaded(frame_t root);

static inline frame_t root_loaded(void)
{
    return this_processor->root;
}

#endif
