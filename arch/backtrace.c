/* arch/backtrace.c - who called whom.
 *
 * Every function pushes the caller's RBP and points RBP there (-fno-omit-frame-pointer), so
 * the frames of a stack form a list, with the return address beside each link. It ends
 * with the zero that entry.asm and context_init leave. */
#include "arch/cpu.h"
#include "arch/layout.h"
#include "arch/symbols.h"

#define FRAMES_MAX 32

const char *symbol_find(uint64_t address, uint64_t *offset)
{
    const struct symbol *found = NULL, *low = symbols_start, *high = symbols_end;
    if (address < (uint64_t)text_start || address >= (uint64_t)text_end)
        return NULL;
    while (low < high) {
        const struct symbol *middle = low + (high - low) / 2;
        if (middle->address <= address) {
            found = middle;
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (!found)
        return NULL;
    *offset = address - found->address;
    return found->name;
}

static void print_address(uint64_t address, bool is_return,
                          void (*print)(const char *format, ...))
{
    /* A call that never returns may be its function's last instruction. */
    uint64_t offset = 0;
    const char *name = symbol_find(address - is_return, &offset);
    if (name)
        print("  %016lx %s+%#lx", address, name, offset + is_return);
    else
        print("  %016lx", address);
}

/* A frame may lie at `rbp`: in a kernel stack, not in its guard page. */
static bool frame_possible(uint64_t rbp)
{
    bool fixed = rbp >= (uint64_t)stacks_start && rbp < (uint64_t)stacks_end - 16;
    bool thread = rbp >= STACK_AREA && rbp < STACK_AREA + STACK_COUNT * STACK_STRIDE - 16;
    return rbp % 8 == 0 && (fixed || thread) && !stack_guard_contains(rbp);
}

void backtrace(uint64_t rip, uint64_t rbp, void (*print)(const char *format, ...))
{
    print_address(rip, false, print);
    for (int i = 0; i < FRAMES_MAX && frame_possible(rbp); i++) {
        const uint64_t *frame = (const uint64_t *)rbp;
        if (!frame[1])
            break;
        print_address(frame[1], true, print);
        if (frame[0] <= rbp)
            break;
        rbp = frame[0];
    }
}
