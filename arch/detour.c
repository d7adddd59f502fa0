/* arch/detour.c - no-ops become jumps, and no-ops again.  See arch/detour.h for the idea. */
#include "arch/detour.h"

#include "arch/machine.h"
#include "lib/string.h"

enum { LENGTH = 5 };

struct detour {
    uint8_t *place;
    uint8_t *target;
};
extern const struct detour detours_start[], detours_end[]; /* linker.ld */

static void detour_write(const struct detour *detour, bool on)
{
    static const uint8_t no_op[LENGTH] = {0x0f, 0x1f, 0x44, 0x00, 0x00};
    uint8_t jump[LENGTH] = {0xe9};
    int32_t distance = (int32_t)(detour->target - (detour->place + LENGTH));
    memcpy(jump + 1, &distance, sizeof(distance));
    memcpy(detour->place, on ? jump : no_op, LENGTH);
}

/* The text is mapped read-only, which WP lets the kernel ignore. Setting it again serialises: no
 * old instruction is carried out after it (SDM vol. 3, 8.1.3 and 8.3). */
void detours_switch(bool on)
{
    uint64_t cr0 = cr0_read();
    cr0_write(cr0 & ~(uint64_t)CR0_WP);
    for (const struct detour *detour = detours_start; detour < detours_end; detour++)
        detour_write(detour, on);
    cr0_write(cr0);
}
