/* arch/symbols.h - the kernel's functions by address: tools/symbols.py writes the table from
 * the first link, and the second one takes it in. Empty in the first. */
#ifndef ARCH_SYMBOLS_H
#define ARCH_SYMBOLS_H

#include "arch/types.h"

struct symbol {
    uint64_t address;
    const char *name;
};

extern const struct symbol symbols[]; /* ascending */
extern const size_t symbol_count;

#endif
