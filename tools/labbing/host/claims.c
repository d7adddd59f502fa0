/* tools/labbing/host/claims.c - what stands around mm/frame_allocation/allocation.c when it runs
 * alone.
 *
 * Compiled with allocation.c, for this machine, into a library; the process that loads it
 * (child.py) calls the two functions at the end. The claims lie in memory that the judge maps,
 * too, and sees after each call; nothing that is kept here is ever believed. */
#include "mm/frame_allocation/allocation.h"

#include <stdarg.h>

/* As the judge reads them (claims.py). */
_Static_assert(offsetof(struct claim, group) == 0, "group");
_Static_assert(offsetof(struct claim, size) == 4, "size");
_Static_assert(offsetof(struct claim, minimum) == 8, "minimum");
_Static_assert(offsetof(struct claim, weight) == 12, "weight");
_Static_assert(offsetof(struct claim, working_set) == 16, "working_set");
_Static_assert(offsetof(struct claim, fault_rate) == 20, "fault_rate");
_Static_assert(offsetof(struct claim, judged) == 24, "judged");
_Static_assert(offsetof(struct claim, share) == 28, "share");
_Static_assert(sizeof(struct claim) == 32, "claim");

enum { WORDS_AT = 4096, WORDS = 200 };
enum { PANIC = 6 }; /* the only question; process.py has the same names */

/* What the judge has done (claims.py has the same names). */
enum call { DIVIDE, WEIGH };

static unsigned char *desk;
static struct claim *claims;
static uint64_t (*ask)(uint32_t question, uint64_t first, uint64_t second);

int vsnprintf(char *text, size_t size, const char *format, va_list arguments);

void panic(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf((char *)desk + WORDS_AT, WORDS, format, arguments);
    va_end(arguments);
    for (;;)
        ask(PANIC, 0, 0);
}

/* --- What child.py calls --------------------------------------------------------------------- */

/* `memory` holds the desk, and the claims at the first of the `numbers`. */
void driver_begin(unsigned char *memory, const uint64_t *numbers,
                  uint64_t (*judge)(uint32_t, uint64_t, uint64_t))
{
    desk = memory;
    claims = (struct claim *)(uintptr_t)((uintptr_t)memory + numbers[0]);
    ask = judge;
}

/* `words`: scheme, upper and lower bound, how many claims, frames; or a nice value. */
uint64_t driver_call(uint32_t call, const uint64_t *words, uint32_t count, uint64_t *more)
{
    (void)count, (void)more;
    if (call == WEIGH)
        return allocation_weight((int)(int64_t)words[0]);
    const struct allocation_bounds bounds = {.upper = (uint32_t)words[1],
                                             .lower = (uint32_t)words[2]};
    return allocation_divide((enum allocation_scheme)words[0], bounds, claims,
                             (unsigned)words[3], (uint32_t)words[4]);
}
