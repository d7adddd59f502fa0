/* kernel/vdso/vdso.c - see kernel/vdso/vdso.h. */
#include "kernel/vdso/vdso.h"

#include "arch/layout.h"
#include "arch/timer.h"
#include "arch/trap.h"
#include "kernel/file/inode.h"
#include "kernel/parameter.h"
#include "mm/mm.h"

_Static_assert(offsetof(struct vdso_clock, selector) == 4 &&
                   offsetof(struct vdso_clock, start) == 8 &&
                   offsetof(struct vdso_clock, ns_per_tick) == 16 &&
                   offsetof(struct vdso_clock, real) == 24,
               "image.asm knows where these are");

extern const char vdso_image[]; /* image.asm: a page */

static union {
    struct vdso_clock clock;
    char page[PAGE_SIZE]; /* nothing else of the kernel's is in it */
} clock_page __attribute__((aligned(PAGE_SIZE)));
static char table_page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static frame_t frame_of_image(const void *page)
{
    return (frame_t){(uint32_t)(image_physical(page) >> PAGE_SHIFT)};
}

void vdso_start(void)
{
    if (!parameters.vdso)
        return;
    clock_page.clock = (struct vdso_clock){.counts = timer_ns_per_tsc != 0,
                                           .selector = SELECTOR_USER_NUMBER,
                                           .start = timer_entry_tsc,
                                           .ns_per_tick = timer_ns_per_tsc,
                                           .real = clock_start()};
    shared_code_set(frame_of_image(table_page), frame_of_image(&clock_page),
                    frame_of_image(vdso_image));
}
