/* arch/symbols.h - the kernel's functions by address: tools/symbols.py writes the table from
 * the first link, and the second one takes it in (section .symbols). Empty in the first. */
#ifndef ARCH_SYMBOLS_H
#define ARCH_SYMBOLS_H

#include "arch/types.h"

struct symbol {
    uint64_t address;
    const char *name;
};

/* Ascending; the bounds are linker.ld's. */
extern const struct symbol symbols_start[], symbols_end[];

#endif
