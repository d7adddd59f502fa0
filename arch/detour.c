/* arch/detour.c - no-ops become jumps, and no-ops again.  See arch/detour.h for the idea. */
#include "arch/detour.h"

#include "arch/machine.h"
#include "lib/string.h"

enum { LENGTH = 5 };

struct detour {
    uint8_t *place;
    uint8_t *target;
};
/* linker.ld */
extern const struct detour detours_start[], detours_end[];
extern const struct detour detours_several_start[], detours_several_end[];
extern const struct detour calls_several_start[], calls_several_end[]; /* arch/frame.inc */
extern const struct detour stores_several_start[], stores_several_end[];

enum { NO_OP, JUMP = 0xe9, CALL = 0xe8, CALL_FOR_STORE = 1 };

static void detour_write(const struct detour *detour, uint8_t what)
{
    static const uint8_t no_op[LENGTH] = {0x0f, 0x1f, 0x44, 0x00, 0x00};
    static const uint8_t rest_of_store[] = {0x66, 0x90};
    uint8_t branch[LENGTH] = {what == CALL_FOR_STORE ? CALL : what};
    int32_t distance = (int32_t)(detour->target - (detour->place + LENGTH));
    memcpy(branch + 1, &distance, sizeof(distance));
    memcpy(detour->place, what == NO_OP ? no_op : branch, LENGTH);
    if (what == CALL_FOR_STORE)
        memcpy(detour->place + LENGTH, rest_of_store, sizeof(rest_of_store));
}

/* The text is mapped read-only, which WP lets the kernel ignore. Setting it again serialises: no
 * old instruction is carried out after it (SDM vol. 3, 8.1.3 and 8.3). */
static void detours_write(const struct detour *start, const struct detour *end,
                          uint8_t what)
{
    uint64_t cr0 = cr0_read();
    cr0_write(cr0 & ~(uint64_t)CR0_WP);
    for (const struct detour *detour = start; detour < end; detour++)
        detour_write(detour, what);
    cr0_write(cr0);
}

void detours_trace(bool on)
{
    detours_write(detours_start, detours_end, on ? JUMP : NO_OP);
}

void detours_several(void)
{
    detours_write(detours_several_start, detours_several_end, JUMP);
    detours_write(calls_several_start, calls_several_end, CALL);
    detours_write(stores_several_start, stores_several_end, CALL_FOR_STORE);
}
